"""Campaigns and choices come back as they were written."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ibjournal.domain.campaign import (
    CampaignChoice,
    CampaignKey,
    CampaignKind,
    Chain,
    ChoiceKind,
    Link,
    LinkKind,
    LinkReason,
)
from ibjournal.domain.campaign_chain import Campaigns
from ibjournal.domain.cash import CashEntry, CashKind
from ibjournal.domain.depot import AccountId
from ibjournal.domain.execution import ExecutionId
from ibjournal.domain.instrument import InstrumentId
from ibjournal.domain.trade import TradeKey
from ibjournal.store.campaigns import (
    choices_of,
    ex_dates,
    kept_underlyings,
    list_chains,
    list_suggestions,
    replace_campaigns,
    write_choice,
)
from ibjournal.store.database import Database
from tests.fakes.flex_reports import report, row, section, statement
from tests.fakes.journal_folder import JournalFolder

ACCOUNT = AccountId("U1")


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path / "journal.db")


NOW = datetime(2026, 3, 2, 15, tzinfo=UTC)
LINK = Link(
    earlier=TradeKey("U1/501/E1"),
    later=TradeKey("U1/502/E3~2"),
    kind=LinkKind.ROLL,
    reason=LinkReason.WITHIN_SECONDS,
    quantity=Decimal("1.50"),
    closing=(ExecutionId("E2"),),
    opening=(ExecutionId("E3~2"),),
    values=(("seconds", "12"),),
)
CHAIN = Chain(
    key=CampaignKey("U1/111/E1"),
    account=ACCOUNT,
    underlying="111",
    kind=CampaignKind.ROLL,
    opened_at=NOW,
    closed_at=None,
    trades=(LINK.earlier, LINK.later),
    links=(LINK,),
    name="Größe",
)


def test_campaigns_come_back_as_they_were(database: Database) -> None:
    waiting = replace(LINK, certain=False, reason=LinkReason.SAME_DAY)
    closed = replace(CHAIN, key=CampaignKey("U1/111/E9"), closed_at=NOW, opened_at=NOW.replace(month=1))
    with database.transaction() as db:
        replace_campaigns(db, ACCOUNT, "111", Campaigns(chains=(CHAIN, closed), suggestions=(waiting,)))
    with database.reading() as db:
        assert list_chains(db, [ACCOUNT]) == (CHAIN, closed)
        assert list_suggestions(db, [ACCOUNT]) == ((ACCOUNT, "111", waiting),)
        assert list_chains(db, [AccountId("U2")]) == ()


def test_only_one_underlying_is_replaced(database: Database) -> None:
    other = replace(CHAIN, key=CampaignKey("U1/222/E1"), underlying="222")
    with database.transaction() as db:
        replace_campaigns(db, ACCOUNT, "111", Campaigns(chains=(CHAIN,)))
        replace_campaigns(db, ACCOUNT, "222", Campaigns(chains=(other,)))
        assert kept_underlyings(db, ACCOUNT) == {"111", "222"}
        replace_campaigns(db, ACCOUNT, "111", Campaigns())
        assert list_chains(db, [ACCOUNT]) == (other,)


def test_of_two_doubts_about_two_trades_the_first_is_asked(database: Database) -> None:
    doubts = tuple(replace(LINK, certain=False, reason=reason) for reason in (LinkReason.SAME_DAY, LinkReason.COVERED_LATER))
    with database.transaction() as db:
        replace_campaigns(db, ACCOUNT, "111", Campaigns(suggestions=doubts))
        assert [link.reason for _account, _underlying, link in list_suggestions(db, [ACCOUNT])] == [LinkReason.SAME_DAY]


def test_choices_come_back_the_oldest_first(database: Database) -> None:
    fills = ((InstrumentId("501"), ExecutionId("E1")), (InstrumentId("502"), ExecutionId("E3")))
    choices = (
        CampaignChoice(kind=ChoiceKind.TOGETHER, executions=fills),
        CampaignChoice(kind=ChoiceKind.NAMED, executions=fills[:1], name="Größe"),
        CampaignChoice(kind=ChoiceKind.APART, executions=fills[1:]),
    )
    with database.transaction() as db:
        for choice in choices:
            write_choice(db, ACCOUNT, "111", choice, NOW)
        assert choices_of(db, ACCOUNT) == choices
        assert choices_of(db, AccountId("U2")) == ()


def entry(number: str, **fields: Any) -> CashEntry:
    values: dict[str, Any] = {
        "id": number,
        "account": ACCOUNT,
        "kind": CashKind.DIVIDEND,
        "type": "Dividends",
        "amount": Decimal(10),
        "currency": "USD",
        "booked_at": NOW,
        "value_date": date(2026, 4, 8),
        "instrument": InstrumentId("111"),
    }
    return CashEntry(**(values | fields))


def test_the_tax_of_a_dividend_has_its_ex_date(database: Database) -> None:
    """One corporate action, of which the dividend's row alone tells when it went ex."""
    dividend, tax = entry("a", action_id="77"), entry("b", action_id="77", kind=CashKind.WITHHOLDING_TAX)
    other = entry("c", action_id="78")
    with database.transaction() as db:
        db.execute(
            "INSERT INTO cash_entries (account, row_key, report, ordinal, generated_at, type, amount, currency, booked_at,"
            " value_date, symbol, description, transaction_id, action_id, extra)"
            " VALUES ('U1', 'a', 1, 1, 1, 'Dividends', '10', 'USD', 1, '2026-04-08', '', '', '', '77', ?)",
            ('{"exDate": "2026-03-30"}',),
        )
        assert ex_dates(db, ACCOUNT, [dividend, tax, other]) == {"a": date(2026, 3, 30), "b": date(2026, 3, 30)}


def test_an_ex_date_is_told_by_the_booking_by_its_action_or_by_the_accrual_of_its_day(tmp_path: Path) -> None:
    """What an accrual does not say, or says in no date, tells nothing."""
    journal = JournalFolder(tmp_path / "journal")
    told = {"accountId": "U1", "conid": "111", "symbol": "ACME", "currency": "USD"}
    rows = [
        row("ChangeInDividendAccrual", **told, exDate="20260330", payDate="20260408"),
        row("ChangeInDividendAccrual", **told, exDate="20260331", payDate="", actionID="78"),
        row("ChangeInDividendAccrual", **told, exDate="", payDate="20260409", actionID="79"),
    ]
    journal.take(report(statement(section("ChangeInDividendAccruals", *rows), account="U1")))
    paid_later = {"value_date": date(2026, 4, 20)}
    entries = [
        entry("a"),
        entry("b", action_id="78", **paid_later),
        entry("c", action_id="79", **paid_later),
        entry("d", **paid_later),
    ]
    with Database(journal.paths.database).transaction() as db:
        db.execute(
            "INSERT INTO cash_entries (account, row_key, report, ordinal, generated_at, type, amount, currency, booked_at,"
            " value_date, symbol, description, transaction_id, action_id, extra)"
            " VALUES ('U1', 'd', 1, 1, 1, 'Dividends', '10', 'USD', 1, '2026-04-20', '', '', '', '', ?)",
            ('{"exDate": "soon"}',),
        )
        assert ex_dates(db, ACCOUNT, entries) == {"a": date(2026, 3, 30), "b": date(2026, 3, 31)}
