"""The one table: code of an error -> title, what happened, what to do, button. English here, German in the translations.

The entries for IBKR and the way to it stand in `ibjournal.gui.flex_error_texts`.

Every sentence stands in ``QT_TRANSLATE_NOOP`` so that the translation tools find it; `ibjournal.gui.errors` translates and
fills the placeholders. Imports QtCore alone: the command line shows the same sentences.
"""

from __future__ import annotations

from ibjournal.gui.error_words import QT_TRANSLATE_NOOP, Words

_BROKEN_FILE = QT_TRANSLATE_NOOP("Errors", "Please download the report again at IBKR, as XML, and import that file.")
_LOST_REPORT = QT_TRANSLATE_NOOP(
    "Errors", "What was read from it is kept. Do you have the file still? Import it again, and it is put back in its place."
)
_PORTAL_QUERY = QT_TRANSLATE_NOOP(
    "Errors", "Please look up the query ids under Performance & Reports → Flex Queries and correct them."
)

REPORT: dict[str, Words] = {
    "not_found": Words(
        QT_TRANSLATE_NOOP("Errors", "The file is not there."),
        QT_TRANSLATE_NOOP("Errors", "{file} does not exist."),
        QT_TRANSLATE_NOOP("Errors", "Please check the name and the folder."),
    ),
    "is_directory": Words(
        QT_TRANSLATE_NOOP("Errors", "This is a folder."),
        QT_TRANSLATE_NOOP("Errors", "{file} is a folder, not a report."),
        QT_TRANSLATE_NOOP("Errors", "Please choose the files in it."),
    ),
    "unreadable": Words(
        QT_TRANSLATE_NOOP("Errors", "The file cannot be read."),
        QT_TRANSLATE_NOOP("Errors", "{file} cannot be opened: {reason}"),
        QT_TRANSLATE_NOOP("Errors", "Please check whether you may read it."),
    ),
    "empty_file": Words(
        QT_TRANSLATE_NOOP("Errors", "The file is empty."),
        QT_TRANSLATE_NOOP("Errors", "There is nothing in {file}."),
        _BROKEN_FILE,
    ),
    "not_flex": Words(
        QT_TRANSLATE_NOOP("Errors", "This is not a Flex report."),
        QT_TRANSLATE_NOOP("Errors", "{file} is XML, but not a report of a Flex query."),
        _BROKEN_FILE,
    ),
    "not_xml": Words(
        QT_TRANSLATE_NOOP("Errors", "This is not a Flex report."),
        QT_TRANSLATE_NOOP("Errors", "{file} is not an XML file."),
        _BROKEN_FILE,
    ),
    "zip_archive": Words(
        QT_TRANSLATE_NOOP("Errors", "This is an archive."),
        QT_TRANSLATE_NOOP("Errors", "{file} is a ZIP archive; the reports are packed in it."),
        QT_TRANSLATE_NOOP("Errors", "Please unpack it and hand in the folder with the XML files."),
    ),
    "csv_report": Words(
        QT_TRANSLATE_NOOP("Errors", "The report is a CSV file."),
        QT_TRANSLATE_NOOP("Errors", "{file} was made with the format CSV; ibjournal reads XML."),
        QT_TRANSLATE_NOOP("Errors", "Set the format of the query at IBKR to XML, run it again and import that file."),
    ),
    "html_page": Words(
        QT_TRANSLATE_NOOP("Errors", "This is a web page."),
        QT_TRANSLATE_NOOP("Errors", "{file} is a page or a statement of the client portal, not a Flex report."),
        _BROKEN_FILE,
    ),
    "malformed_xml": Words(
        QT_TRANSLATE_NOOP("Errors", "The report is damaged."),
        QT_TRANSLATE_NOOP("Errors", "{file} breaks the rules of XML in line {line}."),
        _BROKEN_FILE,
    ),
    "doctype_forbidden": Words(
        QT_TRANSLATE_NOOP("Errors", "The file was refused."),
        QT_TRANSLATE_NOOP("Errors", "{file} defines entities of its own. No report of IBKR does that."),
        _BROKEN_FILE,
    ),
    "too_large": Words(
        QT_TRANSLATE_NOOP("Errors", "The file is too large."),
        QT_TRANSLATE_NOOP("Errors", "{file} is larger than any report can be ({limit} bytes)."),
        QT_TRANSLATE_NOOP("Errors", "Please check whether it is the right file."),
    ),
    "flex_service_error": Words(
        QT_TRANSLATE_NOOP("Errors", "The file holds an error message of IBKR."),
        QT_TRANSLATE_NOOP("Errors", "{file} is an answer of the Flex Web Service, not a report."),
        _BROKEN_FILE,
    ),
    "ambiguous_dates": Words(
        QT_TRANSLATE_NOOP("Errors", "The dates can be read in two ways."),
        QT_TRANSLATE_NOOP("Errors", "In {file} a date reads {text}: day and month cannot be told apart."),
        QT_TRANSLATE_NOOP("Errors", "Set the date format of the query at IBKR to yyyyMMdd and run it again."),
    ),
    "bad_value": Words(
        QT_TRANSLATE_NOOP("Errors", "A value in the report cannot be read."),
        QT_TRANSLATE_NOOP(
            "Errors", "{file} holds “{text}” where a value of the kind “{kind}” belongs. Nothing of it was taken in."
        ),
        _BROKEN_FILE,
    ),
    "wrong_report_type": Words(
        QT_TRANSLATE_NOOP("Errors", "The query is of the other kind."),
        QT_TRANSLATE_NOOP(
            "Errors", "The query delivers a report of another kind than its field expects; the two ids may be swapped."
        ),
        _PORTAL_QUERY,
        "edit_depot",
    ),
    "other_account": Words(
        QT_TRANSLATE_NOOP("Errors", "The report does not belong to this depot."),
        QT_TRANSLATE_NOOP("Errors", "It holds {accounts}, no account of {depot}."),
        QT_TRANSLATE_NOOP("Errors", "Choose in the query at IBKR the accounts of this depot only."),
        "edit_depot",
    ),
    "truncated": Words(
        QT_TRANSLATE_NOOP("Errors", "The report is incomplete."),
        QT_TRANSLATE_NOOP("Errors", "{file} ends in the middle. Nothing of it was taken in."),
        _BROKEN_FILE,
    ),
}

