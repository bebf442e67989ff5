"""Checks as the lines of the table: sections, rows, and rows below rows. What agrees is folded away where there is much of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from PySide6.QtCore import QCoreApplication

from ibjournal.analytics.reconciliation import Check, CheckStatus
from ibjournal.domain.period import Period
from ibjournal.gui.check_texts import STATE_LINES, is_quantity, is_state, short_name
from ibjournal.gui.widgets import formats

CALM = 8
"""More lines that agree than this become one line that can be opened."""

_ORDER = {CheckStatus.DIFFERS: 0, CheckStatus.EXPLAINED: 1, CheckStatus.NOT_IN_REPORT: 2, CheckStatus.OK: 3}
_INCOME = ("dividends", "withholding_tax", "interest", "fees", "commissions")
BASE_SUMMARY = "BASE_SUMMARY"
"""IBKR's name for all currencies together, in the base currency."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the table. ``check`` is None for sections and for lines that only hold others."""

    key: str
    level: int
    title: str
    status: CheckStatus
    check: Check | None = None
    tail: str = ""
    ours: Decimal | None = None
    ibkr: Decimal | None = None
    quantity: bool = False
    signed: bool = True
    strong: bool = False
    counts: Counter[CheckStatus] = field(default_factory=Counter)
    parts: tuple[Line, ...] = ()
    open: bool = True
    """Whether it shows its parts until the user says otherwise."""

    @property
    def section(self) -> bool:
        """Whether this is the head of a section."""
        return self.level == 0

    @property
    def difference(self) -> Decimal | None:
        """Ours less IBKR's, None where one of them is missing or they cannot be subtracted."""
        return None if self.ours is None or self.ibkr is None else self.ours - self.ibkr


def build_lines(checks: Iterable[Check]) -> tuple[Line, ...]:
    """Return the sections with everything below them; a section without checks is left out."""
    translate = QCoreApplication.translate
    by_kind: dict[str, list[Check]] = {}
    for check in checks:
        by_kind.setdefault(check.check, []).append(check)
    take: Callable[[str], list[Check]] = lambda kind: by_kind.pop(kind, [])  # noqa: E731
    sections = [
        _section("realized", translate("Check", "Realised profit and loss"), _realized(take)),
        _section("positions", translate("Check", "Open positions"), _open(take)),
        _section("cash", translate("Check", "Cash"), _cash(take)),
        _section("nav", translate("Check", "Net asset value"), _nav(take)),
        _section("return", translate("Check", "Return"), _periods("return", take("twr"), _plain)),
        _section(
            "income",
            translate("Check", "Income and costs"),
            _periods("income", [check for kind in _INCOME for check in take(kind)], _plain),
        ),
        _section("other", translate("Check", "Other checks"), [_row(c, 1) for kind in list(by_kind) for c in take(kind)]),
    ]
    return tuple(section for section in sections if section.parts)


def shown_lines(sections: Sequence[Line], folding: dict[str, bool], only: CheckStatus | None = None) -> tuple[Line, ...]:
    """Return the lines in view, top down.

    Args:
        sections: from `build_lines`.
        folding: what the user opened (True) or folded (False), by key.
        only: show checks with this result alone, wherever they stand.
    """
    found: list[Line] = []

    def walk(line: Line) -> None:
        if only is not None:
            if not line.counts[only]:
                return
            if line.check is not None and line.check.status is not only and not any(part.counts[only] for part in line.parts):
                return
        found.append(line)
        is_open = folding.get(line.key, True if only is not None else line.open)
        if is_open:
            for part in line.parts:
                walk(part)

    for section in sections:
        walk(section)
    return tuple(found)


def is_open(line: Line, folding: dict[str, bool], only: CheckStatus | None = None) -> bool:
    """Whether a line shows its parts."""
    return bool(line.parts) and folding.get(line.key, True if only is not None else line.open)


def worst(statuses: Iterable[CheckStatus]) -> CheckStatus:
    """Return the result that needs the user most."""
    return min(statuses, key=_ORDER.__getitem__, default=CheckStatus.OK)


# --- the sections


