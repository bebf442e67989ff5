"""How fresh the data is: in the top bar, in its tooltip, for one depot and for all."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from pytestqt.qtbot import QtBot

from ibjournal.domain.depot import DepotId
from ibjournal.gui import i18n
from ibjournal.gui.freshness import FreshnessTeller, details, measure
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.widgets.bars import TopBar
from ibjournal.services.freshness import DepotFreshness
from tests.gui.conftest import TODAY, FakeServices

FILLS = datetime(2026, 11, 19, 14, 58, tzinfo=UTC)
MADE = datetime(2026, 11, 19, 10, 6, tzinfo=UTC)


def _depot(number: int = 1, through: date | None = date(2026, 11, 18), **fields: object) -> DepotFreshness:
    return DepotFreshness(**({"depot": DepotId(number), "name": f"D{number}", "activity_through": through} | fields))  # type: ignore[arg-type]


def test_it_names_the_last_activity_day_and_the_time_of_todays_fills(look: None) -> None:
    fresh = measure([_depot(confirmation_generated_at=FILLS)])
    assert fresh.text(TODAY) == "Through Wed 18 Nov · fills 15:58"
    assert fresh.text(TODAY, fills=False) == "Through Wed 18 Nov"
    assert measure([]).text(TODAY) == ""


def test_any_depot_that_is_behind_makes_the_whole_stale() -> None:
    monday, tuesday = datetime(2026, 11, 16, 20, 0, tzinfo=UTC), datetime(2026, 11, 17, 20, 0, tzinfo=UTC)
    friday, ahead = _depot(1, date(2026, 11, 13)), _depot(2, date(2026, 11, 16))
    assert not measure([friday, ahead]).stale(monday)
    assert measure([friday, ahead]).stale(tuesday)
    assert not measure([friday, ahead], DepotId(2)).stale(tuesday)
    by_files = _depot(3, date(2020, 1, 2), fetched=False)
    assert not measure([ahead, by_files]).stale(tuesday), "nobody fetches it"
    assert measure([by_files]).stale(tuesday)
    assert not measure([_depot(4, None)]).stale(tuesday)
    assert not measure([]).stale(tuesday)


def test_of_all_depots_the_one_behind_decides() -> None:
    behind, ahead = _depot(1, date(2026, 11, 2)), _depot(2, date(2026, 11, 18))
    assert measure([behind, ahead]).through == date(2026, 11, 2)
    assert measure([behind, ahead], DepotId(2)).through == date(2026, 11, 18)
    by_files = _depot(3, date(2020, 1, 2), fetched=False)
    assert measure([ahead, by_files]).through == date(2026, 11, 18), "nobody fetches it"
    assert measure([by_files]).through == date(2020, 1, 2)
    assert measure([ahead, _depot(4, None)]).through == date(2026, 11, 18)


def test_the_details_tell_three_times_for_each_depot(look: None) -> None:
    one = _depot(
        1,
        date(2026, 11, 16),
        activity_asked_at=MADE,
        activity_generated_at=MADE,
        confirmation_asked_at=FILLS,
        confirmation_through=date(2026, 11, 19),
        confirmation_generated_at=FILLS,
    )
    text = details([one, _depot(2, None), _depot(3, None, activity_asked_at=MADE)], FILLS, TODAY)
    assert text.splitlines() == [
        "D1",
        "Activity through Mon 16 Nov, made by IBKR 19 Nov 11:06, asked 19 Nov 11:06",
        "Trade Confirmations through Thu 19 Nov, made by IBKR 19 Nov 15:58, asked 19 Nov 15:58",
        "not up to date",
        "",
        "D2",
        "nothing fetched yet",
        "",
        "D3",
        "Activity: asked 19 Nov 11:06",
    ]
    assert details([one, _depot(2, None)], FILLS, TODAY, DepotId(2)).splitlines()[0] == "D2"


def test_the_details_in_german(look: None) -> None:
    i18n.install("de")
    text = details([_depot(1, activity_asked_at=FILLS, activity_generated_at=MADE)], FILLS, TODAY)
    assert text.splitlines()[1:] == ["Kontoumsatz bis Mi. 18.11., von IBKR erstellt 19.11. 11:06, abgefragt 19.11. 15:58"]


def test_the_picked_depot_and_all_are_told(services: FakeServices, tasks: TaskRunner, qtbot: QtBot, look: None) -> None:
    services.reports.fresh = (_depot(1, date(2026, 11, 2)), _depot(2))
    teller = FreshnessTeller(services.bundle, tasks, lambda: TODAY)
    overall: list[tuple[str, bool]] = []
    teller.overall.connect(lambda words, stale: overall.append((words, stale)))
    with qtbot.waitSignal(teller.told) as told:
        teller.load(DepotId(2))
    assert told.args[0] == "Through Wed 18 Nov"
    assert told.args[3] is False
    assert overall == [("Through Mon 2 Nov", True)]
    assert teller.reports


def test_figures_grow_stale_while_nobody_does_anything(
    services: FakeServices, tasks: TaskRunner, qtbot: QtBot, look: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ibjournal.gui.freshness._LOOK_EVERY", timedelta(milliseconds=5))
    night = datetime(2026, 11, 18, 9, 59, tzinfo=UTC)  # 04:59 in New York; Tuesday's statement is not out yet
    now = [night]
    services.reports.fresh = (_depot(1, date(2026, 11, 16)),)
    teller = FreshnessTeller(services.bundle, tasks, lambda: date(2026, 11, 18), wall=lambda: now[0])
    with qtbot.waitSignal(teller.overall) as told:
        teller.load(None)
    assert told.args == ["Through Mon 16 Nov", False]
    now[0] += timedelta(minutes=1)
    with qtbot.waitSignal(teller.overall, check_params_cb=lambda _words, stale: stale):
        pass
    teller.deleteLater()


def test_the_demos_day_is_not_the_computers(services: FakeServices, tasks: TaskRunner, qtbot: QtBot, look: None) -> None:
    services.reports.fresh = (_depot(1, date(2026, 11, 18)),)
    wall = datetime(2029, 3, 5, 12, 0, tzinfo=UTC)
    teller = FreshnessTeller(services.bundle, tasks, lambda: date(2026, 11, 19), wall=lambda: wall)
    with qtbot.waitSignal(teller.overall) as told:
        teller.load(None)
    assert told.args == ["Through Wed 18 Nov", False]


def test_stale_figures_look_stale(qtbot: QtBot, look: None) -> None:
    bar = TopBar(today=lambda: TODAY)
    qtbot.addWidget(bar)
    bar.set_freshness("Through Mon 2 Nov", details="D1", stale=True)
    assert bar._freshness.property("tone") == "warning"
    assert bar._freshness.toolTip() == "D1"
    bar.set_freshness("Through Wed 18 Nov")
    assert bar._freshness.property("tone") == "muted"
