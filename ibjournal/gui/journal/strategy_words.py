"""What strategies are called, and why legs are taken to belong together: codes into words and terms."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from PySide6.QtCore import QCoreApplication

from ibjournal.domain.strategy import Confidence, Premium, Reason, Strategy, StrategyLeg, Structure
from ibjournal.gui.error_words import QT_TRANSLATE_NOOP
from ibjournal.gui.widgets import figures, formats

STRUCTURES: dict[str, str] = {
    "long_call": QT_TRANSLATE_NOOP("Strategies", "Long call"),
    "short_call": QT_TRANSLATE_NOOP("Strategies", "Short call"),
    "long_put": QT_TRANSLATE_NOOP("Strategies", "Long put"),
    "short_put": QT_TRANSLATE_NOOP("Strategies", "Short put"),
    "cash_secured_put": QT_TRANSLATE_NOOP("Strategies", "Cash-secured put"),
    "bull_call_spread": QT_TRANSLATE_NOOP("Strategies", "Bull call spread"),
    "bear_call_spread": QT_TRANSLATE_NOOP("Strategies", "Bear call spread"),
    "bull_put_spread": QT_TRANSLATE_NOOP("Strategies", "Bull put spread"),
    "bear_put_spread": QT_TRANSLATE_NOOP("Strategies", "Bear put spread"),
    "call_ratio_spread": QT_TRANSLATE_NOOP("Strategies", "Call ratio spread"),
    "put_ratio_spread": QT_TRANSLATE_NOOP("Strategies", "Put ratio spread"),
    "call_backspread": QT_TRANSLATE_NOOP("Strategies", "Call backspread"),
    "put_backspread": QT_TRANSLATE_NOOP("Strategies", "Put backspread"),
    "long_straddle": QT_TRANSLATE_NOOP("Strategies", "Long straddle"),
    "short_straddle": QT_TRANSLATE_NOOP("Strategies", "Short straddle"),
    "long_strangle": QT_TRANSLATE_NOOP("Strategies", "Long strangle"),
    "short_strangle": QT_TRANSLATE_NOOP("Strategies", "Short strangle"),
    "long_guts": QT_TRANSLATE_NOOP("Strategies", "Long guts"),
    "short_guts": QT_TRANSLATE_NOOP("Strategies", "Short guts"),
    "strap": QT_TRANSLATE_NOOP("Strategies", "Strap"),
    "strip": QT_TRANSLATE_NOOP("Strategies", "Strip"),
    "long_butterfly": QT_TRANSLATE_NOOP("Strategies", "Long butterfly"),
    "short_butterfly": QT_TRANSLATE_NOOP("Strategies", "Short butterfly"),
    "long_broken_wing_butterfly": QT_TRANSLATE_NOOP("Strategies", "Long broken-wing butterfly"),
    "short_broken_wing_butterfly": QT_TRANSLATE_NOOP("Strategies", "Short broken-wing butterfly"),
    "iron_butterfly": QT_TRANSLATE_NOOP("Strategies", "Iron butterfly"),
    "reverse_iron_butterfly": QT_TRANSLATE_NOOP("Strategies", "Reverse iron butterfly"),
    "iron_condor": QT_TRANSLATE_NOOP("Strategies", "Iron condor"),
    "reverse_iron_condor": QT_TRANSLATE_NOOP("Strategies", "Reverse iron condor"),
    "long_condor": QT_TRANSLATE_NOOP("Strategies", "Long condor"),
    "short_condor": QT_TRANSLATE_NOOP("Strategies", "Short condor"),
    "long_box": QT_TRANSLATE_NOOP("Strategies", "Long box"),
    "short_box": QT_TRANSLATE_NOOP("Strategies", "Short box"),
    "jade_lizard": QT_TRANSLATE_NOOP("Strategies", "Jade lizard"),
    "reverse_jade_lizard": QT_TRANSLATE_NOOP("Strategies", "Reverse jade lizard"),
    "long_calendar": QT_TRANSLATE_NOOP("Strategies", "Calendar spread"),
    "short_calendar": QT_TRANSLATE_NOOP("Strategies", "Short calendar spread"),
    "long_diagonal": QT_TRANSLATE_NOOP("Strategies", "Diagonal spread"),
    "short_diagonal": QT_TRANSLATE_NOOP("Strategies", "Short diagonal spread"),
    "poor_mans_covered_call": QT_TRANSLATE_NOOP("Strategies", "Poor man’s covered call"),
    "poor_mans_covered_put": QT_TRANSLATE_NOOP("Strategies", "Poor man’s covered put"),
    "long_double_calendar": QT_TRANSLATE_NOOP("Strategies", "Double calendar"),
    "short_double_calendar": QT_TRANSLATE_NOOP("Strategies", "Short double calendar"),
    "long_double_diagonal": QT_TRANSLATE_NOOP("Strategies", "Double diagonal"),
    "short_double_diagonal": QT_TRANSLATE_NOOP("Strategies", "Short double diagonal"),
    "synthetic_long": QT_TRANSLATE_NOOP("Strategies", "Synthetic long"),
    "synthetic_short": QT_TRANSLATE_NOOP("Strategies", "Synthetic short"),
    "risk_reversal": QT_TRANSLATE_NOOP("Strategies", "Risk reversal"),
    "covered_call": QT_TRANSLATE_NOOP("Strategies", "Covered call"),
    "covered_put": QT_TRANSLATE_NOOP("Strategies", "Covered put"),
    "protective_put": QT_TRANSLATE_NOOP("Strategies", "Protective put"),
    "protective_call": QT_TRANSLATE_NOOP("Strategies", "Protective call"),
    "covered_straddle": QT_TRANSLATE_NOOP("Strategies", "Covered straddle"),
    "covered_strangle": QT_TRANSLATE_NOOP("Strategies", "Covered strangle"),
    "collar": QT_TRANSLATE_NOOP("Strategies", "Collar"),
    "conversion": QT_TRANSLATE_NOOP("Strategies", "Conversion"),
    "reversal": QT_TRANSLATE_NOOP("Strategies", "Reversal"),
    "custom": QT_TRANSLATE_NOOP("Strategies", "Custom"),
}
"""What a structure is called."""

SHORT_REASONS: dict[str, str] = {
    "same_combo": QT_TRANSLATE_NOOP("Strategies", "combination"),
    "same_order": QT_TRANSLATE_NOOP("Strategies", "same order"),
    "same_brokerage_order": QT_TRANSLATE_NOOP("Strategies", "same order"),
    "alone": QT_TRANSLATE_NOOP("Strategies", "stands alone"),
    "same_window": QT_TRANSLATE_NOOP("Strategies", "{seconds} s apart"),
    "same_second": QT_TRANSLATE_NOOP("Strategies", "same second"),
    "named": QT_TRANSLATE_NOOP("Strategies", "makes a {structure}"),
    "ratio": QT_TRANSLATE_NOOP("Strategies", "{ratio}"),
    "scaled_in": QT_TRANSLATE_NOOP("Strategies", "in {times} goes"),
    "shares_held": QT_TRANSLATE_NOOP("Strategies", "shares held"),
    "option_held": QT_TRANSLATE_NOOP("Strategies", "option held"),
    "same_day": QT_TRANSLATE_NOOP("Strategies", "same day"),
    "rolled": QT_TRANSLATE_NOOP("Strategies", "rolled"),
    "user_grouped": QT_TRANSLATE_NOOP("Strategies", "by you"),
    "user_split": QT_TRANSLATE_NOOP("Strategies", "by you"),
    "user_confirmed": QT_TRANSLATE_NOOP("Strategies", "by you"),
    "user_named": QT_TRANSLATE_NOOP("Strategies", "by you"),
}
"""Evidence for a table cell."""

REASONS: dict[str, str] = {
    "same_combo": QT_TRANSLATE_NOOP("Strategies", "IBKR executed the {legs} legs as one combination."),
    "same_order": QT_TRANSLATE_NOOP("Strategies", "The {legs} legs carry the same order number."),
    "same_brokerage_order": QT_TRANSLATE_NOOP("Strategies", "The {legs} legs carry the same order number."),
    "alone": QT_TRANSLATE_NOOP("Strategies", "Nothing else was opened in this underlying at about that time."),
    "same_window": QT_TRANSLATE_NOOP(
        "Strategies", "The legs have orders of their own, {seconds} s apart; up to {limit} s are looked at together."
    ),
    "same_second": QT_TRANSLATE_NOOP("Strategies", "The legs have orders of their own, filled in the same second."),
    "named": QT_TRANSLATE_NOOP("Strategies", "Together they make a structure that traders know: {structure}."),
    "ratio": QT_TRANSLATE_NOOP("Strategies", "Their quantities stand as {ratio}."),
    "scaled_in": QT_TRANSLATE_NOOP("Strategies", "It was built up in {times} goes, always in the same proportion."),
    "shares_held": QT_TRANSLATE_NOOP(
        "Strategies", "{quantity} units of {symbol} were held when it was opened, which is enough to cover it."
    ),
    "option_held": QT_TRANSLATE_NOOP("Strategies", "{symbol} was held when it was opened."),
    "same_day": QT_TRANSLATE_NOOP("Strategies", "The legs were opened on the same day, not together."),
    "rolled": QT_TRANSLATE_NOOP("Strategies", "The order that opened it closed {symbol}: it was rolled."),
    "user_grouped": QT_TRANSLATE_NOOP("Strategies", "You put these legs together."),
    "user_split": QT_TRANSLATE_NOOP("Strategies", "You took these legs apart from others."),
    "user_confirmed": QT_TRANSLATE_NOOP("Strategies", "You confirmed it."),
    "user_named": QT_TRANSLATE_NOOP("Strategies", "You said what it is."),
}
"""Evidence as a sentence."""

_DEBIT_LEADS_LONG = 2
"""With so many legs the one that matters most stands first; with more they stand by strike."""


def structure_word(structure: Structure | str) -> str:
    """Return what a structure is called; its code where there is no word."""
    code = structure.value if isinstance(structure, Structure) else structure
    words = STRUCTURES.get(code)
    return QCoreApplication.translate("Strategies", words) if words else code


def title_of(strategy: Strategy) -> str:
    """Return the user's name for a strategy, else what its structure is called."""
    return strategy.name or structure_word(strategy.structure)


