"""Rows of one corporate action that are events of their own: cash for fractions, options that split beside exchanged shares."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from ibjournal.domain.corporate_action import CorporateAction
from ibjournal.domain.exercise import OPTION_CLASSES
from ibjournal.domain.instrument import AssetClass

_ZERO = Decimal(0)
_ONE = Decimal(1)
_FRACTION_WORDS = ("IN LIEU", "FRACTION")


class RowsApart(NamedTuple):
    """Rows of one action by what they are."""

    main: tuple[CorporateAction, ...]
    """What the action is named by."""
    splits: tuple[CorporateAction, ...]
    """Contracts that split where ``main`` is an exchange."""
    fractions: tuple[CorporateAction, ...]
    """Fractions that were paid out."""


def rows_apart(rows: Sequence[CorporateAction], split_types: frozenset[str], ratio: Decimal | None) -> RowsApart:
    """Tell the rows of one action apart.

    Args:
        rows: of one action and instant, those taken back left out.
        split_types: IBKR's types that multiply a position.
        ratio: new units for one old unit, where a description states it.
    """
    fractions = tuple(row for row in rows if _is_fraction(row, rows))
    main = tuple(row for row in rows if row not in fractions)
    if not {row.type for row in main} & split_types:
        return RowsApart(main, (), fractions)
    by_class: dict[AssetClass | None, list[CorporateAction]] = defaultdict(list)
    for row in main:
        by_class[row.asset_class].append(row)
    exchanged = {each for each, same in by_class.items() if is_exchanged(same, ratio)}
    if not exchanged or len(exchanged) == len(by_class):
        return RowsApart(main, (), fractions)
    return RowsApart(
        tuple(row for row in main if row.asset_class in exchanged),
        tuple(row for row in main if row.asset_class not in exchanged),
        fractions,
    )


def is_exchanged(rows: Sequence[CorporateAction], ratio: Decimal | None) -> bool:
    """Return whether rows of one class of assets under a split exchange one contract for another.

    Of shares every pair of a row that leaves and one that comes does. Options keep their contract when their number changes: a long
    and a short one then change in opposite directions too, by one time less than the ratio says.
    """
    coming = sum((row.quantity for row in rows if row.quantity > 0), _ZERO)
    leaving = -sum((row.quantity for row in rows if row.quantity < 0), _ZERO)
    if not coming or not leaving:
        return False
    if rows[0].asset_class not in OPTION_CLASSES or ratio is None:
        return True
    times = max(coming, leaving) / min(coming, leaving)
    return times == ratio or ratio <= _ONE or ratio != ratio.to_integral_value()


def _is_fraction(row: CorporateAction, rows: Sequence[CorporateAction]) -> bool:
    """Return whether a row pays out what is less than a unit, or what its words call so."""
    if not row.quantity or not row.proceeds or (row.quantity > 0) == (row.proceeds > 0):
        return False
    named = abs(row.quantity) < _ONE or any(words in row.description.upper() for words in _FRACTION_WORDS)
    beside = [other for other in rows if other is not row and other.instrument == row.instrument and other.quantity]
    if any(not other.proceeds and abs(other.quantity) > abs(row.quantity) for other in beside):
        return named or any(other.quantity * row.quantity < 0 for other in beside)
    return named and len(rows) == 1
