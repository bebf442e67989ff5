"""What sets of legs are called."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from ibjournal.domain.strategy import Outlook, Structure
from ibjournal.domain.strategy_structure import Shape, outlook_of, ratios, structure_of

NEAR, FAR, LEAP = date(2026, 3, 20), date(2026, 4, 17), date(2027, 1, 15)
EXPIRIES = {"": NEAR, "f": FAR, "L": LEAP}
S = Structure


def shape(text: str) -> Shape:
    """Read a leg: ``-2C100`` two short calls at 100, ``+1P90f`` a far put, ``+1S`` the underlying."""
    sign = -1 if text[0] == "-" else 1
    ratio, right, rest = int(text[1]) * sign, text[2], text[3:]
    if right == "S":
        return Shape("", Decimal(0), date.min, ratio)
    suffix = rest.lstrip("0123456789.")
    return Shape(right, Decimal(rest.removesuffix(suffix)), EXPIRIES[suffix], ratio)


def shapes(text: str) -> list[Shape]:
    return [shape(each) for each in text.split()]


NAMED = [
    ("+1C100", S.LONG_CALL, "bullish"),
    ("-1C100", S.SHORT_CALL, "bearish"),
    ("+1P100", S.LONG_PUT, "bearish"),
    ("-1P100", S.SHORT_PUT, "bullish"),
    ("+1C100 -1C110", S.BULL_CALL_SPREAD, "bullish"),
    ("-1C100 +1C110", S.BEAR_CALL_SPREAD, "bearish"),
    ("+1P90 -1P100", S.BULL_PUT_SPREAD, "bullish"),
    ("-1P90 +1P100", S.BEAR_PUT_SPREAD, "bearish"),
    ("+1C100 -2C110", S.CALL_RATIO_SPREAD, "neutral"),
    ("-1C100 +2C110", S.CALL_BACKSPREAD, "bullish"),
    ("-2P90 +1P100", S.PUT_RATIO_SPREAD, "neutral"),
    ("+2P90 -1P100", S.PUT_BACKSPREAD, "bearish"),
    ("+2C100 -3C110", S.CALL_RATIO_SPREAD, "neutral"),
    ("+1C100 +1P100", S.LONG_STRADDLE, "neutral"),
    ("-1C100 -1P100", S.SHORT_STRADDLE, "neutral"),
    ("+1C110 +1P90", S.LONG_STRANGLE, "neutral"),
    ("-1C110 -1P90", S.SHORT_STRANGLE, "neutral"),
    ("+1C90 +1P110", S.LONG_GUTS, "neutral"),
    ("-1C90 -1P110", S.SHORT_GUTS, "neutral"),
    ("+2C100 +1P100", S.STRAP, "bullish"),
    ("+1C100 +2P100", S.STRIP, "bearish"),
    ("+1C100 -1P100", S.SYNTHETIC_LONG, "bullish"),
    ("-1C100 +1P100", S.SYNTHETIC_SHORT, "bearish"),
    ("+1C110 -1P90", S.RISK_REVERSAL, "bullish"),
    ("-1C110 +1P90", S.RISK_REVERSAL, "bearish"),
    ("-1C100 +1C100f", S.LONG_CALENDAR, "neutral"),
    ("+1P100 -1P100f", S.SHORT_CALENDAR, "neutral"),
    ("-1C105 +1C100f", S.LONG_DIAGONAL, "bullish"),
    ("-1P95 +1P100f", S.LONG_DIAGONAL, "bearish"),
    ("+1C105 -1C100f", S.SHORT_DIAGONAL, "bearish"),
    ("-1C110 +1C80L", S.PMCC, "bullish"),
    ("-1C80 +1C110L", S.LONG_DIAGONAL, "bullish"),
    ("-1P90 +1P120L", S.PMCP, "bearish"),
    ("+1C90 -2C100 +1C110", S.LONG_BUTTERFLY, "neutral"),
    ("-1C90 +2C100 -1C110", S.SHORT_BUTTERFLY, "neutral"),
    ("+1P90 -2P100 +1P110", S.LONG_BUTTERFLY, "neutral"),
    ("+1P85 -2P100 +1P110", S.LONG_BROKEN_WING, "neutral"),
    ("-1C90 +2C100 -1C115", S.SHORT_BROKEN_WING, "neutral"),
    ("+1C90 -3C100 +2C105", S.LONG_BROKEN_WING, "neutral"),
    ("+1P90 -1P100 -1C100 +1C110", S.IRON_BUTTERFLY, "neutral"),
    ("-1P90 +1P100 +1C100 -1C110", S.REVERSE_IRON_BUTTERFLY, "neutral"),
    ("+1P90 -1P95 -1C105 +1C110", S.IRON_CONDOR, "neutral"),
    ("-1P90 +1P95 +1C105 -1C110", S.REVERSE_IRON_CONDOR, "neutral"),
    ("+1P80 -1P95 -1C105 +1C110", S.IRON_CONDOR, "neutral"),
    ("+1C90 -1C95 -1C100 +1C105", S.LONG_CONDOR, "neutral"),
    ("-1P90 +1P95 +1P100 -1P105", S.SHORT_CONDOR, "neutral"),
    ("+1C90 -1C110 -1P90 +1P110", S.LONG_BOX, "neutral"),
    ("-1C90 +1C110 +1P90 -1P110", S.SHORT_BOX, "neutral"),
    ("-1P90 -1C105 +1C110", S.JADE_LIZARD, "neutral"),
    ("+1P85 -1P90 -1C110", S.REVERSE_JADE_LIZARD, "neutral"),
    ("-1C110 +1C110f -1P90 +1P90f", S.LONG_DOUBLE_CALENDAR, "neutral"),
    ("+1C110 -1C110f +1P90 -1P90f", S.SHORT_DOUBLE_CALENDAR, "neutral"),
    ("-1C105 +1C110f -1P95 +1P90f", S.LONG_DOUBLE_DIAGONAL, "neutral"),
    ("+1C105 -1C110f +1P95 -1P90f", S.SHORT_DOUBLE_DIAGONAL, "neutral"),
    ("+1S -1C100", S.COVERED_CALL, "bullish"),
    ("-1S -1P100", S.COVERED_PUT, "bearish"),
    ("+1S +1P100", S.PROTECTIVE_PUT, "bullish"),
    ("-1S +1C100", S.PROTECTIVE_CALL, "bearish"),
    ("+1S +1P90 -1C110", S.COLLAR, "bullish"),
    ("-1S -1P90 +1C110", S.COLLAR, "bearish"),
    ("+1S +1P100 -1C100", S.CONVERSION, "neutral"),
    ("-1S -1P100 +1C100", S.REVERSAL, "neutral"),
    ("+1S -1P90 -1C110", S.COVERED_STRANGLE, "bullish"),
    ("+1S -1P100 -1C100", S.COVERED_STRADDLE, "bullish"),
]


@pytest.mark.parametrize(("legs", "wanted", "outlook"), NAMED)
def test_names(legs: str, wanted: Structure, outlook: str) -> None:
    found = shapes(legs)
    assert structure_of(found) is wanted
    assert structure_of(reversed(found)) is wanted
    assert outlook_of(wanted, found) is Outlook(outlook)


@pytest.mark.parametrize(
    "legs",
    [
        "+1C100 -1P100f",  # a call and a put of different months
        "+1C100 +1C110",  # two long calls
        "+1C100 -5C110",  # too unequal for a ratio
        "-1C100 +2C100f",
        "+1C90 -2C100 +2C110",  # the wings do not hold the body
        "+1C90 +1C100 -2C110",
        "+1P90 -1P105 -1C100 +1C110",  # the short strikes overlap
        "+1C90 -1C110 +1P90 -1P110",  # two bull spreads
        "+2P90 -2P95 -1C105 +1C110",
        "+1C90 -1C95 +1C100 -1C105",
        "-1P90 +1C105 -1C110",
        "+1S +1C100",
        "+1S -2C100",
        "+1S +1S -1C100",
        "+1S -1P100",
        "+1C90 -1C95 -1C100 +1C105 +1C110",
        "+1S",
        "+1P90 -1P95 -1C105 +1C110f",
    ],
)
def test_what_has_no_name_gets_none(legs: str) -> None:
    assert structure_of(shapes(legs)) is None


def test_every_structure_has_a_test() -> None:
    named = {structure for _legs, structure, _outlook in NAMED}
    assert set(Structure) - named == {S.CUSTOM, S.CASH_SECURED_PUT}
    # stored in journals: adding is fine, changing is not
    assert all(each.value == each.value.lower() and " " not in each.value for each in Structure)


@pytest.mark.parametrize(
    ("amounts", "wanted"),
    [
        (("-300", "600"), (-1, 2)),
        (("100", "-100"), (1, -1)),
        (("5", "-12.5"), (2, -5)),
        (("0.5", "-0.5", "1"), (1, -1, 2)),
        (("100", "0"), (1, 0)),
        (("700",), (1,)),
    ],
)
def test_ratios_are_the_smallest_whole_numbers(amounts: tuple[str, ...], wanted: tuple[int, ...]) -> None:
    assert ratios([Decimal(each) for each in amounts]) == wanted


@pytest.mark.parametrize("legs", ["-1C100 +1C100f -1P100 +1P100L", "-1C100 -1C110 +1P90f +1P95f", "-1C100 +1C100f +1P100 -1P100f"])
def test_two_calls_and_two_puts_of_several_expiries_that_are_no_double(legs: str) -> None:
    assert structure_of(shapes(legs)) is None


@pytest.mark.parametrize("legs", ["+1P90 -1P95 -1C100 +1C100", "+1P90 -1P90 -1C100 +1C105"])
def test_two_classes_of_one_strike_are_no_condor(legs: str) -> None:
    """Weekly and monthly contracts of an index can share expiry and strike."""
    assert structure_of(shapes(legs)) is None