def _realized(take: Callable[[str], list[Check]]) -> list[Line]:
    totals, instruments, fills = take("realized_total"), take("realized_instrument"), take("realized")
    below: dict[object, list[Check]] = {}
    for fill in sorted(fills, key=lambda check: check.period.end or date.max, reverse=True):
        below.setdefault(fill.instrument or fill.subject, []).append(fill)
    lines = []
    for check in instruments:
        mine = below.pop(check.instrument or check.subject, [])
        lines.append(_row(check, 1, parts=_calm(f"{_key(check)}/ok", [_row(each, 2) for each in mine], 2), opened=False))
    for name, mine in below.items():
        if name:
            lines.append(_holder(f"realized/{name}", mine[0].subject, [_row(each, 2) for each in mine]))
        else:  # of no instrument, such as that fills are provisional: it stands by itself, with its reason
            lines += [_row(each, 1) for each in mine]
    newest_first = sorted(totals, key=lambda check: check.period.end or date.max, reverse=True)
    several = len({check.period for check in totals}) > 1
    return [*_calm("realized/ok", lines, 1), *(_total(check, named=several) for check in newest_first)]


def _total(check: Check, *, named: bool) -> Line:
    line = _row(check, 1, strong=True)
    return replace(line, tail=formats.day_range(check.period.start, check.period.end)) if named else line


def _open(take: Callable[[str], list[Check]]) -> list[Line]:
    translate = QCoreApplication.translate
    lines: list[Line] = []
    quantities = take("positions")
    told = [check for check in quantities if check.subject]
    lines += [_row(check, 1) for check in quantities if not check.subject]
    if told:
        held, reported = sum(bool(check.ours) for check in told), sum(bool(check.ibkr) for check in told)
        several = translate("Check", "Quantities, {count} instruments").format(count=len(told))
        title = translate("Check", "Quantity, 1 instrument") if len(told) == 1 else several
        clean = all(check.status is CheckStatus.OK for check in told)
        sums = (Decimal(held), Decimal(reported)) if clean else (None, None)
        lines.append(_holder("positions", title, [_row(check, 2) for check in told], sums=sums, quantity=True))
    costs: dict[str, list[Check]] = {}
    for check in take("cost"):
        if check.subject:
            costs.setdefault(check.currency, []).append(check)
        else:
            lines.append(_row(check, 1))
    for currency, mine in costs.items():
        cost = translate("Check", "Cost")
        title = f"{cost}, {currency}" if currency else cost
        lines.append(_holder(f"cost/{currency}", title, [_row(check, 2) for check in mine], sums=_sums(mine), signed=False))
    return lines


def _cash(take: Callable[[str], list[Check]]) -> list[Line]:
    return _periods("cash", [*take("cash"), *take("cash_walk")], _cash_of_period)


def _cash_of_period(checks: list[Check]) -> list[Line]:
    ends = [check for check in checks if check.check == "cash"]
    walks = [check for check in checks if check.check == "cash_walk"]
    ends.sort(key=lambda check: check.subject == BASE_SUMMARY)
    below: dict[str, list[Check]] = {}
    for check in walks:
        below.setdefault(check.currency, []).append(check)
    lines = []
    for check in ends:
        mine = below.pop(check.currency, []) if check.subject != BASE_SUMMARY else []
        lines.append(_row(check, 1, parts=[_row(each, 2) for each in mine], opened=None))
    lines += [_holder(f"cash/{currency}", currency, [_row(each, 2) for each in mine]) for currency, mine in below.items()]
    return lines


def _nav(take: Callable[[str], list[Check]]) -> list[Line]:
    lines = _periods("nav", take("nav_walk"), _walk)
    days = take("nav_day")
    if days:
        translate = QCoreApplication.translate
        title = translate("Check", "Day by day, {count} values").format(count=len(days))
        lines.append(_holder("nav_day", title, [_row(check, 2) for check in days]))
    return lines


def _walk(checks: list[Check]) -> list[Line]:
    """Return the lines of a walk: the start, what changed it, the end, the sum."""
    places = {"startingValue": 0, "endingValue": 2, "total": 3}
    ordered = sorted(checks, key=lambda check: places.get(check.subject, 1))
    return [_row(check, 1, strong=check.subject in STATE_LINES) for check in ordered]


def _plain(checks: list[Check]) -> list[Line]:
    return [_row(check, 1) for check in checks]


def _periods(key: str, checks: list[Check], build: Callable[[list[Check]], list[Line]]) -> list[Line]:
    """Return lines of one period as they are; of several, one line for each period, the newest first and open."""
    periods: dict[Period, list[Check]] = {}
    for check in checks:
        periods.setdefault(check.period, []).append(check)
    if len(periods) <= 1:
        return build(checks)
    newest_first = sorted(periods, key=lambda period: (period.end or date.max, period.start or date.min), reverse=True)
    lines = []
    for place, period in enumerate(newest_first):
        parts = tuple(_deeper(line) for line in build(periods[period]))
        counts = _count(parts)
        lines.append(
            Line(
                key=f"{key}/{period.start}/{period.end}",
                level=1,
                title=formats.day_range(period.start, period.end),
                status=worst(counts),
                counts=counts,
                parts=parts,
                open=not place or worst(counts) in {CheckStatus.DIFFERS, CheckStatus.EXPLAINED},
            )
        )
    return lines