def terms_of(strategy: Strategy, today: date, *, with_year: bool = False) -> str:
    """Return expiry and strikes: ``20 Nov · 152.5/147.5``; a lone option or two of one strike with the right."""
    options = [leg for leg in strategy.legs if leg.right]
    expiries = sorted({leg.expiry for leg in options if leg.expiry is not None})
    days = "/".join(formats.full_day(day) if with_year else figures.day(day, today) for day in expiries)
    parts = [days] if days else []
    if options:
        strikes = _strikes(strategy, options)
        rights = {leg.right for leg in options}
        parts.append(f"{strikes} {rights.pop()}" if len(rights) == 1 and len(strikes.split("/")) == 1 else strikes)
    if strategy.name:
        parts.insert(0, structure_word(strategy.structure))
    return " · ".join(part for part in parts if part)


def _strikes(strategy: Strategy, options: Sequence[StrategyLeg]) -> str:
    strikes = sorted({leg.strike for leg in options if leg.strike is not None})
    if len(options) == _DEBIT_LEADS_LONG and len(strikes) == _DEBIT_LEADS_LONG:
        leads = [leg for leg in options if (leg.quantity < 0) == (strategy.premium is Premium.CREDIT)]
        if len(leads) == 1 and leads[0].strike is not None:
            strikes.sort(key=lambda strike: strike != leads[0].strike)
    return "/".join(formats.quantity(strike) for strike in strikes)


