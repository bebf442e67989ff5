"""Errors the user can do something about: a code and values, never prose.

The sentences for each code live in one table, ``ibjournal.gui.errors``. Anything that is not
a `JournalError` is a bug of ours.
"""

from __future__ import annotations


class JournalError(Exception):
    """Something in the world went wrong; shown to the user as one clear sentence.

    Attributes:
        code: stable snake_case word; the key of the sentence, and what ``--json`` prints.
        values: facts the sentence names (file names, dates, counts); never a secret.
    """

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values

    def __str__(self) -> str:
        facts = ", ".join(f"{name}={value}" for name, value in self.values.items())
        return f"{self.code} ({facts})" if facts else self.code


class FlexError(JournalError):
    """IBKR's service or the way to it failed (codes in `ibjournal.flex.errors`)."""


class ReportError(JournalError):
    """A file is not a Flex report we can take.

    Codes: ``not_found`` ``is_directory`` ``unreadable`` ``empty_file`` ``not_flex`` ``not_xml`` ``zip_archive`` ``csv_report``
    ``html_page`` ``malformed_xml`` ``doctype_forbidden`` ``too_large`` ``flex_service_error`` ``ambiguous_dates``
    ``bad_value`` ``wrong_report_type`` ``other_account`` ``truncated``.
    """


class StoreError(JournalError):
    """The database or the archive cannot be used.

    Codes: ``disk_full`` ``database_locked`` ``database_corrupt`` ``database_too_new`` ``read_only``
    ``backup_invalid`` ``backup_too_new`` ``archive_missing`` ``store_failed``.
    """


class CredentialError(JournalError):
    """A token cannot be had or kept.

    Codes: ``token_missing`` ``no_keyring`` ``keyring_refused`` ``keyring_locked`` ``keyring_slow`` ``keyring_forgets``
    ``keyring_failed``.
    """


class UsageError(JournalError):
    """The user asked for something that does not exist, such as an unknown depot (``unknown_depot`` ``name_taken`` …)."""


class Cancelled(Exception):  # noqa: N818 - not an error: the user's own wish, shown to nobody
    """The user cancelled; nothing is shown."""
