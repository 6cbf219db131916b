"""How a window comes into being: what the first painted list needs at once, everything else in short steps after it.

Nothing is missing meanwhile: who asks for a part that is not there yet gets it, with the whole rest. So does the
first key that neither the list nor the search box takes for itself, before it is looked up among the shortcuts: no key
is lost or means something else than usual.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QElapsedTimer, QEvent, QObject, Qt, QTimer, Signal

if TYPE_CHECKING:
    from reviewdesk.ui.main_window import MainWindow

__all__ = ["LATER", "Making"]

LATER = frozenset(
    {
        *("activity", "bar", "choosing", "composer", "doing", "first_run", "note", "outbox", "palette_"),
        *("picker", "publishing", "reading", "selection", "settings_sections", "toast", "views"),
    }
)
"""Attributes of the window that its first painting does without."""

_SLICE_MS = 12
"""How long the steps of one turn of the event loop may take together; one step alone can take longer."""
_PATIENCE_MS = 5_000
"""So long after the first view was chosen the rest begins even where no list was painted."""
_LONGEST_PATIENCE_MS = 30_000
"""And so long after the making where none could be chosen."""

# In this order, each a step of its own: loading them at one go would hold the window for a third of a second. The
# last line is what ``Core.start`` loads.
_MODULES = (
    *("ui.widgets.toast", "ui.widgets.bar", "ui.picker", "ui.commands", "domain.messages", "domain.outbox"),
    *("domain.invitations.model", "store.outbox", "store.ingest", "domain.capabilities", "providers.base"),
    *("services.pace", "services.accounts", "services.outages", "services.workers", "services.sync"),
    *("domain.checks.model", "domain.checks.manner", "domain.checks.places", "domain.checks.private"),
    *("domain.templates", "services.checks", "services.replies", "services.outbox"),
    *("services.people", "ui.reading.body", "ui.reading.blocks", "ui.reading.content", "ui.reading.pane"),
    *("ui.composer", "ui.outbox", "ui.first_run", "ui.selection", "ui.publishing", "ui.doing"),
    *("ui.snooze", "ui.noting", "ui.choosing", "ui.views", "ui.palette", "ui.accounts", "ui.activity"),
    *("ui.settings", "ui.products", "ui.invitations", "ui.casework", "ui.messages", "ui.saved_replies"),
    *(
        "ui.data",
        "ui.bulk_reply",
        "ui.printing",
        "ui.suggestions",
        "ui.translation",
        "ui.rooms",
        "ui.making_rest",
    ),
    *("services.scheduler", "store.products", "store.salvage", "services.backups", "services.retention"),
)


class Making(QObject):
    """The rest of one window. ``done``: it is whole now. GUI thread only."""

    done = Signal()

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.whole = False
        """Whether everything is there."""
        self._steps = self._rest()
        self._stepping = False
        self._ended = False
        self._soon: list[Callable[[], object]] = []
        self._after: list[Callable[[], object]] = []
        self._tick = QTimer(self)
        self._tick.setInterval(0)
        self._tick.timeout.connect(self._on_tick)

    def soon(self, work: Callable[[], object]) -> None:
        """Call this right after the list was painted, before all the rest."""
        self._soon.append(work)

    def then(self, work: Callable[[], object]) -> None:
        """Call this, as a step of its own, when the window is whole."""
        self._after.append(work)

    def gradually(self) -> None:
        """Make the rest in steps, once the list has been painted."""
        # Of the window alone: of the whole application, it would make Qt's binding look at every kind of object there is.
        self._window.installEventFilter(self)
        inbox = self._window.inbox
        inbox.shown.connect(self._on_shown, Qt.ConnectionType.SingleShotConnection)
        self._window.navigation.moved.connect(
            partial(QTimer.singleShot, _PATIENCE_MS, self, self._begin),
            Qt.ConnectionType.SingleShotConnection,
        )
        QTimer.singleShot(_LONGEST_PATIENCE_MS, self, self._begin)

    def complete(self) -> None:
        """Make all that is missing now."""
        if self._stepping:
            return
        while not self._ended:
            self._step()

    def stop(self) -> None:
        """The program ends: make nothing more."""
        self._tick.stop()
        self._window.removeEventFilter(self)

    # --- steps -----------------------------------------------------------------------------------

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress):
            # Nobody below took this key: whatever it means must be there to hear it.
            self.complete()
        return False

    def _on_shown(self) -> None:
        # The rows are in the model; painting them comes before a timer of the same turn.
        self._window.inbox.view.viewport().update()
        QTimer.singleShot(0, self, partial(QTimer.singleShot, 0, self, self._begin))

    def _begin(self) -> None:
        if not self._tick.isActive() and (not self._ended or self._after):
            self._tick.start()

    def _on_tick(self) -> None:
        clock = QElapsedTimer()
        clock.start()
        while clock.elapsed() < _SLICE_MS:
            if not self._ended:
                self._step()
            elif self._after:
                self._after.pop(0)()
            else:
                self._tick.stop()
                return

    def _step(self) -> None:
        self._stepping = True
        try:
            self._ended = next(self._steps, self) is self
        finally:
            self._stepping = False
        if self._ended:
            self._window.removeEventFilter(self)
            self._begin()
            self.done.emit()

    def _rest(self) -> Iterator[None]:
        while self._soon:
            self._soon.pop(0)()
            yield
        for name in _MODULES:
            importlib.import_module(f"reviewdesk.{name}")
            yield
        from reviewdesk.ui.making_rest import steps

        yield from steps(self._window)
