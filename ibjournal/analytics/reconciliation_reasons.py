"""The codes of a check: why a figure is what it is, and what a part of a sum is called.

Words for them stand in the window alone. Each code says below what its ``values`` hold; money in values is in the check's currency.
"""

from __future__ import annotations

from enum import Enum


class Reason(str, Enum):
    """Why a check is not simply `ok`. Those of a difference first, then what the reports do not hold."""

    WASH_SALE = "wash_sale"
    """Explained: the United States disallow a loss; IBKR's rows of it close the gap. ``n`` rows."""
    HISTORY_STARTS_LATER = "history_starts_later"
    """Explained: it was opened before the reports begin, and what we have rests on IBKR's own figure. ``quantity`` unseen units,
    ``since`` the first day that reports cover, None where it is not known."""
    EVENT_NOT_APPLIED = "event_not_applied"
    """Explained: a corporate action or a transfer that the journal could not apply. ``event`` its id, ``type`` IBKR's code."""
    BASIS_ASKED = "basis_asked"
    """Explained: units came from elsewhere and nobody said yet what they had cost. ``event`` its id, ``quantity`` units."""
    LOT_METHOD = "lot_method"
    """Explained by IBKR's closed lots, else unexplained: IBKR did not close first in, first out. ``code``: as on the row."""
    COST_RESTATED = "cost_restated"
    """Explained: over a whole round trip, flat before and after, IBKR's rows take out another cost than its rows put in.
    ``opened`` and ``closed`` are the two sums of IBKR's own ``cost``."""
    ROUNDING = "rounding"
    """Explained: the file's own digits. ``n`` rows were added up, ``bound`` is the most that their digits can make."""
    PREMIUM_MOVED = "premium_moved"
    """Explained: an option was exercised or assigned; IBKR moves its premium into the underlying, we do not."""
    CANCELLED_FILL = "cancelled_fill"
    """Explained: commission or taxes of a fill that was cancelled and that no re-booking took over."""
    COMMISSION_ADJUSTED = "commission_adjusted"
    """Explained: IBKR booked an adjustment of commissions beside the fills. ``n`` bookings."""
    COMMISSION_CURRENCY = "commission_currency"
    """Explained: a commission in a third currency, at another rate than IBKR's. ``currency`` of the commission."""
    RATE_ROUNDED = "rate_rounded"
    """Explained: the rates in the file have few digits. ``n`` rows, ``bound`` the most that they can make."""
    ROWS_MISSING = "rows_missing"
    """Explained: the reports hold IBKR's sum, but not the section whose rows make it up. ``sections`` is a tuple of names."""
    FUNDS_TELL = "funds_tell"
    """Explained: lines of the statement of funds that stand in no other section. ``n`` lines."""
    PROVISIONAL = "provisional"
    """Explained: fills known from a confirmation alone. ``n`` fills."""
    VANISHED = "vanished"
    """Explained: fills that a later report no longer tells of. ``n`` fills."""
    REPORTS_CONTRADICT = "reports_contradict"
    """Explained: two reports of one account tell of the same days and contradict each other. ``first``, ``second``: names of their
    files; ``from``, ``to``: the days; ``what``: ``fills``, ``base_currency``, ``cash``."""
    SEVERAL = "several"
    """Explained, by more than one reason: the parts say which."""
    NO_REASON_FOUND = "no_reason_found"
    """Differs, and nothing in the reports says why."""
    REPORT_NOT_CONSISTENT = "report_not_consistent"
    """Differs: IBKR's own figures do not add up, ours play no part."""

    SECTION_MISSING = "section_missing"
    """Not in report: ``sections`` (names) would have to be switched on."""
    FIELD_MISSING = "field_missing"
    """Not in report: the section is there, without ``fields`` (names) of ``section``."""
    NOT_TOLD = "not_told"
    """Not in report: the column is there, and empty or zero in every row. ``field`` of ``section``."""
    TOLD_ONLY = "told_only"
    """Not in report: only IBKR can know this line (market values, accruals): what it says stands in the sum."""
    DAYS_MISSING = "days_missing"
    """Not in report: values of some days. ``n`` days, ``first`` of them."""
    RATE_MISSING = "rate_missing"
    """Not in report: a rate of ``currency`` into the base currency."""
    MARK_MISSING = "mark_missing"
    """Not in report: a settlement price of what is settled day by day (futures, CFDs). ``symbol``, ``day``."""
    NO_ACTIVITY = "no_activity"
    """Not in report: no Activity report of this account came."""
    NOTHING_TO_COMPARE = "nothing_to_compare"
    """Not in report: the sections are there, and nothing of the kind happened."""


