"""The waterfall holds what its steps say: each bar begins where the one above ended."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from matplotlib.figure import Figure

from ibjournal.charts.waterfall import ROW, Step, draw_waterfall, height_for, spans
from tests.unit.charts.test_equity import STYLE, WORDS, make_figure, words_in

STEPS = (
    Step(name="Start", amount=Decimal(93480), text="93,480.00", total=True),
    Step(name="Deposits", amount=Decimal(2000), text="+2,000.00", neutral=True),
    Step(name="Mark to market", amount=Decimal(7812), text="+7,812.00"),
    Step(name="Fees", amount=Decimal(-36), text="−36.00"),
    Step(name="End", amount=Decimal(103256), text="103,256.00", total=True),
)


def bars(figure: Figure) -> list[tuple[float, float, object]]:
    (axes,) = figure.axes
    return [(patch.get_x(), patch.get_x() + patch.get_width(), patch.get_facecolor()) for patch in axes.patches]  # type: ignore[attr-defined]


def test_each_bar_begins_where_the_one_above_ended() -> None:
    assert spans(STEPS) == ((0, 93480), (93480, 95480), (95480, 103292), (103292, 103256), (0, 103256))


def test_names_values_and_bars_are_drawn_with_their_colours() -> None:
    figure = make_figure(360, height_for(len(STEPS)))
    draw_waterfall(figure, STEPS, STYLE, WORDS)
    shown = words_in(figure)
    assert {"Start", "Mark to market", "−36.00", "103,256.00"} <= set(shown)
    drawn = bars(figure)
    assert len(drawn) == len(STEPS)
    assert [round(end - start) for start, end, _colour in drawn[1:4]] == [2000, 7812, -36]
    colours = [colour for _start, _end, colour in drawn]
    assert colours[0] == colours[4]
    assert len({str(colour) for colour in colours}) == 4
    (axes,) = figure.axes
    low, high = axes.get_xlim()
    assert 0 < low < 93480
    assert high > 103292  # small steps of a large account are seen


def test_a_walk_through_zero_shows_zero() -> None:
    steps = (
        Step(name="Start", amount=Decimal(0), text="0.00", total=True),
        Step(name="Loss", amount=Decimal(-500), text="−500.00"),
        Step(name="End", amount=Decimal(-500), text="−500.00", total=True),
    )
    figure = make_figure(360, height_for(3))
    draw_waterfall(figure, steps, STYLE, WORDS)
    low, high = figure.axes[0].get_xlim()
    assert low <= -500 < 0 < high


def test_masked_it_tells_no_magnitude() -> None:
    figure = make_figure(360, height_for(len(STEPS)))
    draw_waterfall(figure, STEPS, replace(STYLE, masked=True), WORDS)
    assert bars(figure) == []
    assert not any(any(sign.isdigit() for sign in text) for text in words_in(figure))
    assert "Mark to market" in words_in(figure)


def test_without_steps_it_says_so() -> None:
    figure = make_figure(360, 120)
    draw_waterfall(figure, (), STYLE, WORDS)
    assert "Nothing to draw." in words_in(figure)


def test_each_line_has_its_height() -> None:
    assert height_for(12) - height_for(11) == ROW
