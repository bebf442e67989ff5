"""All checks as CSV, folded or not: decimals with a point, days in ISO 8601; masked money stays masked."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from PySide6.QtCore import QCoreApplication

from ibjournal.analytics.reconciliation import Check
from ibjournal.gui.check_texts import describe_check, describe_reason, is_money, mark_of
from ibjournal.gui.widgets.formats import MASK


def checks_as_csv(checks: Iterable[Check], *, masked: bool = False) -> str:
    """Return the checks as CSV with heads in the user's language."""
    translate = QCoreApplication.translate
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow([
        translate("Check", "Account"), translate("Check", "Check"), translate("Check", "Figure"), translate("Check", "From"),
        translate("Check", "To"), translate("Check", "Currency"), translate("Check", "Ours"), translate("Check", "IBKR"),
        translate("Check", "Difference"), translate("Check", "Result"), translate("Check", "Reason"),
    ])  # fmt: skip
    for check in checks:
        hidden = masked and is_money(check)
        writer.writerow(
            [
                check.account,
                check.check,
                describe_check(check),
                _day(check.period.start),
                _day(check.period.end),
                check.currency,
                *(_number(value, masked=hidden) for value in (check.ours, check.ibkr, check.difference)),
                mark_of(check.status).word,
                "" if hidden else describe_reason(check),
            ]
        )
    return target.getvalue()


def _number(value: Decimal | None, *, masked: bool) -> str:
    return "" if value is None else MASK if masked else f"{value:f}"


def _day(value: date | None) -> str:
    return "" if value is None else value.isoformat()
