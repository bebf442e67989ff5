"""What came of reports, added up and in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from PySide6.QtCore import QObject

from ibjournal.gui.widgets import formats
from ibjournal.gui.wizard.state import WizardState
from ibjournal.services.importing import ImportedFile
from ibjournal.services.jobs import Arrival
from ibjournal.services.sync_report import arrival_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """What came: reports, fills that are new, the days they cover."""

    reports: int = 0
    fills: int = 0
    start: date | None = None
    end: date | None = None
    accounts: tuple[str, ...] = field(default=())


def came(arrivals: Iterable[Arrival]) -> Came:
    """Add up what came; reports that could not be taken in do not count."""
    good = [each for each in arrivals if each.reports]
    return Came(
        reports=sum(each.reports for each in good),
        fills=sum(each.fills for each in good),
        start=min((each.start for each in good if each.start is not None), default=None),
        end=max((each.end for each in good if each.end is not None), default=None),
        accounts=tuple(dict.fromkeys(account for each in good for account in each.accounts)),
    )


def came_of_files(files: Iterable[ImportedFile]) -> Came:
    """Add up what came of files that the user gave."""
    return came(arrival_of("", each) for each in files)


def all_that_came(state: WizardState) -> Came:
    """Add up what the fetch brought and what was dropped."""
    return came((*state.earlier, *state.came, *(arrival_of("", each) for each in state.files)))


class _Came(QObject):
    """Holds the words: plurals are found by `tr` of an object alone."""

    def words(self, what: Came, *, short: bool) -> str:
        reports = self.tr("1 report") if what.reports == 1 else self.tr("%Ln reports", "", what.reports)
        fills = self.tr("1 new fill") if what.fills == 1 else self.tr("%Ln new fills", "", what.fills)
        days = formats.day_range(what.start, what.end) if what.start is not None else ""
        parts = [fills, days] if short else [reports, fills, days]
        if not short and what.accounts:
            words = self.tr("account {accounts}") if len(what.accounts) == 1 else self.tr("accounts {accounts}")
            parts.append(words.format(accounts=", ".join(what.accounts)))
        return " · ".join(part for part in parts if part)


def came_words(what: Came, *, short: bool = False) -> str:
    """Return what came in words; ``short`` leaves out reports and accounts."""
    return _Came().words(what, short=short)
