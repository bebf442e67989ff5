"""What a user is told of a fault, in both languages, and what a crash report would say of it."""

from __future__ import annotations

from collections.abc import Sequence

from ibjournal.domain.errors import JournalError
from ibjournal.gui import i18n
from ibjournal.gui.crash import report_text
from ibjournal.gui.errors import describe


def spoken(error: JournalError | None, english: Sequence[str], german: Sequence[str]) -> str:
    """Check that these words are among what is told, and return all that is; the language stays the last one."""
    assert error is not None
    told = ""
    for language, phrases in (("en", english), ("de", german)):
        assert phrases, "words that are not looked for prove nothing"
        assert i18n.install(language)
        sentence = describe(error).sentence
        assert [phrase for phrase in phrases if phrase not in sentence] == [], sentence
        told += sentence + repr(error) + repr(error.values)
    return told + report_text(error)
