"""What the bar of errors is told: an error, a sync that failed, nothing to fetch."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from ibjournal.domain.depot import DepotId
from ibjournal.domain.errors import JournalError
from ibjournal.gui import errors
from ibjournal.gui.widgets.error_bar import Message
from ibjournal.services.reports import Run
from ibjournal.services.sync import SyncReport

NOTHING_TO_FETCH = (errors.Button.EDIT_DEPOT, None)
"""The data of the message that there is nothing to fetch; a sync that begins takes it away."""


def of_error(error: JournalError) -> Message:
    """Return the message of an error that belongs to no depot."""
    words = errors.describe(error)
    return Message(
        title=words.title, text=f"{words.explanation} {words.action}", button=words.button_text, data=(words.button, None)
    )


def of_sync(report: SyncReport, words: errors.ErrorText) -> Message:
    """Return the message of a depot whose sync has failed with an error that ``words`` describe."""
    return _of_depot(report.depot, report.depot_name, words)


def of_run(run: Run) -> Message | None:
    """Return the message of a fetch that failed before the program was started; None where it did not."""
    if run.error is None or run.depot is None:
        return None
    values = {"depot": run.depot_name, **dict(run.error.values)}
    return _of_depot(run.depot, run.depot_name, errors.describe_code(run.error.code, values))


def _of_depot(depot: DepotId, name: str, words: errors.ErrorText) -> Message:
    explanation = words.explanation.rstrip()
    if not explanation.endswith((".", "?", ":")):  # words of IBKR's own
        explanation += "."
    text = f"{explanation} {words.action}"
    icon = "cloud-off" if words.button is errors.Button.TRY_AGAIN else "triangle-alert"
    return Message(
        title=words.title,
        text=text if name in words.explanation else f"{name}: {text}",
        button=words.button_text,
        icon="key-round" if words.code in errors.RENEWABLE else icon,
        data=("sync", depot) if words.button is errors.Button.RENEW else (words.button, depot),
    )


def nothing_to_fetch() -> Message:
    """Return the message that no depot is set up for fetching."""
    translate = QCoreApplication.translate
    return Message(
        title=translate("Messages", "There is nothing to fetch."),
        text=translate("Messages", "No depot has a token and a query id. Reports can be imported as files, too."),
        button=translate("Messages", "Set up depots"),
        icon="info",
        kind="info",
        data=NOTHING_TO_FETCH,
    )
