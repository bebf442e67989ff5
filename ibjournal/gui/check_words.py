"""The tables of words for checks: code -> untranslated words. English here, German in the translations.

`ibjournal.gui.check_texts` translates and fills them. Imports QtCore alone: the command line shows the same words.
"""

from __future__ import annotations

from typing import NamedTuple

from ibjournal.gui.error_words import QT_TRANSLATE_NOOP


class ReasonWords(NamedTuple):
    """A reason for the table's last column, and as a sentence."""

    short: str
    sentence: str


REASONS: dict[str, ReasonWords] = {
    "wash_sale": ReasonWords(
        QT_TRANSLATE_NOOP("Check", "Wash sale"),
        QT_TRANSLATE_NOOP(
            "Check",
            "The United States disallow a loss when the same security is bought again within 30 days. IBKR moves it into the new"
            " lot; we show the loss where it arose. IBKR’s rows of it close the gap ({n}).",
        ),
    ),
    "history_starts_later": ReasonWords(
        QT_TRANSLATE_NOOP("Check", "History starts later"),
        QT_TRANSLATE_NOOP(
            "Check",
            "It was opened before the reports here begin ({since}). Units that were traded where we cannot see it: {quantity}."
            " Older reports would fill the gap.",
        ),
    ),
    "renumbered": ReasonWords(
        QT_TRANSLATE_NOOP("Check", "New account number"),
        QT_TRANSLATE_NOOP(
            "Check", "The account went on under another number, and the two are not linked yet. Events offers to link them."
        ),
    ),
    "accrued_interest": ReasonWords(
        QT_TRANSLATE_NOOP("Check", "Accrued interest"),
        QT_TRANSLATE_NOOP(
            "Check", "This report counts the interest that was paid for with the bond as its cost; we keep it apart ({n} fills)."
        ),
    ),
    "event_not_applied": ReasonWords(
        QT_TRANSLATE_NOOP("Check", "Event not applied"),
        QT_TRANSLATE_NOOP(
            "Check", "An event changed this position and could not be applied ({type}). It stands under Events, with IBKR’s words."
        ),
    ),
    "basis_asked": ReasonWords(
        QT_TRANSLATE_NOOP("Check", "Cost not known yet"),
        QT_TRANSLATE_NOOP(
            "Check", "{quantity} units came from elsewhere and nobody has said yet what they had cost. Enter it under Events."
        ),
    ),
    "lot_method": ReasonWords(
        QT_TRANSLATE_NOOP("Check", "Not first in, first out"),
        QT_TRANSLATE_NOOP(
            "Check",
            "IBKR did not close the oldest lots first (code {code}): another tax lot method was chosen for this sale. We count"
            " first in, first out; over the whole position both come to the same.",
        ),
    ),
    "cost_restated": ReasonWords(
        QT_TRANSLATE_NOOP("Check", "IBKR restated the cost"),
        QT_TRANSLATE_NOOP(
            "Check",
            "Over the whole round trip IBKR takes out another cost ({closed}) than its own rows put in ({opened}): the cost was"
            " restated afterwards, and the old rows stayed as they were.",
        ),
    ),
    "rounding": ReasonWords(
        QT_TRANSLATE_NOOP("Check", "Rounding of the file"),
        QT_TRANSLATE_NOOP(
            "Check", "The file gives only so many digits. {n} rows were added up; their digits alone can make {bound}."
        ),
    ),
    "premium_moved": ReasonWords(
        QT_TRANSLATE_NOOP("Check", "Premium of an exercise"),
        QT_TRANSLATE_NOOP(
            "Check",
            "An option was exercised or assigned. IBKR closes it at zero and puts the premium into the shares; we show the premium"
            " where it was earned. Together both are equal.",
        ),
    ),
    "cancelled_fill": ReasonWords(
        QT_TRANSLATE_NOOP("Check", "Cancelled fill"),
        QT_TRANSLATE_NOOP("Check", "A fill was cancelled, and its commission or taxes stand with IBKR beside the new booking."),
    ),
    "commission_adjusted": ReasonWords(
        QT_TRANSLATE_NOOP("Check", "Commission adjusted"),
        QT_TRANSLATE_NOOP(
            "Check", "IBKR corrected commissions later by bookings of their own ({n}). They stand beside the fills, not in them."
        ),
    ),
    "commission_currency": ReasonWords(
        QT_TRANSLATE_NOOP("Check", "Commission in {currency}"),
        QT_TRANSLATE_NOOP(
            "Check", "The commission was charged in {currency}, and IBKR turned it into the trade’s currency at another rate."
        ),
    ),
    "rate_rounded": ReasonWords(
        QT_TRANSLATE_NOOP("Check", "Rates with few digits"),
        QT_TRANSLATE_NOOP(
            "Check",
            "The exchange rates in the file have few digits. Over {n} rows that alone can make {bound}; IBKR reckons with more.",
        ),
    ),
    "rows_missing": ReasonWords(
        QT_TRANSLATE_NOOP("Check", "Rows not in the report"),
        QT_TRANSLATE_NOOP(
            "Check", "The report holds IBKR’s sum, but not the rows it is made of. Switch on in the Activity query: {sections}."
        ),
    ),
    "funds_tell": ReasonWords(
        QT_TRANSLATE_NOOP("Check", "Statement of funds"),
        QT_TRANSLATE_NOOP("Check", "Lines of the statement of funds explain it ({n}); they stand in no other section."),
    ),
    "provisional": ReasonWords(
        QT_TRANSLATE_NOOP("Check", "Provisional fills"),
        QT_TRANSLATE_NOOP("Check", "Fills that only a confirmation has told of so far ({n}). The next Activity report settles it."),
    ),
    "vanished": ReasonWords(
        QT_TRANSLATE_NOOP("Check", "Fills that are gone"),
        QT_TRANSLATE_NOOP("Check", "A later report no longer tells of fills that an earlier one had ({n}). We leave them out."),
    ),
    "reports_contradict": ReasonWords(
        QT_TRANSLATE_NOOP("Check", "Reports contradict"),
        QT_TRANSLATE_NOOP(
            "Check",
            "Two reports tell of the same days ({from} – {to}) and contradict each other in {what}: {first} and {second}. Are both"
            " really of this account?",
        ),
    ),
    "several": ReasonWords(
        QT_TRANSLATE_NOOP("Check", "Several reasons"),
        QT_TRANSLATE_NOOP("Check", "Several things come together here; the sum below names each of them."),
    ),
    "no_reason_found": ReasonWords(
        QT_TRANSLATE_NOOP("Check", "Not explained"),
        QT_TRANSLATE_NOOP("Check", "The figures differ, and nothing in the reports says why."),
    ),
    "report_not_consistent": ReasonWords(
        QT_TRANSLATE_NOOP("Check", "Report does not add up"),
        QT_TRANSLATE_NOOP("Check", "IBKR’s own lines do not add up to IBKR’s own total; none of our figures is in it."),
    ),
    "section_missing": ReasonWords(
        QT_TRANSLATE_NOOP("Check", "Switch on: {sections}"),
        QT_TRANSLATE_NOOP(
            "Check", "The reports do not hold what this check needs. Switch on in the Activity query at IBKR: {sections}."
        ),
    ),
    "field_missing": ReasonWords(
        QT_TRANSLATE_NOOP("Check", "Fields are off"),
        QT_TRANSLATE_NOOP(
            "Check", "The section {section} is there without what this check needs. Tick its fields in the query: {fields}."
        ),
    ),
    "not_told": ReasonWords(
        QT_TRANSLATE_NOOP("Check", "Empty in the report"),
        QT_TRANSLATE_NOOP("Check", "In {section} the field {field} is there, and empty or zero in every row."),
    ),
    "told_only": ReasonWords(
        QT_TRANSLATE_NOOP("Check", "Only IBKR can know"),
        QT_TRANSLATE_NOOP(
            "Check",
            "This line rests on IBKR’s market values or accruals. What IBKR says stands in the sum; we have nothing to check.",
        ),
    ),
    "days_missing": ReasonWords(
        QT_TRANSLATE_NOOP("Check", "Days are missing"),
        QT_TRANSLATE_NOOP("Check", "The net asset value of some days is in no report ({n}, the first is {first})."),
    ),
    "rate_missing": ReasonWords(
        QT_TRANSLATE_NOOP("Check", "No rate for {currency}"),
        QT_TRANSLATE_NOOP("Check", "No report tells a rate from {currency} into the base currency for these days."),
    ),
    "mark_missing": ReasonWords(
        QT_TRANSLATE_NOOP("Check", "No settlement price"),
        QT_TRANSLATE_NOOP("Check", "{symbol} is settled day by day, and no report tells its settlement price of {day}."),
    ),
    "no_activity": ReasonWords(
        QT_TRANSLATE_NOOP("Check", "No Activity report"),
        QT_TRANSLATE_NOOP("Check", "No Activity report of this account has come yet, so there is nothing to compare with."),
    ),
    "nothing_to_compare": ReasonWords(
        QT_TRANSLATE_NOOP("Check", "Nothing happened"),
        QT_TRANSLATE_NOOP("Check", "The reports are complete here, and nothing of this kind happened in the period."),
    ),
}

