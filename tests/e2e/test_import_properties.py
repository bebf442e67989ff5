"""What holds for any history however it is told: in one report or in pieces that overlap, in any order, again, provisional first.

Histories hold fills of shares and options in two accounts, cancels with what is booked in their place, exercises, assignments and
expiries, splits, transfers between the accounts, and dividends. They need not make sense: what they come to must be the same.
"""

from __future__ import annotations

import os
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ibjournal.domain.filters import TradeFilter
from ibjournal.services.event_rows import EventLegRow
from tests.fakes.account_reports import CALL, OTHER, PUT, booked, information, on
from tests.fakes.flex_reports import ACCOUNT, cash, confirm, confirmation, report, row, section, statement, trade
from tests.fakes.journal_folder import JournalFolder

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]
ACCOUNTS = (ACCOUNT, OTHER)
SHARE: dict[str, Any] = {
    "assetCategory": "STK", "conid": "111", "symbol": "ACME", "description": "ACME CORP", "currency": "USD", "multiplier": "1",
}  # fmt: skip
LAST_DAY = 20
"""Days are the first of March 2026 and so on; reports tell of some of them."""
EXAMPLES = 500 if os.environ.get("IBJOURNAL_HYPOTHESIS") == "nightly" else 8
DERIVED = ("strategies", "campaigns", "campaign_suggestions", "matchings", "missing_rates")


@dataclass(frozen=True)
class Line:
    """A row of a report: of which account, section and day; fills of an exchange have a confirmation, too."""

    account: str
    section: str
    day: int
    text: str
    confirmed: str = ""


@dataclass
class History:
    """Rows in the order in which they were drawn."""

    lines: list[Line] = field(default_factory=list)
    fills: list[dict[str, Any]] = field(default_factory=list)


def date_of(day: int) -> str:
    return f"202603{day:02d}"


moves = st.sampled_from(("fill", "fill", "fill", "option", "ended", "cancel", "split", "transfer", "dividend"))


@st.composite
def histories(draw: st.DrawFn) -> History:
    history = History()
    for number in range(1, draw(st.integers(1, 12)) + 1):
        account, day = draw(st.sampled_from(ACCOUNTS)), draw(st.integers(1, LAST_DAY))
        move = draw(moves)
        if move in {"fill", "option"}:
            terms = draw(st.sampled_from((PUT, CALL))) if move == "option" else {"multiplier": "1"}
            quantity = draw(st.sampled_from((1, 2, -1, -2) if move == "option" else (100, 60, -100, -40)))
            price = draw(st.integers(1, 60))
            _fill(history, {"number": number, "quantity": quantity, "price": price, "account": account, "day": day, "terms": terms})
        elif move == "ended":
            _ended(draw, history, number, account, day)
        elif move == "cancel" and history.fills:
            _cancel(history, number, draw(st.sampled_from(history.fills)), again=draw(st.booleans()))
        elif move == "split":
            number_of = {"actionID": number, "transactionID": 7000 + number}
            when = {"dateTime": f"{date_of(day)};202500", "reportDate": date_of(day)}
            values = SHARE | number_of | when | {"accountId": account, "type": "FS", "quantity": 100, "levelOfDetail": "DETAIL"}
            history.lines.append(Line(account, "CorporateActions", day, row("CorporateAction", **values)))
        elif move == "transfer":
            _transfer(draw, history, day)
        elif move == "dividend":
            text = cash(number, 12, accountId=account, dateTime=f"{date_of(day)};202000", reportDate=date_of(day))
            history.lines.append(Line(account, "CashTransactions", day, text))
    return history


def _fill(history: History, fill: dict[str, Any]) -> None:
    history.fills.append(fill)
    values = on(date_of(fill["day"]), f"10{fill['number']:02d}00") | fill["terms"] | {"accountId": fill["account"]}
    given = (fill["number"], fill["quantity"], fill["price"])
    history.lines.append(Line(fill["account"], "Trades", fill["day"], trade(*given, **values), confirm(*given, **values)))


