"""Sections that sum up: net asset value, its change, results by instrument, cash by currency, open positions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from ibjournal.demo.contracts import Contract
from ibjournal.demo.ledger import ZERO, DayClose
from ibjournal.demo.statement_window import StatementWindow
from ibjournal.demo.xml_rows import Value, contract_attributes, row

_PERCENT = Decimal("0.01")
_UNIT_COST = Decimal("0.000000001")

_NAV_PARTS = (
    "mtm", "realized", "changeInUnrealized", "costAdjustments", "transferredPnlAdjustments", "depositsWithdrawals",
    "internalCashTransfers", "excessFundSweep", "assetTransfers", "debitCardActivity", "billPay", "grantActivity", "dividends",
    "withholdingTax", "withholding871m", "withholdingTaxCollected", "changeInDividendAccruals", "interest",
    "changeInInterestAccruals", "advisorFees", "brokerFees", "changeInBrokerFeeAccruals", "clientFees", "otherFees",
    "feesReceivables", "commissions", "commissionCreditsRedemption", "commissionReceivables", "forexCommissions",
    "transactionTax", "taxReceivables", "salesTax", "billableSalesTax", "softDollars", "netFxTrading", "fxTranslation",
    "linkingAdjustments", "other", "corporateActionProceeds",
)  # fmt: skip
_CASH_PARTS = (
    "clientFees", "commissions", "billableCommissions", "accountTransfers", "linkingAdjustments", "internalTransfers",
    "debitCardActivity", "billPay", "dividends", "insuredDepositInterest", "brokerInterest", "bondInterest",
    "cashSettlingMtm", "realizedVm", "realizedForexVm", "cfdCharges", "netTradesSales", "netTradesPurchases", "advisorFees",
    "feesReceivables", "paymentInLieu", "transactionTax", "taxReceivables", "withholdingTax", "withholding871m",
    "withholdingCollectedTax", "salesTax", "otherFees", "other",
)  # fmt: skip
_EQUITY_PARTS = ("stock", "options", "dividendAccruals", "interestAccruals")
_EQUITY_ZEROS = ("bonds", "commodities", "notes", "funds", "slbCashCollateral", "softDollars", "cfdUnrealizedPl")
_EQUITY_PART = {
    "OPT": "options",
    "FOP": "options",
    "BOND": "bonds",
    "BILL": "bonds",
    "CMDTY": "commodities",
    "FUND": "funds",
    "CRYPTO": "crypto",
}


def equity_summary(window: StatementWindow) -> Iterator[str]:
    """Yield a row for every day, the one before the first included, in base."""
    if window.before is None:
        zeros: dict[str, Value] = {"reportDate": window.day_before}
        for name in ("cash", *_EQUITY_PARTS, *_EQUITY_ZEROS, "total"):
            zeros |= {name: ZERO, f"{name}Long": ZERO, f"{name}Short": ZERO}
        yield row("EquitySummaryByReportDateInBase", window.head() | zeros)
    else:
        yield row("EquitySummaryByReportDateInBase", window.head() | _equity_day(window.before))
    for close in window.closes:
        yield row("EquitySummaryByReportDateInBase", window.head() | _equity_day(close))


def _equity_day(close: DayClose) -> dict[str, Value]:
    values: dict[str, list[Decimal]] = {name: [ZERO, ZERO] for name in ("cash", *_EQUITY_PARTS)}

    def add(name: str, amount: Decimal) -> None:
        values.setdefault(name, [ZERO, ZERO])[0 if amount > 0 else 1] += amount

    for holding in close.holdings:
        if not holding.contract.settled_daily:
            add(_EQUITY_PART.get(holding.contract.category, "stock"), holding.value * close.rates[holding.contract.currency])
    for currency, rate in close.rates.items():
        add("cash", close.cash[currency] * rate)
        add("dividendAccruals", close.dividend_accruals[currency] * rate)
        add("interestAccruals", close.interest_accruals[currency] * rate)
    day: dict[str, Value] = {"reportDate": close.day}
    for name, (long, short) in values.items():
        day |= {name: long + short, f"{name}Long": long, f"{name}Short": short}
    for name in _EQUITY_ZEROS:
        day.setdefault(name, ZERO)
    long_total = sum((long for long, _ in values.values()), ZERO)
    short_total = sum((short for _, short in values.values()), ZERO)
    return day | {"total": long_total + short_total, "totalLong": long_total, "totalShort": short_total}


def change_in_nav(window: StatementWindow) -> str:
    """Return the walk from the starting to the ending value, in base; its parts add up exactly."""
    attributes: dict[str, Value] = {
        "currency": window.desk.base,
        "fromDate": window.days[0],
        "toDate": window.days[-1],
        "startingValue": window.starting_value,
    }
    for name in _NAV_PARTS:
        attributes[name] = window.fx_translation() if name == "fxTranslation" else window.flow_in_base(name)
    attributes |= {"endingValue": window.end.net_asset_value, "twr": window.time_weighted_return()}
    return row("ChangeInNAV", window.head() | attributes)


def fifo_performance(window: StatementWindow) -> Iterator[str]:
    """Yield realised and unrealised results by instrument in base, and a row for the total with an empty symbol.

    Realised results are converted at the rate of each fill's report date, unrealised ones at the last day's.
    """
    profits: defaultdict[str, Decimal] = defaultdict(Decimal)
    losses: defaultdict[str, Decimal] = defaultdict(Decimal)
    contracts: dict[str, Contract] = {}
    for fill in window.fills:
        contract = fill.order.contract
        if contract.is_currency_pair:
            continue
        contracts[contract.conid] = contract
        amount = fill.realized * fill.rate
        (profits if amount > 0 else losses)[contract.conid] += amount
    for told in window.desk.corporate_actions:
        if window.holds(told.report_date) and told.realized:
            contracts[told.contract.conid] = told.contract
            amount = told.realized * told.rate
            (profits if amount > 0 else losses)[told.contract.conid] += amount
    open_results: dict[str, Decimal] = {}
    for holding in window.end.holdings:
        contracts[holding.contract.conid] = holding.contract
        open_results[holding.contract.conid] = holding.unrealized * window.end.rates[holding.contract.currency]
    totals = [ZERO, ZERO, ZERO, ZERO]
    for contract in sorted(contracts.values(), key=lambda one: (one.category != "STK", one.category, one.symbol)):
        result = open_results.get(contract.conid, ZERO)
        figures = [profits[contract.conid], losses[contract.conid], max(result, ZERO), min(result, ZERO)]
        totals = [total + figure for total, figure in zip(totals, figures, strict=True)]
        yield _performance_row(window, contract_attributes(contract), figures)
    yield _performance_row(window, {"assetCategory": "", "symbol": "", "description": "Total (All Assets)", "conid": ""}, totals)


def _performance_row(window: StatementWindow, what: dict[str, Value], figures: list[Decimal]) -> str:
    profit, loss, open_profit, open_loss = figures
    attributes: dict[str, Value] = {
        "reportDate": window.days[-1],
        "costAdj": ZERO,
        "realizedSTProfit": profit,
        "realizedSTLoss": loss,
        "realizedLTProfit": ZERO,
        "realizedLTLoss": ZERO,
        "totalRealizedPnl": profit + loss,
        "unrealizedProfit": open_profit,
        "unrealizedLoss": open_loss,
        "totalUnrealizedPnl": open_profit + open_loss,
        "totalFifoPnl": profit + loss + open_profit + open_loss,
        "transferredPnl": ZERO,
        "code": "",
    }
    return row("FIFOPerformanceSummaryUnderlying", window.head() | what | attributes)


def cash_report(window: StatementWindow) -> Iterator[str]:
    """Yield the walk of the cash from start to end: the sum in base, then every currency that was used."""
    base_sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    sums: dict[str, defaultdict[str, Decimal]] = {}
    for close in window.closes:
        for (name, currency), amount in close.cash_flows.items():
            sums.setdefault(currency, defaultdict(Decimal))[name] += amount
            base_sums[name] += amount * close.rates[currency]
    translation = ZERO
    for before, close in window.pairs():
        if before is not None:
            for currency, amount in before.cash.items():
                translation += amount * (close.rates[currency] - before.rates[currency])
    base_sums["fxTranslationGainLoss"] = translation
    start, end = window.before, window.end
    yield _cash_row(
        window,
        {"currency": "BASE_SUMMARY", "levelOfDetail": "BaseCurrency"},
        base_sums,
        start.in_base(start.cash) if start is not None else ZERO,
        (end.in_base(end.cash), end.in_base(end.cash) - end.in_base(end.unsettled)),
    )
    for currency in ("EUR", "USD"):
        opening = start.cash[currency] if start is not None else ZERO
        closing = end.cash[currency]
        if opening or closing or currency in sums or currency == window.desk.base:
            settled = closing - end.unsettled.get(currency, ZERO)
            what: dict[str, Value] = {"currency": currency, "levelOfDetail": "Currency"}
            yield _cash_row(window, what, sums.get(currency, defaultdict(Decimal)), opening, (closing, settled))


def _cash_row(
    window: StatementWindow,
    what: dict[str, Value],
    sums: defaultdict[str, Decimal],
    opening: Decimal,
    closing: tuple[Decimal, Decimal],
) -> str:
    attributes: dict[str, Value] = {"fromDate": window.days[0], "toDate": window.days[-1], "startingCash": opening}
    for name in _CASH_PARTS[:3]:
        attributes[name] = sums[name]
    attributes |= {
        "depositWithdrawals": sums["deposits"] + sums["withdrawals"],
        "deposits": sums["deposits"],
        "withdrawals": sums["withdrawals"],
    }
    for name in _CASH_PARTS[3:]:
        attributes[name] = sums[name]
    attributes |= {
        "fxTranslationGainLoss": sums["fxTranslationGainLoss"],
        "endingCash": closing[0],
        "endingSettledCash": closing[1],
    }
    return row("CashReportCurrency", window.head() | what | attributes)


def open_positions(window: StatementWindow, *, lots: bool = False) -> Iterator[str]:
    """Yield the positions at the last close, one row an instrument; ``lots`` adds a row for each lot of it."""
    end = window.end
    total = end.net_asset_value
    for holding in sorted(
        end.holdings, key=lambda one: (one.contract.category != "STK", one.contract.category, one.contract.symbol)
    ):
        contract = holding.contract
        rate = end.rates[contract.currency]
        unit = (holding.cost / holding.quantity / contract.point_value).quantize(_UNIT_COST)
        share: Value = "" if contract.settled_daily or not total else (holding.value * rate * 100 / total).quantize(_PERCENT)
        attributes: dict[str, Value] = {
            "reportDate": end.day,
            "position": holding.quantity,
            "markPrice": holding.mark,
            "positionValue": holding.notional,
            "openPrice": unit,
            "costBasisPrice": unit,
            "costBasisMoney": holding.cost,
            "percentOfNAV": share,
            "fifoPnlUnrealized": holding.unrealized,
            "side": "Long" if holding.quantity > 0 else "Short",
            "levelOfDetail": "SUMMARY",
            "openDateTime": "",
            "holdingPeriodDateTime": "",
            "vestingDate": "",
            "code": "",
            "originatingOrderID": "",
            "originatingTransactionID": "",
            "accruedInt": "",
        }
        head = window.head() | {"currency": contract.currency, "fxRateToBase": rate} | contract_attributes(contract)
        yield row("OpenPosition", head | attributes)
        for lot in holding.lots if lots else ():
            worth = lot.quantity * holding.mark * contract.point_value
            unit = (lot.cost / lot.quantity / contract.point_value).quantize(_UNIT_COST)
            yield row(
                "OpenPosition",
                head
                | attributes
                | {
                    "position": lot.quantity,
                    "positionValue": worth,
                    "openPrice": unit,
                    "costBasisPrice": unit,
                    "costBasisMoney": lot.cost,
                    "percentOfNAV": "",
                    "fifoPnlUnrealized": worth - lot.cost,
                    "levelOfDetail": "LOT",
                    "openDateTime": lot.opened,
                    "holdingPeriodDateTime": lot.opened,
                    "originatingTransactionID": lot.transaction_id,
                },
            )
