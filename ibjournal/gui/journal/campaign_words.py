"""Campaigns told as a trader would: kinds, states, and a sentence for each step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from PySide6.QtCore import QCoreApplication

from ibjournal.domain.campaign import CampaignKind, CampaignState, CampaignStep, Link, StepKind, StepLeg
from ibjournal.domain.instrument import AssetClass, Instrument, InstrumentId
from ibjournal.domain.trade import Role
from ibjournal.gui.error_words import QT_TRANSLATE_NOOP
from ibjournal.gui.widgets import figures, formats

_OPTIONS = frozenset({AssetClass.OPT, AssetClass.FOP, AssetClass.WAR, AssetClass.IOPT})
Instruments = Mapping[InstrumentId, Instrument]

KINDS: dict[str, str] = {
    "wheel": QT_TRANSLATE_NOOP("Campaigns", "Wheel"),
    "covered": QT_TRANSLATE_NOOP("Campaigns", "Covered writing"),
    "roll": QT_TRANSLATE_NOOP("Campaigns", "Rolled option"),
    "futures_roll": QT_TRANSLATE_NOOP("Campaigns", "Rolled future"),
    "exercise": QT_TRANSLATE_NOOP("Campaigns", "Exercise"),
    "custom": QT_TRANSLATE_NOOP("Campaigns", "Put together by you"),
}

STATES: dict[str, str] = {
    "put": QT_TRANSLATE_NOOP("Campaigns", "put written"),
    "shares": QT_TRANSLATE_NOOP("Campaigns", "holding shares"),
    "call": QT_TRANSLATE_NOOP("Campaigns", "call written"),
    "open": QT_TRANSLATE_NOOP("Campaigns", "open"),
    "flat": QT_TRANSLATE_NOOP("Campaigns", "ended"),
}

REASONS: dict[str, str] = {
    "same_combo": QT_TRANSLATE_NOOP("Campaigns", "IBKR executed both as one combination."),
    "same_order": QT_TRANSLATE_NOOP("Campaigns", "Both carry the same order number."),
    "same_brokerage_order": QT_TRANSLATE_NOOP("Campaigns", "Both carry the same order number."),
    "within_seconds": QT_TRANSLATE_NOOP("Campaigns", "{seconds} s lie between them."),
    "same_day": QT_TRANSLATE_NOOP("Campaigns", "As much was closed as was opened, on one day, {minutes} min apart."),
    "position_action": QT_TRANSLATE_NOOP("Campaigns", "IBKR gives both the same number of the exercise."),
    "trade_ids": QT_TRANSLATE_NOOP("Campaigns", "IBKR’s trade numbers follow each other."),
    "strike": QT_TRANSLATE_NOOP("Campaigns", "The underlying was booked at the strike on the day of the exercise."),
    "covered": QT_TRANSLATE_NOOP("Campaigns", "The option was written on {needed} units of {shares} that were held."),
    "partly_covered": QT_TRANSLATE_NOOP("Campaigns", "The option needs {needed} units; {shares} were held."),
    "covered_later": QT_TRANSLATE_NOOP("Campaigns", "The shares came while the option was open."),
    "told": QT_TRANSLATE_NOOP("Campaigns", "You put them together."),
}
"""Why two trades belong together."""


def kind_word(kind: CampaignKind) -> str:
    """Return what kind of story it is."""
    return QCoreApplication.translate("Campaigns", KINDS[kind.value])


def state_word(state: CampaignState) -> str:
    """Return where a campaign stands."""
    return QCoreApplication.translate("Campaigns", STATES[state.value])


def reason_words(link: Link) -> str:
    """Return why two trades belong together."""
    words = QCoreApplication.translate("Campaigns", REASONS[link.reason.value])
    try:
        return words.format(**dict(link.values))
    except KeyError:
        return words


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A step in words: ``lead`` says what happened, each line of ``more`` with what."""

    lead: str
    more: tuple[str, ...] = ()


def tell(step: CampaignStep, instruments: Instruments, today: date) -> Told:
    """Return a step as a trader would say it."""
    translate = QCoreApplication.translate
    options = [leg for leg in step.legs if _is_option(leg, instruments)]
    shares = [leg for leg in step.legs if leg not in options]
    match step.kind:
        case StepKind.OPENED:
            return _opened(step.legs, instruments, today)
        case StepKind.ROLLED:
            return _rolled(step.legs, instruments, today)
        case StepKind.ASSIGNED | StepKind.EXERCISED | StepKind.CALLED_AWAY:
            return _exercised(step.kind, options, shares, instruments, today)
        case StepKind.EXPIRED:
            return Told(lead=translate("Campaigns", "Expired worthless"), more=_lines(_contracts(options, instruments, today)))
        case StepKind.SETTLED:
            return Told(lead=translate("Campaigns", "Settled in cash"), more=_lines(_contracts(options, instruments, today)))
        case StepKind.CLOSED:
            lead = translate("Campaigns", "Bought back") if _bought(step.legs) else translate("Campaigns", "Sold to close")
            return Told(lead=lead, more=_lines(_all(step.legs, instruments, today)))
        case StepKind.BOUGHT:
            return Told(lead=translate("Campaigns", "Bought shares"), more=_lines(_all(step.legs, instruments, today)))
        case StepKind.SOLD:
            return Told(lead=translate("Campaigns", "Sold shares"), more=_lines(_all(step.legs, instruments, today)))
        case StepKind.DIVIDEND:
            return Told(lead=translate("Campaigns", "Dividend"), more=_lines(_ex_date(step, today)))
        case StepKind.WITHHOLDING_TAX:
            return Told(lead=translate("Campaigns", "Withholding tax"), more=_lines(_ex_date(step, today)))
        case _:
            return Told(lead=translate("Campaigns", "Moved without a fill"), more=_lines(_all(step.legs, instruments, today)))


