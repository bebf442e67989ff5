"""The page of diagnosis copies exactly what it shows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import cast

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from ibjournal.domain.errors import StoreError
from ibjournal.gui.bundle import Services
from ibjournal.gui.crash import CrashDialog, CrashReporter, report_text
from ibjournal.gui.settings.diagnosis import DiagnosisPage
from ibjournal.gui.tasks import TaskRunner
from ibjournal.services.depots import DepotDraft
from tests.conftest import ExpectedLog
from tests.fakes.flex_reports import ACCOUNT, activity, trade
from tests.fakes.journal_folder import JournalFolder


def test_the_report_is_shown_and_copied(
    qtbot: QtBot, look: None, tmp_path: Path, tasks: TaskRunner, settled: Callable[[], None]
) -> None:
    journal = JournalFolder(tmp_path / "data")
    journal.take(activity(trade(1)))
    page = DiagnosisPage(cast("Services", journal.services), tasks)
    qtbot.addWidget(page)
    assert not page.copy.isEnabled()
    page.show()
    settled()
    shown = page.text.toPlainText()
    assert "executions: 1" in shown
    assert "platform: offscreen" in shown
    assert ACCOUNT not in shown
    page.copy.click()
    assert QGuiApplication.clipboard().text() == shown
    assert page.status.text() == "Copied."


def test_a_bug_is_told_without_amounts_and_homes(look: None) -> None:
    text = report_text(ValueError(f"1234.56 EUR of {ACCOUNT} in {Path.home()}/x"))
    last = text.splitlines()[-1]
    assert last == "ValueError: [amount] of U… in ~/x"
    assert "platform offscreen" in text


def test_the_crash_dialog_shows_what_it_copies_and_tells_no_name(
    qtbot: QtBot, look: None, tmp_path: Path, expect_log: ExpectedLog
) -> None:
    expect_log("bug", logger="ibjournal.gui.crash")
    journal = JournalFolder(tmp_path / "data")
    journal.services.depots.add(DepotDraft(name="Großmutter", activity_query="1001"))
    reporter = CrashReporter(names=journal.services.diagnosis.names)
    reporter.report(StoreError("read_only", file=str(tmp_path / "data" / "Großmutter.db")))
    qtbot.waitUntil(lambda: reporter.dialog is not None)
    assert reporter.dialog is not None
    assert reporter.dialog.text.toPlainText().endswith("StoreError: read_only")
    reporter.dialog.close()
    reporter.dialog = None
    shown = CrashDialog(report_text(RuntimeError(f"Großmutter in {tmp_path / 'data'} has 'x'"), journal.services.diagnosis.names()))
    qtbot.addWidget(shown)
    shown.show()
    copy = next(each for each in shown.findChildren(QPushButton) if each.text() == "Copy report")
    copy.click()
    assert QGuiApplication.clipboard().text() == shown.text.toPlainText()
    assert shown.text.toPlainText().splitlines()[-1] == "RuntimeError: depot 1 in DATA has '…'"
