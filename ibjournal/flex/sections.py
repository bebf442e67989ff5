"""Which sections and attributes we read, and how a row of each becomes a typed row.

What is not read here is not lost: it becomes an `OtherRow` that holds the row as IBKR wrote it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence

from ibjournal.domain.errors import ReportError
from ibjournal.flex.fills import FILL_TAGS, FillReader, is_fill
from ibjournal.flex.statement import (
    AccountRow,
    ActionRow,
    CashRow,
    EquityRow,
    InstrumentRow,
    OtherRow,
    PositionRow,
    RateRow,
    RawRow,
    Row,
    StatementHead,
)
from ibjournal.flex.values import NO_WORDS, Values
from ibjournal.flex.vocabulary import unknown_attributes

CROSS_ACCOUNT = "-"
"""In place of an account: the row sums over accounts, and so repeats what other rows say."""


def is_summary(attributes: Mapping[str, str]) -> bool:
    """Tell whether a row sums over accounts (`CROSS_ACCOUNT`)."""
    return attributes.get("accountId") == CROSS_ACCOUNT


def instrument_key(attributes: Mapping[str, str]) -> str:
    """Return IBKR's conid, or a key of class, symbol and terms where a template leaves the conid out.

    A slash, as in the symbol of some shares, parts account and instrument in the key of a trade, so it is written otherwise here.
    """
    conid = attributes.get("conid", "").strip()
    if conid and conid not in {"0", "-", "--"}:
        return conid
    parts = (
        attributes.get("assetCategory", ""),
        attributes.get("symbol", "").strip(),
        attributes.get("currency", ""),
        attributes.get("expiry", "").strip(),
        attributes.get("strike", "").strip(),
        attributes.get("putCall", "").strip(),
    )
    return ":".join(parts).replace("/", "%2F") if parts[1] else ""


def _plain(text: str | None) -> str:
    return "" if text is None or text in NO_WORDS else text


class SectionReader:
    """Turns the rows of one report into typed rows."""

    def __init__(self, values: Values) -> None:
        self.values = values
        self._instruments: dict[str, InstrumentRow] = {}
        self._fresh: list[InstrumentRow] = []
        self._fills = FillReader(values, self._instrument)
        self._converters: dict[str, Callable[[RawRow, StatementHead], Row | None]] = {
            "CashTransaction": self._cash,
            "CorporateAction": self._action,
            "EquitySummaryByReportDateInBase": self._equity,
            "OpenPosition": self._position,
            "ConversionRate": self._rate,
            "AccountInformation": self._account,
        }

    def fresh_instruments(self) -> list[InstrumentRow]:
        """Return the contracts that were met for the first time, or told of better, since the last call."""
        fresh = self._fresh
        if fresh:
            self._fresh = []
        return fresh

    def convert(self, raw: RawRow, head: StatementHead, strangers: Sequence[str] = ()) -> Row | None:
        """Return the typed row; None for a row without anything to keep.

        Args:
            raw: the row as IBKR wrote it.
            head: its statement.
            strangers: its attributes that we have never heard of.

        Raises:
            ReportError: ``bad_value`` with the place of the row, ``ambiguous_dates``.
        """
        place, attributes = raw
        tag = place.tag
        try:
            if tag in FILL_TAGS and is_fill(tag, attributes):
                return self._fills.convert(raw, head, strangers)
            converter = self._converters.get(tag)
            row = converter(raw, head) if converter else None
            return row if row is not None else self._other(raw, head)
        except ReportError as error:
            error.values.setdefault("section", place.section)
            error.values.setdefault("row", place.ordinal + 1)
            raise

    def _instrument(self, attributes: Mapping[str, str], *, best: bool = False) -> str:
        conid = attributes.get("conid", "")
        if not best and conid in self._instruments:  # nearly always
            return conid
        key = instrument_key(attributes)
        known = self._instruments.get(key)
        if not key or (known is not None and not best):
            return key
        get = attributes.get
        multiplier = self.values.number[get("multiplier", "")] or "1"
        row = InstrumentRow(
            instrument=key,
            category=get("assetCategory", ""),
            symbol=get("symbol", "").strip(),
            description=_plain(get("description")),
            currency=get("currency", ""),
            multiplier=multiplier,
            underlying=_plain(get("underlyingConid")) or None,
            underlying_symbol=_plain(get("underlyingSymbol")),
            isin=_plain(get("isin")) or (_plain(get("securityID")) if get("securityIDType") == "ISIN" else ""),
            exchange=_plain(get("listingExchange")),
            expiry=self.values.day[get("expiry", "")],
            strike=self.values.number[get("strike", "")],
            put_call=_plain(get("putCall")),
        )
        if row != known:
            self._instruments[key] = row
            self._fresh.append(row)
        return key

    def _cash(self, raw: RawRow, head: StatementHead) -> CashRow | None:
        get = raw.attributes.get
        amount = self.values.number[get("amount", "")]
        when = get("dateTime") or get("date") or get("settleDate") or get("reportDate", "")
        day = self.values.day[when] or head.to_date
        if amount is None or day is None or is_booking_summary(raw.attributes):
            return None
        has_instrument = get("conid", "") or get("symbol", "")
        names = (*unknown_attributes(raw.attributes), "exDate")
        extra = {name: raw.attributes[name] for name in names if raw.attributes.get(name)}
        return CashRow(
            raw.place.account,
            raw.place.ordinal,
            get("type", ""),
            amount,
            get("currency", ""),
            self.values.number[get("fxRateToBase", "")],
            self.values.instant[when] or self.values.instant[day] or 0,
            day,
            self.values.day[get("reportDate", "")],
            self._instrument(raw.attributes) if has_instrument else None,
            _plain(get("symbol")),
            _plain(get("description")),
            _plain(get("transactionID")),
            _plain(get("actionID")),
            json.dumps(extra, ensure_ascii=False) if extra else None,
        )

    def _action(self, raw: RawRow, head: StatementHead) -> ActionRow | None:
        get = raw.attributes.get
        when = get("dateTime") or get("reportDate") or head.to_date or ""
        effective_at = self.values.instant[when]
        instrument = self._instrument(raw.attributes)
        if effective_at is None or not instrument or get("levelOfDetail", "").upper() == "SUMMARY":
            return None
        number = self.values.number
        return ActionRow(
            raw.place.account,
            instrument,
            raw.place.ordinal,
            get("type", ""),
            effective_at,
            self.values.day[get("reportDate", "")],
            number[get("quantity", "")],
            number[get("proceeds", "")],
            number[get("value", "")],
            number[get("fifoPnlRealized", "")],
            get("currency", ""),
            get("symbol", "").strip(),
            _plain(get("actionDescription")) or _plain(get("description")),
            _plain(get("actionID")),
            _plain(get("transactionID")),
            _as_json(raw),
        )

    def _equity(self, raw: RawRow, _head: StatementHead) -> EquityRow | None:
        get = raw.attributes.get
        number = self.values.number
        day, total = self.values.day[get("reportDate", "")], number[get("total", "")]
        if day is None or total is None:
            return None
        cash, stock, options = number[get("cash", "")], number[get("stock", "")], number[get("options", "")]
        return EquityRow(raw.place.account, day, total, cash, stock, options, raw.place.ordinal, _as_json(raw))

    def _position(self, raw: RawRow, head: StatementHead) -> PositionRow | None:
        get = raw.attributes.get
        number = self.values.number
        day = self.values.day[get("reportDate", "")] or head.to_date
        quantity = number[get("position") or get("quantity", "")]
        instrument = self._instrument(raw.attributes)
        if day is None or quantity is None or not instrument:
            return None
        return PositionRow(
            raw.place.account,
            day,
            instrument,
            get("levelOfDetail", "").upper() or "SUMMARY",
            quantity,
            number[get("markPrice", "")],
            number[get("positionValue", "")],
            number[get("costBasisPrice", "")],
            number[get("costBasisMoney", "")],
            number[get("fifoPnlUnrealized", "")],
            get("currency", ""),
            number[get("fxRateToBase", "")],
            raw.place.ordinal,
            _as_json(raw),
        )

    def _rate(self, raw: RawRow, _head: StatementHead) -> RateRow | None:
        get = raw.attributes.get
        day, rate = self.values.day[get("reportDate", "")], self.values.number[get("rate", "")]
        if day is None or rate is None:
            return None
        return RateRow(day, get("fromCurrency", ""), get("toCurrency", ""), rate)

    def _account(self, raw: RawRow, _head: StatementHead) -> AccountRow:
        return AccountRow(raw.place.account, _plain(raw.attributes.get("currency")), _as_json(raw))

    def _other(self, raw: RawRow, head: StatementHead) -> OtherRow:
        attributes = raw.attributes
        security = raw.place.tag in {"SecurityInfo", "OpenPosition"}
        has_instrument = attributes.get("conid", "") or (security and attributes.get("symbol"))
        instrument = self._instrument(attributes, best=security) if has_instrument else None
        day = self.values.day
        return OtherRow(
            raw.place.account,
            raw.place.section,
            raw.place.tag,
            day[attributes.get("fromDate", "")] or head.from_date or "",
            day[attributes.get("toDate", "")] or head.to_date or "",
            instrument,
            raw.place.ordinal,
            _as_json(raw),
        )


def is_booking_summary(attributes: Mapping[str, str]) -> bool:
    """Tell whether a booking repeats at summary level what others say; without a level its empty transaction id tells."""
    level = attributes.get("levelOfDetail")
    return attributes.get("transactionID") == "" if level is None else level.upper() == "SUMMARY"


def _as_json(raw: RawRow) -> str:
    return json.dumps({name: text for name, text in raw.attributes.items() if text}, ensure_ascii=False)
