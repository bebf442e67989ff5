"""The form for one depot: name, token, valid until, query ids, and a live test of both queries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from ibjournal.domain.depot import Depot, DepotId
from ibjournal.domain.errors import JournalError
from ibjournal.gui import errors
from ibjournal.gui.bundle import Services
from ibjournal.gui.depots.query_result import QueryResult
from ibjournal.gui.portal import StepList, depot_steps
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.theme import Type
from ibjournal.gui.widgets.depot_dot import COLORS, ColorChoice
from ibjournal.gui.widgets.expiry_field import ExpiryField
from ibjournal.gui.widgets.id_field import IdField
from ibjournal.gui.widgets.labels import button, label, repolish, set_tone
from ibjournal.gui.widgets.mixups import Mixups
from ibjournal.gui.widgets.token_field import TokenField
from ibjournal.services.changes import Changes
from ibjournal.services.depots import DepotDraft
from ibjournal.services.jobs import CancelToken
from ibjournal.services.query_test import QueryTest


class DepotEditor(QWidget):
    """Adds a depot (``depot`` None) or changes one. Half a depot is a depot: only the name is needed."""

    saved = Signal(object, object)
    """The `DepotId` and the `Changes`."""
    added = Signal(object)
    """The `DepotId` of a new depot that can be fetched: it has a token and a query."""
    cancelled = Signal()

    def __init__(
        self,
        services: Services,
        tasks: TaskRunner,
        depot: Depot | None = None,
        *,
        has_token: bool = False,
        token_ends: datetime | None = None,
        taken: Sequence[str] = (),
        today: Callable[[], date] = date.today,
        parent: QWidget | None = None,
    ) -> None:
        """``taken``: the colours of the other depots; a new one gets the first that is free."""
        super().__init__(parent)
        self._services, self._tasks, self._depot = services, tasks, depot
        self._cancel: CancelToken | None = None
        self.setMaximumWidth(680)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(11)
        title = self.tr("New depot") if depot is None else self.tr("Edit {name}").format(name=depot.name)
        column.addWidget(label(title, role=Type.TITLE, tone="strong"))
        self.name = self._line(depot.name if depot else "")
        self.color = ColorChoice(COLORS, name=self.tr("Colour"), current=depot.color if depot else self._free_color(taken))
        self.activity = IdField(depot.activity_query if depot else "")
        self.confirmation = IdField(depot.confirmation_query if depot else "")
        self.ids = {"activity": self.activity, "confirmation": self.confirmation}
        self.token = TokenField()
        self.notice = Mixups(self.token, self.ids)
        self.token.set_empty_hint(
            self.tr("Empty: the token that is there stays.")
            if has_token
            else self.tr("22 to 24 digits. A depot that is fed by files needs none.")
        )
        self.expiry = ExpiryField(today=today)
        if depot is not None and depot.token_expires is not None:
            self.expiry.set_day(depot.token_expires, token_ends)
        self._name_hint = label("", role=Type.SECONDARY, tone="muted")
        self._name_hint.hide()
        top = QGridLayout()
        top.setHorizontalSpacing(12)
        top.addLayout(self._above(self.tr("Name of the depot"), self.name, self._name_hint), 0, 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(self._above(self.tr("Colour"), self.color), 0, 1, Qt.AlignmentFlag.AlignTop)
        top.setColumnStretch(0, 1)
        top.setColumnStretch(1, 1)
        column.addLayout(top)
        column.addLayout(self._above(self.tr("Token (Flex Web Service)"), self.token))
        column.addLayout(
            self._above(self.tr("Token valid until"), self.expiry, self._help(self.tr("IBKR does not tell the date of expiry.")))
        )
        pair = QGridLayout()
        pair.setHorizontalSpacing(12)
        pair.addLayout(
            self._above(self.tr("Activity query id"), self.activity, self._help(self.tr("Everything, once a day"))), 0, 0
        )
        pair.addLayout(
            self._above(self.tr("Trade Confirmation query id"), self.confirmation, self._help(self.tr("The fills of today"))), 0, 1
        )
        column.addLayout(pair)
        column.addWidget(self.notice)
        self._error = label("", tone="negative", wrap=True)
        self._error.hide()
        column.addWidget(self._error)
        column.addLayout(self._buttons())
        self.result = QueryResult()
        self.result.hide()
        self.result.mend_wanted.connect(self._on_mend)
        self.notice.watch()
        self.notice.mended.connect(self.test)
        column.addWidget(self.result)  # below the buttons, which stay where they are
        if depot is None:
            column.addWidget(StepList(self.tr("Where to find this at IBKR"), depot_steps()))
        column.addStretch(1)

    @staticmethod
    def _free_color(taken: Sequence[str]) -> str:
        return next((color for color in COLORS if color not in taken), COLORS[0])

    def draft(self) -> DepotDraft:
        """Return what was typed; ids without spaces and words."""
        for field in self.ids.values():
            field.settle()
        entered = self.token.token
        known = self._depot.token_expires if self._depot is not None else None
        touched = bool(entered) or (known is not None and known != self.expiry.day())
        return DepotDraft(
            name=self.name.text().strip(),
            activity_query=self.activity.id,
            confirmation_query=self.confirmation.id,
            token=entered,
            token_expires=self.expiry.day() if touched else known,
            token_ends=self.expiry.ends() if touched else None,
            color=self.color.current or None,
        )

    def save(self) -> None:
        """Keep the depot; a missing name gets the focus."""
        draft = self.draft()
        if not draft.name:
            self._fault(self.tr("A depot needs a name."))
            return
        self.save_button.setEnabled(False)
        if self._depot is None:
            self._tasks.run(self._services.depots.add, draft, owner=self, done=self._on_added, failed=self._on_failed)
        else:
            depot = self._depot.id
            self._tasks.run(
                self._services.depots.edit,
                depot,
                draft,
                owner=self,
                done=lambda changes: self._on_saved(depot, changes),
                failed=self._on_failed,
            )

    def test(self) -> None:
        """Ask IBKR for both queries of what was typed; keep nothing."""
        if self._cancel is not None:
            self._cancel.cancel()
            self._cancel = None
            self._set_testing(testing=False)
            return
        self._cancel = CancelToken()
        self._set_testing(testing=True)
        progress = self.result
        self._tasks.run(
            self._services.depots.test,
            self.draft(),
            depot=self._depot.id if self._depot is not None else None,
            cancel=self._cancel,
            progress=lambda step: self._tasks.call(progress.show_progress, step),
            token=self._cancel,
            owner=self,
            done=self._on_tested,
            failed=self._on_failed,
        )

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(10)
        self.test_button = button(self.tr("Test"), icon="shield-check")
        cancel = button(self.tr("Cancel"))
        self.save_button = button(self.tr("Save depot"), primary=True)
        self.save_button.setDefault(True)
        row.addWidget(self.test_button)
        row.addStretch(1)
        row.addWidget(cancel)
        row.addWidget(self.save_button)
        self.test_button.clicked.connect(self.test)
        cancel.clicked.connect(self._on_cancel)
        self.save_button.clicked.connect(self.save)
        self.name.textChanged.connect(self._clear_fault)
        return row

    def _on_cancel(self) -> None:
        if self._cancel is not None:
            self._cancel.cancel()
        self.token.clear()
        self.cancelled.emit()

    def _on_added(self, result: tuple[DepotId, Changes]) -> None:
        draft = self.draft()
        self._on_saved(*result)
        if draft.token and (draft.activity_query or draft.confirmation_query):
            self.added.emit(result[0])

    def _on_saved(self, depot: DepotId, changes: Changes) -> None:
        self.token.clear()
        self.saved.emit(depot, changes)

    def _on_mend(self, slot: str, mends: errors.Button) -> None:
        if mends is errors.Button.TRY_AGAIN:
            self.test()
            return
        field = self.token.line if mends is errors.Button.RENEW else self.ids[slot]
        field.setFocus()
        field.selectAll()

    def _on_tested(self, tests: tuple[QueryTest, ...]) -> None:
        self._cancel = None
        self._set_testing(testing=False)
        self.result.show_tests(tests, depot=self.name.text().strip())
        if any(test.error is not None and test.error.code == "wrong_report_type" for test in tests):
            self.notice.say_swapped()

    def _on_failed(self, error: Exception) -> None:
        self._cancel = None
        self._set_testing(testing=False)
        self.save_button.setEnabled(True)
        if isinstance(error, JournalError):
            words = errors.describe(error, depot=self.name.text(), name=self.name.text())
            if error.code in {"name_taken", "name_missing", "name_is_token"}:
                self._fault(f"{words.explanation} {words.action}")
            else:
                self._error.setText(f"{words.title} {words.explanation} {words.action}")
                self._error.show()

    def _set_testing(self, *, testing: bool) -> None:
        self.test_button.setText(self.tr("Cancel test") if testing else self.tr("Test"))
        self._error.hide()
        if testing:
            self.result.begin()
            self.result.show()

    def _fault(self, text: str) -> None:
        self.name.setProperty("fault", True)
        repolish(self.name)
        self._name_hint.setText(text)
        self._name_hint.show()
        set_tone(self._name_hint, "negative")
        self.name.setFocus(Qt.FocusReason.OtherFocusReason)

    def _clear_fault(self) -> None:
        if self.name.property("fault"):
            self.name.setProperty("fault", False)
            repolish(self.name)
            self._name_hint.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc leaves the form, not the settings around it."""
        if event.key() == Qt.Key.Key_Escape:
            self._on_cancel()
        else:
            super().keyPressEvent(event)

    def _line(self, text: str) -> QLineEdit:
        line = QLineEdit(text)
        line.setMaxLength(80)
        return line

    def _help(self, text: str) -> QWidget:
        return label(text, role=Type.SECONDARY, tone="muted")

    def _above(self, words: str, field: QWidget, below: QWidget | None = None) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(4)
        caption = label(words, role=Type.SYMBOL, tone="strong")
        caption.setBuddy(field)
        field.setAccessibleName(words)
        column.addWidget(caption)
        column.addWidget(field)
        if below is not None:
            column.addWidget(below)
        return column
