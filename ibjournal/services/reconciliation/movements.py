"""Everything that moved cash in an account, as far as the rows of its reports tell, with the lines of IBKR's statements for it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from ibjournal.analytics.reconciliation_cash import Movement
from ibjournal.domain.cash import CashKind
from ibjournal.domain.execution import ExecutionStatus
from ibjournal.domain.instrument import AssetClass
from ibjournal.services.reconciliation.books import Books
from ibjournal.services.reconciliation.statements import Told
from ibjournal.store.fill_figures import FillFigures
from ibjournal.store.reported import ReportedRow

_ZERO = Decimal(0)
_DAILY_SETTLED = frozenset({AssetClass.FUT, AssetClass.CFD})
_COUNTED = frozenset({ExecutionStatus.ACTIVE.value, ExecutionStatus.CANCELLED.value, ExecutionStatus.CANCEL.value})
"""A cancelled fill and its cancel both moved cash; what they leave (a commission) stays moved."""

TRADES, CASH, TRANSFERS, ACTIONS = "Trades", "CashTransactions", "Transfers", "CorporateActions"
SALES_TAXES, CFD_CHARGES, OPTION_EVENTS = "SalesTaxes", "CFDCharges", "OptionEAE"

Lines = tuple[tuple[str, ...], tuple[str, ...]]
"""Lines of the cash report, lines of the change in net asset value."""

COMMISSION_LINES = ("commissions",)
_COMMISSIONS: Lines = (COMMISSION_LINES, ("commissions",))
_CONVERSION: Lines = (COMMISSION_LINES, ("forexCommissions", "commissions"))
_TAXES: Lines = (("transactionTax",), ("transactionTax",))
_SALES: Lines = (("netTradesSales",), ())
_PURCHASES: Lines = (("netTradesPurchases",), ())
_ENTRIES: dict[str, Lines] = {
    "dividends": (("dividends",), ("dividends",)),
    "payment in lieu of dividends": (("paymentInLieu",), ("dividends",)),
    "withholding tax": (("withholdingTax",), ("withholdingTax",)),
    "871(m) withholding": (("withholding871m",), ("withholding871m",)),
    "broker interest paid": (("brokerInterest",), ("interest",)),
    "broker interest received": (("brokerInterest",), ("interest",)),
    "bond interest paid": (("bondInterest",), ("interest",)),
    "bond interest received": (("bondInterest",), ("interest",)),
    "other fees": (("otherFees",), ("otherFees",)),
    "broker fees": (("brokerFees",), ("brokerFees",)),
    "advisor fees": (("advisorFees",), ("advisorFees",)),
    "client fees": (("clientFees",), ("clientFees",)),
    "bill pay": (("billPay",), ("billPay",)),
    "carbon credits": (("carbonCredits",), ("carbonCredits",)),
    "donations": (("donations",), ("donations",)),
    "debit card activity": (("debitCardActivity",), ("debitCardActivity",)),
    "commission adjustments": (("commissions", "otherFees", "other"), ("commissions", "otherFees", "other")),
    "price adjustments": (("other", "otherFees", "netTradesSales"), ("other", "otherFees")),
    "internal transfers": (("internalTransfers", "accountTransfers"), ("internalCashTransfers",)),
}
_CORPORATE: Lines = (
    ("netTradesSales", "netTradesPurchases", "other", "corporateActionProceeds"),
    ("corporateActionProceeds", "mtm"),
)
_SETTLED: Lines = (("netTradesSales", "netTradesPurchases", "cashSettlingMtm", "other"), ())
_OPTIONS = frozenset({AssetClass.OPT, AssetClass.FOP, AssetClass.WAR, AssetClass.IOPT})
_EXTERNAL: Lines = (("accountTransfers", "depositWithdrawals"), ("internalCashTransfers", "depositsWithdrawals"))
_OTHER: Lines = (("other", "otherFees", "otherIncome"), ("other", "otherFees"))

KNOWN_LINES = frozenset({
    "commissions", "transactionTax", "netTradesSales", "netTradesPurchases", "cashSettlingMtm", "deposits", "withdrawals",
    "depositWithdrawals", "depositsWithdrawals", "dividends", "paymentInLieu", "withholdingTax", "withholding871m",
    "brokerInterest", "bondInterest", "interest", "otherFees", "brokerFees", "advisorFees", "clientFees", "salesTax",
    "internalTransfers", "accountTransfers", "internalCashTransfers", "assetTransfers", "cfdCharges", "forexCommissions",
})  # fmt: skip
"""Lines that the rows of some section make up as a whole."""

SECTIONS_OF_LINES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        ("commissions", "forexCommissions", "transactionTax", "netTradesSales", "netTradesPurchases", "cashSettlingMtm"), (TRADES,)
    ),
    **dict.fromkeys(
        ("deposits", "withdrawals", "depositWithdrawals", "depositsWithdrawals", "dividends", "paymentInLieu", "withholdingTax",
         "withholding871m", "brokerInterest", "bondInterest", "interest", "otherFees", "brokerFees", "advisorFees", "clientFees"),
        (CASH,),
    ),
    "salesTax": (SALES_TAXES,),
    "cfdCharges": (CFD_CHARGES,),
    **dict.fromkeys(("internalTransfers", "accountTransfers", "internalCashTransfers", "assetTransfers"), (TRANSFERS,)),
}  # fmt: skip


def movements(books: Books) -> Iterator[Movement]:
    """Yield what moved cash, in no order; daily settlement of futures and CFDs is not among it."""
    for fill in books.all_fills:
        if fill.status in _COUNTED and not fill.provisional:
            yield from _of_fill(books, fill)
    for entry, row in books.cash:
        lines = _lines_of(entry.type, entry.kind, entry.amount)
        day = entry.report_date or entry.value_date
        rate = entry.fx_rate_to_base if entry.fx_rate_to_base is not None else books.rates(entry.currency, day)
        yield Movement(
            lines=lines[0], nav_lines=lines[1], section=CASH, currency=entry.currency, day=day, amount=entry.amount,
            rate=rate, row=row, group=entry.type,
        )  # fmt: skip
    for row_ in books.rows(SALES_TAXES):
        yield from _of_row(books, row_, "salesTax", ("salesTax",), ("salesTax",))
    for row_ in books.rows(CFD_CHARGES):
        yield from _of_row(books, row_, "total", ("cfdCharges",), ("cfdCharges", "otherFees", "other", "interest"))
    for row_ in books.rows(TRANSFERS):
        if row_.tag != "Transfer":
            continue
        internal = row_.word("type").upper() in {"INTERNAL", "INTERCOMPANY"}
        lines = (
            ("internalTransfers", "accountTransfers") if internal else ("accountTransfers", "depositWithdrawals"),
            ("internalCashTransfers",),
        )
        yield from _of_row(books, row_, "cashTransfer", *lines)

    yield from _of_events(books)


def _of_events(books: Books) -> Iterator[Movement]:
    """Yield the cash of corporate actions, and of options that were settled in cash."""
    for event in books.events:
        for leg in event.legs:
            if leg.proceeds and leg.place.account == books.account:
                day = event.report_date or event.effective_at.date()
                currency = leg.currency or books.currency(leg.place.instrument)
                yield Movement(
                    lines=_CORPORATE[0], nav_lines=_CORPORATE[1], section=ACTIONS, currency=currency, day=day, amount=leg.proceeds,
                    rate=books.rates(currency, day), row=leg.row, group=event.id,
                )  # fmt: skip
    for instrument in books.fills_by_instrument:
        if books.asset_class(instrument) not in _OPTIONS:
            continue
        for execution, (amount, rows) in books.settlements(instrument).items():
            fill = books.fill(instrument, execution)
            if fill is not None:
                yield Movement(
                    lines=_SETTLED[0], nav_lines=_SETTLED[1], section=OPTION_EVENTS, currency=fill.currency, day=fill.day,
                    amount=amount, rate=books.rate(fill), row=rows[0] if rows else fill.row, group=OPTION_EVENTS,
                )  # fmt: skip


def _lines_of(type_: str, kind: CashKind, amount: Decimal) -> Lines:
    if kind in {CashKind.DEPOSIT, CashKind.WITHDRAWAL}:
        return (("deposits" if amount >= 0 else "withdrawals",), ("depositsWithdrawals",))
    return _ENTRIES.get(type_.strip().casefold(), _OTHER)


def _of_row(books: Books, row: ReportedRow, name: str, lines: tuple[str, ...], nav_lines: tuple[str, ...]) -> Iterator[Movement]:
    amount = row.number(name)
    if not amount:
        return
    day = row.day("reportDate") or row.day("date") or row.end
    currency = row.word("currency") or books.base
    rate = row.number("fxRateToBase")
    yield Movement(
        lines=lines,
        nav_lines=nav_lines,
        section=row.section,
        currency=currency,
        day=day,
        amount=amount,
        rate=rate if rate is not None else books.rates(currency, day),
        row=row.row,
        group=row.section,
    )


def _of_fill(books: Books, fill: FillFigures) -> Iterator[Movement]:
    def moved(lines: Lines, currency: str, amount: Decimal, rate: Decimal | None) -> Movement:
        return Movement(
            lines=lines[0],
            nav_lines=lines[1],
            section=TRADES,
            currency=currency,
            day=fill.day,
            amount=amount,
            rate=rate,
            row=fill.row,
        )

    rate = books.rate(fill)
    if fill.commission:
        currency = fill.commission_currency or fill.currency
        own = rate if currency == fill.currency else books.rates(currency, fill.day)
        yield moved(_CONVERSION if fill.asset_class is AssetClass.CASH else _COMMISSIONS, currency, fill.commission, own)
    if fill.taxes:
        yield moved(_TAXES, fill.currency, fill.taxes, rate)
    if fill.asset_class in _DAILY_SETTLED:
        return
    proceeds = fill.proceeds
    if proceeds is None:
        proceeds = -fill.quantity * fill.price * books.points(fill)
    if proceeds:
        yield moved(_SALES if proceeds > 0 else _PURCHASES, fill.currency, proceeds, rate)
    if fill.asset_class is AssetClass.CASH:
        bought = fill.symbol.split(".", maxsplit=1)[0]
        yield moved(_SALES if fill.quantity > 0 else _PURCHASES, bought, fill.quantity, books.rates(bought, fill.day))


def untold_lines(books: Books, told: Told) -> dict[str, tuple[str, ...]]:
    """Return, for the lines whose rows reports do not hold for all days of a range, the sections that would."""
    found = {}
    for line, sections in SECTIONS_OF_LINES.items():
        missing = tuple(name for name in sections if not books.holds(name, told.start, told.end))
        if missing:
            found[line] = missing
    return found
