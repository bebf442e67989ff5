"""The reports screen: runs by day, what came of each, what to do, the raw report, and files that are dropped."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from ibjournal.domain.depot import AccountId, DepotId
from ibjournal.domain.errors import JournalError, StoreError
from ibjournal.domain.execution import ExecutionId
from ibjournal.domain.instrument import InstrumentId
from ibjournal.gui.reports.change_tables import field_name
from ibjournal.gui.reports.drop_box import paths_of
from ibjournal.gui.reports.run_tables import FilesTable, FittedTable
from ibjournal.gui.reports.runs_table import Column, Day, RunsModel
from ibjournal.gui.reports.view import ReportsScreen
from ibjournal.gui.reports.words import duration, grouped, outcome_of, run_outcome, step_name, type_name
from ibjournal.gui.reports.xml_viewer import SHOWN, XmlViewer
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.widgets.roles import Role
from ibjournal.services.changes import Changes
from ibjournal.services.importing import ReportWarning
from ibjournal.services.reports import ReportEntry, ReportsService, Run, RunStep
from ibjournal.store.fill_changes import COMPARED, ChangeKind, FillChange
from ibjournal.store.status import MissingFill
from tests.fakes.screen_services import InlineExecutor

NOON = datetime(2026, 11, 19, 12, 3, tzinfo=UTC)
EXPIRED = ReportWarning(code="token_expired", values=(("depot", "Income"),))
XML = b'<?xml version="1.0"?>\n<FlexQueryResponse queryName="All"/>\n'


def make_entry(number: int = 1, **fields: Any) -> ReportEntry:
    values: dict[str, Any] = {
        "id": number,
        "file": f"report-{number}.xml",
        "archive_file": f"income/20261119T120300-{number:08x}.xml.gz",
        "type": "AF",
        "accounts": ("U1", "U2"),
        "from_date": date(2025, 11, 19),
        "to_date": date(2026, 11, 18),
        "generated_at": NOON,
        "received_at": NOON,
        "size": 2048,
        "sections": (("CashTransactions", 3), ("Trades", 1234)),
        "new": 5,
        "updated": 2,
        "unchanged": 7,
        "warnings": (),
        "error": None,
    }
    return ReportEntry(**(values | fields))


def make_run(number: int = 1, **fields: Any) -> Run:
    values: dict[str, Any] = {
        "id": number,
        "kind": "sync",
        "depot": DepotId(1),
        "depot_name": "Income",
        "started_at": NOON,
        "ended_at": NOON + timedelta(seconds=75),
        "result": "ok",
        "error": None,
        "steps": (RunStep(name="activity", result="ok", seconds=61.5), RunStep(name="confirmation", result="ok", seconds=2.5)),
        "reports": (make_entry(10 * number), make_entry(10 * number + 1, type="TCF")),
    }
    return Run(**(values | fields))


FAILED = make_run(
    2,
    started_at=NOON - timedelta(days=1),
    result="failed",
    error=EXPIRED,
    reports=(),
    steps=(
        RunStep(name="activity", result="failed", seconds=1, error=EXPIRED),
        RunStep(name="confirmation", result="skipped", seconds=0),
    ),
)
REFUSED = make_run(
    3,
    kind="import",
    depot=None,
    depot_name="",
    started_at=NOON - timedelta(days=1, hours=2),
    steps=(),
    reports=(
        make_entry(30, warnings=(ReportWarning(code="entry_unknown"),) * 2 + (ReportWarning(code="zero_quantity"),)),
        make_entry(
            0,
            type=None,
            accounts=(),
            sections=(),
            error=ReportWarning(code="malformed_xml", values=(("file", "/a/bad.xml"), ("line", 4))),
        ),
    ),
)
RUNS = (make_run(1), FAILED, REFUSED)


class FakeReports(ReportsService):
    def __init__(self, runs: tuple[Run, ...] = RUNS, xml: bytes = XML) -> None:
        self.runs = runs
        self.xml = xml
        self.asked: list[DepotId | None] = []
        self.failure: JournalError | None = None
        self.changes: dict[int, tuple[FillChange, ...]] = {}
        self.missing: tuple[MissingFill, ...] = ()

    def fill_changes(self, run: Run) -> tuple[FillChange, ...]:
        return self.changes.get(run.id, ())

    def vanished(self, depot: DepotId | None = None) -> tuple[MissingFill, ...]:
        return self.missing

    def list_runs(self, *, depot: DepotId | None = None, limit: int = 500) -> tuple[Run, ...]:
        self.asked.append(depot)
        return self.runs

    def read_xml(self, report_id: int) -> bytes:
        if self.failure:
            raise self.failure
        return self.xml


@pytest.fixture
def tasks(qapp: object) -> Iterator[TaskRunner]:
    runner = TaskRunner(InlineExecutor())
    bugs: list[BaseException] = []
    runner.bug.connect(bugs.append)
    yield runner
    assert bugs == []


@pytest.fixture
def service() -> FakeReports:
    return FakeReports()


@pytest.fixture
def screen(qtbot: QtBot, tasks: TaskRunner, service: FakeReports) -> ReportsScreen:
    made = ReportsScreen(service, tasks)
    qtbot.addWidget(made)
    made.resize(1240, 800)
    with qtbot.waitSignal(made.loaded):
        made.show()
    return made


def choose(screen: ReportsScreen, run: Run) -> None:
    row = screen.table.runs.row_of(run.id)
    assert row is not None
    screen.table.selectRow(row)


def test_the_runs_model_keeps_qts_rules(qapp: object, qtmodeltester: Any) -> None:
    model = RunsModel()
    qtmodeltester.check(model)
    model.set_runs(RUNS)
    qtmodeltester.check(model)


def test_runs_stand_under_their_day_in_local_time(qapp: object) -> None:
    model = RunsModel()
    # 23:30 in London is half past midnight of the next day in Berlin, where the tests run.
    model.set_runs((*RUNS, make_run(4, started_at=datetime(2026, 11, 17, 23, 30, tzinfo=UTC))))
    assert [line.day if isinstance(line, Day) else line.id for line in model.lines] == [
        date(2026, 11, 19), 1, date(2026, 11, 18), 2, 3, 4,
    ]  # fmt: skip
    texts = [str(model.index(1, column).data() or "") for column in Column]
    assert texts == ["", "13:03", "Income", "10", "0"]
    assert model.index(3, Column.STATE).data(Role.ICON) == ("x", "negative")
    assert model.index(4, Column.WHAT).data(Role.TAIL) == "with warnings"
    assert model.index(0, Column.TIME).data(Role.KIND) == "group"


def test_nothing_is_said_to_be_missing_before_the_log_has_been_read(qtbot: QtBot, tasks: TaskRunner, service: FakeReports) -> None:
    made = ReportsScreen(service, tasks)
    qtbot.addWidget(made)
    assert not made._empty.isVisibleTo(made)
    with qtbot.waitSignal(made.loaded):
        made.show()
    assert not made._empty.isVisible()
    service.runs = ()
    with qtbot.waitSignal(made.loaded):
        made.mark_dirty()
    assert made._empty.isVisible()


def test_the_newest_run_is_shown_and_a_choice_survives_a_refresh(screen: ReportsScreen, service: FakeReports, qtbot: QtBot) -> None:
    assert screen.pane.run == RUNS[0]
    choose(screen, REFUSED)
    screen.pane.files.selectRow(0)
    service.runs = (make_run(9, started_at=NOON + timedelta(hours=1)), *RUNS)
    with qtbot.waitSignal(screen.loaded):
        screen.refresh(Changes(reports=True))
    assert screen.pane.run == REFUSED
    current = screen.pane.files.current_file()
    assert current is not None
    assert current.id == 30
    count = len(service.asked)
    screen.refresh(Changes(trades=True))
    assert len(service.asked) == count


def test_a_run_shows_steps_reports_sections_and_size(screen: ReportsScreen) -> None:
    pane = screen.pane
    assert [pane.steps.steps.index(row, 3).data() for row in range(2)] == ["1 min 2 s", "2.5 s"]
    assert [[str(pane.files.files.index(row, column).data()) for column in (1, 3, 4, 5)] for row in range(2)] == [
        ["Activity", "5", "2", "7"],
        ["Trade Confirmation", "5", "2", "7"],
    ]
    assert [[str(pane.report.sections.sections.index(row, c).data()) for c in range(2)] for row in range(2)] == [
        ["Trades", "1,234"],
        ["CashTransactions", "3"],
    ]
    assert not pane.fault.isVisible()
    pane.files.selectRow(1)
    assert pane.report.accessibleName() == "Report"
    assert pane.report._title.text() == "Trade Confirmation"


def test_an_expired_token_says_what_to_do_and_leads_there(screen: ReportsScreen, qtbot: QtBot) -> None:
    choose(screen, FAILED)
    assert screen.pane.fault.isVisible()
    assert "Income" in screen.pane.fault._text.text()
    assert not screen.pane.report.isVisible()
    with qtbot.waitSignal(screen.renewal_wanted, check_params_cb=lambda depot: depot == DepotId(1)):
        QTest.mouseClick(screen.pane.fault.mend, Qt.MouseButton.LeftButton)
    assert "expired" in str(screen.pane.steps.steps.index(0, 2).data())


def test_a_refused_file_is_chosen_and_warnings_are_grouped(screen: ReportsScreen) -> None:
    choose(screen, REFUSED)
    report = screen.pane.report
    assert report.fault.isVisible()
    assert "bad.xml" in report.fault._text.text() + report.fault._title.text()
    assert "/a/" not in report.fault._text.text()
    assert not report.xml.isEnabled()
    screen.pane.files.selectRow(0)
    lines = report.warnings.text().splitlines()
    assert len(lines) == 2
    assert lines[0].endswith("(2 ×)")
    assert report._warnings_head.text() == "3 warnings"


def test_the_raw_report_opens_read_only_and_is_saved_whole(
    screen: ReportsScreen, service: FakeReports, qtbot: QtBot, tmp_path: Path
) -> None:
    service.xml = XML + b"x" * SHOWN
    QTest.mouseClick(screen.pane.report.xml, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: screen.findChild(XmlViewer) is not None)
    viewer = screen.findChild(XmlViewer)
    assert viewer is not None
    assert viewer.text.isReadOnly()
    assert viewer.text.toPlainText().startswith("<?xml")
    assert len(viewer.text.toPlainText()) == SHOWN
    assert "Save the file" in viewer.note.text()
    viewer._on_save()
    dialog = viewer.findChild(QFileDialog)
    assert dialog is not None
    dialog.fileSelected.emit(str(tmp_path / "whole.xml"))
    dialog.close()
    assert (tmp_path / "whole.xml").read_bytes() == service.xml
    viewer.close()


def test_masking_closes_the_raw_report_and_offers_none(screen: ReportsScreen, qtbot: QtBot) -> None:
    QTest.mouseClick(screen.pane.report.xml, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: screen.findChild(XmlViewer) is not None)
    screen.set_masked(True)
    qtbot.waitUntil(lambda: screen.findChild(XmlViewer) is None)
    assert not screen.pane.report.xml.isEnabled()
    assert screen.pane.report.xml.toolTip()
    screen.set_masked(False)
    assert screen.pane.report.xml.isEnabled()


def test_a_report_that_is_gone_is_an_error_for_the_window(screen: ReportsScreen, service: FakeReports, qtbot: QtBot) -> None:
    service.failure = StoreError("archive_missing", file="x")
    with qtbot.waitSignal(screen.tasks.error) as told:
        QTest.mouseClick(screen.pane.report.xml, Qt.MouseButton.LeftButton)
    assert told.args is not None
    assert told.args[0] is service.failure


def test_files_dropped_or_chosen_are_asked_to_be_imported(screen: ReportsScreen, qtbot: QtBot, tmp_path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "a.xml")), QUrl("https://example.invalid/b.xml")])
    assert paths_of(data) == [tmp_path / "a.xml"]
    assert paths_of(QMimeData()) == []
    event = QDropEvent(
        QPointF(QPoint(10, 10)), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    with qtbot.waitSignal(screen.import_wanted, check_params_cb=lambda paths: paths == [tmp_path / "a.xml"]):
        screen.drop.dropEvent(event)
    with qtbot.waitSignal(screen.import_wanted, check_params_cb=lambda paths: paths == []):
        QTest.mouseClick(screen.drop.choose, Qt.MouseButton.LeftButton)


def test_without_runs_it_offers_to_import(qtbot: QtBot, tasks: TaskRunner) -> None:
    screen = ReportsScreen(FakeReports(()), tasks)
    qtbot.addWidget(screen)
    with qtbot.waitSignal(screen.loaded):
        screen.show()
    assert screen._empty.isVisible()
    with qtbot.waitSignal(screen.import_wanted):
        screen._empty.clicked.emit()


def test_the_depot_picker_is_obeyed_and_the_period_is_not_asked_for(
    screen: ReportsScreen, service: FakeReports, qtbot: QtBot
) -> None:
    assert not screen.uses_period
    with qtbot.waitSignal(screen.loaded):
        screen.set_filter(DepotId(7), screen.period)
    assert service.asked[-1] == DepotId(7)


def test_every_result_has_a_word_and_an_icon() -> None:
    results = ("ok", "failed", "cancelled", "skipped", "running", "interrupted")
    assert len({outcome_of(result).word for result in results}) == len(results)
    assert outcome_of("new_one").word == "new_one"
    assert run_outcome(make_run(result="running", ended_at=None)).icon == "hourglass"
    assert duration(make_run(ended_at=None)) == "–"
    assert step_name("something") == "something"
    assert type_name(make_entry(type=None)) == "No report"
    assert grouped(()) == ()


def test_a_narrow_pane_leaves_out_columns_before_it_cuts_a_name(qtbot: QtBot) -> None:
    table = FilesTable()
    qtbot.addWidget(table)
    table.show_files((make_entry(type="TCF"),))
    table.show()
    for width, hidden in ((900, 0), (420, 2)):
        table.resize(width, 200)
        assert sum(table.isColumnHidden(column) for column in range(table.model().columnCount())) >= hidden
        assert table.columnWidth(1) >= 80
    table.resize(900, 200)
    assert not table.isColumnHidden(6)


# --- provisional and final ----------------------------------------------------------------------------------------


def change(field: str, before: str | None, after: str | None) -> FillChange:
    return FillChange(
        account=AccountId("U1"),
        instrument=InstrumentId("111"),
        execution=ExecutionId("0000aaaa.00000001.01"),
        symbol="ACME",
        kind=ChangeKind.FINAL,
        field=field,
        before=before,
        after=after,
        before_report=1,
        after_report=2,
        changed_at=NOON,
    )


def texts(table: FittedTable) -> list[list[str]]:
    model = table.model()
    return [[model.index(row, column).data() for column in range(model.columnCount())] for row in range(model.rowCount())]


def test_what_changed_when_fills_became_final_stands_in_the_run(screen: ReportsScreen, service: FakeReports) -> None:
    service.runs = (make_run(1, reports=(make_entry(10, confirmed=3, changed=1),)), make_run(2))
    service.changes = {1: (change("commission", "-0.95", "-1"), change("codes", "O", "O;P"), change("price", "10.5", None))}
    screen.load()
    screen.pane.show_run(service.runs[0])
    screen.pane.show_changes(service.runs[0], service.changes[1])
    assert not screen.pane.changes_panel.isHidden()
    assert texts(screen.pane.changes) == [
        ["ACME", "0000aaaa.00000001.01", "Commission", "−0.95", "−1.00"],
        ["ACME", "0000aaaa.00000001.01", "Codes", "O", "O;P"],
        ["ACME", "0000aaaa.00000001.01", "Price", "10.50", "–"],
    ]
    screen.pane.set_masked(True)
    assert texts(screen.pane.changes)[0][3:] == ["•••", "•••"]
    screen.pane.show_run(service.runs[1])
    assert screen.pane.changes_panel.isHidden()
    screen.pane.show_changes(service.runs[0], service.changes[1])
    assert screen.pane.changes_panel.isHidden(), "the answer for a run that is no longer shown"


def test_missing_fills_are_listed(screen: ReportsScreen, service: FakeReports, qtbot: QtBot) -> None:
    assert screen.pane.missing_panel.isHidden()
    service.missing = (
        MissingFill(
            account=AccountId("U1"),
            instrument=InstrumentId("111"),
            execution=ExecutionId("x"),
            symbol="ACME",
            executed_at=NOON,
            trade_date=date(2025, 11, 19),
            quantity=Decimal(-30),
            price=Decimal("10.5"),
            currency="USD",
            provisional=True,
            told_by=1,
            left_out_by=2,
        ),
    )
    screen.load()
    qtbot.waitUntil(lambda: not screen.pane.missing_panel.isHidden())
    ((symbol, _day, known_from, quantity, price),) = texts(screen.pane.missing)
    assert (symbol, known_from, quantity, price) == ("ACME", "Trade Confirmation", "−30", "10.50")


@pytest.mark.parametrize(
    "field",
    [
        "price",
        "quantity",
        "proceeds",
        "commission",
        "taxes",
        "net_cash",
        "commission_currency",
        "open_close",
        "codes",
        "trade_date",
    ],
)
def test_every_field_that_is_compared_has_words(field: str) -> None:
    assert field in COMPARED
    assert field_name(field) != field
