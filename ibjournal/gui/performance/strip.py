"""The strip of seven figures at the top of the performance screen."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QWidget

from ibjournal.gui.performance.words import value_of, why_not
from ibjournal.gui.widgets import formats
from ibjournal.gui.widgets.panel import Tile, TileStrip
from ibjournal.services.performance import Figure, PerformanceReport

_NOTHING = Figure(name="", kind="number", value=None)
_TONES = {1: "positive", -1: "negative", 0: "strong"}


_ROW, _HALF, _ONE_ROW_FROM = 88, 4, 1060
"""Height of a row of tiles; tiles in a row where there are two; width from which one row has room for German captions."""


_NAMES = ("twr", "mwr", "profit", "max_drawdown", "volatility", "sharpe", "win_rate")
"""The figure of each tile."""


class FigureStrip(TileStrip):
    """Return, money-weighted return, profit, drawdown, volatility, Sharpe and Sortino, win rate."""

    origin_wanted = Signal(str, str)
    """Where does this figure come from? Its name, and what it is called."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__([Tile("") for _ in range(7)], parent=parent)
        captions = (
            self.tr("Time-weighted return"),
            self.tr("Money-weighted"),
            self.tr("Profit"),
            self.tr("Maximum drawdown"),
            self.tr("Volatility"),
            self.tr("Sharpe · Sortino"),
            self.tr("Win rate"),
        )
        for tile, caption, name in zip(self.tiles, captions, _NAMES, strict=True):
            tile.set_caption(caption)
            tile.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            tile.setProperty("ringed", True)
            tile.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
            ask = QAction(self.tr("Where does this number come from?"), tile)
            ask.triggered.connect(partial(self._on_ask, name, caption))
            tile.addAction(ask)
        self.setFixedHeight(_ROW)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take two rows where captions would be cut in one."""
        super().resizeEvent(event)
        narrow = self.width() < _ONE_ROW_FROM
        self.set_columns(_HALF if narrow else len(self.tiles))
        self.setFixedHeight(2 * _ROW - 10 if narrow else _ROW)

    def show_report(self, report: PerformanceReport, *, masked: bool) -> None:
        """Show the figures of a report; what is missing is a dash with its reason."""
        found = {figure.name: figure for figure in report.figures}

        def figure(name: str) -> Figure:
            return found.get(name, _NOTHING)

        twr, mwr, profit, drawdown, volatility, sharpe, win_rate = self.tiles
        self._show_return(twr, figure("twr"), figure("twr_annual"))
        self._show_money_weighted(mwr, figure("mwr"), figure("mwr_annual"))
        caption = self.tr("Profit, {currency}").format(currency=report.currency) if report.currency else self.tr("Profit")
        profit.set_caption(caption)
        money = figure("profit")
        profit.set_value(
            value_of(money, masked=masked),
            tone="muted" if masked or money.value is None else _TONES[formats.sign_of(money.value)],
            note=why_not(money) if money.value is None else self.tr("without deposits"),
        )
        self._show_drawdown(drawdown, figure("max_drawdown"), figure("drawdown_now"))
        self._show_volatility(volatility, figure("volatility"))
        self._show_ratios(sharpe, figure("sharpe"), figure("sortino"), figure("risk_free"))
        self._show_win_rate(win_rate, figure("win_rate"))

    def ask_origin(self) -> None:
        """Ask where the figure that has the keyboard comes from, else the first."""
        focused = next((place for place, tile in enumerate(self.tiles) if tile.hasFocus()), 0)
        self._on_ask(_NAMES[focused], self.tiles[focused].caption)

    def _on_ask(self, name: str, caption: str) -> None:
        self.origin_wanted.emit(name, caption)

    def _show_return(self, tile: Tile, whole: Figure, annual: Figure) -> None:
        note = why_not(whole)
        if whole.value is not None:
            note = self.tr("{value} a year").format(value=_signed(annual)) if annual.value is not None else why_not(annual)
        tile.set_value(_signed(whole), tone=_tone(whole), note=note)

    def _show_money_weighted(self, tile: Tile, whole: Figure, annual: Figure) -> None:
        if annual.value is not None:
            tile.set_value(_signed(annual), tone=_tone(annual), note=self.tr("a year, XIRR"))
        else:
            note = self.tr("over the period, XIRR") if whole.value is not None else why_not(whole)
            tile.set_value(_signed(whole), tone=_tone(whole), note=note)

    def _show_drawdown(self, tile: Tile, depth: Figure, now: Figure) -> None:
        note = self.tr("now {value}").format(value=_signed(now)) if now.value is not None else why_not(depth)
        tile.set_value(_signed(depth), tone=_tone(depth), note=note)

    def _show_volatility(self, tile: Tile, figure: Figure) -> None:
        if figure.value is None:
            tile.set_value(formats.DASH, tone="muted", note=why_not(figure))
            return
        template = self.tr("a year, {count} days, too few") if figure.too_few else self.tr("a year, {count} days")
        note = template.format(count=figure.n)
        value, few = formats.percent(figure.value), figure.too_few
        tile.set_value(value, tone="muted" if few else "strong", note=note, note_tone="warning" if few else "muted")

    def _show_ratios(self, tile: Tile, sharpe: Figure, sortino: Figure, risk_free: Figure) -> None:
        if sharpe.value is None and sortino.value is None:
            tile.set_value(formats.DASH, tone="muted", note=why_not(sharpe))
            return
        value = f"{formats.number(sharpe.value)} · {formats.number(sortino.value)}"
        rate = formats.percent(risk_free.value) if risk_free.value is not None else formats.DASH
        few = sharpe.too_few
        note = self.tr("risk-free {rate}, too few days") if few else self.tr("risk-free {rate}")
        tile.set_value(
            value, tone="muted" if few else "strong", note=note.format(rate=rate), note_tone="warning" if few else "muted"
        )

    def _show_win_rate(self, tile: Tile, figure: Figure) -> None:
        if figure.value is None:
            tile.set_value(formats.DASH, tone="muted", note=why_not(figure))
            return
        template = self.tr("{wins} of {all} trades, too few") if figure.too_few else self.tr("{wins} of {all} trades")
        tile.set_value(
            formats.percent(figure.value, 1),
            tone="muted" if figure.too_few else "strong",
            note=template.format(wins=figure.n, all=figure.of if figure.of is not None else figure.n),
            note_tone="warning" if figure.too_few else "muted",
        )


def _signed(figure: Figure) -> str:
    return formats.percent(figure.value, signed=True)


def _tone(figure: Figure) -> str:
    return "muted" if figure.value is None else _TONES[formats.sign_of(figure.value)]