STORE: dict[str, Words] = {
    "disk_full": Words(
        QT_TRANSLATE_NOOP("Errors", "The disk is full."),
        QT_TRANSLATE_NOOP("Errors", "There is no room left to write {file}. Nothing was stored by halves."),
        QT_TRANSLATE_NOOP("Errors", "Make room on the disk, then try again."),
        "try_again",
    ),
    "database_locked": Words(
        QT_TRANSLATE_NOOP("Errors", "The journal is in use."),
        QT_TRANSLATE_NOOP("Errors", "Another program holds {file}."),
        QT_TRANSLATE_NOOP("Errors", "Close the other program, then try again."),
        "try_again",
    ),
    "database_corrupt": Words(
        QT_TRANSLATE_NOOP("Errors", "The journal's database is damaged."),
        QT_TRANSLATE_NOOP("Errors", "{file} cannot be read as a database."),
        QT_TRANSLATE_NOOP("Errors", "Restore a backup; the reports in the archive are not affected."),
        "backups",
    ),
    "database_too_new": Words(
        QT_TRANSLATE_NOOP("Errors", "The journal was written by a newer version."),
        QT_TRANSLATE_NOOP("Errors", "{file} has the version {version}; this program knows {known}. Nothing was changed."),
        QT_TRANSLATE_NOOP("Errors", "Install the newer version of ibjournal, or restore a backup from {backups}."),
    ),
    "backup_too_new": Words(
        QT_TRANSLATE_NOOP("Errors", "The backup was written by a newer version."),
        QT_TRANSLATE_NOOP("Errors", "{file} has the version {version}; this program knows {known}. Nothing was changed."),
        QT_TRANSLATE_NOOP("Errors", "Install the newer version of ibjournal, or choose another backup."),
    ),
    "read_only": Words(
        QT_TRANSLATE_NOOP("Errors", "The data folder cannot be written."),
        QT_TRANSLATE_NOOP("Errors", "{file} is write-protected."),
        QT_TRANSLATE_NOOP("Errors", "Please check the permissions of the data folder."),
        "try_again",
    ),
    "data_folder_gone": Words(
        QT_TRANSLATE_NOOP("Errors", "The data folder is not there."),
        QT_TRANSLATE_NOOP("Errors", "The journal was moved to {folder}, and there is none now. No new one was begun."),
        QT_TRANSLATE_NOOP("Errors", "Connect the disk or the stick it lies on, then start ibjournal again."),
        "try_again",
    ),
    "journal_moved": Words(
        QT_TRANSLATE_NOOP("Errors", "The journal lies in another folder now."),
        QT_TRANSLATE_NOOP("Errors", "Nothing is written to the former folder any more."),
        QT_TRANSLATE_NOOP("Errors", "Please start ibjournal again."),
    ),
    "no_journal": Words(
        QT_TRANSLATE_NOOP("Errors", "There is no journal."),
        QT_TRANSLATE_NOOP("Errors", "{file} does not exist yet."),
        QT_TRANSLATE_NOOP("Errors", "The first start of the program makes it."),
    ),
    "backup_invalid": Words(
        QT_TRANSLATE_NOOP("Errors", "The backup cannot be used."),
        QT_TRANSLATE_NOOP("Errors", "{file} is not an intact backup of a journal. Nothing was changed."),
        QT_TRANSLATE_NOOP("Errors", "Please choose another backup."),
    ),
    "backup_missing": Words(
        QT_TRANSLATE_NOOP("Errors", "The backup is not there."),
        QT_TRANSLATE_NOOP("Errors", "{file} does not exist. Nothing was changed."),
        QT_TRANSLATE_NOOP("Errors", "Please choose another backup."),
    ),
    "archive_missing": Words(
        QT_TRANSLATE_NOOP("Errors", "The archived report is missing."),
        QT_TRANSLATE_NOOP("Errors", "{file} is no longer in the archive."),
        _LOST_REPORT,
    ),
    "archive_damaged": Words(
        QT_TRANSLATE_NOOP("Errors", "An archived report is damaged."),
        QT_TRANSLATE_NOOP("Errors", "{file} is no longer what it was when it came. Nothing was changed."),
        _LOST_REPORT,
    ),
    "disk_failed": Words(
        QT_TRANSLATE_NOOP("Errors", "The disk does not do what it should."),
        QT_TRANSLATE_NOOP("Errors", "{file} could not be read or written to its end. Nothing was stored by halves."),
        QT_TRANSLATE_NOOP("Errors", "Make sure that the disk has room and is sound, then try again."),
        "try_again",
    ),
    "store_failed": Words(
        QT_TRANSLATE_NOOP("Errors", "The journal cannot be stored."),
        QT_TRANSLATE_NOOP("Errors", "Writing {file} failed. {detail}"),
        QT_TRANSLATE_NOOP("Errors", "Please try again. Nothing was stored by halves."),
        "try_again",
    ),
}