class PartLabel(str, Enum):
    """What a part of a sum is.

    Parts of an explained check lead from our figure to IBKR's, and carry the reason's code as label; these are the other labels.
    """

    LINE = "line"
    """A line of IBKR's statement: value ``name`` as in `Line`, ``section``."""
    FILLS = "fills"
    """Fills: ``n``."""
    ENTRIES = "entries"
    """Bookings of cash: ``n``, ``type`` as IBKR writes it."""
    EARNED = "earned"
    """The result as earned: value ``booked`` holds what IBKR books."""


class Line(str, Enum):
    """Lines of a cash report and of a change in net asset value, as a check's ``subject``: IBKR's attribute, as it writes it.

    Lines that IBKR may invent keep their name too, so a subject need not be one of these.
    """

    STARTING_CASH = "startingCash"
    ENDING_CASH = "endingCash"
    NET_TRADES = "netTrades"
    """``netTradesSales`` and ``netTradesPurchases`` together, where a row holds both sides."""
    NET_TRADES_SALES = "netTradesSales"
    NET_TRADES_PURCHASES = "netTradesPurchases"
    CASH_SETTLING_MTM = "cashSettlingMtm"
    COMMISSIONS = "commissions"
    DEPOSITS = "deposits"
    WITHDRAWALS = "withdrawals"
    DEPOSIT_WITHDRAWALS = "depositWithdrawals"
    DEPOSITS_WITHDRAWALS = "depositsWithdrawals"
    INTERNAL_TRANSFERS = "internalTransfers"
    ACCOUNT_TRANSFERS = "accountTransfers"
    INTERNAL_CASH_TRANSFERS = "internalCashTransfers"
    ASSET_TRANSFERS = "assetTransfers"
    DIVIDENDS = "dividends"
    PAYMENT_IN_LIEU = "paymentInLieu"
    WITHHOLDING_TAX = "withholdingTax"
    WITHHOLDING_871M = "withholding871m"
    BROKER_INTEREST = "brokerInterest"
    BOND_INTEREST = "bondInterest"
    INTEREST = "interest"
    OTHER_FEES = "otherFees"
    BROKER_FEES = "brokerFees"
    ADVISOR_FEES = "advisorFees"
    CLIENT_FEES = "clientFees"
    SALES_TAX = "salesTax"
    TRANSACTION_TAX = "transactionTax"
    CFD_CHARGES = "cfdCharges"
    FX_TRANSLATION_GAIN_LOSS = "fxTranslationGainLoss"
    STARTING_VALUE = "startingValue"
    ENDING_VALUE = "endingValue"
    MTM = "mtm"
    REALIZED = "realized"
    CHANGE_IN_UNREALIZED = "changeInUnrealized"
    CHANGE_IN_DIVIDEND_ACCRUALS = "changeInDividendAccruals"
    CHANGE_IN_INTEREST_ACCRUALS = "changeInInterestAccruals"
    FX_TRANSLATION = "fxTranslation"
    TWR = "twr"
    TOTAL = "total"
    """Sum of all lines, or of all components of a day."""
    CASH = "cash"
    STOCK = "stock"
    OPTIONS = "options"
    BONDS = "bonds"
    FUNDS = "funds"
    CRYPTO = "crypto"
    LOTS_AND_WASH_SALES = "lotsAndWashSales"
    """The sum of closed lots and wash sales."""