def _ended(draw: st.DrawFn, history: History, number: int, account: str, day: int) -> None:
    """A put ends: it expires, or is exercised or assigned and brings shares."""
    quantity, code = draw(st.sampled_from((1, -1))), draw(st.sampled_from(("Ep", "A", "Ex")))
    values = booked(date_of(day), code, str(number)) | {"accountId": account, "openCloseIndicator": "C"}
    history.lines.append(Line(account, "Trades", day, trade(number, quantity, 0, **PUT, **values)))
    if code != "Ep":
        shares = trade(number + 30, 100 * quantity, 50, **(values | {"openCloseIndicator": "O"}))
        history.lines.append(Line(account, "Trades", day, shares))


def _cancel(history: History, number: int, fill: dict[str, Any], *, again: bool) -> None:
    """A fill is taken back some days later, and may be booked anew at another price with its trade id."""
    day = min(LAST_DAY, fill["day"] + 2)
    quantity = fill["quantity"]
    frame = fill["terms"] | {"accountId": fill["account"], "reportDate": date_of(day), "tradeDate": date_of(fill["day"])}
    frame["dateTime"] = f"{date_of(fill['day'])};10{fill['number']:02d}00"
    side = "SELL" if quantity < 0 else "BUY"
    taken_back = {"transactionType": "TradeCancel", "tradeID": "", "ibExecID": "", "buySell": f"{side} (Ca.)", "notes": "Ca",
                  "ibCommission": "1", "origTradeID": 500 + fill["number"]}  # fmt: skip
    text = trade(number, -quantity, fill["price"], **(frame | taken_back))
    history.lines.append(Line(fill["account"], "Trades", day, text))
    if again:
        anew = {"tradeID": 500 + fill["number"], "ibExecID": f"0000aaaa.0000{fill['number']:04d}.01.02"}
        text = trade(number + 30, quantity, fill["price"] + 1, **(frame | anew))
        history.lines.append(Line(fill["account"], "Trades", day, text))
    history.fills.remove(fill)


def _transfer(draw: st.DrawFn, history: History, day: int) -> None:
    """Shares go from one account to the other; one of them may have no section for it."""
    quantity = draw(st.sampled_from((100, 40)))
    for account, peer, sign in ((ACCOUNT, OTHER, -1), (OTHER, ACCOUNT, 1)):
        when = {"date": date_of(day), "reportDate": date_of(day), "type": "INTERNAL", "direction": "OUT" if sign < 0 else "IN"}
        values = SHARE | when | {"accountId": account, "account": peer, "quantity": sign * quantity, "positionAmount": "1000"}
        history.lines.append(Line(account, "Transfers", day, row("Transfer", **values)))


def activity_of(lines: Sequence[Line], first: int, last: int, *, generated: int | None = None) -> bytes:
    """Return the report of some days: a statement for each account, made on the morning after the last of them."""
    statements = []
    for account in ACCOUNTS:
        sections: dict[str, list[str]] = defaultdict(list)
        for line in lines:
            if line.account == account and first <= line.day <= last:
                sections[line.section].append(line.text)
        made = f"202604{generated or last:02d};050000"
        parts = [section(name, *rows) for name, rows in sections.items()] or [section("Trades")]
        statements.append(
            statement(information(account=account), *parts, account=account, days=(date_of(first), date_of(last)), generated=made)
        )
    return report(*statements)


def confirmations_of(lines: Sequence[Line], day: int) -> bytes:
    """Return the confirmation of what both accounts traded on a day."""
    return confirmation(
        *(line.confirmed for line in lines if line.day == day and line.confirmed),
        day=date_of(day),
        generated=f"{date_of(day)};180000",
    )


def told(journal: JournalFolder) -> dict[str, list[str]]:
    """Return everything that is derived from the reports."""
    found = journal.state()
    for table in DERIVED:
        found[table] = sorted(repr(each) for each in journal.query(f"SELECT * FROM {table}"))
    events = journal.services.events.list_events()
    found["events"] = [repr(replace(each, rows=(), legs=tuple(_without_rows(leg) for leg in each.legs))) for each in events]
    return found


def _without_rows(leg: EventLegRow) -> EventLegRow:
    return replace(leg, leg=replace(leg.leg, row=None))


