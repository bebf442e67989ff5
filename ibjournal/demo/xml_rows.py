"""Writes rows as Flex XML does: attributes only, dates as yyyyMMdd, a semicolon before the time, plain decimals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from xml.sax.saxutils import quoteattr

from ibjournal.demo.contracts import Contract, compact

Value = str | Decimal | int | date | None
Attributes = Mapping[str, Value]


def text_of(value: Value) -> str:
    """Return a value as the report writes it; None is the empty string. Instants are written in their own zone, New York."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return compact(value)
    if isinstance(value, datetime):
        return f"{value:%Y%m%d;%H%M%S}"
    if isinstance(value, date):
        return f"{value:%Y%m%d}"
    return str(value)


def row(name: str, attributes: Attributes) -> str:
    """Return one empty element with its attributes in the order given."""
    written = " ".join(f"{key}={quoteattr(text_of(value))}" for key, value in attributes.items())
    return f"<{name} {written} />"


def section(name: str, rows: Iterable[str]) -> str:
    """Return a section with its rows; one without rows is still there, as IBKR sends it."""
    return "\n".join([f"<{name}>", *rows, f"</{name}>"])


def contract_attributes(contract: Contract) -> dict[str, Value]:
    """Return what describes an instrument in every section."""
    underlying = contract.underlying
    share = contract.category == "STK"
    derived = contract.category in {"OPT", "FOP", "CFD", "WAR", "IOPT"}
    return {
        "assetCategory": contract.category,
        "subCategory": contract.sub_category,
        "symbol": contract.symbol,
        "description": contract.description,
        "conid": contract.conid,
        "securityID": contract.isin,
        "securityIDType": "ISIN" if contract.isin else "",
        "cusip": "",
        "isin": contract.isin,
        "figi": "",
        "listingExchange": contract.listing,
        "underlyingConid": underlying.conid if derived and underlying else "",
        "underlyingSymbol": _underlying_symbol(contract),
        "underlyingSecurityID": underlying.isin if derived and underlying else "",
        "underlyingListingExchange": underlying.listing if derived and underlying else "",
        "issuer": "",
        "issuerCountryCode": contract.country if share else "",
        "multiplier": contract.multiplier,
        "strike": contract.strike,
        "expiry": contract.expiry,
        "putCall": contract.right,
        "principalAdjustFactor": "",
    }


def _underlying_symbol(contract: Contract) -> str:
    if contract.is_future:
        return contract.symbol[:-2]
    if contract.underlying is not None:
        return contract.underlying.symbol
    return contract.symbol if contract.category == "STK" else ""


def account_attributes(account: str) -> dict[str, Value]:
    """Return the attributes that every row of an account begins with."""
    return {"accountId": account, "acctAlias": "", "model": ""}
