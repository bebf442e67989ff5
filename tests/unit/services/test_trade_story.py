"""What befell a trade: both views of an exercise with equal sums, events that moved lots, fills that changed when final."""

from __future__ import annotations

from decimal import Decimal

from ibjournal.domain.filters import TradeFilter
from ibjournal.domain.trade import TradeKey
from ibjournal.services.trade_story import TradeStory, ViewLine
from tests.fakes.flex_reports import activity, confirm, confirmation, trade
from tests.fakes.journal_folder import JournalFolder
from tests.fakes.story_reports import wheel


def stories(journal: JournalFolder) -> dict[str, TradeStory]:
    """Return the story of each trade, by its contract's symbol without spaces."""
    rows = journal.services.journal.list_trades(TradeFilter()).rows
    found = {"".join(row.instrument.symbol.split()): journal.services.journal.trade_story(row.trade.key) for row in rows}
    return {symbol: story for symbol, story in found.items() if story is not None}


def sums(lines: tuple[ViewLine, ...]) -> tuple[Decimal, Decimal]:
    earned = sum(((line.earned or Decimal(0)) - line.earned_cost for line in lines), Decimal(0))
    return earned, sum(((line.booked or Decimal(0)) - line.booked_cost for line in lines), Decimal(0))


def test_an_assigned_option_and_its_open_shares_are_equal_in_sum(journal: JournalFolder) -> None:
    assert journal.take(wheel()).error is None
    story = stories(journal)["ACME260327P00048000"]
    option, shares = story.views
    assert (option.earned, option.booked) == (Decimal(229), Decimal(0))
    assert (shares.earned_cost, shares.booked_cost) == (Decimal(4800), Decimal(4571))
    assert sums(story.views) == (Decimal(-4571), Decimal(-4571))
    assert stories(journal)["ACME"].views == story.views


def test_shares_that_were_called_away_tie_both_options_together(journal: JournalFolder) -> None:
    journal.take(wheel(called=True))
    story = stories(journal)["ACME"]
    assert ["".join(line.instrument.symbol.split()) for line in story.views] == [
        "ACME260327P00048000",
        "ACME",
        "ACME260417C00052000",
    ]
    assert [(line.earned, line.booked) for line in story.views] == [
        (Decimal(229), Decimal(0)),
        (Decimal(400), Decimal(708)),
        (Decimal(79), Decimal(0)),
    ]
    assert sums(story.views) == (Decimal(708), Decimal(708))


def test_a_trade_without_an_exercise_has_one_view(journal: JournalFolder) -> None:
    journal.take(wheel())
    assert stories(journal)["ACME260320P00050000"] == TradeStory()


def test_what_became_final_is_told_with_the_trade(journal: JournalFolder) -> None:
    journal.take(confirmation(confirm(1, 100, 10, commission="-1")))
    journal.take(activity(trade(1, 100, "10.02", ibCommission="-1.25")))
    changes = {each.field: (each.before, each.after) for each in stories(journal)["ACME"].changes}
    assert changes["price"] == ("10", "10.02")
    assert changes["commission"] == ("-1", "-1.25")


def test_a_trade_that_is_gone_has_no_story(journal: JournalFolder) -> None:
    assert journal.services.journal.trade_story(TradeKey("U1/2/3")) is None
