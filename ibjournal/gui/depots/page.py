"""The settings' page of depots: cards to edit, test, renew, pause, reorder, remove; and the form for a new one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMessageBox, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from ibjournal.domain.depot import Depot, DepotId
from ibjournal.domain.errors import JournalError
from ibjournal.gui import token_calendar
from ibjournal.gui.bundle import Services
from ibjournal.gui.depots.card import DepotCard
from ibjournal.gui.depots.editor import DepotEditor
from ibjournal.gui.safety_texts import goes_nothing, what_goes, what_stays
from ibjournal.gui.tasks import TaskRunner
from ibjournal.gui.theme import Type
from ibjournal.gui.widgets.labels import button, label
from ibjournal.gui.widgets.panel import EmptyState
from ibjournal.services.changes import Changes
from ibjournal.services.depots import DepotDraft, DepotState, QueryTest
from ibjournal.services.doctor import QueryFindings
from ibjournal.services.jobs import CancelToken
from ibjournal.services.removal import RemovalPlan


class DepotsPage(QWidget):
    """Lists the depots. Everything is applied at once; there is no OK."""

    changed = Signal(object)
    renewal_wanted = Signal(object)
    leak_wanted = Signal(object)
    """The token of this depot may be in somebody else's hands."""
    added = Signal(object)
    """The `DepotId` of a new depot that can be fetched."""
    wizard_wanted = Signal()
    """A depot is to be added step by step; `add` opens the short form."""
    loaded = Signal()
    """The cards are on show."""

    def __init__(
        self, services: Services, tasks: TaskRunner, *, today: Callable[[], date] = date.today, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._services, self._tasks, self._today = services, tasks, today
        self.cards: list[DepotCard] = []
        self.editor: DepotEditor | None = None
        self._to_edit: DepotId | None = None
        self._stack = QStackedWidget()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)
        self._stack.addWidget(self._scrolled(self._list_page()))
        self.load()

    def load(self) -> None:
        """Ask for the depots and the state of their tokens again."""
        services = self._services
        self._tasks.run(lambda: (services.depots.depot_states(), services.tokens.trouble()), owner=self, done=self._show)

    def add(self) -> None:
        """Open the form for a new depot."""
        self._open_editor(None, has_token=False)

    def edit(self, depot: DepotId) -> None:
        """Open the form for a depot."""
        card = self._card(depot)
        if card is not None:
            self._open_editor(card.state.depot, has_token=card.state.has_token, token_ends=card.state.token_ends)

    def edit_when_loaded(self, depot: DepotId) -> None:
        """Open the form for a depot, now or once the depots are on show."""
        if self.editor is not None:
            return
        if self._card(depot) is not None:
            self.edit(depot)
        else:
            self._to_edit = depot

    def test(self, depot: DepotId) -> None:
        """Ask IBKR for both queries of a depot; the card shows what came."""
        card = self._card(depot)
        if card is None:
            return
        card.fault.hide()
        card.result.begin()
        card.result.show()
        card.test.setEnabled(False)
        cancel = CancelToken()
        have = card.state.depot
        draft = DepotDraft(
            name=have.name,
            activity_query=have.activity_query,
            confirmation_query=have.confirmation_query,
            token_expires=have.token_expires,
        )
        self._tasks.run(
            self._services.depots.test,
            draft,
            depot=depot,
            cancel=cancel,
            token=cancel,
            progress=lambda step: self._tasks.call(self._on_progress, depot, step),
            owner=card,
            done=lambda tests: self._on_tested(depot, tests),
            failed=lambda error: self._on_failed(depot, error),
        )

    def ask_remove(self, depot: DepotId) -> None:
        """Ask once, naming the depot and counting what goes and what stays; then remove it."""
        self._tasks.run(
            self._services.removal.plan,
            depot,
            owner=self,
            done=self._ask_remove,
            failed=lambda error: self._on_failed(depot, error),
        )

    def _ask_remove(self, plan: RemovalPlan) -> None:
        if goes_nothing(plan):
            text = self.tr("{name} stays in the list").format(name=plan.name)
            self._question(self.tr("Remove depot"), text, f"{what_goes(plan)} {what_stays(plan)}").open()
            return
        text = self.tr("Remove the depot {name}?").format(name=plan.name)
        box = self._question(self.tr("Remove depot"), text, f"{what_goes(plan)}\n\n{what_stays(plan)}")
        remove = box.addButton(self.tr("Remove depot"), QMessageBox.ButtonRole.DestructiveRole)
        remove.clicked.connect(lambda: self._run(self._services.depots.remove, plan.depot))
        box.open()

    def _question(self, title: str, text: str, means: str) -> QMessageBox:
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.NoIcon)
        box.setWindowTitle(title)
        box.setText(text)
        box.setInformativeText(means)
        box.setDefaultButton(box.addButton(self.tr("Keep"), QMessageBox.ButtonRole.RejectRole))
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.question = box
        return box

    def ask_forget(self, depot: DepotId) -> None:
        """Ask once, naming every depot that holds the token and what forgetting means; then forget it."""
        card = self._card(depot)
        if card is None:
            return
        sharing = {depot, *card.state.shares_token_with}
        names = [each.state.depot.name for each in self.cards if each.depot in sharing]
        text = self.tr("Forget the token of {depots}?").format(depots=", ".join(names))
        means = self.tr(
            "It is taken out of the keyring, and nothing is fetched until you enter one again. Reports, trades and notes stay."
        )
        still = self.tr("At IBKR it stays valid until it expires; generating a new one there makes it void at once.")
        box = self._question(self.tr("Forget token"), text, f"{means}\n\n{still}")
        forget = box.addButton(self.tr("Forget token"), QMessageBox.ButtonRole.DestructiveRole)
        forget.clicked.connect(
            lambda: self._tasks.run(
                self._services.tokens.forget,
                depot,
                owner=self,
                done=self._applied,
                failed=lambda error: self._on_failed(depot, error),
            )
        )
        box.open()

    def save_entry(self, depot: DepotId) -> None:
        """Ask where to save a calendar entry for the last day of a depot's token."""
        card = self._card(depot)
        if card is None or card.state.depot.token_expires is None:
            return
        sharing = {depot, *card.state.shares_token_with}
        names = [each.state.depot.name for each in self.cards if each.depot in sharing]
        self.saving = token_calendar.ask_where(names, card.state.depot.token_expires, self._tasks, self)

    def show_uses(self, depot: DepotId) -> None:
        """Show below a depot what its token was used for, or hide it."""
        card = self._card(depot)
        if card is not None and card.uses_panel.isVisible():
            card.uses_panel.hide()
        elif card is not None:
            self._tasks.run(self._services.depots.token_uses, depot, owner=card, done=card.show_uses)

    def shift(self, depot: DepotId, step: int) -> None:
        """Move a depot up or down by one."""
        order = [card.depot for card in self.cards]
        place = order.index(depot)
        target = place + step
        if 0 <= target < len(order):
            order[place], order[target] = order[target], order[place]
            self._run(self._services.depots.reorder, tuple(order))

    def pause(self, depot: DepotId, paused: bool) -> None:  # noqa: FBT001 - the slot of a signal
        """Leave a depot out of syncs, or take it in again."""
        self._tasks.run(self._services.depots.pause, depot, paused=paused, owner=self, done=self._applied)

    def _list_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        head = QHBoxLayout()
        head.addWidget(label(self.tr("Depots"), role=Type.TITLE, tone="strong"), 1)
        self.add_button = button(self.tr("Add depot"), icon="plus", primary=True)
        self.add_button.clicked.connect(self.wizard_wanted)
        self.short_form = button(self.tr("Without the wizard"))
        self.short_form.setToolTip(self.tr("For those who have the token and the ids at hand"))
        self.short_form.clicked.connect(self.add)
        head.addWidget(self.short_form)
        head.addWidget(self.add_button)
        column.addLayout(head)
        hint = self.tr("A depot is a token and two query ids at IBKR. Its reports may hold several accounts.")
        column.addWidget(label(hint, tone="muted", wrap=True))
        self._empty = EmptyState(
            self.tr("No depot yet"),
            self.tr("Add one to have its reports fetched, or import Flex files and look at them without one."),
            self.tr("Add depot"),
        )
        self._empty.clicked.connect(self.wizard_wanted)
        self._empty.hide()
        column.addWidget(self._empty)
        self._cards = QVBoxLayout()
        self._cards.setSpacing(12)
        column.addLayout(self._cards)
        column.addStretch(1)
        return page

    def _scrolled(self, page: QWidget) -> QScrollArea:
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        page.setObjectName("scrolled")
        area.setWidget(page)
        return area

    def _show(self, found: tuple[tuple[DepotState, ...], str]) -> None:
        states, keyring = found
        for card in self.cards:
            card.hide()
            card.deleteLater()
        self.cards = []
        today = self._today()
        for position, state in enumerate(states):
            card = DepotCard(state, today=today, keyring=keyring, first=position == 0, last=position == len(states) - 1)
            card.edit_wanted.connect(self.edit)
            card.test_wanted.connect(self.test)
            card.renewal_wanted.connect(self.renewal_wanted)
            card.pause_wanted.connect(self.pause)
            card.remove_wanted.connect(self.ask_remove)
            card.move_wanted.connect(self.shift)
            card.leak_wanted.connect(self.leak_wanted)
            card.forget_wanted.connect(self.ask_forget)
            card.calendar_wanted.connect(self.save_entry)
            card.uses_wanted.connect(self.show_uses)
            card.reload_wanted.connect(self.load)
            self.cards.append(card)
            self._cards.addWidget(card)
        self._empty.setVisible(not states)
        self.add_button.setVisible(bool(states))
        self._tasks.run(self._services.doctor.findings, owner=self, done=self._show_findings)
        self.loaded.emit()
        if self._to_edit is not None:
            wanted, self._to_edit = self._to_edit, None
            self.edit(wanted)

    def _show_findings(self, queries: tuple[QueryFindings, ...]) -> None:
        for card in self.cards:
            card.show_findings([each for each in queries if each.depot == card.depot])

    def _open_editor(self, depot: Depot | None, *, has_token: bool, token_ends: datetime | None = None) -> None:
        self._close_editor()
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(24, 20, 24, 20)
        self.editor = DepotEditor(
            self._services,
            self._tasks,
            depot,
            has_token=has_token,
            token_ends=token_ends,
            taken=[card.state.depot.color for card in self.cards],
            today=self._today,
        )
        column.addWidget(self.editor)
        self.editor.saved.connect(lambda _depot, changes: self._applied(changes))
        self.editor.added.connect(self.added)
        self.editor.cancelled.connect(self._close_editor)
        self._stack.addWidget(self._scrolled(holder))
        self._stack.setCurrentIndex(1)
        self.editor.name.setFocus(Qt.FocusReason.OtherFocusReason)

    def _close_editor(self) -> None:
        self.editor = None
        while self._stack.count() > 1:
            page = self._stack.widget(1)
            if page is not None:
                self._stack.removeWidget(page)
                page.deleteLater()

    def _card(self, depot: DepotId) -> DepotCard | None:
        return next((card for card in self.cards if card.depot == depot), None)

    def _on_progress(self, depot: DepotId, step: object) -> None:
        card = self._card(depot)
        if card is not None and not card.test.isEnabled():
            card.result.show_progress(step)  # type: ignore[arg-type]

    def _on_tested(self, depot: DepotId, tests: tuple[QueryTest, ...]) -> None:
        card = self._card(depot)
        if card is not None:
            card.test.setEnabled(True)
            card.result.show_tests(tests, depot=card.state.depot.name)

    def _on_failed(self, depot: DepotId, error: Exception) -> None:
        card = self._card(depot)
        if card is not None and isinstance(error, JournalError):
            card.test.setEnabled(True)
            card.result.hide()
            card.show_error(error)

    def _run(self, change: Callable[..., Changes], *args: object) -> None:
        self._tasks.run(change, *args, owner=self, done=self._applied)

    def _applied(self, changes: Changes) -> None:
        self._close_editor()
        self.load()
        self.changed.emit(changes)
