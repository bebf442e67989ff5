"""A text that must not be seen: a token."""

from __future__ import annotations

import hmac
import re

from ibjournal import log
from ibjournal.log import secret_pattern


class Secret:
    """Holds a token so that no repr, format, pickle or log line shows it; `reveal` is the one way to the text."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text
        log.hide(text)

    def reveal(self) -> str:
        """Return the token itself."""
        return self._text

    def remove_from(self, data: bytes) -> bytes:
        """Return bytes without the token, torn apart or not, and without each half of it."""
        if not self._text:
            return data
        return re.sub(secret_pattern(self._text).encode(), b"[token]", data)

    def __bool__(self) -> bool:
        return bool(self._text)

    def __len__(self) -> int:
        return len(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __reduce__(self) -> tuple[type, tuple[()]]:
        raise TypeError("a secret is not written anywhere")