OTHER_REASON = ReasonWords(QT_TRANSLATE_NOOP("Check", "Other reason"), QT_TRANSLATE_NOOP("Check", "Another reason: {reason}."))

LABELS: dict[str, str] = {
    "line": QT_TRANSLATE_NOOP("Check", "{name}"),
    "fills": QT_TRANSLATE_NOOP("Check", "Fills ({n})"),
    "entries": QT_TRANSLATE_NOOP("Check", "Bookings, {type} ({n})"),
    "earned": QT_TRANSLATE_NOOP("Check", "Ours, as earned"),
}
"""Labels of parts that are no reason."""

LINES: dict[str, str] = {
    "startingCash": QT_TRANSLATE_NOOP("Check", "Cash at the start"),
    "endingCash": QT_TRANSLATE_NOOP("Check", "Cash at the end"),
    "netTrades": QT_TRANSLATE_NOOP("Check", "Trades, net"),
    "netTradesSales": QT_TRANSLATE_NOOP("Check", "Sales"),
    "netTradesPurchases": QT_TRANSLATE_NOOP("Check", "Purchases"),
    "cashSettlingMtm": QT_TRANSLATE_NOOP("Check", "Settled day by day"),
    "commissions": QT_TRANSLATE_NOOP("Check", "Commissions"),
    "deposits": QT_TRANSLATE_NOOP("Check", "Deposits"),
    "withdrawals": QT_TRANSLATE_NOOP("Check", "Withdrawals"),
    "depositWithdrawals": QT_TRANSLATE_NOOP("Check", "Deposits and withdrawals"),
    "depositsWithdrawals": QT_TRANSLATE_NOOP("Check", "Deposits and withdrawals"),
    "internalTransfers": QT_TRANSLATE_NOOP("Check", "Internal transfers"),
    "accountTransfers": QT_TRANSLATE_NOOP("Check", "Transfers between accounts"),
    "internalCashTransfers": QT_TRANSLATE_NOOP("Check", "Internal cash transfers"),
    "assetTransfers": QT_TRANSLATE_NOOP("Check", "Transfers of securities"),
    "dividends": QT_TRANSLATE_NOOP("Check", "Dividends"),
    "paymentInLieu": QT_TRANSLATE_NOOP("Check", "Payments in lieu"),
    "withholdingTax": QT_TRANSLATE_NOOP("Check", "Withholding tax"),
    "withholding871m": QT_TRANSLATE_NOOP("Check", "Withholding, 871(m)"),
    "brokerInterest": QT_TRANSLATE_NOOP("Check", "Broker interest"),
    "bondInterest": QT_TRANSLATE_NOOP("Check", "Bond interest"),
    "interest": QT_TRANSLATE_NOOP("Check", "Interest"),
    "otherFees": QT_TRANSLATE_NOOP("Check", "Other fees"),
    "brokerFees": QT_TRANSLATE_NOOP("Check", "Broker fees"),
    "advisorFees": QT_TRANSLATE_NOOP("Check", "Advisor fees"),
    "clientFees": QT_TRANSLATE_NOOP("Check", "Client fees"),
    "salesTax": QT_TRANSLATE_NOOP("Check", "Sales tax"),
    "transactionTax": QT_TRANSLATE_NOOP("Check", "Transaction tax"),
    "cfdCharges": QT_TRANSLATE_NOOP("Check", "CFD charges"),
    "fxTranslationGainLoss": QT_TRANSLATE_NOOP("Check", "Currency translation"),
    "startingValue": QT_TRANSLATE_NOOP("Check", "Value at the start"),
    "endingValue": QT_TRANSLATE_NOOP("Check", "Value at the end"),
    "mtm": QT_TRANSLATE_NOOP("Check", "Mark to market"),
    "realized": QT_TRANSLATE_NOOP("Check", "Realised"),
    "changeInUnrealized": QT_TRANSLATE_NOOP("Check", "Change in unrealised"),
    "changeInDividendAccruals": QT_TRANSLATE_NOOP("Check", "Dividend accruals"),
    "changeInInterestAccruals": QT_TRANSLATE_NOOP("Check", "Interest accruals"),
    "fxTranslation": QT_TRANSLATE_NOOP("Check", "Currency translation"),
    "twr": QT_TRANSLATE_NOOP("Check", "Time-weighted"),
    "BASE_SUMMARY": QT_TRANSLATE_NOOP("Check", "All currencies, in base"),
    "total": QT_TRANSLATE_NOOP("Check", "Sum of the lines"),
    "cash": QT_TRANSLATE_NOOP("Check", "Cash"),
    "stock": QT_TRANSLATE_NOOP("Check", "Stocks"),
    "options": QT_TRANSLATE_NOOP("Check", "Options"),
    "bonds": QT_TRANSLATE_NOOP("Check", "Bonds"),
    "funds": QT_TRANSLATE_NOOP("Check", "Funds"),
    "crypto": QT_TRANSLATE_NOOP("Check", "Crypto"),
    "lotsAndWashSales": QT_TRANSLATE_NOOP("Check", "Closed lots and wash sales"),
}

