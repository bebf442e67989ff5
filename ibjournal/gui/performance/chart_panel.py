"""The chart of the performance screen: return with drawdown, net asset value or result of trades, with its read-out."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from ibjournal.analytics.series import ReturnSeries
from ibjournal.charts.equity import draw_net_asset_value, draw_profit, draw_return
from ibjournal.charts.plot import Plot
from ibjournal.charts.style import ChartStyle, ChartWords
from ibjournal.gui import theme
from ibjournal.gui.performance.words import convention_name, convention_text
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.theme import Type
from ibjournal.gui.widgets import figures, formats
from ibjournal.gui.widgets.chart_canvas import ChartCanvas, Draw, save_chart
from ibjournal.gui.widgets.chart_look import chart_style, chart_words
from ibjournal.gui.widgets.labels import tool_button
from ibjournal.gui.widgets.panel import Panel
from ibjournal.gui.widgets.segmented import SegmentedControl
from ibjournal.gui.widgets.table_export import ask_where_to_save
from ibjournal.services.performance import Convention, PerformanceReport

if TYPE_CHECKING:
    from matplotlib.figure import Figure

RETURN, VALUE, RESULT = "twr", "nav", "profit"
_FORMATS = ("png", "svg", "pdf")


class ChartPanel(Panel):
    """A panel with the chart, its switches and its export."""

    convention_wanted = Signal(object)
    """The user chose another `Convention`."""

    def __init__(self, tasks: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._tasks = tasks
        self._report: PerformanceReport | None = None
        self._masked = False
        self.canvas = ChartCanvas(tasks)
        self.kinds = SegmentedControl(
            ((RETURN, self.tr("TWR")), (VALUE, self.tr("NAV")), (RESULT, self.tr("P&L").replace("&", "&&"))),
            name=self.tr("What the chart shows"),
            small=True,
        )
        self.kinds.button(RETURN).setToolTip(self.tr("Time-weighted return"))
        self.kinds.button(VALUE).setToolTip(self.tr("Net asset value"))
        self.kinds.button(RESULT).setToolTip(self.tr("Result of closed trades, added up"))
        self.convention = QToolButton()
        self.convention.setProperty("small", True)
        self.convention.setFont(theme.current().font(Type.SECONDARY))
        self.convention.setToolTip(self.tr("When deposits and withdrawals count within their day"))
        self.convention.setAccessibleName(self.convention.toolTip())
        self.convention.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.convention.setMenu(self._convention_menu())
        self.save = tool_button("download", self.tr("Save the chart"))
        self.save.setProperty("small", True)
        self.save.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.save.setMenu(self._save_menu())
        for tool in (self.convention, self.kinds, self.save):
            self.add_tool(tool)
        self.set_content(self.canvas)
        self.kinds.changed.connect(lambda _key: self._show())
        self._show_words()

    def show_report(self, report: PerformanceReport) -> None:
        """Show a report's series."""
        self._report = report
        self._show()

    def set_masked(self, masked: bool) -> None:  # noqa: FBT001 - the slot of a toggle
        """Hide or show the magnitude of money."""
        self._masked = masked
        self.canvas.set_masked(masked)

    def read_out(self, index: int) -> tuple[str, tuple[tuple[str, str], ...]]:
        """Return the day and the values at a point of the chart that is shown."""
        report = self._report
        if report is None:
            return "", ()
        if self.kinds.current == RETURN:
            point = report.returns.points[index]
            lines = [
                (self.tr("TWR"), formats.percent(point.cumulative, signed=True)),
                (self.tr("Drawdown"), formats.percent(point.drawdown, signed=True)),
            ]
            day = point.day
        elif self.kinds.current == VALUE:
            value = report.equity.points[index]
            lines = [(self.tr("NAV"), self._money(figures.amount(value.nav, masked=self._masked)))]
            day = value.day
        else:
            day, result = report.profit[index]
            return figures.day_with_year(day), ((self.tr("P&L"), self._money(figures.change(result, masked=self._masked))),)
        flow = next((each.flow for each in report.equity.points if each.day == day), None)
        if flow:
            name = self.tr("Deposit") if flow > 0 else self.tr("Withdrawal")
            lines.append((name, self._money(figures.amount(abs(flow), masked=self._masked))))
        return figures.day_with_year(day), tuple(lines)

    def _show(self) -> None:
        self._show_words()
        if self._report is not None:
            self.canvas.set_chart(self._drawing(self._report), self.read_out)

    def _show_words(self) -> None:
        currency = self._report.currency if self._report else ""
        chosen = self._report.convention if self._report else Convention.IBKR
        self.convention.setText(convention_name(chosen) + " ▾")
        self.convention.setVisible(self.kinds.current == RETURN)
        for action in self._conventions.actions():
            action.setChecked(action.data() == chosen.value)
        titles = {
            RETURN: (self.tr("Return and drawdown"), convention_text(chosen)),
            VALUE: (self.tr("Net asset value"), self.tr("{currency}, with deposits ▲ and withdrawals ▼").format(currency=currency)),
            RESULT: (self.tr("Result of closed trades"), self.tr("{currency}, net of fees, added up").format(currency=currency)),
        }
        self.set_title(*titles[self.kinds.current])
        self.canvas.setAccessibleName(titles[self.kinds.current][0])

    def _drawing(self, report: PerformanceReport) -> Draw:
        words = chart_words(self._empty_words())
        kind = self.kinds.current

        def draw(figure: Figure, style: ChartStyle) -> Plot:
            return draw_kind(kind, report, figure, style, words)

        return draw

    def _empty_words(self) -> str:
        if self.kinds.current == RESULT:
            return self.tr("No closed trades in this period.")
        return self.tr("No net asset values in this period.")

    def _money(self, text: str) -> str:
        return figures.with_currency(text, self._report.currency if self._report else "")

    def _convention_menu(self) -> QMenu:
        menu = QMenu(self)
        self._conventions = QActionGroup(menu)
        for convention in Convention:
            action = menu.addAction(f"{convention_name(convention)}: {convention_text(convention)}")
            action.setCheckable(True)
            action.setData(convention.value)
            action.triggered.connect(partial(self._on_convention, convention))
            self._conventions.addAction(action)
        return menu

    def _on_convention(self, convention: Convention) -> None:
        self.convention_wanted.emit(convention)

    def _save_menu(self) -> QMenu:
        menu = QMenu(self)
        for ending in _FORMATS:
            words = self.tr("Save as {format}…").format(format=ending.upper())
            menu.addAction(words).triggered.connect(partial(self._on_save, ending))
        return menu

    def _on_save(self, ending: str) -> None:
        pattern = f"{ending.upper()} (*.{ending})"
        title = self.tr("Save the chart")
        ask_where_to_save(self, title=title, name=f"performance-{self.kinds.current}.{ending}", patterns=pattern, then=self.save_to)

    def save_to(self, path: Path) -> None:
        """Write the chart in the light look to a file, in the background."""
        if self._report is None:
            return
        now = theme.current()
        light = theme.make_theme(dark=False, colour_blind=now.colour_blind)
        self._tasks.run(
            save_chart,
            self._drawing(self._report),
            chart_style(light, masked=self._masked),
            path,
            title=self._title.text(),
            subtitle=self._subtitle.text(),
            size=self.canvas.size(),
            owner=self,
        )


def draw_kind(kind: str, report: PerformanceReport, figure: Figure, style: ChartStyle, words: ChartWords) -> Plot:
    """Draw one kind of chart of a report; on any thread."""
    if kind == VALUE:
        return draw_net_asset_value(figure, report.equity, style, words)
    if kind == RESULT:
        return draw_profit(figure, report.profit, style, words)
    series: ReturnSeries = report.returns
    return draw_return(figure, series, style, words)
