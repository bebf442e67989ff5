"""Trades, results, fees and currencies against a FIFO of this file's own, worked out on the XML without anything of the engine."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest

from ibjournal.domain.trade import Side
from tests.fakes.flex_reports import ACCOUNT, report, row, section, statement, trade
from tests.fakes.journal_folder import JournalFolder

pytestmark = pytest.mark.e2e

SEEDS = range(200 if os.environ.get("IBJOURNAL_HYPOTHESIS") == "nightly" else 4)
NEW_YORK = ZoneInfo("America/New_York")
FIRST_DAY = datetime(2026, 1, 5, 10, tzinfo=NEW_YORK)
MONEY = Decimal("1e-7")
HUNDREDTH = Decimal("0.01")
CONTRACTS = (
    {"conid": "11", "assetCategory": "STK", "symbol": "AAA", "currency": "USD", "multiplier": "1", "sizes": "100 1 37 250"},
    {"conid": "12", "assetCategory": "STK", "symbol": "BBB", "currency": "EUR", "multiplier": "1", "sizes": "0.0375 1.5 2.25 0.1"},
    {"conid": "13", "assetCategory": "OPT", "symbol": "AAA  260918C00100000", "currency": "USD", "multiplier": "100",
     "sizes": "1 2 5", "putCall": "C", "strike": "100", "expiry": "20260918", "underlyingConid": "11", "underlyingSymbol": "AAA"},
    {"conid": "14", "assetCategory": "FUT", "symbol": "ESM6", "currency": "USD", "multiplier": "50", "sizes": "1 2 3"},
    {"conid": "15", "assetCategory": "BOND", "symbol": "B 4 05/15/30", "currency": "EUR", "multiplier": "1", "sizes": "1000 5000"},
    {"conid": "16", "assetCategory": "CFD", "symbol": "CCC", "currency": "GBP", "multiplier": "1", "sizes": "10 25"},
)  # fmt: skip


@dataclass
class ByHand:
    """One trade as it is worked out here."""

    side: Side
    opened_at: datetime
    currency: str
    closed_at: datetime | None = None
    quantity: Decimal = Decimal(0)
    gross: Decimal = Decimal(0)
    fees: Decimal = Decimal(0)
    net_base: Decimal = Decimal(0)
    lots: list[list[Decimal]] = field(default_factory=list)
    """What is open, the oldest first: units with their sign, price, fees of a unit."""


def history(seed: int) -> bytes:
    """Return a report of fills that flip, come in parts, and stand in no order."""
    random = Random(seed)
    rates = {(name, day): Decimal(random.randint(8000, 9900)) / 10_000 for name in ("USD", "GBP") for day in range(60)}
    rows: list[str] = []
    for contract in CONTRACTS:
        terms = {name: text for name, text in contract.items() if name != "sizes"}
        sizes = [Decimal(size) for size in contract["sizes"].split()]
        held = Decimal(0)
        days = sorted(random.choices(range(60), k=25))
        for number, day in enumerate(days, start=1):
            size = random.choice(sizes) * random.choice((1, -1))
            if held and random.random() < 0.3:
                size = -held
            elif held and random.random() < 0.2:
                size = -held - size.copy_sign(held)
            held += size
            at = FIRST_DAY + timedelta(days=day, minutes=number * 5)
            text = f"{at:%Y%m%d}"
            serial = len(rows) + 1
            values: dict[str, object] = {
                "tradeID": 7000 + serial,
                "transactionID": 90_000 + serial,
                "ibExecID": f"0000bbbb.{serial:08d}.01.01",
                "ibOrderID": 600_000 + serial,
                "dateTime": f"{at:%Y%m%d;%H%M%S}",
                "tradeDate": text,
                "reportDate": text,
                "fxRateToBase": "1" if contract["currency"] == "EUR" else rates[contract["currency"], day],
                "ibCommission": -Decimal(random.randint(0, 500)) / 100,
                "ibCommissionCurrency": contract["currency"],
                "taxes": random.choice(("0", "-0.35")),
                "openCloseIndicator": None,
            }
            rows.append(trade(number, size, Decimal(random.randint(900, 1400)) / 10, **(terms | values)))
    random.shuffle(rows)
    information = row("AccountInformation", accountId=ACCOUNT, currency="EUR")
    return report(statement(information, section("Trades", *rows), days=("20260105", "20260310"), generated="20260311;050000"))


def by_hand(content: bytes) -> dict[str, list[ByHand]]:
    """Return the trades of each contract, first in, first out."""
    fills: dict[str, list[ET.Element]] = {}
    for each in ET.fromstring(content).iter("Trade"):
        fills.setdefault(each.get("conid", ""), []).append(each)
    found: dict[str, list[ByHand]] = {}
    for conid, rows in fills.items():
        done = found.setdefault(conid, [])
        for each in sorted(rows, key=lambda fill: fill.get("dateTime", "")):
            _take(done, each)
    return found


def _take(done: list[ByHand], fill: ET.Element) -> None:
    told = {name: Decimal(fill.get(name, "0")) for name in ("quantity", "tradePrice", "ibCommission", "taxes", "fxRateToBase")}
    points = Decimal(fill.get("multiplier", "1")) * (HUNDREDTH if fill.get("assetCategory") == "BOND" else 1)
    at = datetime.strptime(fill.get("dateTime", ""), "%Y%m%d;%H%M%S").replace(tzinfo=NEW_YORK).astimezone(UTC)
    left, price = told["quantity"], told["tradePrice"]
    fee = (told["ibCommission"] + told["taxes"]) / abs(left)
    while left:
        if not done or done[-1].closed_at is not None:
            done.append(ByHand(Side.LONG if left > 0 else Side.SHORT, at, fill.get("currency", "")))
        now = done[-1]
        if not now.lots or now.lots[0][0] * left > 0:
            now.lots.append([left, price, fee])
            now.quantity += abs(left)
            return
        units, cost, cost_fee = now.lots[0]
        part = min(abs(left), abs(units)).copy_sign(units)
        gross, fees = (price - cost) * part * points, (fee + cost_fee) * abs(part)
        now.gross += gross
        now.fees += fees
        now.net_base += (gross + fees) * told["fxRateToBase"]
        now.lots[0][0] -= part
        left += part
        if not now.lots[0][0]:
            now.lots.pop(0)
        if not now.lots:
            now.closed_at = at


@pytest.mark.parametrize("seed", SEEDS)
def test_every_trade_is_what_a_hand_makes_of_the_xml(tmp_path: Path, seed: int) -> None:
    journal = JournalFolder(tmp_path / "journal")
    content = history(seed)
    assert journal.take(content).error is None
    expected = by_hand(content)
    ours = journal.trades()
    assert len(ours) == sum(map(len, expected.values())) > 40
    for conid, trades in expected.items():
        mine = [each for each in ours if str(each.instrument) == conid]
        assert len(mine) == len(trades)
        for each, wanted in zip(mine, trades, strict=True):
            assert (each.side, each.opened_at, each.closed_at) == (wanted.side, wanted.opened_at, wanted.closed_at)
            assert (each.quantity, each.currency) == (wanted.quantity, wanted.currency)
            assert abs(each.open_quantity) == abs(sum((lot[0] for lot in wanted.lots), Decimal(0)))
            assert each.gross is not None
            assert each.net is not None
            assert each.net_base is not None
            assert abs(each.gross - wanted.gross) < MONEY
            assert abs(each.fees - wanted.fees) < MONEY
            assert abs(each.net - wanted.gross - wanted.fees) < MONEY
            assert abs(each.net_base - wanted.net_base) < MONEY