CHECKS: dict[str, str] = {
    "realized": QT_TRANSLATE_NOOP("Check", "Realised"),
    "realized_instrument": QT_TRANSLATE_NOOP("Check", "Realised"),
    "realized_total": QT_TRANSLATE_NOOP("Check", "Realised, together"),
    "positions": QT_TRANSLATE_NOOP("Check", "Open quantity"),
    "cost": QT_TRANSLATE_NOOP("Check", "Cost of what is open"),
    "cash": QT_TRANSLATE_NOOP("Check", "Cash at the end"),
    "cash_walk": QT_TRANSLATE_NOOP("Check", "Cash"),
    "nav_walk": QT_TRANSLATE_NOOP("Check", "NAV walk"),
    "nav_day": QT_TRANSLATE_NOOP("Check", "Net asset value of a day"),
    "twr": QT_TRANSLATE_NOOP("Check", "Time-weighted return, %"),
    "dividends": QT_TRANSLATE_NOOP("Check", "Dividends"),
    "withholding_tax": QT_TRANSLATE_NOOP("Check", "Withholding tax"),
    "interest": QT_TRANSLATE_NOOP("Check", "Interest"),
    "fees": QT_TRANSLATE_NOOP("Check", "Fees"),
    "commissions": QT_TRANSLATE_NOOP("Check", "Commissions"),
}

