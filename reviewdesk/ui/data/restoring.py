"""Restoring a backup: what would change, kind by kind, before anything does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QLocale, QSize

from reviewdesk.domain.errors import ReviewdeskError
from reviewdesk.services import restoring
from reviewdesk.ui.data.parts import Panel, Table
from reviewdesk.ui.data.words import difference_words
from reviewdesk.ui.widgets import PlainLabel, PushButton

if TYPE_CHECKING:
    from reviewdesk.ui.main_window import MainWindow

__all__ = ["RestoreWindow"]

translate = QCoreApplication.translate


class RestoreWindow(Panel):
    """``restart``: called when the person has decided; the window closes and the program begins anew with the copy."""

    def __init__(
        self, window: MainWindow, backup: Path, name: str, restart: Callable[[Path], object] | None = None
    ) -> None:
        super().__init__(translate("data", "Restore a backup"), QSize(680, 520), window)
        self._window = window
        self._backup = backup
        self._restart = restart or self._close_and_restore
        self.column.addSpacing(10)
        self.said = PlainLabel(
            translate("data", "Comparing the backup of {when} with what is there now…").format(when=name),
            self,
            role="text-2",
            wrap=True,
        )
        self._name = name
        self.column.addWidget(self.said)
        self.column.addSpacing(10)
        self.table = Table(
            translate("data", "What would change"),
            (
                translate("data", "Kind"),
                translate("data", "Now"),
                translate("data", "Then"),
                translate("data", "Would go"),
                translate("data", "Would come back"),
                translate("data", "Would change"),
            ),
            0,
            self,
        )
        self.column.addWidget(self.table, 1)
        self.go = PushButton(translate("data", "Restore and start again"), self.foot, kind="primary")
        self.shut = PushButton(translate("data", "Cancel"), self.foot)
        self.buttons.addStretch(1)
        self.buttons.addWidget(self.shut)
        self.buttons.addWidget(self.go)
        self.go.setEnabled(False)
        self.go.clicked.connect(self._on_go)
        self.shut.clicked.connect(self.close)
        window.bridge.run(
            restoring.preview,
            window.core.store,
            backup,
            done=self._on_preview,
            failed=self._on_failed,
            owner=self,
        )

    def _on_preview(self, preview: restoring.Preview) -> None:
        number = QLocale().toString
        self.table.set_rows(
            [
                (difference_words(d.what), number(d.now), number(d.then), number(d.lost), number(d.back), number(d.changed))
                for d in preview.differences
            ]
        )  # fmt: skip
        what = (
            translate("data", "The backup of {when} differs in this.")
            if preview.differences
            else translate("data", "The backup of {when} holds the same as is there now.")
        )
        rest = translate("data", "The present database is kept aside, and nothing is sent.")
        if preview.held:
            rest += " " + translate(
                "data", "Outbox items of the backup that are held, because they may have gone out since: {n}."
            ).format(n=preview.held)
        self.said.setText(f"{what.format(when=self._name)} {rest}")
        self.go.setEnabled(True)

    def _on_failed(self, error: BaseException) -> None:
        self.said.set_role("fail")
        words = error.message if isinstance(error, ReviewdeskError) else ""
        self.said.setText(words or translate("data", "Something went wrong inside; the log has the details."))

    def _on_go(self) -> None:
        self.go.setEnabled(False)
        self._restart(self._backup)

    def _close_and_restore(self, backup: Path) -> None:
        window = self._window
        window.core.restore_from = backup
        self.close()
        if not window.close():
            # Something that was typed could not be kept: nothing is restored before it is.
            window.core.restore_from = None