def after(*contents: bytes) -> dict[str, list[str]]:
    """Return the journal after some reports."""
    with tempfile.TemporaryDirectory() as folder:
        journal = JournalFolder(Path(folder) / "data")
        for number, content in enumerate(contents):
            file = journal.take(content, f"{number}.xml")
            assert file.error is None, file.error
        return told(journal)


@settings(max_examples=EXAMPLES)
@given(histories(), st.data())
def test_pieces_that_overlap_are_the_whole_in_any_order_and_again(history: History, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(2, LAST_DAY), max_size=3)))
    bounds = [*zip([1, *cuts], [*(cut - 1 for cut in cuts), LAST_DAY], strict=True)]
    overlap = data.draw(st.integers(0, 4))
    pieces = [activity_of(data.draw(st.permutations(history.lines)), max(1, first - overlap), last) for first, last in bounds]
    order = data.draw(st.permutations([*range(len(pieces)), *data.draw(st.lists(st.integers(0, len(pieces) - 1), max_size=2))]))
    expected = after(*pieces)
    assert after(*(pieces[at] for at in order)) == expected
    whole = after(activity_of(history.lines, 1, LAST_DAY))
    assert {kind: rows for kind, rows in expected.items() if kind != "executions"} == {
        kind: rows for kind, rows in whole.items() if kind != "executions"
    }


@settings(max_examples=EXAMPLES)
@given(histories(), st.data())
def test_confirmations_before_and_after_activity_leave_what_activity_says(history: History, data: st.DataObject) -> None:
    days = sorted({line.day for line in history.lines if line.confirmed})
    whole = activity_of(history.lines, 1, LAST_DAY)
    provisional = (
        [confirmations_of(history.lines, day) for day in data.draw(st.lists(st.sampled_from(days), max_size=4))] if days else []
    )
    at = data.draw(st.integers(0, len(provisional)))
    assert after(*provisional[:at], whole, *provisional[at:]) == after(whole)


@settings(max_examples=EXAMPLES)
@given(histories(), st.integers(0, 10), st.integers(1, 30))
def test_a_fill_told_in_two_parts_changes_no_trade(history: History, which: int, number: int) -> None:
    """The second part follows within the same second; its commission is its own."""
    kept = {fill["number"] for fill in history.fills if fill["quantity"] == 100}
    fills = [line for line in history.lines if line.confirmed and any(f'tradeID="{500 + each}"' in line.text for each in kept)]
    if not fills:
        return
    whole = fills[which % len(fills)]
    first = whole.text.replace('quantity="100"', 'quantity="70"').replace('ibCommission="-1"', 'ibCommission="-0.7"')
    rest = whole.text.replace('quantity="100"', 'quantity="30"').replace('ibCommission="-1"', 'ibCommission="-0.3"')
    rest = (
        rest.replace('transactionID="90', 'transactionID="91')
        .replace('ibExecID="0000aaaa.', 'ibExecID="0000aaab.')
        .replace('tradeID="5', 'tradeID="6')
    )
    at = history.lines.index(whole)
    parts = [Line(whole.account, whole.section, whole.day, text) for text in (first, rest)]
    assert sums(history.lines) == sums([*history.lines[:at], *parts, *history.lines[at + 1 :]])


def sums(lines: Sequence[Line]) -> list[tuple[object, ...]]:
    """Return what trades, strategies and campaigns come to."""
    with tempfile.TemporaryDirectory() as folder:
        journal = JournalFolder(Path(folder) / "data")
        journal.take(activity_of(lines, 1, LAST_DAY))
        trades = [
            (
                each.account,
                each.instrument,
                each.side,
                each.quantity,
                each.open_quantity,
                each.net,
                each.booked,
                each.opened_at,
                each.closed_at,
                each.ended_by,
            )
            for each in journal.trades()
        ]
        campaigns = [
            (each.campaign.net, each.campaign.credit, each.campaign.share_cost)
            for each in journal.services.campaigns.list(TradeFilter())
        ]
        costs = sum((Decimal(str(each["cost"])) for each in journal.services.export.rows("positions")), Decimal(0))
        return [*sorted(trades, key=repr), *sorted(campaigns, key=repr), (costs,)]
