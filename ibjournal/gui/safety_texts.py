"""What care for the data says: what goes and stays with a depot, what came over when a backup was put back.

QtCore alone: the command line says the same.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from ibjournal.services.removal import RemovalPlan
from ibjournal.services.salvage import BroughtOver
from ibjournal.services.stray_notes import LostNote

_SHOWN = 5
_LONGEST = 60


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
    parts = [
        _counted(len(plan.accounts), translate("Safety", "1 account"), translate("Safety", "%n accounts", "", len(plan.accounts)))
        if plan.accounts
        else "",
        _counted(
            plan.reports,
            translate("Safety", "1 report in the archive"),
            translate("Safety", "%n reports in the archive", "", plan.reports),
        ),
        _counted(plan.fills, translate("Safety", "1 fill"), translate("Safety", "%n fills", "", plan.fills)),
        _counted(plan.trades, translate("Safety", "1 trade"), translate("Safety", "%n trades", "", plan.trades)),
        _counted(plan.notes, translate("Safety", "1 note"), translate("Safety", "%n notes", "", plan.notes)),
    ]
    said = [translate("Safety", "What stays: {things}.").format(things=", ".join(part for part in parts if part))]
    if plan.accounts:
        said.append(translate("Safety", "The depot stays in the list, fed by files."))
    if plan.shared_with:
        names = ", ".join(plan.shared_with)
        said.append(translate("Safety", "The token that {depots} holds stays where it is.").format(depots=names))
    said.append(translate("Safety", "Other depots and all backups are not touched."))
    return " ".join(said)


def brought_over(found: BroughtOver, lost: Sequence[LostNote]) -> list[str]:
    """Return what came over from the journal that a backup has replaced, a sentence each; nothing where nothing did."""
    translate = QCoreApplication.translate
    said = []
    if found.notes:
        one = translate("Safety", "1 note that was written since was taken over.")
        said.append(
            _counted(found.notes, one, translate("Safety", "%n notes that were written since were taken over.", "", found.notes))
        )
    if found.decisions:
        one = translate("Safety", "1 decision on strategies, campaigns or positions was taken over.")
        said.append(
            _counted(
                found.decisions,
                one,
                translate("Safety", "%n decisions on strategies, campaigns or positions were taken over.", "", found.decisions),
            )
        )
    if found.unreadable:
        said.append(translate("Safety", "Not everything that you wrote could be read in the damaged database."))
    if lost:
        said.append(lost_notes_text(lost))
    return said


def lost_notes_text(lost: Sequence[LostNote]) -> str:
    """Return which notes no trade shows, as one sentence with the beginnings of the first."""
    translate = QCoreApplication.translate
    one = translate("Safety", "1 note belongs to a trade that is not in the journal; it is kept:")
    head = _counted(
        len(lost), one, translate("Safety", "%n notes belong to trades that are not in the journal; they are kept:", "", len(lost))
    )
    shown = [f"{each.symbol}: „{_short(each.text)}“" for each in lost[:_SHOWN]]
    return f"{head} {' · '.join(shown)}{' …' if len(lost) > _SHOWN else ''}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def _counted(number: int, one: str, several: str) -> str:
    return one if number == 1 else several
