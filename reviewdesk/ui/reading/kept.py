"""Reviews read already: those seen last and the neighbours that will probably be opened next, a few at a time."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from reviewdesk.domain.models import ReviewDetail

if TYPE_CHECKING:
    from reviewdesk.services.core import Core
    from reviewdesk.ui.bridge import Bridge

__all__ = ["Kept"]

_MOST = 12
_SLACK_MS = 20


class Kept(QObject):
    """At most a dozen. All on the GUI's thread; the reading itself is the bridge's."""

    def __init__(self, core: Core, bridge: Bridge, parent: QObject) -> None:
        super().__init__(parent)
        self._core, self._bridge = core, bridge
        self._known: OrderedDict[int, ReviewDetail] = OrderedDict()
        self._ahead: list[int] = []
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SLACK_MS)
        self._timer.timeout.connect(self._fetch_ahead)

    def get(self, review_id: int) -> ReviewDetail | None:
        return self._known.get(review_id)

    def keep(self, detail: ReviewDetail | None) -> None:
        if detail is not None:
            self._known[detail.row.id] = detail
            self._known.move_to_end(detail.row.id)
            while len(self._known) > _MOST:
                self._known.popitem(last=False)

    def forget(self, review_ids: Iterable[int]) -> None:
        for review_id in review_ids:
            self._known.pop(review_id, None)

    def clear(self) -> None:
        self._known.clear()

    def prefetch(self, ids: Iterable[int], present: int) -> None:
        """The neighbours of ``present`` that will probably be opened next: read one after the other, with pauses."""
        self._ahead = [i for i in ids if i and i not in self._known and i != present][:4]
        if self._ahead:
            self._timer.start()

    def _fetch_ahead(self) -> None:
        if self._ahead:
            wanted = self._ahead.pop(0)
            self._bridge.run(
                self._core.inbox.detail, wanted, done=self.keep, owner=self, key=("ahead", wanted)
            )
            self._timer.start()
