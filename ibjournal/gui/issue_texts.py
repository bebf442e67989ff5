"""What a check of the data found, in words: code of an issue -> sentence. QtCore alone: the command line may say the same."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from ibjournal.gui.error_words import QT_TRANSLATE_NOOP
from ibjournal.store.check import Issue

ISSUES = {
    "database_damaged": QT_TRANSLATE_NOOP(
        "Issues", "The database is damaged. Put back a backup, or begin anew from the archive; its reports are not affected."
    ),
    "row_points_nowhere": QT_TRANSLATE_NOOP("Issues", "A row points to one that is not there ({detail}). Build everything anew."),
    "schema_differs": QT_TRANSLATE_NOOP("Issues", "A table is not as this program made it ({detail}). Put back a backup."),
    "archive_file_missing": QT_TRANSLATE_NOOP(
        "Issues", "The archived report {detail} is missing. What was read from it is in the journal."
    ),
    "archive_file_damaged": QT_TRANSLATE_NOOP(
        "Issues", "The archived report {detail} is damaged. What was read from it is in the journal."
    ),
}
"""English; German stands in the translations."""


def describe_issue(issue: Issue) -> str:
    """Return an issue as a sentence."""
    source = ISSUES.get(issue.code, "")
    return QCoreApplication.translate("Issues", source).replace("{detail}", issue.detail) if source else issue.code
