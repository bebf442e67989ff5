"""The garbage collector while a report is taken in."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from ibjournal.services.collector import rare_collections


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


def test_the_last_to_leave_puts_things_right_again() -> None:
    gc.set_threshold(700, 10, 10)
    with rare_collections():
        with rare_collections():
            assert gc.get_threshold() == (50_000, 1_000, 1_000)
        assert gc.get_threshold() == (50_000, 1_000, 1_000)
    assert gc.get_threshold() == (700, 10, 10)


def test_things_are_put_right_after_an_error() -> None:
    gc.set_threshold(500, 5, 5)
    with pytest.raises(ValueError, match="stop"), rare_collections():
        raise ValueError("stop")
    assert gc.get_threshold() == (500, 5, 5)


def test_a_collector_that_is_off_stays_off() -> None:
    gc.set_threshold(0, 10, 10)
    with rare_collections():
        assert gc.get_threshold()[0] == 0