CREDENTIAL: dict[str, Words] = {
    "no_keyring": Words(
        QT_TRANSLATE_NOOP("Errors", "There is no keyring."),
        QT_TRANSLATE_NOOP("Errors", "This system has no keyring that could keep the token; it is kept until the program ends."),
        QT_TRANSLATE_NOOP("Errors", "Set up the system's keyring to have the token kept."),
    ),
    "keyring_locked": Words(
        QT_TRANSLATE_NOOP("Errors", "The keyring is locked."),
        QT_TRANSLATE_NOOP("Errors", "The token cannot be read as long as the system's keyring is locked."),
        QT_TRANSLATE_NOOP("Errors", "Unlock the keyring, then try again."),
        "try_again",
    ),
    "keyring_slow": Words(
        QT_TRANSLATE_NOOP("Errors", "The keyring does not answer."),
        QT_TRANSLATE_NOOP(
            "Errors", "We waited {seconds} seconds for it. It may be asking you to unlock it, in a window behind this one."
        ),
        QT_TRANSLATE_NOOP("Errors", "Look for its window and unlock it, then try again. Everything here still works meanwhile."),
        "try_again",
    ),
    "keyring_refused": Words(
        QT_TRANSLATE_NOOP("Errors", "The keyring that is set up would write tokens into a file."),
        QT_TRANSLATE_NOOP("Errors", "We give it no token; the token is kept until the program ends."),
        QT_TRANSLATE_NOOP("Errors", "Set up the system's own keyring to have the token kept."),
    ),
    "keyring_forgets": Words(
        QT_TRANSLATE_NOOP("Errors", "The keyring does not keep the token."),
        QT_TRANSLATE_NOOP("Errors", "It accepted the token, but did not return it; the token is kept until the program ends."),
        QT_TRANSLATE_NOOP("Errors", "Please check the system's keyring."),
    ),
    "session_only": Words(
        QT_TRANSLATE_NOOP("Errors", "The token is kept for this session only."),
        QT_TRANSLATE_NOOP("Errors", "The keyring cannot keep it, so it is forgotten when the program ends."),
        QT_TRANSLATE_NOOP("Errors", "Please check the system's keyring."),
    ),
    "keyring_failed": Words(
        QT_TRANSLATE_NOOP("Errors", "The keyring failed."),
        QT_TRANSLATE_NOOP("Errors", "The system's keyring did not answer as it should."),
        QT_TRANSLATE_NOOP("Errors", "Please try again, or log out of the system and in again."),
        "try_again",
    ),
    "token_missing": Words(
        QT_TRANSLATE_NOOP("Errors", "The token is missing."),
        QT_TRANSLATE_NOOP("Errors", "There is no token for {depot}."),
        QT_TRANSLATE_NOOP("Errors", "Enter the token; IBKR shows it under Flex Web Service."),
        "renew",
    ),
}

