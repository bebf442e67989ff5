"""What befell a trade, in words: both views of an exercise, events that moved its lots, and fills that changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal

from PySide6.QtCore import QCoreApplication

from ibjournal.domain.trade import TradeKey
from ibjournal.gui.event_words import type_word
from ibjournal.gui.journal.campaign_words import contract_words
from ibjournal.gui.journal.section import Amount
from ibjournal.gui.widgets import figures, formats
from ibjournal.services.trade_story import Move, ViewLine


def view_amounts(
    lines: Sequence[ViewLine], current: TradeKey | None, goto: Callable[[TradeKey], object], *, today: date, masked: bool
) -> tuple[Amount, ...]:
    """Return the trades that an exercise ties together in both views, and the two sums, which are equal.

    Args:
        lines: the trades; those that are still open count with what their open lots had cost.
        current: the trade that is shown; the others are links.
        goto: shows another trade.
        today: decides where a year is written.
        masked: whether money is hidden.
    """
    translate = QCoreApplication.translate
    if not lines:
        return ()

    def pair(earned: Decimal | None, booked: Decimal | None) -> tuple[str, str]:
        return figures.change(earned, masked=masked), figures.change(booked, masked=masked)

    amounts = []
    for line in lines:
        name = _name(line, today)
        key = line.trade.key
        action = None if key == current else (lambda key=key: goto(key))
        if line.trade.open_quantity != line.trade.quantity:
            amounts.append(Amount(name=name, values=pair(line.earned, line.booked), action=action))
        if line.earned_cost or line.booked_cost:
            cost = translate("TradeSummary", "{contract}, cost of what is open").format(contract=name)
            amounts.append(Amount(name=cost, values=pair(-line.earned_cost, -line.booked_cost), action=action))
    earned = _total([(line.earned, line.earned_cost) for line in lines])
    booked = _total([(line.booked, line.booked_cost) for line in lines])
    amounts.append(Amount(name=translate("TradeSummary", "Together"), values=pair(earned, booked), total=True))
    return tuple(amounts)


def _total(figures_of: Sequence[tuple[Decimal | None, Decimal]]) -> Decimal | None:
    total = Decimal(0)
    for result, cost in figures_of:
        if result is None:
            return None
        total += result - cost
    return total


def _name(line: ViewLine, today: date) -> str:
    instrument = line.instrument
    if instrument.expiry is not None:
        return contract_words(instrument, today)
    return QCoreApplication.translate("TradeSummary", "{symbol} shares").format(symbol=instrument.symbol)


def move_words(move: Move, today: date) -> str:
    """Return what an event did to a trade's lots: ``12 Mar: Merger or maturity, came from XYZ``."""
    translate = QCoreApplication.translate
    day = figures.day(move.day, today)
    parts = [type_word(move.type)]
    elsewhere = move.symbol or (move.account or "")
    if elsewhere and move.quantity > 0:
        parts.append(translate("TradeSummary", "{quantity} came from {where}").format(quantity=_units(move), where=elsewhere))
    elif elsewhere:
        parts.append(translate("TradeSummary", "{quantity} went to {where}").format(quantity=_units(move), where=elsewhere))
    elif move.quantity:
        parts.append(formats.quantity(move.quantity, signed=True))
    return f"{day}: {', '.join(parts)}"


def _units(move: Move) -> str:
    return formats.quantity(abs(move.quantity))
