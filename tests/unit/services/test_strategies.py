"""Strategies through the whole program: reports come in, strategies come out, and what the user says stays."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from ibjournal.domain.errors import UsageError
from ibjournal.domain.filters import TradeFilter, TradeState
from ibjournal.domain.period import Period
from ibjournal.domain.strategy import Strategy, StrategyKey, Structure
from ibjournal.domain.strategy_payoff import Payoff
from ibjournal.domain.trade import TradeKey
from ibjournal.services.strategy_rebuild import WINDOW_SETTING, found_in
from ibjournal.store.database import Database
from ibjournal.store.settings import write_setting
from tests.fakes.flex_reports import ACCOUNT, activity, confirm, confirmation, trade
from tests.fakes.journal_folder import JournalFolder

ALL = TradeFilter()
OTHER = "U7000002"


def option(right: str, strike: int, **attributes: object) -> dict[str, object]:
    """Return what a row says of a March option on ACME."""
    terms: dict[str, object] = {
        "assetCategory": "OPT",
        "symbol": f"ACME  260320{right}{strike:05d}000",
        "conid": f"{ord(right)}{strike}",
        "underlyingConid": "111",
        "underlyingSymbol": "ACME",
        "multiplier": "100",
        "strike": strike,
        "expiry": "20260320",
        "putCall": right,
        "openCloseIndicator": "O",
    }
    return terms | attributes


def spread(first: int = 1, **attributes: object) -> tuple[str, str]:
    """A put spread sold in one combination: 90 bought at 1, 95 sold at 2, a commission of 1 each."""
    combo = f"0000c0b0.{first:08d}"
    return (
        trade(first, 1, 1, **option("P", 90), ibExecID=f"{combo}.02.01", **attributes),
        trade(first + 1, -1, 2, **option("P", 95), ibExecID=f"{combo}.03.01", **attributes),
    )


def legged(first: int = 1) -> tuple[str, str]:
    """A call spread bought leg by leg within a minute, without anything that ties the legs together."""
    moment = "20260302;1030{:02d}"
    return (
        trade(first, 1, 4, **option("C", 100), dateTime=moment.format(0)),
        trade(first + 1, -1, 2, **option("C", 110), dateTime=moment.format(40)),
    )


def strategies(journal: JournalFolder, where: TradeFilter = ALL) -> list[Strategy]:
    return [row.strategy for row in journal.services.strategies.list(where)]


def told(journal: JournalFolder) -> list[tuple[str, str, str]]:
    return sorted((each.structure.value, each.confidence.value, each.name) for each in strategies(journal))


def only(journal: JournalFolder) -> Strategy:
    (found,) = strategies(journal)
    return found


def test_a_report_brings_strategies(journal: JournalFolder) -> None:
    assert journal.take(activity(*spread(), trade(3, 100, 50))).error is None
    (row,) = journal.services.strategies.list(ALL)
    found = row.strategy
    assert (found.structure, found.symbol, found.underlying, found.currency) == (Structure.BULL_PUT_SPREAD, "ACME", "111", "USD")
    assert (found.opening_cash, found.fees, found.net, found.is_open) == (Decimal(100), Decimal(0), Decimal(0), True)
    assert row.depot_name == ACCOUNT
    assert journal.services.strategies.to_review(ALL) == ()


def test_a_later_report_closes_it(journal: JournalFolder) -> None:
    journal.take(activity(*spread()))
    expired = {"transactionType": "BookTrade", "notes": "Ep", "ibExecID": "", "ibCommission": "0"}
    when = {"dateTime": "20260320;162000", "tradeDate": "20260320", "reportDate": "20260320"}
    journal.take(
        activity(
            trade(3, -1, 0, **option("P", 90, openCloseIndicator="C"), **expired, **when),
            trade(4, 1, 0, **option("P", 95, openCloseIndicator="C"), **expired, **when),
            days=("20260311", "20260325"),
            generated="20260326;050000",
        )
    )
    found = only(journal)
    assert (found.net, found.fees, found.net_base) == (Decimal(98), Decimal(-2), Decimal("88.2"))
    assert str(found.closed_on) == "2026-03-20"


def test_what_is_stored_is_what_was_found(journal: JournalFolder) -> None:
    """Nothing is lost between the engine and the table, whatever a strategy holds."""
    journal.take(
        activity(*spread(), *legged(5), trade(8, 100, 50), trade(9, -1, 3, **option("C", 120), dateTime="20260305;100000"))
    )
    with Database(journal.paths.database).reading() as db:
        found = found_in(db, strategies(journal)[0].account, "111").strategies
    assert {each.key: each for each in strategies(journal)} == {each.key: each for each in found}
    assert {each.structure.value for each in found} == {"bull_put_spread", "bull_call_spread", "covered_call"}


def test_shares_without_options_bring_none(journal: JournalFolder) -> None:
    journal.take(activity(trade(1), trade(2, -50, conid="222")))
    assert journal.query("SELECT count(*) FROM strategies") == [(0,)]


def test_guesses_wait_until_they_are_confirmed(journal: JournalFolder) -> None:
    journal.take(activity(*legged()))
    (row,) = journal.services.strategies.to_review(ALL)
    assert [reason.code for reason in row.strategy.reasons] == ["same_window", "named", "ratio"]
    changes = journal.services.strategies.confirm(row.strategy.key)
    assert (changes.trades, changes.journal) == (True, True)
    assert journal.services.strategies.to_review(ALL) == ()
    assert told(journal) == [("bull_call_spread", "user", "")]


def test_several_guesses_are_confirmed_at_once(journal: JournalFolder) -> None:
    journal.take(activity(*legged(), *(text.replace("1030", "1130").replace("C100", "C101") for text in legged(5))))
    journal.take(activity(trade(20, 100, 50, conid="333"), trade(21, -1, 3, **option("C", 60, underlyingConid="333", conid="C9"))))
    service = journal.services.strategies
    waiting = [row.strategy.key for row in service.to_review(ALL)]
    assert len(waiting) == 2
    with pytest.raises(UsageError, match="unknown_strategy"):
        service.confirm(*waiting, StrategyKey("U1/2/3"))
    assert len(service.to_review(ALL)) == 2
    assert service.confirm(*waiting)
    assert service.to_review(ALL) == ()
    assert not service.confirm()
    service.undo()
    assert len(service.to_review(ALL)) == 1


def test_the_strategies_of_a_trade(journal: JournalFolder) -> None:
    journal.take(activity(*spread(), trade(5, 1, 1, **option("P", 90), dateTime="20260304;100000"), trade(7, conid="333")))
    service = journal.services.strategies
    found = {each.instrument: [row.strategy.structure.value for row in service.of_trade(each.key)] for each in journal.trades()}
    assert found == {"8090": ["bull_put_spread", "long_put"], "8095": ["bull_put_spread"], "333": []}
    assert service.of_trade(TradeKey("U1/2/3")) == ()


def rows() -> tuple[str, ...]:
    """Two spreads, a put and a call."""
    days = [{"dateTime": f"2026030{day};100000", "tradeDate": f"2026030{day}"} for day in (4, 5)]
    put, call = trade(5, -1, 1, **option("P", 80), **days[0]), trade(6, 1, 1, **option("C", 130), **days[1])
    return (*spread(), *legged(3), put, call)


def say_everything(journal: JournalFolder) -> None:
    """Confirm, group, split, rename."""
    journal.take(activity(*rows()))
    service = journal.services.strategies
    keys = {each.structure: each.key for each in strategies(journal)}
    service.confirm(keys[Structure.BULL_CALL_SPREAD])
    service.group(strategies=[keys[Structure.SHORT_PUT], keys[Structure.LONG_CALL]], name="my bet")
    service.split_legs(keys[Structure.BULL_PUT_SPREAD])
    long_put = next(each for each in strategies(journal) if each.structure is Structure.LONG_PUT)
    service.rename(long_put.key, "insurance")


SAID = [
    ("bull_call_spread", "user", ""),
    ("long_put", "user", "insurance"),
    ("risk_reversal", "user", "my bet"),
    ("short_put", "user", ""),
]


@pytest.mark.parametrize("how", ["rebuild", "rebuild_from_archive", "again", "later"])
def test_what_the_user_says_survives(journal: JournalFolder, how: str) -> None:
    say_everything(journal)
    assert told(journal) == SAID
    before = strategies(journal)
    if how == "again":
        journal.take(activity(*rows(), generated="20260315;050000"))
    elif how == "later":
        journal.take(activity(trade(20, 10, 90, conid="111"), days=("20260311", "20260312"), generated="20260313;050000"))
    else:
        getattr(journal.services.maintenance, how)()
    assert told(journal) == SAID
    if how.startswith("rebuild"):
        assert strategies(journal) == before
    assert journal.services.strategies.lost_choices(ALL) == ()


def test_undo_takes_back_word_by_word(journal: JournalFolder) -> None:
    say_everything(journal)
    service = journal.services.strategies
    service.undo()
    assert told(journal)[1] == ("long_put", "user", "")
    service.undo()
    assert ("bull_put_spread", "high", "") in told(journal)
    service.undo()
    assert ("risk_reversal", "user", "my bet") not in told(journal)
    service.undo()
    assert ("bull_call_spread", "medium", "") in told(journal)
    assert not service.undo()


def test_a_confirmed_guess_stays_when_activity_replaces_the_confirmation(journal: JournalFolder) -> None:
    moment = "20260302;1030{:02d}"
    legs = [("C", 100, 1, 1, 4, 0), ("C", 110, 2, -1, 2, 40)]
    journal.take(
        confirmation(
            *(
                confirm(number, size, price, **option(right, strike), dateTime=moment.format(second), code="O")
                for right, strike, number, size, price, second in legs
            )
        )
    )
    provisional = only(journal)
    journal.services.strategies.confirm(provisional.key)
    journal.take(activity(*legged()))
    assert (only(journal).key, told(journal)) == (provisional.key, [("bull_call_spread", "user", "")])


def test_a_choice_about_a_fill_that_was_cancelled_is_told_and_comes_back(journal: JournalFolder) -> None:
    journal.take(activity(*legged()))
    journal.services.strategies.confirm(only(journal).key)
    journal.take(activity(legged()[0], generated="20260320;050000"))  # a later report of the same days without the second leg
    assert told(journal) == [("long_call", "high", "")]
    (lost,) = journal.services.strategies.lost_choices(ALL)
    assert (lost.account, len(lost.choice.executions)) == (ACCOUNT, 2)
    journal.take(activity(*legged(), generated="20260321;050000"))
    assert told(journal) == [("bull_call_spread", "user", "")]
    assert journal.services.strategies.lost_choices(ALL) == ()


def test_a_lost_choice_can_be_forgotten(journal: JournalFolder) -> None:
    journal.take(activity(*legged()))
    journal.services.strategies.confirm(only(journal).key)
    journal.take(activity(legged()[0], generated="20260320;050000"))
    (lost,) = journal.services.strategies.lost_choices(ALL)
    assert journal.services.strategies.forget(lost.choice.id)
    assert journal.services.strategies.lost_choices(ALL) == ()


def test_grouping_by_trades_takes_shares_too(journal: JournalFolder) -> None:
    journal.take(activity(trade(1, 100, 50), trade(2, -1, 3, **option("C", 60), dateTime="20260304;100000")))
    assert told(journal) == [("covered_call", "high", "")]
    keys = [each.key for each in journal.trades()]
    journal.services.strategies.group(trades=keys, name="buy-write")
    found = only(journal)
    assert (found.structure, found.name, len(found.legs), found.referenced) == (Structure.COVERED_CALL, "buy-write", 2, ())


def test_grouping_executions(journal: JournalFolder) -> None:
    journal.take(activity(*spread(), trade(5, 1, 1, **option("P", 85), dateTime="20260304;100000")))
    owner = strategies(journal)[0].account
    openings = [opening for each in strategies(journal) for opening in each.openings]
    journal.services.strategies.group(executions=openings, account=owner, structure=Structure.CUSTOM)
    assert (only(journal).structure, len(only(journal).legs)) == (Structure.CUSTOM, 3)


def test_what_cannot_be_one_strategy_is_refused_and_nothing_is_kept(journal: JournalFolder) -> None:
    other = {"accountId": OTHER}
    journal.take(activity(*spread(), trade(5, 1, 1, **option("P", 85, underlyingConid="999", conid="9985"))))
    journal.take(activity(trade(7, 10, 10, conid="111", **other), trade(8, 10, 10, conid="333")))
    service = journal.services.strategies
    shares = [each.key for each in journal.trades() if each.instrument in {"111", "333"}]
    for refused in (
        {"strategies": [each.key for each in strategies(journal)]},
        {"trades": shares},
        {"trades": shares[:1]},
        {},
    ):
        with pytest.raises(UsageError) as error:
            service.group(**refused)
        assert error.value.code == "strategy_mixed"
    assert journal.query("SELECT count(*) FROM strategy_choices") == [(0,)]


def test_what_no_longer_exists_is_said(journal: JournalFolder) -> None:
    service = journal.services.strategies
    gone = StrategyKey("U1/2/3")
    assert service.detail(gone) is None
    with pytest.raises(UsageError, match="unknown_strategy"):
        service.confirm(gone)
    with pytest.raises(UsageError, match="unknown_strategy"):
        service.rename(gone, "x")
    with pytest.raises(UsageError, match="unknown_strategy"):
        service.split_legs(gone)
    with pytest.raises(UsageError) as error:
        service.group(trades=[TradeKey("U1/2/3")])
    assert error.value.code == "unknown_trade"


def test_the_detail_shows_trades_pay_off_and_rolls(journal: JournalFolder) -> None:
    roll = {"dateTime": "20260304;100000", "tradeDate": "20260304", "reportDate": "20260304"}
    journal.take(
        activity(
            trade(1, 100, 50),
            trade(2, -1, 3, **option("C", 60), dateTime="20260303;100000"),
            trade(3, 1, 2, **option("C", 60, openCloseIndicator="C"), **roll, ibExecID="0000dd.0001.02.01"),
            trade(4, -1, 3, **option("C", 65), **roll, ibExecID="0000dd.0001.03.01"),
        )
    )
    second, first = strategies(journal)
    for each in (first, second):
        detail = journal.services.strategies.detail(each.key)
        assert detail is not None
        assert (detail.row.strategy, len(detail.rolls), detail.payoff) == (each, 1, None)
        assert {trade.instrument for trade in detail.trades} == {each.legs[0].instrument, "111"}


def test_the_pay_off_of_a_spread(journal: JournalFolder) -> None:
    journal.take(activity(*spread()))
    detail = journal.services.strategies.detail(only(journal).key)
    assert detail is not None
    assert detail.payoff is not None
    assert detail.payoff == Payoff(max_profit=Decimal(100), max_loss=Decimal(-400), break_evens=(Decimal(94),))


@pytest.mark.parametrize(
    ("where", "count"),
    [
        (TradeFilter(text="acme"), 2),
        (TradeFilter(text="ACME bull_put"), 1),
        (TradeFilter(text="zzz"), 0),
        (TradeFilter(state=TradeState.OPEN), 2),
        (TradeFilter(state=TradeState.CLOSED), 0),
        (TradeFilter(period=Period(date(2026, 2, 1), date(2026, 2, 28))), 0),
        (TradeFilter(period=Period(date(2026, 3, 1), date(2026, 3, 31))), 2),
    ],
)
def test_filters(journal: JournalFolder, where: TradeFilter, count: int) -> None:
    journal.take(activity(*spread(), *legged(5)))
    assert len(journal.services.strategies.list(where)) == count


def test_the_window_is_a_setting(journal: JournalFolder) -> None:
    with Database(journal.paths.database).transaction() as db:
        write_setting(db, WINDOW_SETTING, "39")
    journal.take(activity(*legged()))
    assert told(journal) == [("bull_call_spread", "low", "")]


def test_strategies_move_when_the_underlying_is_known_by_another_word(journal: JournalFolder) -> None:
    """A confirmation without the underlying's contract id, then Activity with it."""
    bare = option("P", 90) | {"underlyingConid": None}
    journal.take(confirmation(confirm(1, 1, 1, **bare, code="O")))
    assert journal.query("SELECT underlying FROM strategies") == [("ACME",)]
    journal.take(activity(trade(1, 1, 1, **option("P", 90))))
    assert journal.query("SELECT underlying FROM strategies") == [("111",)]