USAGE: dict[str, Words] = {
    "no_display": Words(
        QT_TRANSLATE_NOOP("Errors", "There is no display."),
        QT_TRANSLATE_NOOP("Errors", "The window needs a graphical session; the commands work without one."),
        QT_TRANSLATE_NOOP("Errors", "See ibjournal --help for the commands."),
    ),
    "not_confirmed": Words(
        QT_TRANSLATE_NOOP("Errors", "Nothing was removed."),
        QT_TRANSLATE_NOOP("Errors", "The depot {depot} is as it was."),
        QT_TRANSLATE_NOOP("Errors", "Say yes when you are asked, or add --yes to the command."),
    ),
    "unknown_depot": Words(
        QT_TRANSLATE_NOOP("Errors", "There is no such depot."),
        QT_TRANSLATE_NOOP("Errors", "The depot {depot} does not exist."),
    ),
    "name_taken": Words(
        QT_TRANSLATE_NOOP("Errors", "The name is taken."),
        QT_TRANSLATE_NOOP("Errors", "Another depot is called {name}."),
        QT_TRANSLATE_NOOP("Errors", "Please choose another name."),
    ),
    "name_missing": Words(
        QT_TRANSLATE_NOOP("Errors", "The name is missing."),
        QT_TRANSLATE_NOOP("Errors", "A depot needs a name."),
        QT_TRANSLATE_NOOP("Errors", "Please enter a name."),
    ),
    "name_is_token": Words(
        QT_TRANSLATE_NOOP("Errors", "That is a token, not a name."),
        QT_TRANSLATE_NOOP("Errors", "A token stands in the field for the depot's name. It was not saved."),
        QT_TRANSLATE_NOOP("Errors", "Please enter a name, and the token in its own field."),
    ),
    "query_missing": Words(
        QT_TRANSLATE_NOOP("Errors", "The query id is missing."),
        QT_TRANSLATE_NOOP("Errors", "The depot has no query that could be fetched."),
        _PORTAL_QUERY,
        "edit_depot",
    ),
    "unknown_report": Words(
        QT_TRANSLATE_NOOP("Errors", "There is no such report."),
        QT_TRANSLATE_NOOP("Errors", "The report is no longer on file."),
    ),
    "unknown_trade": Words(
        QT_TRANSLATE_NOOP("Errors", "There is no such trade."),
        QT_TRANSLATE_NOOP("Errors", "The trade no longer exists; newer reports may have changed it."),
    ),
    "unknown_campaign": Words(
        QT_TRANSLATE_NOOP("Errors", "There is no such campaign."),
        QT_TRANSLATE_NOOP("Errors", "The campaign no longer exists; newer reports may have changed it."),
    ),
    "not_one_underlying": Words(
        QT_TRANSLATE_NOOP("Errors", "These trades cannot be one campaign."),
        QT_TRANSLATE_NOOP("Errors", "A campaign has one account, one underlying and one currency."),
    ),
    "unknown_strategy": Words(
        QT_TRANSLATE_NOOP("Errors", "There is no such strategy."),
        QT_TRANSLATE_NOOP("Errors", "The strategy no longer exists; newer reports may have changed it."),
    ),
    "strategy_mixed": Words(
        QT_TRANSLATE_NOOP("Errors", "These trades cannot be one strategy."),
        QT_TRANSLATE_NOOP("Errors", "A strategy has one account and one underlying, and at least one option."),
    ),
    "folder_given": Words(
        QT_TRANSLATE_NOOP("Errors", "This journal cannot be moved."),
        QT_TRANSLATE_NOOP("Errors", "The folder {folder} was given at the start."),
        QT_TRANSLATE_NOOP("Errors", "End the program, move the folder by hand, and give the new one."),
    ),
    "folder_inside": Words(
        QT_TRANSLATE_NOOP("Errors", "The journal cannot be moved there."),
        QT_TRANSLATE_NOOP("Errors", "{folder} is the data folder, lies in it, or holds it. Nothing was changed."),
        QT_TRANSLATE_NOOP("Errors", "Please choose a folder apart from it."),
    ),
    "folder_not_empty": Words(
        QT_TRANSLATE_NOOP("Errors", "The journal cannot be moved there."),
        QT_TRANSLATE_NOOP("Errors", "There is something in {folder} already. Nothing was changed."),
        QT_TRANSLATE_NOOP("Errors", "Please choose a folder that is empty."),
    ),
    "not_a_demo_folder": Words(
        QT_TRANSLATE_NOOP("Errors", "This folder is not the demo's."),
        QT_TRANSLATE_NOOP("Errors", "There is a journal in {folder} that the demo did not make. Nothing was changed."),
        QT_TRANSLATE_NOOP("Errors", "Please give the demo a folder of its own."),
    ),
    "unknown_account": Words(
        QT_TRANSLATE_NOOP("Errors", "There is no such account."),
        QT_TRANSLATE_NOOP("Errors", "No report holds the account {account}."),
    ),
    "event_missing": Words(
        QT_TRANSLATE_NOOP("Errors", "There is no such event."),
        QT_TRANSLATE_NOOP("Errors", "The event is no longer on file; newer reports may have changed it."),
    ),
    "account_link_circular": Words(
        QT_TRANSLATE_NOOP("Errors", "The accounts cannot be linked."),
        QT_TRANSLATE_NOOP("Errors", "The account {account} already goes on as the older one, or is the same."),
    ),
    "not_loopback": Words(
        QT_TRANSLATE_NOOP("Errors", "The address was refused."),
        QT_TRANSLATE_NOOP("Errors", "Another Flex service can only be one on this computer."),
    ),
}

