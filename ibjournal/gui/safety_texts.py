"""What care for the data says: what goes and stays with a depot, what came over when a backup was put back.

QtCore alone: the command line says the same.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QObject

from ibjournal.services.removal import RemovalPlan
from ibjournal.services.salvage import BroughtOver
from ibjournal.services.stray_notes import LostNote

_SHOWN = 5
_LONGEST = 60


def goes_nothing(plan: RemovalPlan) -> bool:
    """Tell whether removing would change nothing: a depot whose accounts are fed by files alone."""
    return plan.token is False and not plan.queries and bool(plan.accounts)


def what_goes(plan: RemovalPlan) -> str:
    """Return what removing a depot takes away, as one sentence."""
    translate = QCoreApplication.translate
    parts = []
    if plan.token:
        parts.append(translate("Safety", "its token in the keyring"))
    elif plan.token is None:
        parts.append(translate("Safety", "its token, if the keyring holds one (it cannot be asked just now)"))
    if plan.queries:
        ids = ", ".join(plan.queries)
        one = translate("Safety", "its query id {ids}")
        parts.append((one if len(plan.queries) == 1 else translate("Safety", "its query ids {ids}")).format(ids=ids))
    if not plan.accounts:
        parts.append(translate("Safety", "the depot itself, since it has no accounts"))
    if not parts:
        return translate("Safety", "Nothing goes: the depot has no token and no queries.")
    return translate("Safety", "What goes: {things}. It is fetched no more.").format(things=", ".join(parts))


def what_stays(plan: RemovalPlan) -> str:
    """Return what stays when a depot is removed, in counts, as sentences."""
    translate = QCoreApplication.translate
    count = _Counts()
    parts = [count.accounts(len(plan.accounts))] if plan.accounts else []
    parts += [count.reports(plan.reports), count.fills(plan.fills), count.trades(plan.trades), count.notes(plan.notes)]
    said = [translate("Safety", "What stays: {things}.").format(things=", ".join(parts))]
    if plan.accounts:
        said.append(translate("Safety", "The depot stays in the list, fed by files."))
    if plan.shared_with:
        names = ", ".join(plan.shared_with)
        said.append(translate("Safety", "The token that {depots} holds stays where it is.").format(depots=names))
    said.append(translate("Safety", "Other depots and all backups are not touched."))
    return " ".join(said)


def question() -> str:
    """Return what the command line asks before it removes a depot."""
    return QCoreApplication.translate("Safety", "Remove it? [y/N]")


def is_yes(answer: str) -> bool:
    """Tell whether an answer is a yes, in any language of the program."""
    return answer.strip().casefold() in {"y", "yes", "j", "ja"}


def brought_over(found: BroughtOver, lost: Sequence[LostNote]) -> list[str]:
    """Return what came over from the journal that a backup has replaced, a sentence each; nothing where nothing did."""
    count = _Counts()
    said = []
    if found.notes:
        said.append(count.notes_taken_over(found.notes))
    if found.decisions:
        said.append(count.decisions_taken_over(found.decisions))
    if found.unreadable:
        said.append(QCoreApplication.translate("Safety", "Not everything that you wrote could be read in the damaged database."))
    if lost:
        said.append(lost_notes_text(lost))
    return said


def lost_notes_text(lost: Sequence[LostNote]) -> str:
    """Return which notes no trade shows, as one sentence with the beginnings of the first."""
    quoted = QCoreApplication.translate("Safety", "{symbol}: “{text}”")
    shown = [quoted.format(symbol=each.symbol, text=_short(each.text)) for each in lost[:_SHOWN]]
    return f"{_Counts().notes_lost(len(lost))} {' · '.join(shown)}{' …' if len(lost) > _SHOWN else ''}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


class _Counts(QObject):
    """Counted things in words; an object, since the catalogue takes plurals from objects alone."""

    def accounts(self, number: int) -> str:
        return self.tr("1 account") if number == 1 else self.tr("%n accounts", "", number)

    def reports(self, number: int) -> str:
        return self.tr("1 report in the archive") if number == 1 else self.tr("%Ln reports in the archive", "", number)

    def fills(self, number: int) -> str:
        return self.tr("1 fill") if number == 1 else self.tr("%Ln fills", "", number)

    def trades(self, number: int) -> str:
        return self.tr("1 trade") if number == 1 else self.tr("%Ln trades", "", number)

    def notes(self, number: int) -> str:
        return self.tr("1 note") if number == 1 else self.tr("%Ln notes", "", number)

    def notes_taken_over(self, number: int) -> str:
        one = self.tr("1 note that was written since was taken over.")
        return one if number == 1 else self.tr("%Ln notes that were written since were taken over.", "", number)

    def decisions_taken_over(self, number: int) -> str:
        one = self.tr("1 decision on strategies, campaigns or positions was taken over.")
        return one if number == 1 else self.tr("%Ln decisions on strategies, campaigns or positions were taken over.", "", number)

    def notes_lost(self, number: int) -> str:
        one = self.tr("1 note belongs to a trade that is not in the journal; it is kept:")
        return one if number == 1 else self.tr("%Ln notes belong to trades that are not in the journal; they are kept:", "", number)
