"""Transfers whose rows say little: without units, without money, without a row of a report."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from ibjournal.domain.instrument import InstrumentId
from ibjournal.domain.position_event import EventKind, Place
from ibjournal.domain.transfer import TransferRow, transfer_events
from tests.fakes.builders import ACCOUNT

AT = datetime(2026, 3, 5, 21, tzinfo=UTC)


def row(quantity: int, **fields: Any) -> TransferRow:
    values: dict[str, Any] = {
        "place": Place(ACCOUNT, InstrumentId("111")), "tag": "TradeTransfer", "type": "BUY", "effective_at": AT,
        "quantity": Decimal(quantity), "currency": "USD",
    }  # fmt: skip
    return TransferRow(**(values | fields))


@pytest.mark.parametrize(
    ("quantity", "money", "kind"),
    [
        (10, {"cost": Decimal(100)}, EventKind.ISSUE),
        (-10, {"proceeds": Decimal(100)}, EventKind.REMOVAL),
        (10, {"incoming": True}, EventKind.TRANSFER_IN),
        (-10, {"incoming": False}, EventKind.TRANSFER_OUT),
        (10, {"incoming": True, "proceeds": Decimal(100)}, EventKind.TRANSFER_IN),
    ],
)
def test_a_trade_made_elsewhere_is_a_plain_transfer_where_its_row_states_no_money(
    quantity: int, money: dict[str, Any], kind: EventKind
) -> None:
    (event,) = transfer_events([row(quantity, **money)], own=frozenset({ACCOUNT}))
    assert (event.kind, event.legs[0].quantity) == (kind, Decimal(quantity))
    assert (event.legs[0].cost, event.legs[0].proceeds) == (
        money.get("cost"),
        money.get("proceeds") if kind is EventKind.REMOVAL else None,
    )


def test_a_row_that_moves_no_units_is_no_event() -> None:
    assert transfer_events([row(0), row(0, tag="Transfer")], own=frozenset({ACCOUNT})) == ()
