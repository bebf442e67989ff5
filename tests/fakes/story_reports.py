"""Reports that hold strategies to review and a wheel, for tests of screens on a real journal."""

from __future__ import annotations

from tests.fakes.flex_reports import activity, trade


def option(symbol: str, right: str, strike: int, expiry: str = "20260320", **attributes: object) -> dict[str, object]:
    """Return what a row says of an option on ``symbol``."""
    terms: dict[str, object] = {
        "assetCategory": "OPT",
        "symbol": f"{symbol}  {expiry[2:]}{right}{strike:05d}000",
        "conid": f"{sum(map(ord, symbol))}{ord(right)}{strike}{expiry[4:]}",
        "underlyingConid": str(sum(map(ord, symbol))),
        "underlyingSymbol": symbol,
        "multiplier": "100",
        "strike": strike,
        "expiry": expiry,
        "putCall": right,
        "openCloseIndicator": "O",
    }
    return terms | attributes


def legged(first: int, symbol: str, *, seconds: int = 40, day: str = "20260302") -> tuple[str, str]:
    """A call spread bought leg by leg, so that nothing but time and structure ties the legs together."""
    when = {"tradeDate": day, "reportDate": day}
    return (
        trade(first, 1, 4, **option(symbol, "C", 100), dateTime=f"{day};103000", **when),
        trade(first + 1, -1, 2, **option(symbol, "C", 110), dateTime=f"{day};1030{seconds:02d}", **when),
    )


def to_review() -> bytes:
    """Three call spreads that wait for the user: XRAY, YELL, ZEST, on three days."""
    return activity(
        *legged(1, "XRAY"), *legged(11, "YELL", day="20260303"), *legged(21, "ZEST", day="20260304"), days=("20260301", "20260310")
    )


def wheel(*, called: bool = False) -> bytes:
    """A put on ACME at 50 sold for 1.20, rolled to 48 (2.00, 2.30), assigned: 100 shares at 48; each fill costs 1.

    With ``called`` a call at 52 is sold for 0.80 and the shares are called away.
    """
    put = option("ACME", "P", 50)
    later = option("ACME", "P", 48, "20260327")
    call = option("ACME", "C", 52, "20260417")
    share = {"conid": put["underlyingConid"], "symbol": "ACME"}
    roll = {"ibOrderID": 90, "dateTime": "20260310;100000", "tradeDate": "20260310", "reportDate": "20260310"}
    rows = [
        trade(31, -1, "1.2", **put),
        trade(32, 1, 2, **(put | {"openCloseIndicator": "C"}), **roll),
        trade(33, -1, "2.3", **later, **roll),
        trade(34, 1, 0, **(later | {"openCloseIndicator": "C"}), **_booked("20260327", 77)),
        trade(35, 100, 48, **share, **_booked("20260327", 77)),
    ]
    if called:
        when = {"dateTime": "20260401;100000", "tradeDate": "20260401", "reportDate": "20260401"}
        rows += [
            trade(36, -1, "0.8", **call, **when),
            trade(37, 1, 0, **(call | {"openCloseIndicator": "C"}), **_booked("20260417", 78)),
            trade(38, -100, 52, **share, **_booked("20260417", 78)),
        ]
    return activity(*rows, days=("20260301", "20260420"), generated="20260421;050000")


def _booked(day: str, action: int) -> dict[str, object]:
    return {
        "transactionType": "BookTrade",
        "notes": "A",
        "ibCommission": "0",
        "ibExecID": "",
        "dateTime": f"{day};162000",
        "tradeDate": day,
        "reportDate": day,
        "positionActionID": str(action),
    }
