"""The shape of an entry in the tables of errors, and the mark that makes a sentence translatable."""

from __future__ import annotations

from typing import NamedTuple


def QT_TRANSLATE_NOOP(_context: str, text: str) -> str:
    """Return ``text``; the translation tools find a sentence by this name (Qt's own is typed as ``object``)."""
    return text


class Words(NamedTuple):
    """The untranslated words for one code. ``button`` is a word of `ibjournal.gui.errors.Button`, or empty."""

    title: str
    what: str
    do: str = ""
    button: str = ""
