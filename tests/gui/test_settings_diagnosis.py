"""The page of diagnosis copies exactly what it shows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import cast

from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from ibjournal.gui.bundle import Services
from ibjournal.gui.crash import report_text
from ibjournal.gui.settings.diagnosis import DiagnosisPage
from ibjournal.gui.tasks import TaskRunner
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
