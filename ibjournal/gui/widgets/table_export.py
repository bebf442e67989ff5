"""CSV from any table, and the question where to put a file."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from ibjournal.gui import file_places
from ibjournal.gui.widgets.delegates import CellDelegate
from ibjournal.gui.widgets.formats import DASH, MASK, MINUS
from ibjournal.gui.widgets.roles import Role
from ibjournal.gui.widgets.table_view import TableView

_NUMBER = re.compile(r"[+-]?[\d.,]+\s?%?")
_FORMULA = ("=", "@", "+", "-", "\t")


def table_as_csv(table: TableView, *, hidden: bool = True) -> str:
    """Return a table as CSV: decimals with a point, days in ISO 8601, no group rows; masked money stays masked.

    Args:
        table: what to export, in its present order.
        hidden: whether columns that the chooser hides are exported too.
    """
    model = table.model()
    header = table.horizontalHeader()
    columns = [header.logicalIndex(place) for place in range(header.count())]
    heads = {column: str(model.headerData(column, Qt.Orientation.Horizontal) or "") for column in columns}
    columns = [column for column in columns if heads[column] and (hidden or not table.isColumnHidden(column))]
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow([heads[column] for column in columns])
    for row in range(model.rowCount()):
        if model.index(row, 0).data(Role.KIND) != "group":
            writer.writerow([_cell(table, row, column) for column in columns])
    return target.getvalue()


def write_text(path: Path, text: str) -> None:
    """Write a file in UTF-8 with the mark that spreadsheets look for; for a background task."""
    path.write_text(text, encoding="utf-8-sig", newline="")


def ask_where_to_save(parent: QWidget, *, title: str, name: str, patterns: str, then: Callable[[Path], object]) -> QFileDialog:
    """Open a save dialog that does not block; ``then`` gets the path when the user chose one.

    Args:
        parent: the window the dialog belongs to.
        title: the dialog's title.
        name: proposed file name with its ending.
        patterns: Qt's filter, such as ``CSV (*.csv)``.
        then: called with the chosen path.
    """
    dialog = QFileDialog(parent, title, filter=patterns)
    file_places.begin(dialog, name)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(Path(name).suffix.removeprefix("."))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(lambda path: then(Path(path)))
    dialog.open()
    return dialog


def csv_pattern() -> str:
    """Return the filter for CSV files."""
    return QCoreApplication.translate("TableExport", "CSV files (*.csv)")


def _cell(table: TableView, row: int, column: int) -> str:
    index = table.model().index(row, column)
    delegate = table.itemDelegateForColumn(column)
    value = index.data(Role.VALUE)
    if table.masked and isinstance(delegate, CellDelegate) and delegate.money and value is not None:
        return MASK
    raw = index.data(Role.SORT)
    raw = value if raw is None or isinstance(raw, (str, tuple)) else raw
    if isinstance(raw, Decimal):
        return f"{raw:f}"
    if isinstance(raw, date):
        return raw.isoformat()
    if isinstance(raw, int):
        return str(raw)
    parts = (index.data(Qt.ItemDataRole.DisplayRole), index.data(Role.TAIL))
    text = " ".join(str(part) for part in parts if part).replace(MINUS, "-")
    if text == DASH:
        return ""
    # A sheet would run a symbol or a name that begins like a formula; a number is none.
    return f"'{text}" if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text) else text
