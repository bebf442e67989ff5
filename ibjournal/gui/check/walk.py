"""The way of the net asset value through the period, line by line as IBKR reports it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from ibjournal.analytics.reconciliation import Check
from ibjournal.charts.plot import Plot
from ibjournal.charts.style import ChartStyle
from ibjournal.charts.waterfall import Step, draw_waterfall, height_for
from ibjournal.domain.period import Period
from ibjournal.gui import theme
from ibjournal.gui.check_texts import line_name
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.widgets import formats
from ibjournal.gui.widgets.chart_canvas import ChartCanvas, Draw, save_chart
from ibjournal.gui.widgets.chart_look import chart_style, chart_words
from ibjournal.gui.widgets.labels import tool_button
from ibjournal.gui.widgets.panel import Panel
from ibjournal.gui.widgets.table_export import ask_where_to_save

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_START, _END = "startingValue", "endingValue"
_NEUTRAL = frozenset({
    "depositsWithdrawals", "depositWithdrawals", "deposits", "withdrawals", "internalCashTransfers", "assetTransfers",
    "internalTransfers", "accountTransfers",
})  # fmt: skip
_NO_STEPS = frozenset({"total", "twr"})
_FORMATS = ("png", "svg", "pdf")
_EMPTY = 4


class WalkPanel(Panel):
    """A panel with the waterfall of one account; hidden where no report tells of it."""

    def __init__(self, tasks: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("NAV walk"), parent=parent)
        self._tasks = tasks
        self._steps: tuple[Step, ...] = ()
        self._masked = False
        self._walk: list[Check] = []
        self._period: Period | None = None
        self.canvas = ChartCanvas(tasks)
        self.canvas.setAccessibleName(self.tr("NAV walk"))
        self.save = tool_button("download", self.tr("Save the chart"))
        self.save.setProperty("small", True)
        self.save.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        for ending in _FORMATS:
            words = self.tr("Save as {format}…").format(format=ending.upper())
            menu.addAction(words).triggered.connect(partial(self._on_save, ending))
        self.save.setMenu(menu)
        self.add_tool(self.save)
        self.set_content(self.canvas)
        self.body.setContentsMargins(0, 0, 0, 6)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The lines that are shown."""
        return self._steps

    def show_checks(self, checks: Iterable[Check], period: Period | None = None) -> None:
        """Show the walk that these checks tell of: that of a period, else the latest."""
        walks: dict[Period, list[Check]] = {}
        for check in checks:
            if check.check == "nav_walk":
                walks.setdefault(check.period, []).append(check)
        latest = max(walks, key=lambda each: (each.end or date.max, each.start or date.min), default=None)
        chosen = period if period in walks else latest
        if chosen == self._period and chosen is not None and self._steps and walks[chosen] == self._walk:
            return
        self._period = chosen
        walk = self._walk = walks[chosen] if chosen is not None else []
        self._steps = steps_of(walk)
        currency = next((check.currency for check in walk if check.currency), "")
        days = formats.day_range(chosen.start, chosen.end) if chosen is not None else ""
        self.set_subtitle(", ".join(part for part in (currency, days) if part))
        self.canvas.setFixedHeight(height_for(len(self._steps) or _EMPTY))
        self._describe()
        self.canvas.set_chart(self._drawing(), lambda _index: ("", ()))

    def set_masked(self, masked: bool) -> None:  # noqa: FBT001 - the slot of a toggle
        """Hide or show the magnitude of money."""
        self._masked = masked
        self.canvas.set_masked(masked)
        self._describe()

    def save_to(self, path: Path) -> None:
        """Write the chart in the light look to a file, in the background."""
        light = theme.make_theme(dark=False, colour_blind=theme.current().colour_blind)
        self._tasks.run(
            save_chart,
            self._drawing(),
            chart_style(light, masked=self._masked),
            path,
            title=self._title.text(),
            subtitle=self._subtitle.text(),
            size=self.canvas.size(),
            owner=self,
        )

    def _describe(self) -> None:
        """Tell the lines to those who cannot see them; while money is masked their names alone."""
        words = (step.name if self._masked else f"{step.name} {step.text}" for step in self._steps)
        self.canvas.setAccessibleDescription(", ".join(words))

    def _drawing(self) -> Draw:
        steps, words = self._steps, chart_words(self.tr("No report tells how the value changed."))

        def draw(figure: Figure, style: ChartStyle) -> Plot:
            return draw_waterfall(figure, steps, style, words)

        return draw

    def _on_save(self, ending: str) -> None:
        pattern = f"{ending.upper()} (*.{ending})"
        title = self.tr("Save the chart")
        ask_where_to_save(self, title=title, name=f"nav-walk.{ending}", patterns=pattern, then=self.save_to)


def steps_of(walk: Iterable[Check]) -> tuple[Step, ...]:
    """Return the lines of the walk: the start, what changed it, the end. Lines of zero are left out."""
    steps: list[Step] = []
    start: Step | None = None
    end: Step | None = None
    for check in walk:
        value = check.ibkr if check.ibkr is not None else check.ours
        if value is None or check.subject in _NO_STEPS:
            continue
        name = line_name(check.subject)
        if check.subject == _START:
            start = Step(name=name, amount=value, text=formats.number(value), total=True)
        elif check.subject == _END:
            end = Step(name=name, amount=value, text=formats.number(value), total=True)
        elif value:
            steps.append(Step(name=name, amount=value, text=formats.change(value), neutral=check.subject in _NEUTRAL))
    if not steps and start is None and end is None:
        return ()
    zero = Decimal(0)
    first = start or Step(name=line_name(_START), amount=zero, text=formats.number(zero), total=True)
    return (first, *steps, end) if end is not None else (first, *steps)
