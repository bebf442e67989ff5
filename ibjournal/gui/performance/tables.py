"""The tables of the performance screen: statistics with their sample size, and a breakdown with bars."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QHeaderView, QVBoxLayout, QWidget

from ibjournal.gui.performance.words import count_of, group_name, meaning_of, name_of, tone_of, value_of, why_not
from ibjournal.gui.widgets import figures, formats
from ibjournal.gui.widgets.delegates import MoneyDelegate, ProfitDelegate
from ibjournal.gui.widgets.table_model import Column, RowsModel
from ibjournal.gui.widgets.table_view import SumRow, TableView
from ibjournal.services.performance import Figure, Group

INSET = 7
"""Distance of a table from its panel's edge, so that its text begins below the panel's title."""
FEW = 10
"""Below this many trades a group's win rate is not written."""
_VALUE, _NET, _WIN, _COUNT = 1, 3, 2, 1
_STATISTICS_WIDTHS = {_VALUE: 84, 2: 48}
_BREAKDOWN_WIDTHS = {_COUNT: 46, _WIN: 72, _NET: 132}


class StatisticsTable(TableView):
    """Figures of the closed trades: value, and how many trades it rests on."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(QCoreApplication.translate("Performance", "Statistics"))
        self.statistics = RowsModel(self._columns(), self)
        self.setModel(self.statistics)
        self._prepare()

    def show_figures(self, rows: tuple[Figure, ...]) -> None:
        """Show these figures; the panel around names the currency."""
        self.statistics.set_rows(rows)
        self.grow_columns(_STATISTICS_WIDTHS)

    def current_figure(self) -> Figure | None:
        """Return the chosen figure."""
        objects = self.selected_objects()
        return objects[0] if objects and isinstance(objects[0], Figure) else None

    def height_for_rows(self) -> int:
        """Return the height that shows every row."""
        return self.horizontalHeader().height() + self.statistics.rowCount() * self.verticalHeader().defaultSectionSize()

    def _prepare(self) -> None:
        self.set_delegate(_VALUE, MoneyDelegate())
        self.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.horizontalHeader().setSectionsClickable(False)

    def _columns(self) -> tuple[Column[Figure], ...]:
        translate = QCoreApplication.translate
        return (
            Column(
                key="name",
                title=translate("Performance", "Closed trades"),
                text=name_of,
                tooltip=meaning_of,
            ),
            Column(
                key="value",
                title=translate("Performance", "Value"),
                text=lambda figure: value_of(figure, masked=False),
                value=lambda figure: figure.value if figure.kind == "money" else None,
                tone=tone_of,
                tooltip=why_not,
                sort=lambda figure: figure.value,
                right=True,
            ),
            Column(
                key="n",
                title="n",
                text=count_of,
                tooltip=_whole_count,
                tone=lambda figure: "warning" if figure.too_few else "text_muted",
                icon=lambda figure: ("triangle-alert", "warning") if figure.too_few else None,
                sort=lambda figure: figure.n,
                right=True,
            ),
        )


class BreakdownTable(QWidget):
    """Results by group with bars on a common axis, and the sum of all below."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.by = "symbol"
        self._currency = ""
        self._masked = False
        self.table = TableView()
        self.sums = SumRow(self.table)
        self.groups: RowsModel[Group] = RowsModel(self._columns(), self)
        self._prepare()
        column = QVBoxLayout(self)
        column.setContentsMargins(INSET, 0, INSET, INSET)
        column.setSpacing(0)
        column.addWidget(self.table, 1)
        column.addWidget(self.sums)

    def show_groups(self, rows: tuple[Group, ...], *, by: str, currency: str) -> None:
        """Show these groups, in the order given."""
        if (by, currency) != (self.by, self._currency):
            self.by, self._currency = by, currency
            self.groups = RowsModel(self._columns(), self)
            self._prepare()
        self.groups.set_rows(rows)
        self.table.grow_columns(_BREAKDOWN_WIDTHS)
        self._show_sums()

    def set_masked(self, masked: bool) -> None:  # noqa: FBT001 - the slot of a toggle
        """Hide or show money."""
        self._masked = masked
        self.table.set_masked(masked)
        self._show_sums()

    def _show_sums(self) -> None:
        rows = self.groups.rows
        count, wins = sum(group.n for group in rows), sum(group.wins for group in rows)
        net = sum((group.net for group in rows), Decimal(0))
        self.sums.setVisible(bool(rows))
        cells = {
            _COUNT: formats.quantity(Decimal(count)),
            _WIN: _share(wins, count),
            _NET: figures.change(net, masked=self._masked),
        }
        self.sums.set_content(QCoreApplication.translate("Performance", "Together"), "", cells)

    def _prepare(self) -> None:
        self.table.setAccessibleName(QCoreApplication.translate("Performance", "Breakdown"))
        self.table.setModel(self.groups)
        self.table.set_delegate(_NET, ProfitDelegate())
        head = self.table.horizontalHeader()
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        head.setSortIndicatorShown(True)
        head.setSortIndicator(-1, head.sortIndicatorOrder())
        self.table.setSortingEnabled(True)

    def _columns(self) -> tuple[Column[Group], ...]:
        translate = QCoreApplication.translate
        net = translate("Performance", "Net")
        if self._currency:
            net = translate("Performance", "Net, {currency}").format(currency=self._currency)

        def name(group: Group) -> str:
            return group_name(group, self.by)

        def order(group: Group) -> str:
            return name(group).casefold()

        return (
            Column(
                key="label",
                title=translate("Performance", "Group"),
                text=name,
                tooltip=name,
                sort=order,
            ),
            Column(
                key="n",
                title="n",
                text=lambda group: formats.quantity(Decimal(group.n)),
                value=lambda group: Decimal(group.n),
                tone=lambda group: "warning" if group.n < FEW else "text_muted",
                tooltip=lambda group: translate("Performance", "too few to say much") if group.n < FEW else "",
                right=True,
            ),
            Column(
                key="wins",
                title=translate("Performance", "Wins, %"),
                text=lambda group: _share(group.wins, group.n) if group.n >= FEW else formats.DASH,
                sort=lambda group: Decimal(group.wins) / group.n if group.n >= FEW else None,
                tone=lambda group: "" if group.n >= FEW else "text_muted",
                right=True,
            ),
            Column(key="net", title=net, text=lambda group: formats.change(group.net), value=lambda group: group.net, right=True),
        )


def _whole_count(figure: Figure) -> str:
    if not figure.too_few or figure.of is None:
        return ""
    return QCoreApplication.translate("Performance", "{count} of {all}").format(count=figure.n, all=figure.of)


def _share(wins: int, count: int) -> str:
    return formats.number(Decimal(100 * wins) / count, 0) if count else formats.DASH
