"""A row as IBKR wrote it: the report it came in, its attributes with what they mean, and its text letter by letter."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QStackedWidget, QVBoxLayout, QWidget

from ibjournal.gui.provenance.attribute_words import meaning_of
from ibjournal.gui.provenance.row_words import is_money_name, row_title, shown
from ibjournal.gui.theme import Space, Type
from ibjournal.gui.widgets import formats
from ibjournal.gui.widgets.labels import ElidedLabel, button, hairline, label
from ibjournal.gui.widgets.pairs import Pair, PairGrid
from ibjournal.gui.widgets.panel import EmptyState
from ibjournal.gui.widgets.segmented import SegmentedControl
from ibjournal.gui.widgets.table_model import Column, RowsModel
from ibjournal.gui.widgets.table_view import TableView
from ibjournal.services.origins import SourceReport, SourceRow

Attribute = tuple[str, str]
_ATTRIBUTES, _TEXT = "attributes", "xml"
_WIDTHS = {0: 150, 1: 170}


class RowPane(QWidget):
    """Shows a `SourceRow`."""

    report_wanted = Signal(int)
    """The id of the report to be shown among all reports."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.row: SourceRow | None = None
        self._masked = False
        self._title = ElidedLabel(role=Type.SUBHEAD, tone="strong")
        self._place = ElidedLabel(role=Type.SECONDARY, tone="muted")
        self._facts = PairGrid(1)
        self.kinds = SegmentedControl(
            ((_ATTRIBUTES, self.tr("Attributes")), (_TEXT, self.tr("XML"))), name=self.tr("How the row is shown"), small=True
        )
        self.attributes: RowsModel[Attribute] = RowsModel(self._columns(), self)
        self.table = TableView()
        self.table.setAccessibleName(self.tr("Attributes of the row"))
        self.table.setModel(self.attributes)
        self.table.horizontalHeader().setSectionsClickable(False)
        self.table.horizontalHeader().setStretchLastSection(True)
        self.table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setAccessibleName(self.tr("Row as IBKR wrote it"))
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPixelSize(12)
        self.text.setFont(font)
        self.copy = button(self.tr("Copy the row"), icon="copy", small=True)
        self.open_report = button(self.tr("Open in Reports"), icon="list-checks", small=True)
        self._empty = EmptyState(
            self.tr("No row of its own"), self.tr("This link is worked out from those below it. Choose one of them to see its row.")
        )
        self._build()
        self.kinds.changed.connect(self._show_kind)
        self.copy.clicked.connect(self.copy_row)
        self.open_report.clicked.connect(self._on_report)

    def show_row(self, row: SourceRow) -> None:
        """Show a row."""
        self.row = row
        self._stack.setCurrentIndex(1)
        self._title.setText(row_title(row))
        self._place.setText(self.tr("{section}, row {number}").format(section=row.section, number=row.ref.ordinal + 1))
        self._facts.set_pairs(report_facts(row.report, row.account))
        self.attributes.set_rows(row.attributes)
        self.table.grow_columns(_WIDTHS)
        self.table.setColumnWidth(1, min(self.table.columnWidth(1), 176))
        self.text.setPlainText("" if self._masked else row.text)
        self.text.setPlaceholderText(self.tr("The text is not shown while amounts are hidden."))
        self.copy.setEnabled(not self._masked)

    def show_nothing(self, title: str = "", text: str = "") -> None:
        """Say that a link has no row, or why it cannot be shown."""
        self.row = None
        self._empty.set_words(
            title or self.tr("No row of its own"),
            text or self.tr("This link is worked out from those below it. Choose one of them to see its row."),
        )
        self._stack.setCurrentIndex(0)

    def set_masked(self, masked: bool) -> None:  # noqa: FBT001 - the slot of a toggle
        """Hide or show money."""
        self._masked = masked
        if self.row is not None:
            self.show_row(self.row)

    def copy_row(self) -> None:
        """Put the row on the clipboard as IBKR wrote it."""
        if self.row is not None and not self._masked:
            QGuiApplication.clipboard().setText(self.row.text)

    def _build(self) -> None:
        head = QVBoxLayout()
        head.setContentsMargins(Space.PADDING, 12, Space.PADDING, 10)
        head.setSpacing(2)
        head.addWidget(self._title)
        head.addWidget(self._place)
        head.addSpacing(6)
        head.addWidget(self._facts)
        switch = QHBoxLayout()
        switch.setContentsMargins(Space.PADDING, 0, Space.PADDING, Space.CELL)
        switch.addWidget(self.kinds)
        switch.addStretch(1)
        self._pages = QStackedWidget()
        inset = QWidget()
        around = QVBoxLayout(inset)
        around.setContentsMargins(Space.PADDING, 0, Space.PADDING, Space.CELL)
        around.addWidget(self.text)
        holder = QWidget()
        table = QVBoxLayout(holder)
        table.setContentsMargins(Space.CELL, 0, Space.CELL, 0)
        table.addWidget(self.table)
        self._pages.addWidget(holder)
        self._pages.addWidget(inset)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addLayout(switch)
        column.addWidget(self._pages, 1)
        column.addWidget(hairline())
        foot = QHBoxLayout()
        foot.setContentsMargins(Space.PADDING, 6, Space.PADDING, 6)
        foot.setSpacing(Space.CELL)
        foot.addWidget(self.copy)
        foot.addWidget(self.open_report)
        foot.addStretch(1)
        foot.addWidget(label(self.tr("Letter by letter as it came"), role=Type.SECONDARY, tone="muted"))
        column.addLayout(foot)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(content)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)

    def _columns(self) -> tuple[Column[Attribute], ...]:
        return (
            Column(key="name", title=self.tr("Attribute"), text=lambda pair: pair[0], weight="symbol"),
            Column(
                key="value",
                title=self.tr("Value"),
                text=lambda pair: shown(*pair, masked=self._masked) or formats.DASH,
                tooltip=lambda pair: "" if self._masked and is_money_name(pair[0]) else pair[1],
                tone=lambda pair: "" if pair[1] else "text_muted",
            ),
            Column(
                key="meaning",
                title=self.tr("Meaning"),
                text=lambda pair: meaning_of(pair[0]),
                tooltip=lambda pair: meaning_of(pair[0]),
                tone=lambda _pair: "text_muted",
            ),
        )

    def _show_kind(self, kind: str) -> None:
        self._pages.setCurrentIndex(1 if kind == _TEXT else 0)

    def _on_report(self) -> None:
        if self.row is not None:
            self.report_wanted.emit(self.row.report.id)


def report_facts(report: SourceReport, account: str) -> tuple[Pair, ...]:
    """Return what there is to say of the report that a row came in."""
    translate = QCoreApplication.translate
    kinds = {"AF": translate("Reports", "Activity"), "TCF": translate("Reports", "Trade Confirmation")}
    kind = " · ".join(part for part in (kinds.get(report.type, report.type), report.query_name) if part)
    return (
        Pair(name=translate("Provenance", "Report"), value=report.name, tip=report.archive_file),
        Pair(name=translate("Provenance", "Query"), value=kind or formats.DASH),
        Pair(name=translate("Provenance", "Account"), value=account or formats.DASH),
        Pair(name=translate("Provenance", "Days"), value=formats.day_range(report.from_date, report.to_date)),
        Pair(name=translate("Provenance", "Made by IBKR"), value=formats.moment(report.generated_at)),
        Pair(name=translate("Provenance", "Received"), value=formats.moment(report.received_at)),
    )
