"""Reads the demo's reports with the standard library, for tests that look at them from outside."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from xml.etree import ElementTree as ET

from ibjournal.demo.broker import Broker, build
from ibjournal.demo.flex_answers import EASTERN

BEGINNING = date(2000, 1, 1)


def number(element: ET.Element, name: str) -> Decimal:
    return Decimal(element.attrib[name])


def activity(broker: Broker, account: str, from_date: date | None = None, to_date: date | None = None) -> ET.Element:
    """Return the one statement of an Activity report over the whole history, or a part of it. Not to be changed."""
    first = BEGINNING if from_date is None else from_date
    return _activity(broker.as_of, broker.seed, account, first, broker.as_of if to_date is None else to_date)


@lru_cache(maxsize=12)
def _activity(as_of: date, seed: int, account: str, from_date: date, to_date: date) -> ET.Element:
    moment = datetime.combine(as_of, time(5, 6, 22), EASTERN)
    xml = build(as_of=as_of, seed=seed).activity_xml([account], from_date, to_date, generated_at=moment)
    assert xml is not None
    return statement(xml)


def confirmation(broker: Broker, account: str, from_date: date | None = None, *, at: time = time(16, 5)) -> ET.Element:
    xml = broker.confirmation_xml(
        [account],
        broker.as_of if from_date is None else from_date,
        broker.as_of,
        generated_at=datetime.combine(broker.as_of, at, EASTERN),
    )
    assert xml is not None
    return statement(xml)


def statement(xml: bytes) -> ET.Element:
    found = ET.fromstring(xml).find("FlexStatements/FlexStatement")
    assert found is not None
    return found


def one(parent: ET.Element, path: str) -> ET.Element:
    found = parent.findall(path)
    assert len(found) == 1, (path, len(found))
    return found[0]
