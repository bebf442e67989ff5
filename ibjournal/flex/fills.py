"""Fills: how a Trade of Activity or a TradeConfirm of a confirmation becomes a `FillRow`.

A report can hold a hundred thousand of them, so what is the same for all columns of a kind is done at once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from operator import itemgetter

from ibjournal.flex.statement import FillRow, RawRow, StatementHead
from ibjournal.flex.values import NO_WORDS, SEPARATOR, Values, are_canonical, canonical, is_canonical

FILL_TAGS = frozenset({"Trade", "TradeConfirm", "TradeConfirmation"})
_CONFIRMATION_TAGS = frozenset({"TradeConfirm", "TradeConfirmation"})
_DETAIL_LEVELS = frozenset({"", "EXECUTION", "DETAIL"})
_PERCENT_OF_PAR = frozenset({"BOND", "BILL"})
# IBKR books expiries, exercises and assignments at 16:20 where it gives a time at all.
_BOOK_TIME = "162000"
_LONGEST_DATE = 10

_NUMBERS = (
    "quantity", "tradePrice", "multiplier", "proceeds", "ibCommission", "taxes", "netCash", "cost", "fifoPnlRealized",
    "fxRateToBase", "closePrice", "mtmPnl", "accruedInt",
)  # fmt: skip
_WORDS = (
    "ibOrderID", "brokerageOrderID", "tradeID", "transactionID", "ibExecID", "orderType", "exchange", "orderReference",
    "ibCommissionCurrency",
)  # fmt: skip
_TEXTS = (
    "assetCategory", "symbol", "currency", "transactionType", "buySell", "openCloseIndicator", "notes", "dateTime", "tradeDate",
    "reportDate", "settleDateTarget", "orderTime",
)  # fmt: skip
_BLANK = dict.fromkeys((*_NUMBERS, *_WORDS, *_TEXTS), "")
_PLACEHOLDERS = NO_WORDS - {""}
_numbers_of = itemgetter(*_NUMBERS)
_words_of = itemgetter(*_WORDS)
_texts_of = itemgetter(*_TEXTS)

# A confirmation's names for what Activity has too: those that count even where they are empty, and those that do not.
_NAMES_THAT_COUNT = (("price", "tradePrice"), ("commission", "ibCommission"), ("tax", "taxes"))
_NAMES_WHERE_FILLED = (("code", "notes"), ("orderID", "ibOrderID"), ("execID", "ibExecID"))


def is_fill(tag: str, attributes: Mapping[str, str]) -> bool:
    """Tell whether a row is a fill; orders, summaries, closed lots and wash sales are other views of the same fills."""
    if tag not in FILL_TAGS:
        return False
    level = attributes.get("levelOfDetail", "")
    return level in _DETAIL_LEVELS or level.upper() in _DETAIL_LEVELS


class FillReader:
    """Turns the fills of one report into rows.

    Args:
        values: the report's converters.
        instrument: takes note of a row's contract and returns its key.
    """

    def __init__(self, values: Values, instrument: Callable[[Mapping[str, str]], str]) -> None:
        self._values = values
        self._instrument = instrument

    def convert(self, raw: RawRow, head: StatementHead, strangers: Sequence[str] = ()) -> FillRow:
        """Return the row of a fill; what it cannot be matched without is listed in ``extra``.

        Args:
            raw: the row as IBKR wrote it.
            head: its statement.
            strangers: its attributes that we have never heard of; kept in ``extra``.

        Raises:
            ReportError: ``bad_value``, ``ambiguous_dates``.
        """
        place, attributes = raw
        confirmation = place.tag in _CONFIRMATION_TAGS
        named = _in_activity_names(attributes) if confirmation else attributes
        try:
            numbers, words, texts = _numbers_of(named), _words_of(named), _texts_of(named)
        except KeyError:  # the template leaves a column out
            named = _BLANK | named
            numbers, words, texts = _numbers_of(named), _words_of(named), _texts_of(named)
        days, instants = self._values.day, self._values.instant
        (
            quantity, price, multiplier, proceeds, commission, taxes, net_cash, cost, realized, fx_rate, close_price, mtm, accrued,
        ) = self._decimals(numbers)  # fmt: skip
        if not _PLACEHOLDERS.isdisjoint(words):
            words = tuple(["" if word in NO_WORDS else word for word in words])
        order_id, brokerage_order_id, trade_id, transaction_id, exec_id, order_type, exchange, order_reference, paid_in = words
        (
            category, symbol, currency, kind, buy_sell, open_close, codes, when, trade_day, report_day, settle_day, ordered,
        ) = texts  # fmt: skip
        multiplier = multiplier or "1"
        missing: list[str] = []
        if quantity is None:
            missing.append("quantity")
            quantity = "0"
        if price is None and quantity != "0":
            price = self._price_from_money(attributes, quantity, multiplier)
        if price is None:
            missing.append("tradePrice")
            price = "0"
        trade_date = days[trade_day]
        has_time = len(when) > _LONGEST_DATE
        executed_at = instants[when] if has_time else self._moment_of_day(attributes, kind, when or trade_day)
        trade_date = trade_date or days[when]
        if executed_at is None or trade_date is None:
            missing.append("dateTime")
            fallback = head.to_date or head.from_date or "1970-01-01"
            trade_date = trade_date or fallback
            executed_at = executed_at if executed_at is not None else instants[trade_date] or 0
        if codes and not codes.isalnum():
            codes = ";".join(part.strip() for part in codes.replace(",", ";").split(";") if part.strip())
        if confirmation and not open_close:
            open_close = ";".join(code for code in ("C", "O") if code in codes.split(";"))
        extra: dict[str, object] = {}
        if strangers:
            extra = {name: attributes[name] for name in strangers if attributes[name]}
        if missing:
            extra["missing"] = missing
        get = attributes.get
        row = (
            place.account,
            self._instrument(attributes),
            place.ordinal,
            "TCF" if confirmation else "AF",
            category,
            symbol.strip(),
            currency,
            quantity,
            price,
            multiplier,
            executed_at,
            trade_date,
            days[report_day],
            days[settle_day or get("settleDate", "")],
            proceeds,
            commission,
            paid_in or ("" if (text := get("commissionCurrency", "")) in NO_WORDS else text),
            taxes,
            net_cash,
            cost,
            realized,
            fx_rate,
            kind,
            buy_sell,
            "" if open_close == "-" else open_close,
            codes,
            order_id,
            brokerage_order_id,
            trade_id,
            transaction_id,
            exec_id,
            "" if (text := get("origTradeID", "")) == "0" or text in NO_WORDS else text,
            "" if (text := get("origTransactionID", "")) == "0" or text in NO_WORDS else text,
            days[get("origTradeDate", "")],
            "" if (text := get("positionActionID", "")) in NO_WORDS else text,
            order_type,
            exchange,
            order_reference,
            instants[ordered],
            close_price,
            mtm,
            accrued,
            json.dumps(extra, ensure_ascii=False) if extra else None,
        )
        return tuple.__new__(FillRow, row)  # as `_make` does, without looking at the length

    def _decimals(self, texts: tuple[str, ...]) -> Sequence[str | None]:
        # a look at all of them together costs half of a look at each
        if are_canonical(SEPARATOR.join(texts) + SEPARATOR):
            return texts if "" not in texts else [text or None for text in texts]
        number = self._values.number
        return [text if is_canonical(text) else number[text] for text in texts]

    def _price_from_money(self, attributes: Mapping[str, str], quantity: str, multiplier: str) -> str | None:
        # some templates leave the price out and keep what it cost
        money = self._values.number[attributes.get("tradeMoney") or attributes.get("amount", "")]
        if money is None:
            proceeds = self._values.number[attributes.get("proceeds", "")]
            if proceeds is None:
                return None
            money = str(-Decimal(proceeds))
        units = Decimal(quantity) * Decimal(multiplier)
        per_unit = Decimal(money) / units
        return canonical(per_unit * 100 if attributes.get("assetCategory") in _PERCENT_OF_PAR else per_unit)

    def _moment_of_day(self, attributes: Mapping[str, str], kind: str, day: str) -> int | None:
        clock = attributes.get("tradeTime") or (_BOOK_TIME if kind == "BookTrade" else "")
        return self._values.instant[f"{day};{clock}"] if day else None


def _in_activity_names(attributes: Mapping[str, str]) -> dict[str, str]:
    """Return a confirmation's row under the names that Activity has for the same."""
    renamed = dict(attributes)
    for theirs, ours in _NAMES_THAT_COUNT:
        if theirs in attributes:
            renamed[ours] = attributes[theirs]
    for theirs, ours in _NAMES_WHERE_FILLED:
        if attributes.get(theirs):
            renamed[ours] = attributes[theirs]
    return renamed
