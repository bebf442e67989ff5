"""Asks for a name, and for a strategy what it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QLineEdit, QVBoxLayout, QWidget

from ibjournal.gui.theme import Type
from ibjournal.gui.widgets.labels import label

_WIDTH = 420


class NameDialog(QDialog):
    """A short dialog; ``then`` gets the name and the chosen key (empty where there is nothing to choose)."""

    def __init__(
        self,
        *,
        title: str,
        name: str,
        then: Callable[[str, str], object],
        choices: Sequence[tuple[str, str]] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumWidth(_WIDTH)
        self._then = then
        self.name = QLineEdit(name)
        self.name.setMaxLength(80)
        self.name.selectAll()
        self.choice = QComboBox()
        for key, words in choices:
            self.choice.addItem(words, key)
        form = QFormLayout()
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(10)
        form.addRow(self.tr("Name"), self.name)
        if choices:
            form.addRow(self.tr("What it is"), self.choice)
        help_text = label(self.tr("An empty name takes yours away."), role=Type.SECONDARY, tone="muted")
        buttons = QDialogButtonBox()
        save = buttons.addButton(self.tr("Save"), QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(self.tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        save.setDefault(True)
        save.setProperty("primary", True)
        buttons.accepted.connect(self._on_save)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addLayout(form)
        column.addWidget(help_text)
        column.addWidget(buttons)

    def _on_save(self) -> None:
        self.accept()
        self._then(self.name.text().strip(), str(self.choice.currentData() or ""))
