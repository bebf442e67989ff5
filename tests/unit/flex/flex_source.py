"""Small reports of a source with one account, for the loopback service; and the depot that may ask for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from ibjournal.demo.depots import DemoDepot

PLAIN_TOKEN = "314159265358979323846264"
AS_OF = date(2026, 9, 28)
FIRST_DAY = date(2024, 3, 1)
"""The account's first day: before it nothing is available."""


def report(kind: str, accounts: Sequence[str], from_date: date, to_date: date, generated_at: datetime, *, filler: int = 0) -> bytes:
    """Return a report as IBKR frames it, without rows."""
    section = "<Trades></Trades>" if kind == "AF" else "<TradeConfirms></TradeConfirms>"
    statements = "".join(
        f'<FlexStatement accountId="{account}" fromDate="{from_date:%Y%m%d}" toDate="{to_date:%Y%m%d}" period=""'
        f' whenGenerated="{generated_at:%Y%m%d;%H%M%S}">{section}{" " * filler}</FlexStatement>'
        for account in accounts
    )
    return (
        f'<FlexQueryResponse queryName="{kind}" type="{kind}"><FlexStatements count="{len(accounts)}">'
        f"{statements}</FlexStatements></FlexQueryResponse>\n"
    ).encode()


class PlainSource:
    """Statements without rows from the account's first day on."""

    as_of = AS_OF

    def __init__(self, *, filler: int = 400) -> None:
        self._filler = filler

    def activity_xml(self, accounts: Sequence[str], from_date: date, to_date: date, *, generated_at: datetime) -> bytes | None:
        last = min(to_date, date(2026, 9, 25))
        if last < max(from_date, FIRST_DAY):
            return None
        return report("AF", accounts, max(from_date, FIRST_DAY), last, generated_at, filler=self._filler)

    def confirmation_xml(self, accounts: Sequence[str], from_date: date, to_date: date, *, generated_at: datetime) -> bytes | None:
        return report("TCF", accounts, from_date, to_date, generated_at, filler=self._filler)


def plain_depots() -> tuple[DemoDepot, ...]:
    """Return one depot with the queries 1001 and 1002."""
    return (
        DemoDepot(
            key="plain",
            name="Plain",
            login="plain",
            token=PLAIN_TOKEN,
            activity_query="1001",
            confirmation_query="1002",
            account="U1234567",
            currency="EUR",
            token_days_left=100,
        ),
    )
