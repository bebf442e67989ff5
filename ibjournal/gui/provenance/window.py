"""The window "Where does this number come from?": left the chain from the figure to the rows, right the row as IBKR wrote it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from ibjournal.domain.depot import AccountId
from ibjournal.domain.errors import JournalError
from ibjournal.domain.execution import ExecutionId
from ibjournal.domain.instrument import InstrumentId
from ibjournal.domain.provenance import RowRef
from ibjournal.domain.trade import Trade, TradeKey
from ibjournal.gui.check_texts import describe_check
from ibjournal.gui.errors import describe
from ibjournal.gui.provenance.asked import Asked, OfCash, OfCheck, OfEquity, OfExecution, OfFigure, OfRow, OfTrade
from ibjournal.gui.provenance.chain import ChainTree
from ibjournal.gui.provenance.row_pane import RowPane
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.theme import Space, Type
from ibjournal.gui.widgets import formats
from ibjournal.gui.widgets.labels import ElidedLabel, button, hairline, label
from ibjournal.gui.widgets.roles import Role
from ibjournal.services.origins import Origin, OriginKind, SourceRow
from ibjournal.services.provenance import ProvenanceService

_SIZE = (1170, 680)
_LEFT = 570


class WhereFromWindow(QDialog):
    """Not modal; asking of another figure shows that one instead. Nothing is read on the thread of the window."""

    report_wanted = Signal(int)
    """The id of the report to be shown among all reports."""
    shown = Signal()
    """A chain, or a row, is on the screen."""

    def __init__(self, provenance: ProvenanceService, tasks: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._provenance, self._tasks = provenance, tasks
        self._asked = 0
        self._wanted_row: RowRef | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(False)
        self.setWindowTitle(self.tr("Where does this number come from?"))
        self.resize(*_SIZE)
        self.setMinimumSize(720, 420)
        self.title = ElidedLabel(role=Type.SUBHEAD, tone="strong")
        self.tree = ChainTree()
        self.pane = RowPane()
        self.copy = button(self.tr("Copy the chain"), icon="copy", small=True)
        self._note = label(role=Type.SECONDARY, tone="muted")
        self._build()
        self.tree.chosen.connect(self._on_chosen)
        self.tree.trade_wanted.connect(self._on_trade)
        self.pane.report_wanted.connect(self.report_wanted)
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.tree.as_text()))
        QShortcut(QKeySequence(QKeySequence.StandardKey.Close), self).activated.connect(self.close)

    @classmethod
    def for_trade(
        cls, provenance: ProvenanceService, tasks: TaskRunner, key: TradeKey, *, title: str = "", parent: QWidget | None = None
    ) -> WhereFromWindow:
        """Return a window that shows a trade."""
        made = cls(provenance, tasks, parent)
        made.ask(OfTrade(key, title))
        return made

    @classmethod
    def for_execution(
        cls,
        provenance: ProvenanceService,
        tasks: TaskRunner,
        account: AccountId,
        instrument: InstrumentId,
        uid: ExecutionId,
        *,
        parent: QWidget | None = None,
    ) -> WhereFromWindow:
        """Return a window that shows a fill."""
        made = cls(provenance, tasks, parent)
        made.ask(OfExecution(account, instrument, uid))
        return made

    def ask(self, asked: Asked) -> None:
        """Look up a figure, and show its chain."""
        self._asked += 1
        number, provenance, title = self._asked, self._provenance, ""
        show = partial(self._show, number)
        run = partial(self._tasks.run, owner=self, failed=partial(self._on_failed, number))
        match asked:
            case OfTrade(key, title):
                run(provenance.of_trade, key, done=partial(show, title))
            case OfExecution(account, instrument, uid, title):
                run(provenance.of_execution, account, instrument, uid, done=partial(show, title))
            case OfCheck(check):
                title = describe_check(check)
                run(provenance.of_check, check, done=partial(show, title))
            case OfCash(entry):
                run(provenance.of_cash, entry, done=partial(show, entry.type))
            case OfEquity(account, day):
                run(provenance.of_equity, account, day, done=partial(show, ""))
            case OfFigure(name, title, values, depot, period):
                read = provenance.of_values if values else provenance.of_results
                run(read, name, depot=depot, period=period, done=partial(show, title))
            case OfRow(ref, title):
                show(title, Origin(kind=OriginKind.ROW, row=ref))
        self.title.setText(title or self.tr("Looking it up…"))

    def set_masked(self, masked: bool) -> None:  # noqa: FBT001 - the slot of a toggle
        """Hide or show money."""
        self.tree.set_masked(masked)
        self._show_amount()
        self.pane.set_masked(masked)

    def _build(self) -> None:
        left = QWidget()
        left.setObjectName("surface")
        left.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        head = QHBoxLayout()
        head.setContentsMargins(Space.PADDING, 12, Space.PADDING, 10)
        head.addWidget(self.title, 1)
        self.amount = label(role=Type.SUBHEAD, tone="strong")
        head.addWidget(self.amount)
        column.addLayout(head)
        column.addWidget(hairline())
        column.addWidget(self.tree, 1)
        column.addWidget(hairline())
        foot = QHBoxLayout()
        foot.setContentsMargins(Space.PADDING, 6, Space.PADDING, 6)
        foot.addWidget(self.copy)
        foot.addStretch(1)
        foot.addWidget(self._note)
        column.addLayout(foot)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setHandleWidth(1)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(left)
        splitter.addWidget(self.pane)
        splitter.setStretchFactor(0, 0)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([_LEFT, _SIZE[0] - _LEFT])
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(splitter)

    def _show(self, asked: int, title: str, origin: Origin | None) -> None:
        if asked != self._asked:
            return
        if origin is None:
            self.title.setText(title)
            self.pane.show_nothing(self.tr("No longer there"), self.tr("Newer reports have changed what this figure rests on."))
            self.shown.emit()
            return
        self.tree.show_origin(origin, title)
        self.title.setText(title or str(self.tree.model().index(0, 0).data()))
        self._show_amount()
        trades = sum(isinstance(part.of, Trade) for part in origin.parts)
        self._note.setText(self.tr("%Ln trades", "", trades) if trades > 1 else "")
        self.shown.emit()

    def _show_amount(self) -> None:
        shown = self.tree.model().index(0, 1)
        hidden = self.tree.masked and shown.data(Role.VALUE) is not None
        self.amount.setText(formats.MASK if hidden else str(shown.data() or ""))

    def _on_failed(self, asked: int, error: Exception) -> None:
        if asked == self._asked and isinstance(error, JournalError):
            words = describe(error)
            self.title.setText(words.title)
            self.pane.show_nothing(words.title, f"{words.explanation} {words.action}".strip())

    def _on_chosen(self, origin: Origin) -> None:
        self._wanted_row = origin.row
        if origin.row is None:
            self.pane.show_nothing()
            return
        self._tasks.run(
            self._provenance.row,
            origin.row,
            owner=self,
            done=partial(self._show_row, origin.row),
            failed=partial(self._on_no_row, origin.row),
        )

    def _show_row(self, ref: RowRef, row: SourceRow | None) -> None:
        if ref != self._wanted_row:
            return
        if row is None:
            self.pane.show_nothing(
                self.tr("Row not found"), self.tr("The report does not hold row {number}.").format(number=ref.ordinal + 1)
            )
        else:
            self.pane.show_row(row)
        self.shown.emit()

    def _on_no_row(self, ref: RowRef, error: Exception) -> None:
        if ref == self._wanted_row and isinstance(error, JournalError):
            words = describe(error)
            self.pane.show_nothing(words.title, f"{words.explanation} {words.action}".strip())
            self.shown.emit()

    def _on_trade(self, origin: Origin, place: QPersistentModelIndex) -> None:
        if isinstance(origin.of, Trade):
            self._tasks.run(self._provenance.of_trade, origin.of.key, owner=self, done=partial(self._on_trade_found, place))

    def _on_trade_found(self, place: QPersistentModelIndex, origin: Origin | None) -> None:
        if origin is not None:
            self.tree.put_below(place, origin)
