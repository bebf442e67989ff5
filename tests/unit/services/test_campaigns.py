"""Campaigns through the whole program: reports come in, campaigns come out, and what the user says stays."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from ibjournal.domain.campaign import Campaign, CampaignKey, CampaignKind, CampaignState
from ibjournal.domain.errors import UsageError
from ibjournal.domain.filters import TradeFilter, TradeState
from ibjournal.domain.trade import Trade, TradeKey
from tests.fakes.flex_reports import activity, cash, report, row, section, statement, trade
from tests.fakes.journal_folder import JournalFolder

PUT = {
    "assetCategory": "OPT",
    "symbol": "ACME  260320P00050000",
    "conid": "501",
    "underlyingConid": "111",
    "underlyingSymbol": "ACME",
    "multiplier": "100",
    "strike": "50",
    "expiry": "20260320",
    "putCall": "P",
}
LATER_PUT = PUT | {"symbol": "ACME  260327P00048000", "conid": "502", "strike": "48", "expiry": "20260327"}
BOOKED = {
    "transactionType": "BookTrade",
    "notes": "A",
    "ibCommission": "0",
    "ibExecID": "",
    "dateTime": "20260327;162000",
    "tradeDate": "20260327",
    "reportDate": "20260327",
    "positionActionID": "77",
}
ROLL = {"ibOrderID": 90, "dateTime": "20260310;100000", "tradeDate": "20260310", "reportDate": "20260310"}
DAYS = ("20260301", "20260410")


def wheel() -> tuple[str, ...]:
    """A put at 50 sold for 1.20, rolled to 48 (2.00, 2.30), assigned: 100 shares at 48; each fill on an exchange costs 1."""
    return (
        trade(1, -1, "1.2", **PUT, openCloseIndicator="O"),
        trade(2, 1, 2, **PUT, **ROLL, openCloseIndicator="C"),
        trade(3, -1, "2.3", **LATER_PUT, **ROLL, openCloseIndicator="O"),
        trade(4, 1, 0, **LATER_PUT, **BOOKED, openCloseIndicator="C"),
        trade(5, 100, 48, **BOOKED),
    )


def take_wheel(journal: JournalFolder) -> None:
    assert journal.take(activity(*wheel(), days=DAYS, generated="20260411;050000")).error is None


def only(journal: JournalFolder) -> Campaign:
    (found,) = journal.services.campaigns.list(TradeFilter())
    return found.campaign


def key_of(journal: JournalFolder, instrument: str) -> TradeKey:
    (found,) = [each for each in journal.trades() if each.instrument == instrument]
    return found.key


def test_a_wheel_comes_of_a_report(journal: JournalFolder) -> None:
    take_wheel(journal)
    (found,) = journal.services.campaigns.list(TradeFilter())
    campaign = found.campaign
    assert (found.symbol, campaign.chain.kind, campaign.state) == ("ACME", CampaignKind.WHEEL, CampaignState.SHARES)
    assert (campaign.net, campaign.credit) == (Decimal(147), Decimal(147))
    assert (campaign.share_cost, campaign.basis) == (Decimal(4800), Decimal("46.53"))
    detail = journal.services.campaigns.detail(campaign.chain.key)
    assert detail is not None
    assert [step.kind.value for step in detail.row.campaign.steps] == ["opened", "rolled", "assigned"]
    assert [each.reason.value for step in detail.row.campaign.steps for each in step.links] == ["same_order", "position_action"]
    assert sum(step.realized.total or 0 for step in detail.row.campaign.steps) == campaign.net
    assert set(detail.instruments) == {"501", "502", "111"}


def test_the_thread_of_a_trade(journal: JournalFolder) -> None:
    journal.take(activity(*wheel(), trade(9, 10, 5, conid="222"), days=DAYS))
    keys = [key_of(journal, each) for each in ("501", "502", "111")]
    found = [journal.services.campaigns.of_trade(key) for key in keys]
    assert {each.row.campaign.chain.trades for each in found if each is not None} == {tuple(keys)}
    assert journal.services.campaigns.of_trade(key_of(journal, "222")) is None
    assert journal.services.campaigns.of_trade(TradeKey("gone")) is None


def test_options_without_the_contract_id_of_their_underlying_find_its_shares(journal: JournalFolder) -> None:
    without = tuple(each.replace('underlyingConid="111"', 'underlyingConid=""') for each in wheel())
    journal.take(activity(*without, days=DAYS))
    assert len(only(journal).chain.trades) == 3


def test_dividends_go_to_the_shares_that_were_held_when_they_went_ex(journal: JournalFolder) -> None:
    """One row tells its ex date, one is told by the accrual, one by neither; one went ex before the shares came."""
    shares = {"conid": "111", "symbol": "ACME", "assetCategory": "STK"}
    entries = (
        cash(1, 40, **shares, dateTime="20260408;202000", exDate="20260330"),
        cash(2, -6, **shares, dateTime="20260408;202000", type="Withholding Tax"),
        cash(3, 7, **shares, dateTime="20260401;202000", exDate="20260320"),
        cash(4, 9, dateTime="20260408;202000", conid="222", symbol="OTHR", assetCategory="STK"),
    )
    accrual = row(
        "ChangeInDividendAccrual",
        accountId="U7000001",
        conid="111",
        symbol="ACME",
        exDate="20260330",
        payDate="20260408",
        code="Po",
    )
    sections = (section("Trades", *wheel()), section("CashTransactions", *entries), section("ChangeInDividendAccruals", accrual))
    journal.take(report(statement(*sections, days=DAYS, generated="20260411;050000")))
    campaign = only(journal)
    assert (campaign.parts.dividends, campaign.parts.withholding_tax) == (Decimal(40), Decimal(-6))
    assert campaign.basis_with_dividends == Decimal("46.19")
    detail = journal.services.campaigns.detail(campaign.chain.key)
    assert detail is not None
    told = [(step.kind.value, str(step.ex_date)) for step in detail.row.campaign.steps[-2:]]
    assert sorted(told) == [("dividend", "2026-03-30"), ("withholding_tax", "2026-03-30")]


def test_what_the_user_says_survives_every_rebuild(journal: JournalFolder) -> None:
    take_wheel(journal)
    service = journal.services.campaigns
    assert service.rename(only(journal).chain.key, " ACME wheel ").trades
    assert only(journal).chain.name == "ACME wheel"
    assert service.unlink(key_of(journal, "501")).trades
    assert only(journal).chain.trades == (key_of(journal, "502"), key_of(journal, "111"))
    before = journal.query("SELECT * FROM campaigns")
    journal.services.maintenance.rebuild()
    assert journal.query("SELECT * FROM campaigns") == before
    journal.services.maintenance.rebuild_from_archive()
    assert journal.query("SELECT * FROM campaigns") == before
    service.link([key_of(journal, "501"), key_of(journal, "111")], name="All of it")
    assert (len(only(journal).chain.trades), only(journal).chain.name) == (3, "All of it")


def test_a_name_stays_when_older_history_comes(journal: JournalFolder) -> None:
    journal.take(activity(*wheel()[1:], days=("20260310", "20260410"), generated="20260411;050000"))
    journal.services.campaigns.rename(only(journal).chain.key, "Mine")
    journal.take(activity(wheel()[0], days=("20260301", "20260309"), generated="20260411;060000"))
    campaign = only(journal)
    assert (campaign.chain.name, campaign.opened_on.isoformat(), campaign.net) == ("Mine", "2026-03-02", Decimal(147))


def test_a_suggestion_is_taken_or_refused(journal: JournalFolder) -> None:
    rows = (
        trade(1, -1, 1, **PUT, openCloseIndicator="O"),
        trade(2, 1, 2, **PUT, dateTime="20260310;120000", tradeDate="20260310", openCloseIndicator="C"),
        trade(3, -1, 2, **LATER_PUT, dateTime="20260310;130000", tradeDate="20260310", openCloseIndicator="O"),
    )
    journal.take(activity(*rows, days=DAYS))
    service = journal.services.campaigns
    (found,) = service.suggestions(TradeFilter())
    assert (found.link.reason.value, found.earlier.instrument, found.instruments[1].id) == ("same_day", "501", "502")
    service.keep_apart(found.earlier.key, found.later.key)
    assert (service.suggestions(TradeFilter()), service.list(TradeFilter())) == ((), ())
    service.link([found.earlier.key, found.later.key])
    assert service.suggestions(TradeFilter()) == ()
    assert len(only(journal).chain.trades) == 2


def test_the_filter_of_the_list(journal: JournalFolder) -> None:
    take_wheel(journal)
    campaigns = journal.services.campaigns
    assert len(campaigns.list(TradeFilter(state=TradeState.OPEN, text="acm"))) == 1
    assert campaigns.list(TradeFilter(state=TradeState.CLOSED)) == ()
    assert campaigns.list(TradeFilter(text="other")) == ()


def test_what_cannot_be_linked_is_refused(journal: JournalFolder) -> None:
    journal.take(activity(*wheel(), trade(9, 10, 5, conid="222"), days=DAYS))
    service = journal.services.campaigns
    with pytest.raises(UsageError, match="not_one_underlying"):
        service.link([key_of(journal, "501"), key_of(journal, "222")])
    with pytest.raises(UsageError, match="unknown_trade"):
        service.link([TradeKey("gone")])
    with pytest.raises(UsageError, match="unknown_trade"):
        service.unlink(TradeKey("gone"))
    with pytest.raises(UsageError, match="unknown_campaign"):
        service.rename(CampaignKey("U7000001/111/gone"), "x")


def test_where_a_template_leaves_the_codes_out_the_section_of_option_events_tells(journal: JournalFolder) -> None:
    fills = tuple(each.replace('notes="A"', 'notes=""').replace('positionActionID="77"', "") for each in wheel())
    ended = row(
        "OptionEAE",
        accountId="U7000001",
        conid="502",
        assetCategory="OPT",
        transactionType="Assignment",
        quantity="1",
        tradePrice="0",
        date="20260327",
        tradeID="504",
        symbol=LATER_PUT["symbol"],
    )
    journal.take(report(statement(section("Trades", *fills), section("OptionEAE", ended), days=DAYS, generated="20260411;050000")))
    detail = journal.services.campaigns.detail(only(journal).chain.key)
    assert detail is not None
    assert [step.kind.value for step in detail.row.campaign.steps] == ["opened", "rolled", "assigned"]
    assert only(journal).chain.links[-1].reason.value == "trade_ids"


def test_calls_on_shares_that_a_split_has_doubled_are_covered(journal: JournalFolder) -> None:
    split = row(
        "CorporateAction",
        accountId="U7000001",
        assetCategory="STK",
        symbol="ACME",
        conid="111",
        dateTime="20260330;202500",
        reportDate="20260331",
        quantity="100",
        type="FS",
        actionID="61",
        transactionID="8001",
    )
    booked = {"tradeDate": "20260401", "reportDate": "20260401", "dateTime": "20260401;100000"}
    call = trade(6, -2, "0.5", **(PUT | {"conid": "503", "putCall": "C", "strike": "30"}), **booked, openCloseIndicator="O")
    sections = (section("Trades", *wheel(), call), section("CorporateActions", split))
    journal.take(report(statement(*sections, days=DAYS, generated="20260411;050000")))
    campaign = only(journal)
    assert (campaign.state, campaign.shares, len(campaign.chain.trades)) == (CampaignState.CALL, Decimal(200), 4)
    assert campaign.basis == (Decimal(4800) - Decimal(147) - Decimal(99)) / 200


def test_shares_alone_are_no_campaign_until_the_user_says_so(journal: JournalFolder) -> None:
    journal.take(activity(trade(1), trade(2, -100, 11), trade(3), days=DAYS))
    assert journal.services.campaigns.list(TradeFilter()) == ()
    journal.services.campaigns.link([each.key for each in journal.trades()])
    assert only(journal).chain.kind is CampaignKind.CUSTOM


# --- real reports ------------------------------------------------------------------------------------------------


def chains(journal: JournalFolder) -> list[tuple[str, str, str]]:
    return sorted(
        (each.symbol, each.campaign.chain.kind.value, each.campaign.state.value)
        for each in journal.services.campaigns.list(TradeFilter())
    )


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("portfolio-performance__portfolio/testIBFlexStatementFile02.xml", ("ORCL", "wheel", "call")),
        ("GOforce64__trading-journal/activity.xml", ("CLF", "exercise", "shares")),
        ("vroonhof__opensteuerauszug/eTax_report_anonymised_2025.xml", ("MSTR", "covered", "call")),
    ],
)
def test_real_exercises(journal: JournalFolder, samples: Path, file: str, expected: tuple[str, str, str]) -> None:
    journal.take((samples / file).read_bytes())
    assert expected in chains(journal)
    for each in journal.services.campaigns.list(TradeFilter()):
        proved(journal, each.campaign)


def proved(journal: JournalFolder, campaign: Campaign) -> None:
    """One result: the sum of its trades and dividends, of its parts, and of its steps."""
    trades: dict[TradeKey, Trade] = {each.key: each for each in journal.trades()}
    detail = journal.services.campaigns.detail(campaign.chain.key)
    assert detail is not None
    steps = detail.row.campaign.steps
    nets = [trades[key].net for key in campaign.chain.trades]
    if None in nets:
        assert campaign.net is None
        return
    income = sum(((each.realized.dividends or 0) + (each.realized.withholding_tax or 0) for each in steps), Decimal(0))
    assert campaign.net == sum((net for net in nets if net is not None), income)
    assert campaign.net == sum((step.realized.total or Decimal(0) for step in steps), Decimal(0))
