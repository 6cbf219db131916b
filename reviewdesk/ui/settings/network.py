"""What this program talks to: every address of every account, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from reviewdesk.ui.widgets import PlainLabel, PushButton

if TYPE_CHECKING:
    from reviewdesk.services.core import Core
    from reviewdesk.ui.main_window import MainWindow

__all__ = ["NetworkPage"]


def _addresses(core: Core) -> list[tuple[str, str]]:
    """Those of the accounts, and that of the translation service where one is named."""
    translation = core.translation.address()
    named = [(QCoreApplication.translate("settings", "Translation"), translation)] if translation else []
    return [*core.accounts.addresses(), *named]


class NetworkPage(QWidget):
    """Read off the GUI thread whenever it is looked at; the button syncs all accounts now."""

    def __init__(self, window: MainWindow, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = window
        self._grid_host = QWidget(self)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(0, 14, 0, 0)
        column.setSpacing(10)
        for text in (
            self.tr("Reviewdesk talks to the addresses below and to no others. There is no telemetry."),
            self.tr(
                "A proxy is taken from the system's settings; this computer itself is never asked through it."
            ),
        ):
            column.addWidget(PlainLabel(text, self, role="text-2", wrap=True))
        column.addWidget(self._grid_host)
        self.sync = PushButton(self.tr("Sync all accounts now"), self, icon="arrows-clockwise", cap="F5")
        self.sync.clicked.connect(window.sync)
        column.addWidget(self.sync)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        bridge = self._window.bridge
        bridge.run(_addresses, bridge.core, done=self._tell, owner=self, key="addresses")

    def _tell(self, addresses: Sequence[tuple[str, str]]) -> None:
        old, self._grid_host = self._grid_host, QWidget(self)
        grid = QGridLayout(self._grid_host)
        grid.setContentsMargins(0, 4, 0, 4)
        grid.setHorizontalSpacing(24)
        grid.setColumnStretch(1, 1)
        for row, (account, address) in enumerate(addresses):
            grid.addWidget(PlainLabel(account, self._grid_host), row, 0)
            grid.addWidget(PlainLabel(address, self._grid_host, role="text-2"), row, 1)
        self._column.replaceWidget(old, self._grid_host)
        self._grid_host.show()
        old.hide()
        old.deleteLater()
