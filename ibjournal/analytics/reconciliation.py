"""Our figure, IBKR's figure, the difference, and the reason."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from ibjournal.domain.depot import AccountId
from ibjournal.domain.instrument import InstrumentId
from ibjournal.domain.period import Period
from ibjournal.domain.provenance import RowRef

HALF_A_CENT = Decimal("0.005")
"""The most that a row may differ and still be `CheckStatus.OK`."""


class CheckStatus(str, Enum):
    """What came of a comparison."""

    OK = "ok"
    EXPLAINED = "explained"
    DIFFERS = "differs"
    NOT_IN_REPORT = "not_in_report"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One line of the sum that leads from our figure to IBKR's. ``label`` is a code, ``values`` fill its words."""

    label: str
    amount: Decimal
    values: tuple[tuple[str, object], ...] = ()
    rows: tuple[RowRef, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One comparison.

    ``check`` says what is compared: ``realized`` (per execution), ``realized_instrument``, ``realized_total``, ``positions`` (open
    quantity), ``cost`` (of what is open), ``cash`` (end of period, per currency), ``cash_walk`` (one line of the cash report),
    ``nav_walk`` (one line of the change in net asset value), ``nav_day`` (equity day by day), ``twr`` (percent), ``dividends``,
    ``withholding_tax``, ``interest``, ``fees``, ``commissions``.
    ``subject`` is the instrument's symbol, the line as IBKR names it, or empty for the account; quantities have no currency.
    ``reason`` is a code, ``values`` fill its words; empty where nothing needs explaining. ``parts`` lead from ours to IBKR's: for
    what is explained, ours plus all parts is IBKR's figure to half a cent.
    """

    account: AccountId
    check: str
    period: Period
    subject: str
    currency: str
    ours: Decimal | None
    ibkr: Decimal | None
    status: CheckStatus
    reason: str = ""
    values: tuple[tuple[str, object], ...] = ()
    instrument: InstrumentId | None = None
    execution: str = ""
    """For ``realized``: the id of the closing execution."""
    parts: tuple[Part, ...] = ()
    rows: tuple[RowRef, ...] = ()
    """IBKR's rows that its figure stands in."""

    @property
    def difference(self) -> Decimal | None:
        """Ours less IBKR's, None where one of them is missing."""
        return None if self.ours is None or self.ibkr is None else self.ours - self.ibkr
