"""The diagnostics bundle: read first, then saved or copied."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QSize
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QApplication, QPlainTextEdit

from reviewdesk.domain.errors import ReviewdeskError
from reviewdesk.services.handouts import write_text
from reviewdesk.ui.data.parts import AskTarget, Panel, ask_target
from reviewdesk.ui.widgets import PlainLabel, PushButton

if TYPE_CHECKING:
    from reviewdesk.ui.main_window import MainWindow

__all__ = ["BundleWindow"]

translate = QCoreApplication.translate


class BundleWindow(Panel):
    """Shows the whole text; Save writes exactly what is shown."""

    def __init__(self, window: MainWindow, *, ask: AskTarget = ask_target) -> None:
        super().__init__(translate("data", "Diagnostics bundle"), QSize(820, 680), window)
        self._window = window
        self._ask = ask
        self.column.addSpacing(10)
        self.said = PlainLabel(
            translate(
                "data", "Versions, counts, times and kinds of faults. No names, no texts, no credentials."
            ),
            self,
            role="text-2",
            wrap=True,
        )
        self.column.addWidget(self.said)
        self.column.addSpacing(10)
        self.view = QPlainTextEdit(self)
        self.view.setObjectName("field")
        self.view.setReadOnly(True)
        self.view.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.view.setAccessibleName(translate("data", "The whole text of the bundle"))
        self.view.setPlainText(translate("data", "Putting it together…"))
        self.column.addWidget(self.view, 1)
        self.copy = PushButton(translate("data", "Copy"), self.foot, icon="copy")
        self.save = PushButton(translate("data", "Save…"), self.foot, kind="primary")
        self.shut = PushButton(translate("data", "Close"), self.foot)
        self.buttons.addWidget(self.copy)
        self.buttons.addStretch(1)
        self.buttons.addWidget(self.shut)
        self.buttons.addWidget(self.save)
        self.copy.clicked.connect(self._on_copy)
        self.save.clicked.connect(self._on_save)
        self.shut.clicked.connect(self.close)
        for button in (self.copy, self.save):
            button.setEnabled(False)
        make = window.core.bundle
        if make is None:
            self.view.setPlainText(translate("data", "There is no bundle in this mode."))
        else:
            window.bridge.run(make, done=self._on_made, failed=self._on_failed, owner=self)

    def _on_made(self, text: str) -> None:
        self.view.setPlainText(text)
        for button in (self.copy, self.save):
            button.setEnabled(True)
        self.save.setFocus()

    def _on_failed(self, error: BaseException) -> None:
        words = error.message if isinstance(error, ReviewdeskError) else ""
        self.view.setPlainText(
            words or translate("data", "Something went wrong inside; the log has the details.")
        )

    def _on_copy(self) -> None:
        QApplication.clipboard().setText(self.view.toPlainText())
        self.said.setText(translate("data", "Copied."))

    def _on_save(self) -> None:
        target = self._ask(self, translate("data", "Save"), "reviewdesk-diagnostics.txt", "Text (*.txt)")
        if target is not None:
            self.write(target)

    def write(self, target: Path) -> None:
        """Save what is shown."""
        text = self.view.toPlainText()
        self._window.bridge.run(
            write_text,
            target,
            text,
            done=lambda _: self.said.setText(translate("data", "Saved as {file}.").format(file=target.name)),
            failed=self._on_refused,
            owner=self,
        )

    def _on_refused(self, error: BaseException) -> None:
        self.said.set_role("fail")
        self.said.setText(error.message if isinstance(error, ReviewdeskError) else str(error))
