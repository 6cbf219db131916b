"""What the window says: the toast and where it stands, the bar about a fault, keys that may follow, and reasons."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, QRect

from reviewdesk.services.events import Notice, NoticeLevel
from reviewdesk.services.settings import TITLE_COUNT

if TYPE_CHECKING:
    from reviewdesk.ui.main_window import MainWindow

__all__ = ["Telling"]


class Telling(QObject):
    """Says things in one window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._about_reviews: set[str] = set()
        self._none: str | None = ""
        self._more_reasons: list[Callable[[str | None], object]] = []

    def say(self, text: str) -> None:
        """One sentence about what somebody just did, unless a countdown is running there."""
        window = self._window
        if window.publishing.item() is not None and window.toast.isVisible():
            return
        window.toast.show_message(text, stay_s=4)
        self.place_toast()

    def on_notice(self, notice: Notice) -> None:
        # A fault that a person can do something about stands beside what it concerns, until it is closed.
        if notice.level is NoticeLevel.INFO:
            return
        level = "fail" if notice.level is NoticeLevel.ERROR else "warn"
        from reviewdesk.ui.accounts import notice_buttons  # the first painting does without it

        text = f"{notice.message} {notice.remedy}".strip()
        self._window.bar.show_message(level, text, buttons=notice_buttons(self._window, notice))

    def on_hint(self, following: list[tuple[str, str]]) -> None:
        self._window.status.set_hint("   ".join(f"{key}  {title}" for key, title in following))

    def place_toast(self, *_ignored: object) -> None:
        """Where it covers neither what somebody writes nor the buttons to begin with."""
        window = self._window
        if not window.making.whole:
            return
        beside = window.pages.currentWidget() is window.inner and window.right.isVisible()
        area = window.right if beside else window.pages
        corner = area.mapTo(window.body, QPoint(0, 0))
        bottom = area.height()
        if beside:
            if window.composer.is_open():
                bottom = window.composer.y()
            elif window.reading.reply_bar.isVisible():
                bottom = window.reading.reply_bar.mapTo(window.right, QPoint(0, 0)).y()
        window.toast.set_place(QRect(corner, area.size()).adjusted(0, 0, 0, bottom - area.height()))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # The composer grows with its text and is laid out once more after it was opened: the toast keeps off it.
        if event.type() in (QEvent.Type.Move, QEvent.Type.Resize) and self._window.toast.isVisible():
            self.place_toast()
        return False

    def tell_title(self) -> None:
        """The number that a person wants to see in the window's title."""
        window = self._window
        which = window.core.settings.get(TITLE_COUNT)
        entry = window.sidebar.entry({"needs-reply": "state:needs-reply", "inbox": "inbox"}.get(which, ""))
        name = self.tr("Practice") if window.core.practice else "Reviewdesk"
        count = entry.count if entry is not None else 0
        title = f"({window.locale().toString(count)}) {name}" if count else name
        if title != window.windowTitle():
            window.setWindowTitle(title)

    # --- reasons ---------------------------------------------------------------------------------

    def about_reviews(self, names: Iterable[str]) -> None:
        """These actions need a review to be about."""
        self._about_reviews.update(names)

    def add_reasons(self, tell: Callable[[str | None], object]) -> None:
        """Call this whenever reasons are told, with why there is no review to be about (None: there is one)."""
        self._more_reasons.append(tell)

    def is_about_reviews(self, name: str) -> bool:
        return name in self._about_reviews

    def tell_reasons(self) -> None:
        """Switch what needs a review on or off."""
        window = self._window
        if not window.making.whole:
            # Told when the actions are there.
            return
        # A review behind another page is none that anybody sees: nothing is done to it from there.
        seen = window.pages.currentWidget() is window.inner and window.inbox.current_id()
        none = None if seen else self.tr("Choose a review first")
        if none is None and self._none is None and window.reading.is_reading():
            return  # told when it is there: until then each action would only be told twice
        self._none = none
        page = window.navigation.shown_page()
        with window.actions_.reasons_together():
            for name in self._about_reviews:
                window.actions_.set_reason(name, none)
            for tell in self._more_reasons:
                tell(none)
            for name in page.answers if page is not None else ():
                window.actions_.set_reason(name, None)