def test_one_key_is_never_two_accounts(journal: JournalFolder) -> None:
    other = {"accountId": OTHER}
    journal.take(activity(*spread(), *spread(5, **other)))
    assert sorted((each.account, each.structure.value) for each in strategies(journal)) == [
        (ACCOUNT, "bull_put_spread"),
        (OTHER, "bull_put_spread"),
    ]


@pytest.mark.parametrize("kind", [{"transactionType": "BookTrade"}, {"transactionType": None, "notes": "A"}])
def test_assigned_shares_are_no_leg_of_what_was_opened_at_that_time(journal: JournalFolder, kind: dict[str, object]) -> None:
    moment = {"dateTime": "20260302;162000"}
    journal.take(
        activity(
            trade(1, 100, 95, **kind, **moment, ibExecID=""),
            trade(2, -1, 3, **option("C", 100), **moment),
        )
    )
    found = only(journal)
    assert (found.structure, [leg.instrument for leg in found.legs]) == (Structure.COVERED_CALL, ["67100"])


def test_a_calendar_on_two_futures_is_one_underlying(journal: JournalFolder) -> None:
    """Each month of an option on a future has a future of its own; the product ties them together."""
    near = option("C", 5000, assetCategory="FOP", multiplier="50", underlyingConid="801", underlyingSymbol="ESH6")
    far = near | {"conid": "99", "underlyingConid": "802", "underlyingSymbol": "ESM6", "expiry": "20260618"}
    combo = "0000c0b0.00000009"
    journal.take(activity(trade(1, -2, 40, **near, ibExecID=f"{combo}.02.01"), trade(2, 2, 90, **far, ibExecID=f"{combo}.03.01")))
    found = only(journal)
    assert (found.structure, found.underlying, found.symbol) == (Structure.LONG_CALENDAR, "FUT:ES", "ES")
    assert found.opening_cash == Decimal(-5000)


