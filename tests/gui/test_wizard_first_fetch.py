"""The first fetch in a window over the real services: a year's counts stand there while the next year is still on its way."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from ibjournal import bootstrap
from ibjournal.demo.flex_answers import ScriptedAnswer
from ibjournal.demo.flex_service import FlexService
from ibjournal.domain.errors import ReportError
from ibjournal.flex.pacing import Limits
from ibjournal.flex.secret import Secret
from ibjournal.gui import i18n
from ibjournal.gui.app import Program
from ibjournal.gui.preferences import Preferences
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.wizard.draft import to_text
from ibjournal.gui.wizard.fetch import FetchPage
from ibjournal.gui.wizard.state import Step, WizardState
from ibjournal.gui.wizard.year_lines import YearLines
from ibjournal.paths import Paths
from ibjournal.services.credentials import MemoryCredentials
from ibjournal.services.depots import DepotDraft
from ibjournal.services.jobs import Arrival
from tests.fakes.clock import FakeClock
from tests.fakes.years_source import AS_OF, YearsSource
from tests.unit.flex.flex_source import PLAIN_TOKEN, plain_depots

PATIENCE_MS = 60_000
STATEMENT = "GetStatement"
YEAR_2026 = "2026: 2 new fills · 1 Jan 2026 – 25 Sep 2026"
YEAR_2025 = "2025: 1 new fill · 1 Jan 2025 – 31 Dec 2025"
YEAR_2024 = "2024: 3 new fills · 1 Mar 2024 – 31 Dec 2024"
TODAY = "Today's fills: 1 new fill · 26 Sep 2026 – 28 Sep 2026"
USUAL = ScriptedAnswer(action=STATEMENT)


class Desk:
    """The program with everything real but the keyring, the clock and IBKR; waiting takes no time."""

    def __init__(self, service: FlexService, preferences: Preferences, folder: Path, qtbot: QtBot) -> None:
        self.service, self.preferences, self._folder, self._qtbot = service, preferences, folder, qtbot
        self.credentials = MemoryCredentials(kept=True)
        self.start()

    def start(self) -> None:
        """Start the program on the folder."""
        self.services = bootstrap.build(
            Paths.at(self._folder),
            credentials=self.credentials,
            flex_url=self.service.url,
            limits=Limits(spacing=0, per_minute=100_000),
            clock=FakeClock(),
        )
        self.tasks = TaskRunner()
        self.program = Program(self.services, self.preferences, self.tasks, today=lambda: AS_OF, screens=lambda *_, **__: [])
        self.program.window.show()

    def end(self) -> None:
        """End the program, whatever is under way."""
        self.program.window.close()
        self.tasks.shutdown()

    def wait(self, met: Callable[[], bool]) -> None:
        self._qtbot.waitUntil(met, timeout=PATIENCE_MS)

    def begin(self) -> FetchPage:
        """Save a depot and begin its first fetch."""
        draft = DepotDraft(name="Plain", activity_query="1001", confirmation_query="1002", token=PLAIN_TOKEN)
        depot, changes = self.services.depots.add(draft)
        self.credentials.set(depot, Secret(PLAIN_TOKEN))
        self.program.window.announce(changes)
        self.wait(lambda: not self.tasks.busy)
        state = WizardState(step=Step.FETCH, name="Plain", depot=depot)
        page = self.program.window.wizards.open(state).fetch
        page.start()
        return page


@pytest.fixture
def service() -> Iterator[FlexService]:
    with FlexService(YearsSource(), depots=plain_depots(), pacing=None) as service:
        yield service


@pytest.fixture
def desk(service: FlexService, preferences: Preferences, tmp_path: Path, qtbot: QtBot) -> Iterator[Desk]:
    preferences.language = "en"
    preferences.set_text("wizard", "seen")
    i18n.install("en")
    desk = Desk(service, preferences, tmp_path / "data", qtbot)
    desk.wait(lambda: not desk.tasks.busy)
    yield desk
    desk.end()


def test_a_years_counts_are_there_while_the_next_one_is_on_its_way(desk: Desk, service: FlexService) -> None:
    gates = [threading.Event() for _ in range(3)]
    service.script(USUAL, *(ScriptedAnswer(action=STATEMENT, gate=gate) for gate in gates))
    page = desk.begin()
    desk.wait(lambda: page.texts() == [YEAR_2026, "2025: on its way"])
    assert page.sum.text() == "1 report · 2 new fills · 1 Jan 2026 – 25 Sep 2026 · account U1234567"
    assert page.sum.isVisible()
    assert page.state.fetching
    gates[0].set()
    desk.wait(lambda: page.texts() == [YEAR_2026, YEAR_2025, "2024: on its way"])
    gates[1].set()
    half = "2024: 1 new fill · 1 Jul 2024 – 31 Dec 2024 · more on its way"
    desk.wait(lambda: page.texts() == [YEAR_2026, YEAR_2025, half])
    gates[2].set()
    desk.wait(lambda: not page.state.fetching)
    assert page.texts() == [YEAR_2026, YEAR_2025, YEAR_2024, "2023: nothing there", TODAY]
    assert page.sum.text().startswith("5 reports · 7 new fills · ")


def test_a_year_in_the_middle_that_fails_says_so_and_the_next_fetch_brings_it(desk: Desk, service: FlexService) -> None:
    gate = threading.Event()
    wrong = ScriptedAnswer(action=STATEMENT, body=b'"ClientAccountID","Symbol"\n')
    service.script(USUAL, wrong, ScriptedAnswer(action=STATEMENT, gate=gate))
    page = desk.begin()
    desk.wait(lambda: page.texts()[2:] == ["Today's fills: on its way"])
    years = page.texts()[:2]
    assert years[0] == YEAR_2026
    assert years[1].startswith("2025: ")
    assert years[1] != "2025: on its way"
    gate.set()
    desk.wait(lambda: not page.state.fetching)
    assert page.texts() == [*years, TODAY]
    assert page.again.isVisible()
    held = threading.Event()
    service.script(ScriptedAnswer(action=STATEMENT, gate=held))
    page.again.click()
    # what came before stands there from the start, and what did not; the newest year is asked for once more
    desk.wait(lambda: page.texts() == [f"{YEAR_2026} · asked for once more", "2025: not fetched yet", TODAY])
    held.set()
    desk.wait(lambda: not page.state.fetching)
    assert page.texts() == [YEAR_2026, YEAR_2025, YEAR_2024, "2023: nothing there", TODAY]


def test_a_fetch_by_itself_brings_what_the_first_one_did_not(desk: Desk, service: FlexService) -> None:
    service.script(USUAL, ScriptedAnswer(action=STATEMENT, body=b'"ClientAccountID","Symbol"\n'))
    page = desk.begin()
    desk.wait(lambda: page.state.report is not None and page.state.report.error is not None)
    assert page.texts() == [YEAR_2026, "2025: not fetched yet", TODAY]
    desk.wait(lambda: not desk.program.window.sync.running)
    assert desk.program.window.sync.start()
    desk.wait(lambda: page.state.report is not None and page.state.report.error is None)
    assert page.texts() == [YEAR_2026, YEAR_2025, YEAR_2024, TODAY]
    assert not page.again.isVisible()


def test_after_a_restart_the_years_that_came_stand_there_with_their_counts(desk: Desk, service: FlexService) -> None:
    gate = threading.Event()
    service.script(USUAL, ScriptedAnswer(action=STATEMENT, gate=gate))
    page = desk.begin()
    desk.wait(lambda: page.texts() == [YEAR_2026, "2025: on its way"])
    desk.wait(lambda: [request.action for request in service.requests].count(STATEMENT) == 2)  # the gate is taken
    desk.preferences.set_text("wizard_draft", to_text(page.state, opened=True))
    again = threading.Event()
    service.script(ScriptedAnswer(action=STATEMENT, gate=again))
    desk.end()
    desk.start()
    desk.program.window.wizards.starts_by_itself = True
    desk.wait(lambda: desk.program.window.wizards.wizard is not None)
    wizard = desk.program.window.wizards.wizard
    assert wizard is not None
    desk.wait(lambda: wizard.fetch.texts() == [f"{YEAR_2026} · asked for once more"])
    again.set()
    desk.wait(lambda: not wizard.state.fetching)
    assert wizard.fetch.texts() == [YEAR_2026, YEAR_2025, YEAR_2024, "2023: nothing there", TODAY]
    wizard.go_next()
    assert "7 new fills" in wizard.done.lines[2].text()


# --- the lines alone


def year(number: int) -> tuple[date, date]:
    return date(number, 1, 1), date(number, 12, 31)


def came(number: int, fills: int) -> Arrival:
    return Arrival(slot="activity", reports=1, fills=fills, start=date(number, 1, 1), end=date(number, 12, 31))


@pytest.fixture
def lines(look: None, qtbot: QtBot) -> YearLines:
    made = YearLines()
    qtbot.addWidget(made)
    return made


def test_lines_stand_newest_first_with_today_at_the_end(lines: YearLines) -> None:
    lines.begin((came(2025, 2), Arrival(slot="confirmation", reports=1, fills=1, end=AS_OF)))
    lines.ask("activity", year(2023))
    lines.ask("activity", year(2024))
    assert [text.partition(":")[0] for text in lines.texts()] == ["2025", "2024", "2023", "Today's fills"]


def test_what_was_asked_for_and_passed_over_is_not_fetched_yet(lines: YearLines) -> None:
    lines.ask("activity", year(2025))
    lines.ask("confirmation", (AS_OF, AS_OF))
    assert lines.texts() == ["2025: not fetched yet", "Today's fills: on its way"]
    lines.end()
    assert lines.texts() == ["2025: not fetched yet", "Today's fills: not fetched yet"]


def test_a_year_of_which_a_part_is_missing_says_so(lines: YearLines) -> None:
    lines.ask("activity", (date(2024, 7, 1), date(2024, 12, 31)))
    half = Arrival(slot="activity", reports=1, fills=2, start=date(2024, 7, 1), end=date(2024, 12, 31))
    lines.arrive((date(2024, 7, 1), date(2024, 12, 31)), half)
    lines.ask("activity", (date(2024, 1, 1), date(2024, 6, 30)))
    lines.end()
    partly = "2024: 2 new fills · 1 Jul 2024 – 31 Dec 2024 · not complete yet"
    assert lines.texts() == [partly]
    lines.begin((half,))
    assert lines.texts() == [partly], "until it is asked for again"


def test_a_report_of_another_year_stands_with_the_year_it_tells_of(lines: YearLines) -> None:
    lines.ask("activity", year(2023))
    lines.arrive(year(2023), came(2026, 4))
    assert lines.texts() == ["2026: 4 new fills · 1 Jan 2026 – 31 Dec 2026", "2023: nothing there"]


def test_a_report_of_a_year_that_cannot_be_read_stands_with_that_year(lines: YearLines) -> None:
    error = ReportError("not_flex", file="x")
    lines.ask("activity", year(2025))
    lines.arrive(year(2025), Arrival(slot="activity", error=error))
    (text,) = lines.texts()
    assert text.startswith("2025: ")
    lines.begin(())
    assert lines.texts() == ["2025: not fetched yet"]
    lines.ask("activity", year(2025))
    lines.arrive(year(2025), came(2025, 3))
    lines.begin((came(2025, 3),))
    assert lines.texts() == ["2025: 3 new fills · 1 Jan 2025 – 31 Dec 2025"]


def test_days_that_are_asked_for_once_more_and_do_not_come_are_not_missing(lines: YearLines) -> None:
    whole = "2026: 3 new fills · 1 Jan 2026 – 31 Dec 2026"
    late = (date(2026, 12, 1), date(2026, 12, 31))
    lines.begin((came(2026, 3),))
    lines.ask("activity", late)
    assert lines.texts() == [f"{whole} · asked for once more"]
    lines.end()
    assert lines.texts() == [whole]
