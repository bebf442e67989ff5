"""How the two Flex queries have to be set up at IBKR: `resources/flex_queries.toml` as values.

The one source of the set-up guide, the query doctor and the help.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from ibjournal.assets import asset


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A name or a sentence in both languages; where IBKR's German word is not known, both are the English one."""

    en: str
    de: str

    def of(self, language: str) -> str:
        """Return the words of a language code such as ``de``; English for all others."""
        return self.de if language.startswith("de") else self.en


@dataclass(frozen=True, slots=True, kw_only=True)
class QuerySetting:
    """One choice at the foot of IBKR's query page."""

    id: str
    name: Words
    value: Words
    why: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryField:
    """A column of a section: its name in the report, on IBKR's page, and how much depends on it (must, should, may)."""

    xml: str
    name: str
    need: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuerySection:
    """A section of a query. ``on``, ``may_on`` and ``off`` are the options of its dialog; ``screen`` suffers first without it."""

    xml: str
    name: Words
    need: str
    screen: str
    why: Words
    on: tuple[Words, ...] = ()
    may_on: tuple[Words, ...] = ()
    off: tuple[Words, ...] = ()
    fields: tuple[QueryField, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryGuide:
    """One of the two queries. ``type``: ``AF`` or ``TCF``."""

    type: str
    name: Words
    settings: tuple[QuerySetting, ...]
    sections: tuple[QuerySection, ...]

    def section(self, xml: str) -> QuerySection | None:
        """Return the section of a report's name, None where the guide does not ask for it."""
        return next((each for each in self.sections if each.xml == xml), None)


@cache
def query_guide(report_type: str) -> QueryGuide:
    """Return the guide of a report type, ``AF`` or ``TCF``."""
    with asset("flex_queries.toml").open("rb") as stream:
        data = tomllib.load(stream)
    return _guide(data["confirmation" if report_type == "TCF" else "activity"], data["fields"])


@cache
def portal_words() -> Mapping[str, Words]:
    """Return IBKR's words on the way through the Client Portal, by key such as ``reports``."""
    with asset("flex_queries.toml").open("rb") as stream:
        return {key: _words(words) for key, words in tomllib.load(stream)["portal"].items()}


def _guide(data: Mapping[str, Any], fields: Mapping[str, str]) -> QueryGuide:
    return QueryGuide(
        type=data["type"],
        name=_words(data),
        settings=tuple(
            QuerySetting(id=each["id"], name=_words(each), value=_words(each["value"]), why=_words(each["why"]))
            for each in data["settings"]
        ),
        sections=tuple(
            QuerySection(
                xml=each["xml"],
                name=_words(each),
                need=each["need"],
                screen=each["screen"],
                why=_words(each["why"]),
                on=tuple(map(_words, each.get("on", ()))),
                may_on=tuple(map(_words, each.get("may_on", ()))),
                off=tuple(map(_words, each.get("off", ()))),
                fields=tuple(
                    QueryField(xml=xml, name=fields[xml], need=need)
                    for need in ("must", "should", "may")
                    for xml in each.get(need, ())
                ),
            )
            for each in data["sections"]
        ),
    )


def _words(data: Mapping[str, str]) -> Words:
    return Words(en=data["en"], de=data.get("de", data["en"]))
