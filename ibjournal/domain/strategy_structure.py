"""Names for sets of legs: by rights, strikes, expiries, signs and ratios."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from math import gcd, lcm
from typing import NamedTuple

from ibjournal.domain.strategy import Outlook, Structure

FAR_DAYS = 90
"""How much longer the long leg of a poor man's covered call lives, at least."""
_MOST_UNEQUAL = 4

S = Structure


class Shape(NamedTuple):
    """A leg as far as its name depends on it. ``right`` is ``C``, ``P``, or empty for the underlying itself."""

    right: str
    strike: Decimal
    expiry: date
    ratio: int


def ratios(amounts: Sequence[Decimal]) -> tuple[int, ...]:
    """Return amounts (quantity × multiplier, signed) as the smallest whole numbers of the same proportion.

    >>> ratios((Decimal(-200), Decimal(100)))
    (-2, 1)
    """
    fractions = [amount.as_integer_ratio() for amount in amounts]
    denominator = lcm(*(below for _above, below in fractions))
    whole = [above * (denominator // below) for above, below in fractions]
    divisor = gcd(*whole) or 1
    return tuple(each // divisor for each in whole)


def structure_of(shapes: Iterable[Shape]) -> Structure | None:
    """Return what traders call these legs, None where there is no name for them. Ratios are reduced (`ratios`)."""
    legs = sorted(shapes, key=lambda leg: (leg.expiry, leg.strike, leg.right))
    options = [leg for leg in legs if leg.right]
    shares = [leg for leg in legs if not leg.right]
    if len(shares) > 1 or any(not leg.ratio for leg in legs):
        return None
    if shares:
        return _with_shares(shares[0].ratio, options)
    name = _BY_COUNT.get(len(options))
    return name(options) if name is not None else None


def outlook_of(structure: Structure, shapes: Iterable[Shape]) -> Outlook:
    """Return where the underlying must go; where the name does not say, the first leg with a direction does."""
    fixed = _OUTLOOKS.get(structure)
    if fixed is not None:
        return fixed
    calls = sum(leg.ratio for leg in shapes if leg.right == "C")
    if structure is S.RISK_REVERSAL:
        return Outlook.BULLISH if calls > 0 else Outlook.BEARISH
    if structure is S.COLLAR:
        return Outlook.BULLISH if calls < 0 else Outlook.BEARISH
    if structure in {S.LONG_DIAGONAL, S.SHORT_DIAGONAL}:
        return Outlook.BULLISH if (structure is S.LONG_DIAGONAL) == any(leg.right == "C" for leg in shapes) else Outlook.BEARISH
    return Outlook.NONE


def _single(legs: list[Shape]) -> Structure:
    (leg,) = legs
    if leg.right == "C":
        return S.LONG_CALL if leg.ratio > 0 else S.SHORT_CALL
    return S.LONG_PUT if leg.ratio > 0 else S.SHORT_PUT


def _pair(legs: list[Shape]) -> Structure | None:
    first, second = legs
    opposite = (first.ratio > 0) != (second.ratio > 0)
    if first.expiry != second.expiry:
        fits = first.right == second.right and first.ratio == -second.ratio
        return _two_expiries(first, second) if fits else None
    if first.right == second.right:
        return _spread(first, second) if opposite and first.strike != second.strike else None
    call, put = (first, second) if first.right == "C" else (second, first)
    if opposite:
        return _synthetic(call, put)
    if call.ratio == put.ratio:
        return _volatility(call, put)
    unequal = call.ratio > 0 and call.strike == put.strike and {call.ratio, put.ratio} == {1, 2}
    return (S.STRAP if call.ratio > put.ratio else S.STRIP) if unequal else None


def _spread(lower: Shape, higher: Shape) -> Structure | None:
    call = lower.right == "C"
    if lower.ratio == -higher.ratio:
        if lower.ratio > 0:
            return S.BULL_CALL_SPREAD if call else S.BULL_PUT_SPREAD
        return S.BEAR_CALL_SPREAD if call else S.BEAR_PUT_SPREAD
    if max(abs(lower.ratio), abs(higher.ratio)) > _MOST_UNEQUAL:
        return None
    if lower.ratio + higher.ratio < 0:
        return S.CALL_RATIO_SPREAD if call else S.PUT_RATIO_SPREAD
    return S.CALL_BACKSPREAD if call else S.PUT_BACKSPREAD


def _synthetic(call: Shape, put: Shape) -> Structure | None:
    if call.ratio != -put.ratio:
        return None
    if call.strike != put.strike:
        return S.RISK_REVERSAL
    return S.SYNTHETIC_LONG if call.ratio > 0 else S.SYNTHETIC_SHORT


def _volatility(call: Shape, put: Shape) -> Structure:
    long = call.ratio > 0
    if call.strike == put.strike:
        return S.LONG_STRADDLE if long else S.SHORT_STRADDLE
    if call.strike > put.strike:
        return S.LONG_STRANGLE if long else S.SHORT_STRANGLE
    return S.LONG_GUTS if long else S.SHORT_GUTS


def _two_expiries(near: Shape, far: Shape) -> Structure:
    long = far.ratio > 0
    if near.strike == far.strike:
        return S.LONG_CALENDAR if long else S.SHORT_CALENDAR
    if long and (far.expiry - near.expiry).days >= FAR_DAYS:
        if far.right == "C" and far.strike < near.strike:
            return S.PMCC
        if far.right == "P" and far.strike > near.strike:
            return S.PMCP
    return S.LONG_DIAGONAL if long else S.SHORT_DIAGONAL


def _triple(legs: list[Shape]) -> Structure | None:
    if len({leg.expiry for leg in legs}) > 1:
        return None
    rights = "".join(leg.right for leg in legs)
    signs = tuple(leg.ratio for leg in legs)
    low, middle, high = (leg.strike for leg in legs)
    if rights in {"CCC", "PPP"} and len({low, middle, high}) == len(legs):
        long = signs[0] > 0
        if sum(signs) or (signs[1] > 0) == long or (signs[2] > 0) != long:
            return None
        if signs[0] == signs[2] and middle - low == high - middle:
            return S.LONG_BUTTERFLY if long else S.SHORT_BUTTERFLY
        return S.LONG_BROKEN_WING if long else S.SHORT_BROKEN_WING
    if rights == "PCC" and signs == (-1, -1, 1) and middle < high:
        return S.JADE_LIZARD
    if rights == "PPC" and signs == (1, -1, -1) and low < middle:
        return S.REVERSE_JADE_LIZARD
    return None


def _quad(legs: list[Shape]) -> Structure | None:
    if any(abs(leg.ratio) != 1 for leg in legs) or sum(leg.ratio for leg in legs) != 0:
        return None
    calls = [leg for leg in legs if leg.right == "C"]
    puts = [leg for leg in legs if leg.right == "P"]
    expiries = {leg.expiry for leg in legs}
    if len(expiries) > 1:
        return _double(calls, puts) if len(calls) == len(puts) else None
    if not calls or not puts:
        outer = legs[0].ratio
        if len({leg.strike for leg in legs}) < len(legs) or [leg.ratio for leg in legs] != [outer, -outer, -outer, outer]:
            return None
        return S.LONG_CONDOR if outer > 0 else S.SHORT_CONDOR
    return _iron_or_box(calls, puts) if len(calls) == len(puts) else None


def _double(calls: list[Shape], puts: list[Shape]) -> Structure | None:
    (near_call, far_call), (near_put, far_put) = calls, puts
    same_days = (near_call.expiry, far_call.expiry) == (near_put.expiry, far_put.expiry)
    if not same_days or near_call.expiry == far_call.expiry or far_call.ratio == near_call.ratio or far_call.ratio != far_put.ratio:
        return None
    long = far_call.ratio > 0
    if near_call.strike == far_call.strike and near_put.strike == far_put.strike:
        return S.LONG_DOUBLE_CALENDAR if long else S.SHORT_DOUBLE_CALENDAR
    return S.LONG_DOUBLE_DIAGONAL if long else S.SHORT_DOUBLE_DIAGONAL


def _iron_or_box(calls: list[Shape], puts: list[Shape]) -> Structure | None:
    (low_call, high_call), (low_put, high_put) = calls, puts
    if low_call.strike == high_call.strike or low_put.strike == high_put.strike:
        return None
    if low_call.ratio == high_call.ratio or low_put.ratio == high_put.ratio:
        return None
    if low_call.ratio == -low_put.ratio:  # a bull spread against a bear spread: the wings point the same way
        if low_call.ratio > 0 and (low_call.strike, high_call.strike) == (low_put.strike, high_put.strike):
            return S.LONG_BOX
        if low_call.ratio < 0 and (low_call.strike, high_call.strike) == (low_put.strike, high_put.strike):
            return S.SHORT_BOX
        short = low_put.ratio > 0
        if high_put.strike == low_call.strike:
            return S.IRON_BUTTERFLY if short else S.REVERSE_IRON_BUTTERFLY
        if high_put.strike < low_call.strike:
            return S.IRON_CONDOR if short else S.REVERSE_IRON_CONDOR
    return None


def _with_shares(shares: int, options: list[Shape]) -> Structure | None:
    if any(abs(leg.ratio) != abs(shares) for leg in options):
        return None
    long = shares > 0
    if len(options) == 1:
        return _COVERED.get((long, options[0].right, options[0].ratio > 0))
    if [leg.right for leg in sorted(options)] != ["C", "P"]:
        return None
    call, put = sorted(options)
    same = call.strike == put.strike and call.expiry == put.expiry
    if (call.ratio > 0) == (put.ratio > 0):
        if not long or call.ratio > 0:
            return None
        return S.COVERED_STRADDLE if same else S.COVERED_STRANGLE
    if (call.ratio < 0) != long:
        return None
    if same:
        return S.CONVERSION if long else S.REVERSAL
    return S.COLLAR


_BY_COUNT: Mapping[int, Callable[[list[Shape]], Structure | None]] = {1: _single, 2: _pair, 3: _triple, 4: _quad}

_COVERED = {
    (True, "C", False): S.COVERED_CALL,
    (True, "P", True): S.PROTECTIVE_PUT,
    (False, "P", False): S.COVERED_PUT,
    (False, "C", True): S.PROTECTIVE_CALL,
}

_OUTLOOKS = {
    **dict.fromkeys(
        (
            S.LONG_CALL, S.SHORT_PUT, S.CASH_SECURED_PUT, S.BULL_CALL_SPREAD, S.BULL_PUT_SPREAD, S.CALL_BACKSPREAD, S.STRAP, S.PMCC,
            S.SYNTHETIC_LONG, S.COVERED_CALL, S.PROTECTIVE_PUT, S.COVERED_STRADDLE, S.COVERED_STRANGLE,
        ),
        Outlook.BULLISH,
    ),
    **dict.fromkeys(
        (
            S.SHORT_CALL, S.LONG_PUT, S.BEAR_CALL_SPREAD, S.BEAR_PUT_SPREAD, S.PUT_BACKSPREAD, S.STRIP, S.PMCP, S.SYNTHETIC_SHORT,
            S.COVERED_PUT, S.PROTECTIVE_CALL,
        ),
        Outlook.BEARISH,
    ),
    **dict.fromkeys(
        (
            S.CALL_RATIO_SPREAD, S.PUT_RATIO_SPREAD, S.LONG_STRADDLE, S.SHORT_STRADDLE, S.LONG_STRANGLE, S.SHORT_STRANGLE,
            S.LONG_GUTS, S.SHORT_GUTS, S.LONG_BUTTERFLY, S.SHORT_BUTTERFLY, S.LONG_BROKEN_WING, S.SHORT_BROKEN_WING,
            S.IRON_BUTTERFLY, S.REVERSE_IRON_BUTTERFLY, S.IRON_CONDOR, S.REVERSE_IRON_CONDOR, S.LONG_CONDOR, S.SHORT_CONDOR,
            S.LONG_BOX, S.SHORT_BOX,
            S.JADE_LIZARD, S.REVERSE_JADE_LIZARD, S.LONG_CALENDAR, S.SHORT_CALENDAR, S.LONG_DOUBLE_CALENDAR,
            S.SHORT_DOUBLE_CALENDAR,
            S.LONG_DOUBLE_DIAGONAL, S.SHORT_DOUBLE_DIAGONAL, S.CONVERSION, S.REVERSAL,
        ),
        Outlook.NEUTRAL,
    ),
}  # fmt: skip
