"""Links of a chain in words: what each is, the muted words behind it, its amount, its icon."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from PySide6.QtCore import QCoreApplication

from ibjournal.analytics.reconciliation import Check, Part
from ibjournal.domain.cash import CashEntry
from ibjournal.domain.execution import Execution
from ibjournal.domain.lots import LotMatch, OpenLot
from ibjournal.domain.position_event import EVENT, HELD, PositionEvent
from ibjournal.domain.trade import Trade
from ibjournal.gui.check_texts import describe_check, describe_part, is_money, is_quantity, is_state
from ibjournal.gui.event_words import type_word
from ibjournal.gui.reports.change_tables import field_name, kind_name, value_text
from ibjournal.gui.widgets import figures, formats
from ibjournal.services.origins import Origin, OriginKind
from ibjournal.services.trade_origins import OF_IBKR
from ibjournal.store.fill_changes import FillChange

_ICONS = {
    OriginKind.FIGURE: "sigma",
    OriginKind.TRADE: "arrow-left-right",
    OriginKind.MATCH: "link",
    OriginKind.LOT: "package-open",
    OriginKind.EXECUTION: "zap",
    OriginKind.EVENT: "git-branch",
    OriginKind.CHANGE: "pencil",
    OriginKind.CASH: "coins",
    OriginKind.EQUITY: "landmark",
    OriginKind.CHECK: "scale",
    OriginKind.PART: "plus",
    OriginKind.ROW: "file-code",
}


@dataclass(frozen=True, slots=True)
class LinkWords:
    """How a link is shown."""

    text: str
    tail: str = ""
    amount: str = ""
    icon: str = ""
    money: bool = True
    """Whether the mask hides the amount."""


def words_of(origin: Origin) -> LinkWords:
    """Return the words of a link."""
    text, tail, money = _said(origin)
    amount = "" if origin.amount is None else _amount(origin)
    return LinkWords(text=text, tail=tail, amount=amount, icon=_ICONS[origin.kind], money=money and origin.amount is not None)


def _said(origin: Origin) -> tuple[str, str, bool]:
    translate = QCoreApplication.translate
    of = origin.of
    match of:
        case Trade():
            return _trade(of, origin.symbol)
        case LotMatch():
            text = translate("Provenance", "Lot of {quantity}").format(quantity=formats.quantity(of.quantity))
            return text, _days(of.opened_at, of.closed_at), True
        case OpenLot():
            text = translate("Provenance", "Open lot of {quantity}").format(quantity=formats.quantity(of.quantity))
            return text, formats.full_day(_new_york(of.opened_at)), bool(origin.currency)
        case Execution():
            return _execution(of, origin.symbol)
        case PositionEvent():
            return type_word(of.type), formats.full_day(of.report_date or _new_york(of.effective_at)), True
        case FillChange():
            return _change(of)
        case CashEntry():
            return of.type, formats.full_day(of.value_date), True
        case Check():
            return describe_check(of), formats.day_range(of.period.start, of.period.end), is_money(of)
        case Part():
            return describe_part(of), "", True
        case date():
            return translate("Provenance", "Net asset value"), f"{formats.full_day(of)} · {origin.account}", True
    if of == HELD.removeprefix(EVENT):
        return translate("Provenance", "Held before the reports begin"), "", True
    if origin.kind is OriginKind.EVENT:
        return translate("Provenance", "Event"), str(of or ""), True
    if origin.kind is OriginKind.EXECUTION:
        return translate("Provenance", "A fill that is no longer known"), str(of or ""), True
    if origin.kind is OriginKind.FIGURE:
        return str(of or ""), "", True
    return _row(str(of or ""))


def _trade(trade: Trade, symbol: str) -> tuple[str, str, bool]:
    tail = formats.full_day(trade.opened_on)
    if trade.closed_on is not None:
        tail = formats.day_range(trade.opened_on, trade.closed_on)
    return QCoreApplication.translate("Provenance", "Trade {symbol}").format(symbol=symbol), tail, True


def _execution(execution: Execution, symbol: str) -> tuple[str, str, bool]:
    translate = QCoreApplication.translate
    words = {
        True: translate("Provenance", "Bought {quantity} {symbol} at {price}"),
        False: translate("Provenance", "Sold {quantity} {symbol} at {price}"),
    }[execution.quantity >= 0]
    text = words.format(
        quantity=formats.quantity(abs(execution.quantity)), symbol=symbol or execution.symbol, price=figures.price(execution.price)
    )
    when = execution.executed_at.astimezone(figures.NEW_YORK)
    parts = [translate("Provenance", "{moment} New York").format(moment=f"{formats.full_day(when.date())} {when:%H:%M:%S}")]
    if execution.provisional:
        parts.append(translate("Provenance", "provisional"))
    return text, " · ".join(parts), True


def _change(change: FillChange) -> tuple[str, str, bool]:
    text = f"{kind_name(change.kind)}: {field_name(change.field)}"
    return text, f"{value_text(change.field, change.before)} → {value_text(change.field, change.after)}", True


def _row(status: str) -> tuple[str, str, bool]:
    translate = QCoreApplication.translate
    words = {
        "cancelled": translate("Provenance", "Cancelled row"),
        "superseded": translate("Provenance", "Row that was corrected"),
        "vanished": translate("Provenance", "Row that a later report no longer has"),
        "incomplete": translate("Provenance", "Row with fields missing"),
        "OptionEAE": translate("Provenance", "End of the option"),
        OF_IBKR: translate("Provenance", "IBKR’s figure stands here"),
    }.get(status)
    return words or translate("Provenance", "Row of the report"), "", True


def _amount(origin: Origin) -> str:
    value = origin.amount or Decimal(0)
    if isinstance(origin.of, Check):
        text = formats.quantity(value) if is_quantity(origin.of) else formats.number(value, signed=not is_state(origin.of))
    elif isinstance(origin.of, OpenLot) and not origin.currency:
        text = formats.quantity(value)
    elif origin.kind is OriginKind.EQUITY:
        text = formats.number(value)
    else:
        text = formats.change(value)
    return figures.with_currency(text, origin.currency)


def _days(opened: datetime | None, closed: datetime) -> str:
    if opened is None:
        return f"? – {formats.full_day(_new_york(closed))}"
    return formats.day_range(_new_york(opened), _new_york(closed))


def _new_york(moment: datetime) -> date:
    return moment.astimezone(figures.NEW_YORK).date()
