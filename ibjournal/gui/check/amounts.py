"""Amounts as people type them: with a comma or a point, grouped or not."""

from __future__ import annotations

import re
from decimal import Decimal

from PySide6.QtCore import QLocale

_PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
_GROUPS = re.compile(r"[+-]?\d{1,3}([.,'’]\d{3})+")


def parse_amount(text: str) -> Decimal | None:
    """Return the exact amount that somebody typed; None where it is none.

    Of two kinds of signs the last one parts the decimals. A single sign does so where it is the language's decimal sign, or where
    what stands behind it is no group of three.
    """
    plain = "".join(text.split()).replace("−", "-")
    signs = [sign for sign in plain if sign in ".,'’"]
    if len(set(signs)) > 1:
        decimal = signs[-1]
    elif signs and (len(signs) > 1 or (_GROUPS.fullmatch(plain) and signs[0] != QLocale().decimalPoint())):
        decimal = ""
    else:
        decimal = signs[0] if signs else ""
    for sign in ".,'’":
        if sign != decimal:
            plain = plain.replace(sign, "")
    if decimal:
        plain = plain.replace(decimal, ".")
    return Decimal(plain) if _PLAIN.fullmatch(plain) else None