def contract_words(leg: StrategyLeg) -> str:
    """Return a leg's contract: ``152.5 P``; the symbol of shares and futures."""
    if not leg.right or leg.strike is None:
        return leg.symbol
    return f"{formats.quantity(leg.strike)} {leg.right}"


def units(strategy: Strategy) -> Decimal:
    """Return how many times the structure was opened: the greatest common number of its options, else of its legs."""
    legs = [leg for leg in strategy.legs if leg.right] or list(strategy.legs)
    each = [abs(leg.quantity) / abs(leg.ratio) for leg in legs if leg.ratio]
    return min(each, default=Decimal(0))


def premium_word(premium: Premium) -> str:
    """Return the word for whether opening brought money or cost it."""
    translate = QCoreApplication.translate
    return {
        Premium.CREDIT: translate("Strategies", "Credit"),
        Premium.DEBIT: translate("Strategies", "Debit"),
        Premium.EVEN: translate("Strategies", "Even"),
    }[premium]


def confidence_word(confidence: Confidence) -> str:
    """Return how sure it is that the legs belong together."""
    translate = QCoreApplication.translate
    return {
        Confidence.HIGH: translate("Strategies", "certain"),
        Confidence.MEDIUM: translate("Strategies", "likely"),
        Confidence.LOW: translate("Strategies", "a guess"),
        Confidence.USER: translate("Strategies", "by you"),
    }[confidence]


def short_reasons(strategy: Strategy) -> str:
    """Return the evidence for a table cell: ``same second, 1:1``."""
    words = [_filled(SHORT_REASONS, reason) for reason in strategy.reasons if reason.code != "named"]
    return ", ".join(dict.fromkeys(word for word in words if word))


def reason_sentences(strategy: Strategy) -> tuple[str, ...]:
    """Return the evidence as sentences, the weightiest first."""
    return tuple(_filled(REASONS, reason) for reason in strategy.reasons)


def _filled(table: dict[str, str], reason: Reason) -> str:
    values = dict(reason.values)
    code = reason.code
    if code == "same_window" and values.get("seconds") == "0":
        code = "same_second"
    if "structure" in values:
        values["structure"] = structure_word(values["structure"])
    if "ratio" in values:
        values["ratio"] = values["ratio"].replace("-", "−")
    words = table.get(code)
    if words is None:
        return code
    try:
        return QCoreApplication.translate("Strategies", words).format(**values)
    except KeyError:  # evidence without its values is still evidence
        return QCoreApplication.translate("Strategies", words)