# --- lines


def _section(key: str, title: str, lines: Sequence[Line]) -> Line:
    counts = _count(lines)
    told = [check for line in lines for check in _checks(line) if check.check not in {"realized", "nav_day"}]
    days = {(check.period.start, check.period.end) for check in told}
    currencies = {check.currency for check in told if check.currency}
    tail = [formats.day_range(*days.pop())] if len(days) == 1 else []
    tail += [currencies.pop()] if len(currencies) == 1 else []
    return Line(
        key=f"section/{key}",
        level=0,
        title=title,
        tail=", ".join(tail),
        status=worst(counts),
        counts=counts,
        parts=tuple(lines),
    )


def _row(check: Check, level: int, *, parts: Sequence[Line] = (), strong: bool = False, opened: bool | None = False) -> Line:
    counts = _count(parts)
    counts[check.status] += 1
    below = worst(status for part in parts for status in part.counts)
    return Line(
        key=_key(check),
        level=level,
        title=short_name(check),
        status=check.status,
        check=check,
        ours=check.ours,
        ibkr=check.ibkr,
        quantity=is_quantity(check),
        signed=not is_state(check),
        strong=strong,
        counts=counts,
        parts=tuple(parts),
        open=below is not CheckStatus.OK and bool(parts) if opened is None else opened,
    )


def _holder(
    key: str,
    title: str,
    lines: Sequence[Line],
    *,
    sums: tuple[Decimal | None, Decimal | None] = (None, None),
    quantity: bool = False,
    signed: bool = True,
) -> Line:
    """Return a line that only holds others: it shows what does not agree, and folds the rest away."""
    counts = _count(lines)
    status = worst(counts)
    return Line(
        key=f"holder/{key}",
        level=1,
        title=title,
        status=status,
        ours=sums[0],
        ibkr=sums[1],
        quantity=quantity,
        signed=signed,
        counts=counts,
        parts=tuple(_calm(f"{key}/ok", lines, 2)),
        open=status in {CheckStatus.DIFFERS, CheckStatus.EXPLAINED},
    )


def _calm(key: str, lines: Sequence[Line], level: int) -> list[Line]:
    """Put what needs the user first, and make one line of what agrees where there is much of it."""
    ordered = sorted(lines, key=lambda line: _ORDER[worst(line.counts)])
    agreeing = [line for line in ordered if worst(line.counts) is CheckStatus.OK]
    if len(agreeing) <= CALM or (level > 1 and len(agreeing) == len(ordered)):
        return ordered
    translate = QCoreApplication.translate
    checks = [line.check for line in agreeing if line.check is not None]
    ours, ibkr = _sums(checks) if len({check.currency for check in checks}) == 1 and not agreeing[0].quantity else (None, None)
    more, all_ = translate("Check", "{count} more that agree"), translate("Check", "{count} that agree")
    words = more if len(agreeing) < len(ordered) else all_
    group = Line(
        key=f"agreeing/{key}",
        level=level,
        title=words.format(count=len(agreeing)),
        status=CheckStatus.OK,
        ours=ours,
        ibkr=ibkr,
        signed=agreeing[0].signed,
        counts=_count(agreeing),
        parts=tuple(_deeper(line) for line in agreeing),
        open=False,
    )
    return [*ordered[: len(ordered) - len(agreeing)], group]


def _deeper(line: Line) -> Line:
    return replace(line, level=line.level + 1, parts=tuple(_deeper(part) for part in line.parts))


def _sums(checks: Sequence[Check]) -> tuple[Decimal | None, Decimal | None]:
    ours, ibkr = [check.ours for check in checks], [check.ibkr for check in checks]
    return (
        None if any(value is None for value in ours) else sum((value for value in ours if value is not None), Decimal(0)),
        None if any(value is None for value in ibkr) else sum((value for value in ibkr if value is not None), Decimal(0)),
    )


def _count(lines: Iterable[Line]) -> Counter[CheckStatus]:
    found: Counter[CheckStatus] = Counter()
    for line in lines:
        found.update(line.counts)
    return found


def _checks(line: Line) -> list[Check]:
    mine = [line.check] if line.check is not None else []
    return mine + [check for part in line.parts for check in _checks(part)]


def _key(check: Check) -> str:
    period = f"{check.period.start}/{check.period.end}"
    return "/".join((
        check.account, check.check, check.subject, check.currency, check.instrument or "", check.execution, period,
    ))  # fmt: skip