SECTIONS: dict[str, str] = {
    "AccountInformation": QT_TRANSLATE_NOOP("Check", "Account Information"),
    "EquitySummaryInBase": QT_TRANSLATE_NOOP("Check", "Net Asset Value (NAV) in Base"),
    "ChangeInNAV": QT_TRANSLATE_NOOP("Check", "Change in NAV"),
    "CashReport": QT_TRANSLATE_NOOP("Check", "Cash Report"),
    "Trades": QT_TRANSLATE_NOOP("Check", "Trades"),
    "OptionEAE": QT_TRANSLATE_NOOP("Check", "Option Exercises, Assignments and Expirations"),
    "OpenPositions": QT_TRANSLATE_NOOP("Check", "Open Positions"),
    "CorporateActions": QT_TRANSLATE_NOOP("Check", "Corporate Actions"),
    "CashTransactions": QT_TRANSLATE_NOOP("Check", "Cash Transactions"),
    "StmtFunds": QT_TRANSLATE_NOOP("Check", "Statement of Funds"),
    "Transfers": QT_TRANSLATE_NOOP("Check", "Transfers"),
    "TransactionTaxes": QT_TRANSLATE_NOOP("Check", "Transaction Fees"),
    "SalesTaxes": QT_TRANSLATE_NOOP("Check", "Sales Tax Details"),
    "FxTransactions": QT_TRANSLATE_NOOP("Check", "Forex P/L Details"),
    "TradeConfirms": QT_TRANSLATE_NOOP("Check", "Trade Confirmation"),
    "FIFOPerformanceSummaryInBase": QT_TRANSLATE_NOOP("Check", "Realized & Unrealized Performance Summary in Base"),
    "MTMPerformanceSummaryInBase": QT_TRANSLATE_NOOP("Check", "Mark-to-Market Performance Summary in Base"),
    "ConversionRates": QT_TRANSLATE_NOOP("Check", "Include Currency Rates"),
    "SecuritiesInfo": QT_TRANSLATE_NOOP("Check", "Financial Instrument Information"),
    "Lot": QT_TRANSLATE_NOOP("Check", "Trades, with Closed Lots"),
    "WashSale": QT_TRANSLATE_NOOP("Check", "Trades, with Wash Sales"),
}
"""Sections as IBKR's page for queries calls them."""

WHAT: dict[str, str] = {
    "fills": QT_TRANSLATE_NOOP("Check", "their fills"),
    "base_currency": QT_TRANSLATE_NOOP("Check", "the base currency"),
    "cash": QT_TRANSLATE_NOOP("Check", "the cash"),
}
"""In what two reports contradict each other."""
