"""Transfers between accounts and brokers as external flows: what came and went at market value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ibjournal.analytics.equity import TransferredValue
from ibjournal.domain.depot import AccountId
from ibjournal.domain.provenance import RowRef
from ibjournal.store.database import Connection
from ibjournal.store.rates import RateTable
from ibjournal.store.reported import ReportedRow, reported_rows

_ZERO = Decimal(0)
_SECTION = "Transfers"
_ROW = "Transfer"
_OUT = frozenset({"OUT", "TO"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferFlow:
    """One transfer in the base currency of its account, positive where something came."""

    account: AccountId
    peer: str
    """The other account, empty where the row does not name it."""
    day: date
    positions: Decimal
    """Market value of what was moved."""
    cash: Decimal
    row: RowRef

    @property
    def total(self) -> Decimal:
        """All of it."""
        return self.positions + self.cash


def transfer_flows(db: Connection, account: AccountId, rates: RateTable) -> tuple[TransferFlow, ...]:
    """Return the transfers of an account in the order of its reports."""
    found = []
    for row in reported_rows(db, account, _SECTION):
        if row.tag != _ROW:
            continue
        day = row.day("reportDate") or row.day("date") or row.end
        rate = row.number("fxRateToBase") or rates(row.word("currency"), day) or _ZERO
        cash = (row.number("cashTransfer") or _ZERO) * rate
        positions = _positions(row, rate)
        if cash or positions:
            flow = TransferFlow(account=account, peer=row.word("account"), day=day, positions=positions, cash=cash, row=row.row)
            found.append(flow)
    return tuple(found)


def linking_adjustments(db: Connection, account: AccountId) -> list[tuple[date, Decimal]]:
    """Return what IBKR moved to or from another number of the same account: what left, on the last day of its range."""
    found = {}
    for row in reported_rows(db, account, "ChangeInNAV"):
        amount = row.number("linkingAdjustments")
        if amount:
            found[row.end if amount < 0 else row.start] = amount
    return sorted(found.items())


def transferred_values(db: Connection, account: AccountId, rates: RateTable) -> list[TransferredValue]:
    """Return everything that came to an account or left it other than by deposits and withdrawals."""
    flows = transfer_flows(db, account, rates)
    values = [TransferredValue(account=account, peer=each.peer, day=each.day, amount=each.total) for each in flows]
    links = linking_adjustments(db, account)
    return [*values, *(TransferredValue(account=account, peer="", day=day, amount=amount) for day, amount in links)]


def _positions(row: ReportedRow, rate: Decimal) -> Decimal:
    """Return the market value moved, signed: a short position that leaves takes a debt along, and its quantity is positive."""
    value = row.number("positionAmountInBase")
    if value is None:
        value = (row.number("positionAmount") or _ZERO) * rate
    quantity = row.number("quantity") or _ZERO
    leaves = row.word("direction").upper() in _OUT
    if not quantity:
        return -abs(value) if leaves else value
    return -abs(value) if quantity < 0 else abs(value)
