"""How commands speak: data on standard output, everything else on standard error, errors in the user's language."""

from __future__ import annotations

import json
import shutil
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any

from ibjournal.analytics.reconciliation import Check
from ibjournal.domain.errors import FlexError, JournalError
from ibjournal.flex.query_doctor import Finding
from ibjournal.services.importing import ReportWarning
from ibjournal.services.jobs import Progress
from ibjournal.services.removal import RemovalPlan
from ibjournal.services.salvage import BroughtOver
from ibjournal.services.stray_notes import LostNote

if TYPE_CHECKING:
    from ibjournal.gui.doctor_texts import FindingText

_BAR = 16


class Output:
    """Standard output for data, standard error for everything else; words in the user's language."""

    def __init__(self, *, language: str | None, json: bool) -> None:
        self.json = json
        self._language = language
        self._spoken = False
        self._bar = False
        self._working: dict[str, Progress] = {}
        self._lock = threading.Lock()

    def write_json(self, value: object) -> None:
        """Print a value as JSON: money as decimal text, dates as ISO 8601."""
        self.end_bar()
        json.dump(plain(value), sys.stdout, ensure_ascii=False, indent=1)
        sys.stdout.write("\n")

    def line(self, text: str) -> None:
        """Print a line of data."""
        self.end_bar()
        sys.stdout.write(f"{text}\n")

    def note(self, text: str) -> None:
        """Print a line that is no data."""
        self.end_bar()
        sys.stderr.write(f"{text}\n")

    def error(self, error: JournalError) -> None:
        """Print what happened and what to do, in one line."""
        self.note(f"ibjournal: {self.sentence(error)}")

    def sentence(self, error: JournalError) -> str:
        """Return an error in the user's language."""
        self._speak()
        from ibjournal.gui.errors import describe  # noqa: PLC0415 - Qt is loaded when there is something to say

        return describe(error).sentence

    def unchecked(self, error: FlexError, *, kept: bool = False) -> None:
        """Print why a new token could not be checked, and that it is kept all the same, or could be."""
        said = self.sentence(error)
        from ibjournal.gui import token_texts  # noqa: PLC0415 - Qt is loaded when there is something to say

        more = (token_texts.kept_unchecked(),) if kept else (token_texts.may_be_kept(), token_texts.how_to_keep_it())
        self.note(f"ibjournal: {' '.join((said, *more))}")

    def warning(self, warning: ReportWarning) -> dict[str, object]:
        """Return a warning as JSON shows it: code, text, and its values."""
        self._speak()
        from ibjournal.gui.errors import describe_warning  # noqa: PLC0415 - Qt is loaded when there is something to say

        values = {name: plain(value) for name, value in warning.values if name not in {"code", "text"}}
        return {"code": warning.code, "text": describe_warning(warning.code, warning.values), **values}

    def finding_text(self, finding: Finding, report_type: str) -> FindingText:
        """Return what the query doctor found in words."""
        self._speak()
        from ibjournal.gui.doctor_texts import describe_finding  # noqa: PLC0415 - Qt is loaded when there is something to say

        return describe_finding(finding, report_type)

    def finding(self, finding: Finding, report_type: str) -> dict[str, object]:
        """Return what the query doctor found as JSON shows it: codes, the sentence, and the clicks that mend it."""
        words = self.finding_text(finding, report_type)
        return {
            "code": finding.code,
            "section": finding.section,
            "screen": finding.screen,
            "need": finding.need,
            "fields": finding.fields,
            "text": words.sentence,
            "clicks": words.clicks,
        }

    def check(self, check: Check) -> dict[str, object]:
        """Return a comparison as JSON shows it: figures, result, the reason as a sentence, codes, and the sum that explains it."""
        self._speak()
        from ibjournal.gui.check_texts import describe_part, describe_reason  # noqa: PLC0415 - Qt is loaded when there is something to say

        parts = [
            {"label": each.label, "text": describe_part(each), "amount": each.amount, "values": dict(each.values)}
            for each in check.parts
        ]
        return {
            "account": check.account,
            "check": check.check,
            "period": {"from": check.period.start, "to": check.period.end},
            "subject": check.subject,
            "currency": check.currency,
            "ours": check.ours,
            "ibkr": check.ibkr,
            "difference": check.difference,
            "status": check.status,
            "reason": describe_reason(check),
            "reason_code": check.reason,
            "instrument": check.instrument,
            "execution": check.execution,
            "parts": parts,
        }

    def removal(self, plan: RemovalPlan) -> tuple[str, str]:
        """Return what goes and what stays with a depot, as sentences."""
        self._speak()
        from ibjournal.gui.safety_texts import what_goes, what_stays  # noqa: PLC0415 - Qt is loaded when there is something to say

        return what_goes(plan), what_stays(plan)

    def brought_over(self, found: BroughtOver, lost: Sequence[LostNote]) -> list[str]:
        """Return what came over from the journal that a backup has replaced, as sentences."""
        self._speak()
        from ibjournal.gui.safety_texts import brought_over  # noqa: PLC0415 - Qt is loaded when there is something to say

        return brought_over(found, lost)

    def ask(self) -> bool:
        """Ask on a terminal whether to go on; elsewhere nobody is there to say yes."""
        if sys.stdin is None or not sys.stdin.isatty():
            return False
        self._speak()
        from ibjournal.gui.safety_texts import is_yes, question  # noqa: PLC0415 - Qt is loaded when there is something to say

        sys.stderr.write(f"{question()} ")
        sys.stderr.flush()
        return is_yes(sys.stdin.readline())

    def failure(self, error: JournalError | None) -> dict[str, object] | None:
        """Return an error as JSON shows it."""
        return None if error is None else {"code": error.code, "text": self.sentence(error)}

    def progress(self, progress: Progress) -> None:
        """Draw a bar with words on a terminal, for each subject that works at the same time; elsewhere say nothing."""
        if not sys.stderr.isatty():
            return
        with self._lock:
            self._working.pop(progress.subject, None)
            if progress.step != "done":
                self._working[progress.subject] = progress
            parts = [f"{each.subject}: {self._step(each)}".removeprefix(": ") for each in self._working.values()]
            known = [each.fraction for each in self._working.values() if each.fraction is not None]
            filled = int(_BAR * (sum(known) / len(known) if known else 0))
            bar = "█" * filled + "·" * (_BAR - filled)
            room = shutil.get_terminal_size().columns - 1
            line = f"{bar} {' · '.join(parts)}"[:room]
            sys.stderr.write(f"\r\x1b[K{line}")
            sys.stderr.flush()
            self._bar = True

    def expect_progress(self) -> None:
        """Get ready to put progress into words, where it is shown at all; on the main thread, before others tell of theirs."""
        if sys.stderr.isatty():
            self._speak()

    def _step(self, progress: Progress) -> str:
        if not self._spoken:
            if threading.current_thread() is not threading.main_thread():  # Qt is begun by the main thread or not at all
                return progress.step.replace("_", " ")
            self._speak()
        from ibjournal.gui.progress_texts import progress_text  # noqa: PLC0415 - Qt is loaded when there is something to say

        return progress_text(progress)

    def end_bar(self) -> None:
        """Take the bar off the terminal."""
        if self._bar:
            sys.stderr.write("\r\x1b[K")
            self._bar = False
            self._working = {}

    def _speak(self) -> None:
        if self._spoken:
            return
        from ibjournal.gui import i18n  # noqa: PLC0415 - Qt is loaded when there is something to say

        self._application = i18n.speak(self._language)
        self._spoken = True


def plain(value: object) -> Any:
    """Return a value as JSON holds it: decimals as text, dates as ISO 8601, dataclasses as objects."""
    if value is None or (isinstance(value, bool | int | str) and not isinstance(value, Enum)):
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Sequence | set | frozenset):
        return [plain(each) for each in value]
    return str(value)
