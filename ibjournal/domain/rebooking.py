"""What a cancelled fill had cost: IBKR's cancel gives nothing back, and the re-booking states only what changes.

So the commission of a fill that was cancelled and booked anew is the sum over the original, the cancel and the new row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from ibjournal.domain.execution import Execution, ExecutionStatus
from ibjournal.domain.fill import Matchable, MatchingProblem

_ZERO = Decimal(0)
_EXEC_ID_GROUPS = 4


def with_cancelled_costs(
    executions: Sequence[Matchable], fills: Sequence[Matchable], problems: list[MatchingProblem]
) -> list[Matchable]:
    """Return the fills with the commission and taxes of what they replace.

    A cost that no re-booking takes over is told in ``problems`` as ``cancelled_fill_cost``.

    Args:
        executions: all rows of an instrument, whatever their status.
        fills: the active ones among them.
        problems: what has to be told is added here.
    """
    cancelled = [row for row in executions if row.status is ExecutionStatus.CANCELLED]
    cancels = [row for row in executions if row.status is ExecutionStatus.CANCEL]
    result = list(fills)
    unpaired = list(cancels)
    for row in cancelled:
        cancel = _paired(row, unpaired)
        rows = [row]
        if cancel is not None:
            unpaired.remove(cancel)
            rows.append(cancel)
        _carry(rows, result, problems)
    for cancel in unpaired:
        _carry([cancel], result, problems)
    return result


def _paired(original: Matchable, cancels: Iterable[Matchable]) -> Matchable | None:
    reversed_ = [row for row in cancels if row.quantity == -original.quantity]
    return next((row for row in reversed_ if row.price == original.price), reversed_[0] if reversed_ else None)


def _carry(rows: Sequence[Matchable], fills: list[Matchable], problems: list[MatchingProblem]) -> None:
    commission = sum((row.commission for row in rows if row.commission), _ZERO)
    taxes = sum((row.taxes for row in rows if row.taxes), _ZERO)
    if not commission and not taxes:
        return
    original = rows[0]
    currencies = {_currency(row) for row in rows if row.commission}
    found = [index for index, fill in enumerate(fills) if _is_rebooking(fill, original)]
    if found:
        last = max(found, key=lambda index: (_revision(fills[index].exec_id)[1], fills[index].executed_at, index))
        fill = fills[last]
        if currencies == {_currency(fill)} or not commission:
            fills[last] = _with_costs(fill, commission=commission, taxes=taxes)
            return
    values: list[tuple[str, object]] = [("amount", commission), ("currency", next(iter(sorted(currencies)), original.currency))]
    if taxes:
        values += [("taxes", taxes), ("taxes_currency", original.currency)]
    problems.append(MatchingProblem(code="cancelled_fill_cost", execution=original.id, values=tuple(values)))


def _is_rebooking(fill: Matchable, original: Matchable) -> bool:
    base = _revision(original.exec_id)[0]
    return bool((original.trade_id and fill.trade_id == original.trade_id) or (base and _revision(fill.exec_id)[0] == base))


def _with_costs(fill: Matchable, *, commission: Decimal, taxes: Decimal) -> Matchable:
    all_commission = (fill.commission or _ZERO) + commission if commission else fill.commission
    all_taxes = (fill.taxes or _ZERO) + taxes if taxes else fill.taxes
    if isinstance(fill, Execution):
        return replace(fill, commission=all_commission, taxes=all_taxes)
    return fill._replace(commission=all_commission, taxes=all_taxes)


def _currency(row: Matchable) -> str:
    return row.commission_currency or row.currency


def _revision(exec_id: str) -> tuple[str, str]:
    """Return the fill that an execution id names, and its revision."""
    parts = exec_id.split(".")
    return (".".join(parts[:-1]), parts[-1]) if len(parts) == _EXEC_ID_GROUPS else ("", "")
