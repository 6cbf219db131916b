"""What a restart brings back: place and size of the window, panes, view, order and the review one was at."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from PySide6.QtCore import QByteArray

__all__ = ["WindowState"]

KEY = "window.state"


@dataclass(slots=True)
class WindowState:
    """Plain values; whatever can't be read is left at its default."""

    geometry: str = ""
    outer: list[int] = field(default_factory=list)
    inner: list[int] = field(default_factory=list)
    view: str = "inbox"
    scope: str = "view"
    inbox: dict[str, Any] = field(default_factory=dict)

    def dump(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def load(cls, text: str | None) -> WindowState:
        """Never raises: a damaged state is an empty one."""
        state = cls()
        try:
            given = json.loads(text or "{}")
        except ValueError:
            return state
        if not isinstance(given, dict):
            return state
        for name, default in asdict(state).items():
            value = given.get(name)
            if type(value) is type(default):
                setattr(state, name, value)
        state.outer = [n for n in state.outer if isinstance(n, int) and 0 <= n < 20_000]
        state.inner = [n for n in state.inner if isinstance(n, int) and 0 <= n < 20_000]
        return state

    def geometry_bytes(self) -> QByteArray:
        return QByteArray.fromBase64(self.geometry.encode("ascii", "ignore"))

    def set_geometry(self, raw: QByteArray) -> None:
        self.geometry = bytes(raw.toBase64().data()).decode("ascii")
