"""Campaigns in the journal screen, on a real journal: a wheel told as a story, parts that add up, links by the user."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QWidget
from pytestqt.qtbot import QtBot

from ibjournal.domain.campaign import Link, LinkKind, LinkReason
from ibjournal.domain.campaign_basis import running_basis
from ibjournal.domain.depot import AccountId
from ibjournal.domain.filters import TradeFilter
from ibjournal.gui.journal.campaign_table import Place
from ibjournal.gui.journal.campaign_thread import Knot, standing
from ibjournal.gui.journal.campaigns_part import CampaignsPart
from ibjournal.gui.journal.name_dialog import NameDialog
from ibjournal.gui.journal.part import CAMPAIGNS, TRADES
from ibjournal.gui.journal.view import JournalScreen
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.widgets.formats import MASK
from ibjournal.gui.widgets.roles import Role
from ibjournal.services.campaigns import CampaignSuggestion
from tests.fakes.journal_folder import JournalFolder
from tests.fakes.screen_services import FakeJournal, make_row
from tests.fakes.story_reports import wheel
from tests.fakes.story_services import FakeCampaigns

Settled = Callable[[], None]
TODAY = date(2026, 4, 30)


@pytest.fixture
def journal(tmp_path: Path) -> JournalFolder:
    return JournalFolder(tmp_path / "data")


@pytest.fixture
def open_part(journal: JournalFolder, tasks: TaskRunner, qtbot: QtBot, settled: Settled, look: None) -> Callable[[], JournalScreen]:
    def make() -> JournalScreen:
        services = journal.services
        made = JournalScreen(
            services.journal, tasks, strategies=services.strategies, campaigns=services.campaigns, today=lambda: TODAY
        )
        made.changed.connect(made.refresh)  # as the window does
        qtbot.addWidget(made)
        made.resize(1240, 800)
        made.show()
        settled()
        made.show_part(CAMPAIGNS)
        settled()
        made.campaigns.first()
        settled()
        return made

    return make


def knots(part: CampaignsPart) -> list[Knot]:
    model = part.detail.thread_view.thread_model
    return [model.index(row, 0).data(Role.OBJECT) for row in range(model.rowCount())]


def told(grid: QWidget) -> list[str]:
    """Return what a grid of names and values tells: ``name: value``, line by line."""
    layout = grid.layout()
    assert layout is not None
    items = (layout.itemAt(place) for place in range(layout.count()))
    widgets = (item.widget() for item in items if item is not None)
    return [each.accessibleName() for each in widgets if each is not None and each.accessibleName()]


def amounts(part: CampaignsPart) -> dict[str, str]:
    """Return the lines of the sum in the pane: name and amount."""
    pairs = (each.rpartition(": ") for each in told(part.detail.parts))
    return {name: amount for name, _, amount in pairs}


def test_a_wheel_reads_like_a_story(journal: JournalFolder, open_part: Callable[[], JournalScreen]) -> None:
    assert journal.take(wheel(called=True)).error is None
    part = open_part().campaigns
    steps = [(knot.told.lead, *knot.told.more) for knot in knots(part)]
    assert steps == [
        ("Wrote a put", "1 × 20 Mar 50 P at 1.20"),
        ("Rolled out and down", "1 × 20 Mar 50 P at 2.00", "→ 1 × 27 Mar 48 P at 2.30"),
        ("Assigned", "1 × 27 Mar 48 P", "took 100 at 48.00"),
        ("Wrote a call", "1 × 17 Apr 52 C at 0.80"),
        ("Called away", "1 × 17 Apr 52 C", "delivered 100 at 52.00"),
    ]
    assert [knot.after.basis for knot in knots(part)] == [None, None, Decimal("46.53"), Decimal("45.74"), None]
    assert standing(knots(part)[2], masked=False) == "premium so far +147.00 · basis 46.53"
    assert standing(knots(part)[2], masked=True) == f"premium so far {MASK} · basis {MASK}"


def test_the_parts_add_up_and_so_do_the_steps(journal: JournalFolder, open_part: Callable[[], JournalScreen]) -> None:
    journal.take(wheel(called=True))
    part = open_part().campaigns
    campaign = part.detail.shown.row.campaign  # type: ignore[union-attr]
    shown = amounts(part)
    assert shown == {"Premium": "+230.00", "Shares": "+400.00", "Fees": "−4.00", "Realised, USD": "+626.00"}
    assert sum((knot.earned or Decimal(0) for knot in knots(part)), Decimal(0)) == campaign.net == Decimal(626)
    model = part.list.campaigns
    cells = {place: model.index(0, place).data() for place in (Place.SYMBOL, Place.WHAT, Place.PREMIUM, Place.STOCK, Place.NET)}
    assert cells == {
        Place.SYMBOL: "ACME",
        Place.WHAT: "Wheel",
        Place.PREMIUM: "+230.00",
        Place.STOCK: "+400.00",
        Place.NET: "+626.00",
    }


def test_an_open_wheel_shows_its_basis(journal: JournalFolder, open_part: Callable[[], JournalScreen]) -> None:
    journal.take(wheel())
    screen = open_part()
    part = screen.campaigns
    campaign = part.detail.shown.row.campaign  # type: ignore[union-attr]
    assert told(part.detail.basis) == [
        "Units held: 100",
        "Adjusted basis, USD: 46.53",
        "Adjusted basis with dividends, USD: 46.53",
        "Break-even of the whole, USD: 46.53",
    ]
    assert knots(part)[-1].after.basis == campaign.basis == Decimal("46.53")
    screen.set_masked(True)
    assert amounts(part)["Realised, USD"] == MASK
    assert told(part.detail.basis)[0] == "Units held: 100"
    assert told(part.detail.basis)[1].endswith(MASK)


def test_a_step_leads_to_its_trade_and_back_to_the_campaign(
    journal: JournalFolder, open_part: Callable[[], JournalScreen], settled: Settled
) -> None:
    journal.take(wheel())
    screen = open_part()
    thread = screen.campaigns.detail.thread_view
    thread.setFocus()
    thread.setCurrentIndex(thread.thread_model.index(2, 0))
    thread.activated.emit(thread.currentIndex())
    settled()
    assert screen.bar.part == TRADES
    assert screen.pane.head.symbol.text() == "ACME"
    assert screen.pane.head.title.text() == "Shares"
    (link,) = [each for each in screen.pane.summary.links.findChildren(type(screen.pane.origin)) if "Wheel" in each.text()]
    link.click()
    settled()
    assert screen.bar.part == CAMPAIGNS
    assert screen.campaigns.list.current_item() is not None


def test_a_campaign_is_named_and_a_trade_taken_out(
    journal: JournalFolder, open_part: Callable[[], JournalScreen], settled: Settled
) -> None:
    journal.take(wheel())
    screen = open_part()
    part = screen.campaigns
    assert part.strip.trigger("rename")
    dialog = part.findChild(NameDialog)
    assert dialog is not None
    dialog.name.setText("ACME wheel")
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    settled()
    assert part.list.campaigns.index(0, Place.WHAT).data() == "ACME wheel"
    menu = {action.text(): action for action in part.context_menu().actions()}
    out = menu["Take a trade out"].menu()
    assert isinstance(out, QMenu)
    out.actions()[0].trigger()
    settled()
    (row,) = journal.services.campaigns.list(TradeFilter())
    assert len(row.campaign.chain.trades) == 2


def test_trades_are_linked_by_the_user(journal: JournalFolder, open_part: Callable[[], JournalScreen], settled: Settled) -> None:
    journal.take(wheel())
    screen = open_part()
    (row,) = journal.services.campaigns.list(TradeFilter())
    for key in row.campaign.chain.trades:
        journal.services.campaigns.unlink(key)
    screen.show_part(TRADES)
    settled()
    screen.table.selectAll()
    menu = {action.text(): action for action in screen.context_menu().actions()}
    assert journal.services.campaigns.list(TradeFilter()) == ()
    menu["Make one campaign of these"].trigger()
    settled()
    (row,) = journal.services.campaigns.list(TradeFilter())
    assert len(row.campaign.chain.trades) == 3


def test_a_link_that_waits_is_asked_about(tasks: TaskRunner, qtbot: QtBot, settled: Settled, look: None) -> None:
    first, second = make_row(1), make_row(2)
    link = Link(
        earlier=first.trade.key,
        later=second.trade.key,
        kind=LinkKind.ROLL,
        reason=LinkReason.SAME_DAY,
        certain=False,
        values=(("minutes", "42"),),
    )
    waiting = CampaignSuggestion(
        account=AccountId("U1"),
        link=link,
        earlier=first.trade,
        later=second.trade,
        instruments=(first.instrument, second.instrument),
    )
    service = FakeCampaigns(waiting=(waiting,))
    screen = JournalScreen(FakeJournal(), tasks, campaigns=service, today=lambda: TODAY)  # type: ignore[arg-type]
    qtbot.addWidget(screen)
    screen.resize(1240, 800)
    screen.show()
    screen.show_part(CAMPAIGNS)
    settled()
    part = screen.campaigns
    assert screen.bar.states.button("review").text() == "To review  1"
    part.first()
    assert part.detail.question.words.text() == "SYM1 → SYM2"
    assert part.detail.question.reason.text().startswith("As much was closed as was opened, on one day, 42 min apart.")
    part.detail.question.apart.click()
    settled()
    part.detail.question.link.click()
    settled()
    assert service.calls == [("keep_apart", first.trade.key, second.trade.key), ("link", (first.trade.key, second.trade.key))]


def test_the_running_basis_ends_where_the_campaign_stands(journal: JournalFolder) -> None:
    journal.take(wheel())
    (row,) = journal.services.campaigns.list(TradeFilter())
    detail = journal.services.campaigns.detail(row.campaign.chain.key)
    assert detail is not None
    last = running_basis(detail.row.campaign, detail.trades, detail.instruments)[-1]
    assert (last.shares, last.basis, last.basis_with_dividends) == (
        row.campaign.shares,
        row.campaign.basis,
        row.campaign.basis_with_dividends,
    )
