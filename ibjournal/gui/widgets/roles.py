"""What a table model tells a delegate beyond Qt's own roles."""

from __future__ import annotations

from enum import IntEnum

from PySide6.QtCore import Qt

_FIRST = int(Qt.ItemDataRole.UserRole) + 1


class Role(IntEnum):
    """Item data roles of ours; every one is optional."""

    OBJECT = _FIRST
    """The frozen row itself."""
    VALUE = _FIRST + 1
    """The number behind the text: a Decimal or None; decides colour and bar."""
    TAIL = _FIRST + 2
    """Secondary words after the text, small and muted."""
    TONE = _FIRST + 3
    """A colour token's name for the text."""
    ICON = _FIRST + 4
    """``(name, colour token)`` of an icon."""
    KIND = _FIRST + 5
    """``group`` for a group row; anything else is an ordinary row."""
    WEIGHT = _FIRST + 6
    """``symbol`` or ``strong`` for heavier text."""
    SORT = _FIRST + 7
    """What the column sorts by."""