def contract_words(instrument: Instrument | None, today: date) -> str:
    """Return a contract: ``5 Dec 182.5 P``, ``Dec 26`` for a future, the symbol for shares."""
    if instrument is None:
        return ""
    if instrument.asset_class in _OPTIONS:
        parts = [figures.day(instrument.expiry, today)] if instrument.expiry else []
        if instrument.strike is not None:
            parts.append(f"{formats.quantity(instrument.strike)} {instrument.right}".strip())
        return " ".join(parts)
    if instrument.expiry:
        return f"{figures.short_month(instrument.expiry.month)} {instrument.expiry.year % 100:02}"
    return instrument.symbol


def _lines(*texts: str) -> tuple[str, ...]:
    return tuple(text for text in texts if text)


def _opened(legs: tuple[StepLeg, ...], instruments: Instruments, today: date) -> Told:
    translate = QCoreApplication.translate
    rights = {instruments[leg.instrument].right for leg in legs if leg.instrument in instruments}
    written = not _bought(legs)
    if rights == {"P"}:
        lead = translate("Campaigns", "Wrote a put") if written else translate("Campaigns", "Bought a put")
    elif rights == {"C"}:
        lead = translate("Campaigns", "Wrote a call") if written else translate("Campaigns", "Bought a call")
    else:
        lead = translate("Campaigns", "Sold to open") if written else translate("Campaigns", "Bought to open")
    return Told(lead=lead, more=_lines(_all(legs, instruments, today)))


def _rolled(legs: tuple[StepLeg, ...], instruments: Instruments, today: date) -> Told:
    translate = QCoreApplication.translate
    closed = [leg for leg in legs if leg.role is Role.CLOSING]
    opened = [leg for leg in legs if leg.role is Role.OPENING]
    old = [instruments[leg.instrument] for leg in closed if leg.instrument in instruments]
    new = [instruments[leg.instrument] for leg in opened if leg.instrument in instruments]
    lead = translate("Campaigns", "Rolled")
    if len(old) == 1 and len(new) == 1 and old[0].strike is not None and new[0].strike is not None:
        later = old[0].expiry is not None and new[0].expiry is not None and new[0].expiry > old[0].expiry
        if new[0].strike == old[0].strike:
            lead = translate("Campaigns", "Rolled out") if later else lead
        elif new[0].strike > old[0].strike:
            lead = translate("Campaigns", "Rolled out and up") if later else translate("Campaigns", "Rolled up")
        else:
            lead = translate("Campaigns", "Rolled out and down") if later else translate("Campaigns", "Rolled down")
    return Told(lead=lead, more=_lines(_all(closed, instruments, today), f"→ {_all(opened, instruments, today)}"))


def _exercised(kind: StepKind, options: list[StepLeg], shares: list[StepLeg], instruments: Instruments, today: date) -> Told:
    translate = QCoreApplication.translate
    lead = {
        StepKind.ASSIGNED: translate("Campaigns", "Assigned"),
        StepKind.EXERCISED: translate("Campaigns", "Exercised"),
        StepKind.CALLED_AWAY: translate("Campaigns", "Called away"),
    }[kind]
    contract = _contracts(options, instruments, today)
    if not shares:
        return Told(lead=lead, more=_lines(contract))
    quantity = sum((leg.quantity for leg in shares), Decimal(0))
    price = figures.price(shares[0].price)
    words = translate("Campaigns", "took {quantity} at {price}")
    if quantity < 0:
        words = translate("Campaigns", "delivered {quantity} at {price}")
    return Told(lead=lead, more=_lines(contract, words.format(quantity=formats.quantity(abs(quantity)), price=price)))


def _all(legs: tuple[StepLeg, ...] | list[StepLeg], instruments: Instruments, today: date) -> str:
    return ", ".join(_one(leg, instruments, today) for leg in legs)


def _one(leg: StepLeg, instruments: Instruments, today: date) -> str:
    translate = QCoreApplication.translate
    instrument = instruments.get(leg.instrument)
    quantity = formats.quantity(abs(leg.quantity))
    what = contract_words(instrument, today) if instrument is None or instrument.expiry else ""
    at = translate("Campaigns", "at {price}").format(price=figures.price(leg.price)) if leg.price is not None else ""
    times = f"{quantity} × {what}" if what else quantity
    return " ".join(part for part in (times, at) if part)


def _contracts(legs: list[StepLeg], instruments: Instruments, today: date) -> str:
    return ", ".join(
        f"{formats.quantity(abs(leg.quantity))} × {contract_words(instruments.get(leg.instrument), today)}" for leg in legs
    )


def _ex_date(step: CampaignStep, today: date) -> str:
    if step.ex_date is None:
        return ""
    return QCoreApplication.translate("Campaigns", "ex {day}").format(day=figures.day(step.ex_date, today))


def _bought(legs: tuple[StepLeg, ...]) -> bool:
    return sum((leg.quantity for leg in legs), Decimal(0)) > 0


def _is_option(leg: StepLeg, instruments: Instruments) -> bool:
    instrument = instruments.get(leg.instrument)
    return instrument is not None and instrument.asset_class in _OPTIONS
