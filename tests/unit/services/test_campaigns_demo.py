"""The demo broker's wheels, covered calls and exercises earn what its own books say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from ibjournal.demo.broker import Broker, build
from ibjournal.demo.lot_book import RoundTrip
from ibjournal.domain.campaign import CampaignKind
from ibjournal.domain.filters import TradeFilter
from ibjournal.domain.trade import TradeKey
from ibjournal.services.campaigns import CampaignRow
from tests.fakes.journal_folder import JournalFolder

CENT = Decimal("0.01")


@pytest.fixture
def broker() -> Broker:
    return build()


def take_all(journal: JournalFolder, broker: Broker) -> tuple[CampaignRow, ...]:
    for account in broker.desks:
        for year in range(broker.first_day.year, broker.last_day.year + 1):
            days = max(broker.first_day, date(year, 1, 1)), min(broker.last_day, date(year, 12, 31))
            content = broker.activity_xml([account], *days, generated_at=datetime(2027, 1, 1, 9, tzinfo=UTC))
            assert content is not None
            assert journal.take(content, f"{account}-{year}.xml").error is None
    return journal.services.campaigns.list(TradeFilter())


def trips(journal: JournalFolder, broker: Broker) -> Iterator[tuple[TradeKey, RoundTrip]]:
    """Yield the broker's own round trip of each trade."""
    own = {
        (account, trip.contract.conid, trip.opening): trip for account, desk in broker.desks.items() for trip in desk.books.trips
    }
    numbers = journal.query("SELECT account, instrument, uid, transaction_id FROM executions")
    transactions = {(account, instrument, uid): number for account, instrument, uid, number in numbers}
    for trade in journal.trades():
        number = transactions.get((trade.account, trade.instrument, trade.pieces[0].execution), "")
        trip = own.get((str(trade.account), str(trade.instrument), str(number)))
        if trip is not None:
            yield trade.key, trip


def test_campaigns_earn_what_the_books_say(journal: JournalFolder, broker: Broker) -> None:
    rows = take_all(journal, broker)
    assert {row.campaign.chain.kind for row in rows} >= {CampaignKind.WHEEL, CampaignKind.COVERED, CampaignKind.ROLL}
    own = dict(trips(journal, broker))
    assert len(rows) > 20
    for row in rows:
        campaign = row.campaign
        if campaign.closed_on is None:
            continue  # the books go on for a day that no report tells of
        income = (campaign.parts.dividends or 0) + (campaign.parts.withholding_tax or 0)
        assert campaign.net is not None
        earned = sum((own[key].earned for key in campaign.chain.trades), Decimal(income))
        assert abs(campaign.net - earned) < CENT, campaign.chain.key
        in_base = [own[key].currency_effect for key in campaign.chain.trades]
        assert campaign.currency_effect is not None
        assert abs(campaign.currency_effect - sum(in_base, Decimal(0))) < CENT, campaign.chain.key
        detail = journal.services.campaigns.detail(campaign.chain.key)
        assert detail is not None
        steps = detail.row.campaign.steps
        assert sum((step.realized.total or Decimal(0) for step in steps), Decimal(0)) == campaign.net
        assert sum((step.realized_base or Decimal(0) for step in steps), Decimal(0)) == campaign.net_base


def test_every_dividend_on_campaign_shares_is_in_one_campaign(journal: JournalFolder, broker: Broker) -> None:
    rows = take_all(journal, broker)
    shares = {
        str(each.key): each for each in journal.trades() if each.instrument in {row.campaign.chain.underlying for row in rows}
    }
    linked = {str(key) for row in rows for key in row.campaign.chain.trades}
    whole = {
        (account, instrument)
        for account, instrument in {(each.account, each.instrument) for each in shares.values()}
        if all(key in linked for key, each in shares.items() if (each.account, each.instrument) == (account, instrument))
    }
    assert whole
    for account, instrument in whole:
        paid = [
            booked.amount
            for booked in broker.desks[account].cash_rows
            if booked.contract is not None and booked.contract.conid == instrument and booked.report_date <= broker.last_day
        ]
        mine = [
            row.campaign for row in rows if (row.campaign.chain.account, row.campaign.chain.underlying) == (account, instrument)
        ]
        income = sum(((each.parts.dividends or 0) + (each.parts.withholding_tax or 0) for each in mine), Decimal(0))
        assert income == sum(paid, Decimal(0)), (account, instrument)
