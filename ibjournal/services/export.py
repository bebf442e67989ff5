"""Rows for export: flat, plain values under stable names; money as exact decimal text, times as ISO 8601 in UTC."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from enum import Enum

from ibjournal.domain.depot import AccountId
from ibjournal.domain.instrument import Instrument, InstrumentId
from ibjournal.store.cash import list_cash
from ibjournal.store.database import Database
from ibjournal.store.depots import accounts_of, base_currencies
from ibjournal.store.equity import nav_by_day
from ibjournal.store.executions import all_executions
from ibjournal.store.instruments import all_instruments
from ibjournal.store.journal import all_notes
from ibjournal.store.positions import latest_positions
from ibjournal.store.trades import list_trades, open_lots_of

Value = str | int | bool | None
ExportRow = dict[str, Value]

KINDS = ("executions", "trades", "cash", "equity", "positions")


class ExportService:
    """Hands out what the journal holds, for other programs. Thread-safe."""

    def __init__(self, *, database: Database) -> None:
        self._database = database

    def rows(self, kind: str, *, account: AccountId | None = None) -> list[ExportRow]:
        """Return the rows of a kind (one of `KINDS`), of one account or of all, the oldest first."""
        with self._database.reading() as db:
            accounts = accounts_of(db, None) if account is None else (account,)
            if kind == "executions":
                return list(self._executions(accounts))
            if kind == "trades":
                return list(self._trades(accounts))
            if kind == "cash":
                return [_plain({name: getattr(entry, name) for name in _CASH}) for entry in list_cash(db, accounts)]
            if kind == "equity":
                bases = base_currencies(db)
                return [
                    _plain({"account": each, "day": day, "total": total, "currency": bases.get(each, "")})
                    for each, day, total in nav_by_day(db, accounts)
                ]
            if kind == "positions":
                return list(self._positions(accounts))
        raise ValueError(kind)

    def _executions(self, accounts: tuple[AccountId, ...]) -> Iterator[ExportRow]:
        with self._database.reading() as db:
            for execution, report in all_executions(db, accounts):
                row: dict[str, object] = {name: getattr(execution, name) for name in _EXECUTION}
                row["provisional"] = execution.provisional
                row["report"] = report
                yield _plain(row)

    def _trades(self, accounts: tuple[AccountId, ...]) -> Iterator[ExportRow]:
        with self._database.reading() as db:
            instruments = all_instruments(db)
            bases = base_currencies(db)
            notes = all_notes(db)
            for trade in reversed(list_trades(db, accounts)):
                row: dict[str, object] = {name: getattr(trade, name) for name in _TRADE}
                row |= _terms(instruments.get(trade.instrument))
                row["base_currency"] = bases.get(trade.account, "")
                row["executions"] = ";".join(piece.execution for piece in trade.pieces)
                keys = [(trade.account, trade.instrument, piece.execution) for piece in trade.pieces]
                row["note"] = next((notes[key] for key in keys if key in notes), "")
                yield _plain(row)

    def _positions(self, accounts: tuple[AccountId, ...]) -> Iterator[ExportRow]:
        """Yield what is open by our own count, beside IBKR's quantity where a report tells it."""
        with self._database.reading() as db:
            instruments = all_instruments(db)
            reported = {(each.account, each.instrument): each for each in latest_positions(db, accounts)}
            ours: dict[tuple[AccountId, InstrumentId], tuple[Decimal, Decimal]] = {}
            for account, instrument, lot in open_lots_of(db, accounts):
                quantity, cost = ours.get((account, instrument), (Decimal(0), Decimal(0)))
                ours[account, instrument] = quantity + lot.quantity, cost + lot.cost
        for account, instrument in sorted(ours.keys() | reported.keys()):
            there = reported.get((account, instrument))
            quantity, cost = ours.get((account, instrument), (Decimal(0), Decimal(0)))
            yield _plain(
                {"account": account, "instrument": instrument}
                | _terms(instruments.get(instrument))
                | {
                    "quantity": quantity,
                    "cost": cost,
                    "ibkr_quantity": there.quantity if there else None,
                    "ibkr_cost": there.cost_money if there else None,
                    "ibkr_mark_price": there.mark_price if there else None,
                    "ibkr_value": there.value if there else None,
                    "ibkr_day": there.day if there else None,
                }
            )


_EXECUTION = (
    "account", "id", "instrument", "asset_class", "symbol", "currency", "quantity", "price", "multiplier", "executed_at",
    "trade_date", "report_date", "settle_date", "proceeds", "commission", "commission_currency", "taxes", "net_cash", "cost",
    "realized", "fx_rate_to_base", "kind", "open_close", "codes", "order_id", "trade_id", "transaction_id", "exec_id",
    "order_type", "exchange", "status", "source",
)  # fmt: skip
_TRADE = (
    "key", "account", "instrument", "side", "status", "opened_at", "closed_at", "opened_on", "closed_on", "quantity",
    "open_quantity", "entry_price", "exit_price", "gross", "fees", "net", "net_base", "currency", "entry_known", "provisional",
    "ended_by",
)  # fmt: skip
_CASH = (
    "account", "id", "kind", "type", "amount", "currency", "fx_rate_to_base", "booked_at", "value_date", "report_date",
    "instrument", "symbol", "description", "transaction_id", "action_id",
)  # fmt: skip


def _terms(instrument: Instrument | None) -> dict[str, object]:
    if instrument is None:
        return {"symbol": "", "description": "", "asset_class": "", "expiry": None, "strike": None, "right": "", "multiplier": None}
    return {
        "symbol": instrument.symbol,
        "description": instrument.description,
        "asset_class": instrument.category,
        "expiry": instrument.expiry,
        "strike": instrument.strike,
        "right": instrument.right,
        "multiplier": instrument.multiplier,
    }


def _plain(row: dict[str, object]) -> ExportRow:
    return {name: _value(value) for name, value in row.items()}


def _value(value: object) -> Value:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, tuple):
        return ";".join(str(each) for each in value)
    return str(value)
