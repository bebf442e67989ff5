"""What a pasted text holds: a token, a query id, or something else."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ibjournal.services.credentials import LONGEST_QUERY_ID, clean_token

_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pasted:
    """``id`` is the query id in a text, empty where there is none; ``token`` a token that landed in the wrong field."""

    id: str = ""
    token: str = ""


def read_id(text: str) -> Pasted:
    """Return what was meant by a text in a field for a query id, such as ``"Query ID: 1184203"`` or ``"1 184 203"``.

    A text of digits and white space alone is one number; of several numbers in a sentence the longest is the id.
    """
    plain = clean_token(text)
    if plain.isdecimal():
        return Pasted(token=plain) if len(plain) > LONGEST_QUERY_ID else Pasted(id=plain)
    numbers = sorted(_NUMBER.findall(text), key=len, reverse=True)
    if not numbers:
        return Pasted()
    return Pasted(token=numbers[0]) if len(numbers[0]) > LONGEST_QUERY_ID else Pasted(id=numbers[0])


def is_id(token: str) -> bool:
    """Tell whether what stands in the field for the token looks like a query id."""
    return token.isdecimal() and 0 < len(token) <= LONGEST_QUERY_ID
