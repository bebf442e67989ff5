"""What came of reports, added up and in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from PySide6.QtCore import QObject

from ibjournal.gui.widgets import formats
from ibjournal.gui.wizard.state import WizardState
from ibjournal.services.importing import ImportedFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """What came: reports, fills that are new, the days they cover."""

    reports: int = 0
    fills: int = 0
    start: date | None = None
    end: date | None = None
    accounts: tuple[str, ...] = field(default=())


def came(files: Sequence[ImportedFile]) -> Came:
    """Add up what came of these files."""
    good = [each for each in files if each.error is None]
    return Came(
        reports=len(good),
        fills=sum(each.new for each in good),
        start=min((each.from_date for each in good if each.from_date is not None), default=None),
        end=max((each.to_date for each in good if each.to_date is not None), default=None),
        accounts=tuple(dict.fromkeys(str(account) for each in good for account in each.accounts)),
    )


def all_files(state: WizardState) -> tuple[ImportedFile, ...]:
    """Return what the fetch brought and what was dropped."""
    queries = (*state.earlier, *(state.report.queries if state.report is not None else ()))
    return (*(file for query in queries for file in query.files), *state.files)


class _Came(QObject):
    """Holds the words: plurals are found by `tr` of an object alone."""

    def words(self, what: Came, *, short: bool) -> str:
        reports = self.tr("1 report") if what.reports == 1 else self.tr("%n reports", "", what.reports)
        fills = self.tr("1 new fill") if what.fills == 1 else self.tr("%n new fills", "", what.fills)
        days = formats.day_range(what.start, what.end) if what.start is not None else ""
        parts = [fills, days] if short else [reports, fills, days]
        if not short and what.accounts:
            words = self.tr("account {accounts}") if len(what.accounts) == 1 else self.tr("accounts {accounts}")
            parts.append(words.format(accounts=", ".join(what.accounts)))
        return " · ".join(part for part in parts if part)


def came_words(what: Came, *, short: bool = False) -> str:
    """Return what came in words; ``short`` leaves out reports and accounts."""
    return _Came().words(what, short=short)