# --- real reports ------------------------------------------------------------------------------------------------


def test_a_real_paper_account(journal: JournalFolder, samples: Path) -> None:
    """Two flies of four legs, half a minute apart, closed leg by leg or expired; and a straddle bought bit by bit."""
    journal.take((samples / "GOforce64__trading-journal" / "activity.xml").read_bytes())
    straddle, fly = (each for each in strategies(journal) if each.symbol in {"AA", "CZR"})
    assert (fly.structure.value, fly.confidence.value, fly.is_open) == ("iron_butterfly", "high", False)
    assert sorted((leg.symbol.split()[1], str(leg.quantity)) for leg in fly.legs) == [
        ("260717C00047000", "-2"),
        ("260717C00054000", "2"),
        ("260717P00040000", "2"),
        ("260717P00047000", "-2"),
    ]
    # 205.5925756 - 133.1219188 - 27.5746 - 17.5746, each looked up in the file
    assert fly.net == Decimal("27.3214568")
    assert (straddle.structure.value, straddle.confidence.value) == ("long_straddle", "low")


def test_a_real_combination_of_futures_options(journal: JournalFolder, samples: Path) -> None:
    journal.take((samples / "gabbersepp__ib-flex-reader" / "TestForCoding.xml").read_bytes())
    (found,) = (each for each in strategies(journal) if len(each.legs) > 1)
    assert (found.structure.value, found.confidence.value, found.underlying) == ("bull_put_spread", "high", "FUT:BP")


def test_every_pair_of_a_real_year_is_a_roll_and_no_spread(journal: JournalFolder, samples: Path) -> None:
    """All 124 combinations of that account close one call and open another over the same shares."""
    content = (samples / "vroonhof__opensteuerauszug" / "eTax_report_anonymised_2025.xml").read_bytes()
    journal.take(content)
    found = [each for each in strategies(journal) if each.symbol == "MSTR"]
    assert {len(each.legs) for each in found} == {1}
    with Database(journal.paths.database).reading() as db:
        rolls = found_in(db, found[0].account, found[0].underlying).rolls
    rolled = {
        execution.rpartition(".")[0]
        for roll in rolls
        if roll.confidence.value == "high"
        for _instrument, execution in (*roll.closed, *roll.opened)
    }
    ids = re.findall(rb'ibExecID="(\w+\.\w+)\.(\d+)\.\d+"', content)
    combinations = {head.decode() for head, leg in ids if int(leg) > 1}
    assert len(combinations) == 124
    assert combinations <= rolled
    assert sum(each.structure is Structure.COVERED_CALL for each in found) == len(found) - 1