OTHER = Words(
    QT_TRANSLATE_NOOP("Errors", "Something went wrong."),
    QT_TRANSLATE_NOOP("Errors", "The program reports: {code}"),
    QT_TRANSLATE_NOOP("Errors", "Please try again."),
)
"""For a code without an entry; a test makes sure that none is raised."""

WARNINGS: dict[str, str] = {
    "unknown_attribute": QT_TRANSLATE_NOOP("Errors", "{section} has a field we do not know: {name}. It is kept as it is."),
    "unknown_code": QT_TRANSLATE_NOOP("Errors", "{section} has a note code we do not know: {name}. It is kept as it is."),
    "unknown_section": QT_TRANSLATE_NOOP("Errors", "The section {section} is not read yet. It is kept in the archived report."),
    "unknown_time_zone": QT_TRANSLATE_NOOP(
        "Errors", "A time stands in a time zone we do not know ({name}); it is read as New York time."
    ),
    "incomplete_fill": QT_TRANSLATE_NOOP(
        "Errors", "A fill in {section} lacks fields; switch on all fields of this section in the query."
    ),
    "summary_rows_dropped": QT_TRANSLATE_NOOP(
        "Errors", "Summary rows over several accounts were left out, so that nothing counts twice."
    ),
    "proceeds_differ": QT_TRANSLATE_NOOP("Errors", "IBKR's proceeds are not quantity times price; IBKR's figure is used."),
    "commission_currency": QT_TRANSLATE_NOOP("Errors", "A commission is in another currency than its trade."),
    "commission_missing": QT_TRANSLATE_NOOP(
        "Errors", "Fills without a commission: switch on the field IB Commission in the query."
    ),
    "split_without_position": QT_TRANSLATE_NOOP("Errors", "A split concerns a position that the reports do not show."),
    "unknown_event": QT_TRANSLATE_NOOP("Errors", "A corporate action is not understood yet; the position may differ from IBKR's."),
    "event_against_position": QT_TRANSLATE_NOOP(
        "Errors", "A corporate action or transfer does not fit the position that it meets; it is not applied."
    ),
    "event_currency": QT_TRANSLATE_NOOP(
        "Errors", "A corporate action or transfer is in another currency and no report has the rate; it is not applied."
    ),
    "basis_asked": QT_TRANSLATE_NOOP("Errors", "Units came from elsewhere, and no report says what they had cost."),
    "exchange_cash_unclear": QT_TRANSLATE_NOOP(
        "Errors", "Cash came with an exchange of shares, and no report says what it earned; it lowers the cost."
    ),
    "position_contradicts": QT_TRANSLATE_NOOP(
        "Errors", "A report of open positions contradicts the fills; nothing is concluded from it."
    ),
    "zero_quantity": QT_TRANSLATE_NOOP("Errors", "A fill has the quantity zero and is left out."),
    "flip_without_position": QT_TRANSLATE_NOOP(
        "Errors", "A fill closes and opens at once, but the position before it is not known."
    ),
    "entry_unknown": QT_TRANSLATE_NOOP("Errors", "A trade began before the first report; its result is IBKR's own."),
    "basis_unknown": QT_TRANSLATE_NOOP("Errors", "A trade began before the first report and IBKR gives no result for it."),
    "range_not_honoured": QT_TRANSLATE_NOOP("Errors", "The report covers other days than were asked for."),
    "accounts_of_other_depot": QT_TRANSLATE_NOOP("Errors", "Accounts of another depot were left out: {accounts}."),
    "fills_vanished": QT_TRANSLATE_NOOP(
        "Errors", "Fills that an earlier report had are missing in this one; they are marked and left out."
    ),
    "cancel_without_original": QT_TRANSLATE_NOOP("Errors", "A cancellation concerns a fill that no report shows."),
    "events_not_applied": QT_TRANSLATE_NOOP(
        "Errors",
        "Corporate actions that change a position are not in the trades yet; quantity and result of these instruments can be off.",
    ),
    "flag_contradicts_position": QT_TRANSLATE_NOOP(
        "Errors", "IBKR flags a fill as an opening, but by the fills before it closes a position; it is booked as a close."
    ),
    "cancelled_fill_cost": QT_TRANSLATE_NOOP(
        "Errors", "What a cancelled fill cost is taken over by no other fill; it is counted in no trade."
    ),
}
"""Warnings of a report, one sentence each."""

OTHER_WARNING = QT_TRANSLATE_NOOP("Errors", "Note: {code}")
