"""The third page: name and colour, token, date of expiry, the ids of the queries; tested at IBKR by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from ibjournal.domain.depot import DepotId
from ibjournal.domain.errors import JournalError
from ibjournal.gui import errors
from ibjournal.gui.bundle import Services
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.widgets.labels import repolish
from ibjournal.gui.wizard.access_form import AccessForm
from ibjournal.gui.wizard.live_test import AGAIN, TOKEN
from ibjournal.gui.wizard.state import Feed, WizardState
from ibjournal.services.changes import Changes
from ibjournal.services.credentials import inspect_token
from ibjournal.services.depots import DepotState
from ibjournal.services.jobs import CancelToken, Progress
from ibjournal.services.query_test import QueryTest


class AccessPage(AccessForm):
    """The form whose end is a depot. Nothing is saved before `save`, and then all of it or nothing."""

    renewal_wanted = Signal(object)
    """The token of this `DepotId`, which the new depot shares, is refused: all that share it need a new one."""
    saved = Signal(object)
    """`Changes`: the depot is there; `WizardState.depot` says which."""

    def __init__(
        self, state: WizardState, services: Services, tasks: TaskRunner, *, today: Callable[[], date] = date.today
    ) -> None:
        super().__init__(state, today=today)
        self._services, self._tasks, self._today = services, tasks, today
        self._cancel: CancelToken | None = None
        self._saving = False
        self._warned = False
        self._restore()
        self._connect()
        tasks.run(services.depots.depot_states, owner=self, done=self._offer_tokens)

    # --- what is there already

    def _restore(self) -> None:
        if self.state.depot is not None:
            self.token.set_empty_hint(self.tr("Empty: the token that is there stays."))
        if self.state.token:
            self.token.line.set_token(self.state.token)
        if self.state.expires is not None:
            self.expiry.set_day(self.state.expires, self.state.ends)
        if self.state.tests and self.state.tested == self.state.access():
            self.result.show_all(self.state.tests)

    def _connect(self) -> None:
        self.name.textChanged.connect(self._on_name)
        self.colors.changed.connect(self._on_color)
        self.whose.currentIndexChanged.connect(self._on_whose)
        self.token.edited.connect(self._on_token)
        self.expiry.edited.connect(self._on_expiry)
        for slot, field in self.ids.items():
            field.textChanged.connect(lambda _text, field=field: self._mend(field))
            field.entered.connect(partial(self._on_id, slot))
        self.test_button.clicked.connect(self.start_test)
        self.result.stop_wanted.connect(self.stop_test)
        self.result.mend_wanted.connect(self._on_mend)
        self.notice.watch()

    def _offer_tokens(self, states: tuple[DepotState, ...]) -> None:
        """Offer the tokens of other depots, one of each family that shares one."""
        self.whose.blockSignals(True)
        self.whose.clear()
        self.whose.addItem(self.tr("A token of its own"), None)
        seen: set[DepotId] = set()
        for state in states:
            if state.has_token and state.depot.id != self.state.depot and state.depot.id not in seen:
                seen |= {state.depot.id, *state.shares_token_with}
                self.whose.addItem(self.tr("The token of {depot}").format(depot=state.depot.name), int(state.depot.id))
        found = self.whose.findData(int(self.state.token_of)) if self.state.token_of is not None else 0
        self.whose.setCurrentIndex(max(0, found))
        self.whose.blockSignals(False)
        self._whose_part.setVisible(self.whose.count() > 1)
        self._on_whose()

    def refresh(self) -> None:
        """Hear that depots or tokens have changed elsewhere: a shared token that was refused may be a new one by now."""
        if self.state.token_of is not None and any(test.error is not None for test in self.state.tests) and not self.testing:
            self.state.tested, self.state.tests = (), ()
            self._test_if_complete()
        self._tasks.run(self._services.depots.depot_states, owner=self, done=self._offer_tokens)

    # --- coming and going

    def enter(self) -> None:
        """Begin at the first thing that is missing."""
        fetch = self.state.feed is Feed.FETCH
        for part, shown in ((self._flex, fetch), (self._files, not fetch), (self._flex_help, fetch)):
            part.setVisible(shown)
        self.set_helps(helps=fetch)
        if fetch:
            self.set_head(*self.head())
        else:
            self.set_head(self.tr("Name and colour"), self.tr("By them you know the depot wherever it is shown."))
        self._clear_fault()
        missing = self._missing()
        (missing[0] if missing is not None else self.name).setFocus()
        self._tell()
        if fetch:
            self._test_if_complete()

    def leave(self) -> None:
        """End the test: whatever comes next says the same."""
        self.stop_test()

    def check(self) -> bool:
        """Put the focus on what is missing, and say it. A test that failed is warned of once."""
        self._clear_fault()
        for field in self.ids.values():
            field.settle()
        missing = self._missing()
        if missing is not None:
            self._show_fault(*missing)
            return False
        refused = next((test for test in self.state.tests if test.error is not None), None)
        if self.state.feed is Feed.FETCH and refused is not None and self.state.tested == self.state.access() and not self._warned:
            self._warned = True
            text = self.tr("The test did not work. Mend it above, or press Next again to save the depot all the same.")
            self._show_fault(None, text)
            return False
        return True

    def save(self) -> None:
        """Save the depot, then tell; a depot that was saved before is changed."""
        if self._saving:
            return
        self._saving = True
        self.told.emit(self.tr("Saving…"))
        self._on_expiry()
        draft = self.state.draft()
        if self.state.depot is None:
            self._tasks.run(self._services.depots.add, draft, owner=self, done=self._on_added, failed=self._on_refused)
            return
        depot = self.state.depot
        self._tasks.run(
            self._services.depots.edit,
            depot,
            draft,
            owner=self,
            done=lambda changes: self._on_added((depot, changes)),
            failed=self._on_refused,
        )

    def _on_added(self, result: tuple[DepotId, Changes]) -> None:
        self._saving = False
        self.state.saved(result[0])
        self.token.blockSignals(True)
        self.token.set_empty_hint(self.tr("Empty: the token that is there stays."))
        self.token.clear()
        self.token.blockSignals(False)
        self.saved.emit(result[1])

    def _on_refused(self, error: Exception) -> None:
        self._saving = False
        self._tell()
        if isinstance(error, JournalError):
            words = errors.describe(error, depot=self.state.name, name=self.state.name)
            field = self.name if error.code in {"name_taken", "name_missing", "name_is_token"} else None
            self._show_fault(field, words.sentence)

    def _missing(self) -> tuple[QWidget, str] | None:
        state = self.state
        if not state.name.strip():
            return self.name, self.tr("A depot needs a name.")
        if state.feed is Feed.FILES:
            return None
        if not state.token and state.token_of is None and state.depot is None:
            return self.token.line, self.tr("The token is missing. Copy it from the client portal and paste it here.")
        if not state.activity and not state.confirmation:
            return self.ids["activity"], self.tr("The query ids are missing. At least one of them is needed.")
        if state.activity == state.confirmation:
            return self.ids["confirmation"], self.tr("Both ids are the same. Each query has an id of its own.")
        return None

    def _show_fault(self, field: QWidget | None, text: str) -> None:
        self._place_fault(field)
        self.fault.setText(text)
        self.fault.show()
        if field is not None:
            field.setProperty("fault", True)
            repolish(field)
            field.setAccessibleDescription(text)
            field.setFocus()
            self.show_part(field)
        else:
            self.show_part(self.fault)

    def _place_fault(self, field: QWidget | None) -> None:
        """Put the words below the field they are about, else at the end of the form."""
        holder = self.token if field is self.token.line else field
        box = self.boxes.get(holder) if holder is not None else None
        for each in (*self.boxes.values(), self.form):
            each.removeWidget(self.fault)
        if box is not None and holder is not None:
            box.insertWidget(box.indexOf(holder) + 1, self.fault)
        else:
            self.form.insertWidget(self.form.count() - 1, self.fault)

    def _clear_fault(self) -> None:
        self.fault.hide()
        for field in (self.name, self.token.line, *self.ids.values()):
            if field.property("fault"):
                field.setProperty("fault", False)
                field.setAccessibleDescription("")
                repolish(field)

    def _mend(self, field: QWidget) -> None:
        """Take back what was said about a field: something else stands in it now."""
        if field.property("fault"):
            self._clear_fault()

    # --- what is typed

    def _on_name(self, text: str) -> None:
        self.state.name = text
        self._mend(self.name)
        self.edited.emit()

    def _on_color(self, color: str) -> None:
        self.state.color = color
        self.edited.emit()

    def _on_whose(self, _index: int = 0) -> None:
        data = self.whose.currentData()
        self.state.token_of = DepotId(int(data)) if data is not None else None
        self._token_part.setVisible(self.state.token_of is None)
        self.show_clicks(shared=self.state.token_of is not None)
        self._changed()
        self._test_if_complete()

    def _on_expiry(self) -> None:
        self.state.expires, self.state.ends = self.expiry.day(), self.expiry.ends()
        self.edited.emit()

    def _on_token(self) -> None:
        self.state.token = self.token.token
        self._mend(self.token.line)
        self._changed()
        if inspect_token(self.state.token).usual:
            self._test_if_complete()

    def _on_id(self, slot: str) -> None:
        setattr(self.state, slot, self.ids[slot].id)
        self._changed()
        self._test_if_complete()

    def _changed(self) -> None:
        self._warned = False
        self.edited.emit()
        if self.state.tested != self.state.access():
            self.notice.say("")
            self.stop_test()
            self.state.tests = ()
            self.result.hide()
        self._tell()

    def _on_mend(self, what: str) -> None:
        if what == AGAIN:
            self.start_test()
        elif what == TOKEN and self.state.token_of is not None:
            self.renewal_wanted.emit(self.state.token_of)
        else:
            field = self.token.line if what == TOKEN else self.ids[what]
            field.setFocus()
            field.selectAll()
            self.show_part(field)

    # --- the test

    def start_test(self) -> None:
        """Ask IBKR for both queries of what was typed."""
        for field in self.ids.values():
            field.settle()
        missing = self._missing()
        if missing is not None and missing[0] is not self.name:
            self._show_fault(*missing)
            return
        self._clear_fault()
        self.stop_test()
        self._cancel = cancel = CancelToken()
        self.state.tested, self.state.tests = self.state.access(), ()
        self.notice.say("")
        ids = {"activity": self.state.activity, "confirmation": self.state.confirmation}
        self.result.begin(ids)
        self.show_part(self.result)
        self._tell()
        self._tasks.run(
            self._services.depots.test,
            self.state.draft(),
            depot=self.state.token_of if self.state.token_of is not None else self.state.depot,
            cancel=cancel,
            token=cancel,
            progress=lambda step: self._tasks.call(self._on_progress, cancel, step),
            told=lambda test: self._tasks.call(self._on_result, cancel, test),
            owner=self,
            done=lambda tests: self._on_tested(cancel, tests),
            failed=lambda error: self._on_test_failed(cancel, error),
        )

    def stop_test(self) -> None:
        """End a running test; what came of it stays."""
        if self._cancel is not None:
            self._cancel.cancel()
            self._cancel = None
            self.state.tested = ()
            self.result.finish()
            self._tell()

    @property
    def testing(self) -> bool:
        """Whether a test is under way."""
        return self._cancel is not None

    def _test_if_complete(self) -> None:
        state = self.state
        token = state.token_of is not None or inspect_token(state.token).usual or (state.depot is not None and not state.token)
        complete = token and state.activity and state.confirmation and state.activity != state.confirmation
        if complete and self.isVisible() and state.feed is Feed.FETCH and state.tested != state.access():
            self.start_test()

    def _on_progress(self, cancel: CancelToken, step: Progress) -> None:
        if cancel is self._cancel:
            self.result.show_progress(step, getattr(self.state, step.slot, ""))

    def _on_result(self, cancel: CancelToken, test: QueryTest) -> None:
        if cancel is self._cancel:
            self.result.show_result(test)

    def _on_tested(self, cancel: CancelToken, tests: Sequence[QueryTest]) -> None:
        if cancel is not self._cancel:
            return
        self._cancel = None
        self.state.tests = tuple(tests)
        for test in tests:
            self.result.show_result(test)
        self.result.finish()
        self.show_part(self.result)
        wrong = [test for test in tests if test.error is not None and test.error.code == "wrong_report_type"]
        if wrong:
            self.notice.say_swapped()
        self._tell()

    def _on_test_failed(self, cancel: CancelToken, error: Exception) -> None:
        if cancel is self._cancel and isinstance(error, JournalError):
            self._cancel = None
            self.result.show_failure(errors.describe(error, depot=self.state.name))
            self._tell()

    def _tell(self) -> None:
        if self.testing:
            self.told.emit(self.tr("You can go on while IBKR makes the reports."))
        elif self.state.feed is Feed.FETCH:
            self.told.emit(self.tr("Nothing is saved before you press Next."))
        else:
            self.told.emit("")
