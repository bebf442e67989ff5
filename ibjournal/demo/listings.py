"""The listed shares and funds of the demo: who they are, how their prices move, what they pay out.

Names and numbers of contracts are those of real companies; every price, dividend and split here is invented.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ibjournal.demo.contracts import Contract


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A share with the shape of its price path.

    ``start`` is the price at the beginning of the history in ``contract.currency``; ``growth`` the trend a year (log);
    ``beta`` how it follows the market; ``noise`` the daily deviation of its own; ``implied`` the volatility its options are
    priced with; ``dividend`` the amount a share, paid in ``months``; ``withholding`` the tax rate on it; ``split_after``
    the years after which one share becomes two.
    """

    contract: Contract
    start: float
    growth: float
    beta: float = 1.0
    noise: float = 0.007
    implied: float = 0.22
    strike_step: Decimal = Decimal(5)
    dividend: Decimal = Decimal(0)
    months: tuple[int, ...] = ()
    withholding: Decimal = Decimal("0.15")
    split_after: float | None = None


def _share(
    symbol: str,
    name: str,
    conid: str,
    isin: str,
    *,
    listing: str = "NASDAQ",
    currency: str = "USD",
    kind: str = "COMMON",
) -> Contract:
    return Contract(
        conid=conid,
        category="STK",
        sub_category=kind,
        symbol=symbol,
        description=name,
        currency=currency,
        listing=listing,
        venue=listing,
        isin=isin,
        country=isin[:2],
    )


_HALF = Decimal("2.5")
_QUARTERLY = (3, 6, 9, 12)
_GERMAN_TAX = Decimal("0.26375")

LISTINGS: tuple[Listing, ...] = (
    Listing(
        contract=_share("SPY", "SPDR S&P 500 ETF TRUST", "756733", "US78462F1030", listing="ARCA", kind="ETF"),
        start=507, growth=0.112, noise=0.001, implied=0.165, strike_step=Decimal(1), dividend=Decimal("1.82"), months=_QUARTERLY,
    ),
    Listing(
        contract=_share("QQQ", "INVESCO QQQ TRUST SERIES 1", "320227571", "US46090E1038", kind="ETF"),
        start=438, growth=0.132, beta=1.2, noise=0.003, implied=0.215, strike_step=Decimal(1),
        dividend=Decimal("0.71"), months=_QUARTERLY,
    ),
    Listing(
        contract=_share("IWM", "ISHARES RUSSELL 2000 ETF", "9579970", "US4642876555", listing="ARCA", kind="ETF"),
        start=199, growth=0.075, beta=1.1, noise=0.005, implied=0.23, strike_step=Decimal(1),
        dividend=Decimal("0.64"), months=_QUARTERLY,
    ),
    Listing(
        contract=_share("NVDA", "NVIDIA CORP", "4815747", "US67066G1040"),
        start=62, growth=0.42, beta=1.7, noise=0.015, implied=0.43, strike_step=_HALF, dividend=Decimal("0.01"), months=_QUARTERLY,
    ),
    Listing(
        contract=_share("AAPL", "APPLE INC", "265598", "US0378331005"),
        start=204, growth=0.095, noise=0.009, implied=0.28, strike_step=_HALF, dividend=Decimal("0.26"), months=(2, 5, 8, 11),
    ),
    Listing(
        contract=_share("AMD", "ADVANCED MICRO DEVICES", "4391", "US0079031078"),
        start=142, growth=0.15, beta=1.6, noise=0.016, implied=0.45, strike_step=_HALF,
    ),
    Listing(
        contract=_share("MSFT", "MICROSOFT CORP", "272093", "US5949181045"),
        start=404, growth=0.088, beta=0.95, noise=0.007, implied=0.25, strike_step=_HALF,
        dividend=Decimal("0.83"), months=_QUARTERLY,
    ),
    Listing(
        contract=_share("PLTR", "PALANTIR TECHNOLOGIES INC-A", "444857009", "US69608A1088"),
        start=58, growth=0.38, beta=1.6, noise=0.018, implied=0.5, strike_step=_HALF,
    ),
    Listing(
        contract=_share("TSLA", "TESLA INC", "76792991", "US88160R1014"),
        start=248, growth=0.18, beta=1.7, noise=0.018, implied=0.52,
    ),
    Listing(
        contract=_share("KO", "COCA-COLA CO/THE", "8894", "US1912161007", listing="NYSE"),
        start=63.5, growth=0.05, beta=0.35, noise=0.006, implied=0.165, strike_step=Decimal(1),
        dividend=Decimal("0.51"), months=(4, 7, 10, 12),
    ),
    Listing(
        contract=_share("BRK B", "BERKSHIRE HATHAWAY INC-CL B", "72063691", "US0846707026", listing="NYSE"),
        start=395, growth=0.085, beta=0.7, noise=0.006, implied=0.2,
    ),
    Listing(
        contract=_share("ANET", "ARISTA NETWORKS INC", "701837311", "US0404132054", listing="NYSE"),
        start=118, growth=0.1, beta=1.3, noise=0.013, implied=0.4, split_after=1.4,
    ),
    Listing(
        contract=_share("IB01", "ISHARES USD TREASURY 0-1YR", "355221160", "IE00BGSF1X88", listing="LSEETF", kind="ETF"),
        start=106.5, growth=0.041, beta=0.0, noise=0.0002, implied=0.02,
    ),
    Listing(
        contract=_share("VWCE", "VANG FTSE AW USDA", "366124322", "IE00BK5BQT80", listing="IBIS2", currency="EUR", kind="ETF"),
        start=113, growth=0.112, beta=0.85, noise=0.002, implied=0.16,
    ),
    Listing(
        contract=_share("ASML", "ASML HOLDING NV", "117589399", "NL0010273215", listing="AEB", currency="EUR"),
        start=730, growth=0.08, beta=1.3, noise=0.012, implied=0.35, dividend=Decimal("1.52"), months=(2, 5, 8, 11),
    ),
    Listing(
        contract=_share("SAP", "SAP SE", "14204", "DE0007164600", listing="IBIS", currency="EUR"),
        start=158, growth=0.14, noise=0.009, implied=0.26, dividend=Decimal("2.35"), months=(5,), withholding=_GERMAN_TAX,
    ),
    Listing(
        contract=_share("MUV2", "MUENCHENER RUECKVER AG-REG", "35708887", "DE0008430026", listing="IBIS", currency="EUR"),
        start=382, growth=0.13, beta=0.6, noise=0.008, implied=0.22, dividend=Decimal("15.00"), months=(5,),
        withholding=_GERMAN_TAX,
    ),
    Listing(
        contract=_share("MC", "LVMH MOET HENNESSY LOUIS VUI", "29612113", "FR0000121014", listing="SBF", currency="EUR"),
        start=712, growth=-0.06, beta=0.9, noise=0.011, implied=0.3, dividend=Decimal("6.50"), months=(4, 12),
        withholding=Decimal("0.25"),
    ),
)  # fmt: skip

BY_SYMBOL = {listing.contract.symbol: listing for listing in LISTINGS}


def share(symbol: str) -> Contract:
    """Return the listed share of a symbol."""
    return BY_SYMBOL[symbol].contract
