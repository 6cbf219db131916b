"""Judges what is written in a field: a moment after the last change, elsewhere; and offers other words for a wrong one."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QTimer, Signal
from PySide6.QtGui import QAction, QContextMenuEvent
from PySide6.QtWidgets import QMenu

from reviewdesk.domain.errors import ReviewdeskError
from reviewdesk.domain.spelling import names
from reviewdesk.domain.text import one_line
from reviewdesk.services.spelling import Found, SpellingService, State
from reviewdesk.ui.composer.marks import Field, Mark, Marks
from reviewdesk.ui.widgets import announce

if TYPE_CHECKING:
    from reviewdesk.ui.bridge import Bridge

__all__ = ["AFTER_MS", "Speller"]

AFTER_MS = 350


class Speller(QObject):
    """``changed`` when another ``state`` is known; ``failed`` carries a sentence for the person."""

    changed = Signal()
    failed = Signal(str)

    def __init__(self, field: Field, marks: Marks, service: SpellingService, bridge: Bridge) -> None:
        super().__init__(field)
        self.service = service
        self._field, self._marks, self._bridge = field, marks, bridge
        self._draft: Hashable = None
        self._language: str | None = None
        self._spare: frozenset[str] = frozenset()
        self._state: State | None = None
        self._judged: tuple[str, tuple[str, ...] | None] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(AFTER_MS)
        self._timer.timeout.connect(self._judge)
        field.document().contentsChange.connect(self._on_change)

    def open(self, draft: Hashable, language: str | None, spare: Iterable[str] = ()) -> None:
        """Another text stands in the field now; None: nothing that is to be judged. ``spare``: names that are right."""
        self._draft, self._language = draft, language
        self._spare = names(spare)
        self.again()

    def again(self) -> None:
        """Other rules hold now."""
        self._timer.stop()
        self._judged = None
        self._marks.clear()
        self._state = None
        if self._draft is None:
            return
        codes = self._wanted()
        if codes is not None:
            future = self.service.ask(self.service.state, codes)
            self._bridge.watch(future, done=self._on_state, owner=self, key="spelling-state")
        self.changed.emit()
        self._timer.start()

    def codes(self) -> tuple[str, ...]:
        """The languages that this text is judged by: those that are wanted, or what the text was found to be."""
        wanted = self._wanted()
        if wanted is None:
            return self._state.codes if self._state is not None else ()
        return wanted

    def is_chosen(self) -> bool:
        """Whether somebody or the review said which; else the text tells it, where it can be told."""
        return self._wanted() is not None

    def _wanted(self) -> tuple[str, ...] | None:
        return self.service.codes(self._draft, self._language)

    def language(self) -> str | None:
        """That of the review."""
        return self._language

    def state(self) -> State | None:
        """None as long as it is not known."""
        return self._state

    def choose(self, codes: Iterable[str] | None) -> None:
        """Judge this text by these languages; by none: not at all; None: by that of the review again."""
        if self._draft is not None:
            self.service.choose(self._draft, codes)
            self.again()

    # --- judging ---------------------------------------------------------------------------------

    def _on_change(self, _position: int, removed: int, added: int) -> None:
        if removed != added:
            self._judged = None  # a step back to the same text lost the marks of what went
        if self._draft is not None and not self._timer.isActive():
            self._timer.start()

    def _judge(self) -> None:
        if self._draft is None:
            return
        text, codes = self._field.toPlainText(), self._wanted()
        if (text, codes) == self._judged or not text.strip():
            return
        self._judged = (text, codes)
        self._marks.begin()
        self._bridge.watch(
            self.service.ask(self.service.marks, text, codes, self._spare, self._draft),
            done=partial(self._on_found, self._draft),
            owner=self,
            key="spelling-marks",
        )

    def _on_found(self, draft: Hashable, found: Found) -> None:
        if draft == self._draft:
            self._marks.put(found.marks)
            self._on_state(found.state)

    def _on_state(self, state: State) -> None:
        if state != self._state and self._wanted() in (None, state.codes):
            self._state = state
            self.changed.emit()

    # --- other words -----------------------------------------------------------------------------

    def offer(self, event: QContextMenuEvent) -> bool:
        """A menu was asked for at a marked word: it comes with suggestions. False where no word is marked."""
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        cursor = self._field.textCursor() if by_key else self._field.cursorForPosition(event.pos())
        position = cursor.position()
        mark = self._marks.at(position)
        if mark is None:
            return False
        self._ask(mark, self._below(mark) if by_key else event.globalPos(), by_key=by_key)
        return True

    def offer_next(self) -> bool:
        """Go to the next misspelled word and offer others for it; False where none is marked."""
        cursor = self._field.textCursor()
        mark = self._marks.after(cursor.selectionEnd())
        if mark is None:
            return False
        found = self._marks.cursor(mark)
        self._field.setTextCursor(found)
        self._field.ensureCursorVisible()
        announce(self._field, self.tr("Misspelled: {word}").format(word=found.selectedText()))
        self._ask(mark, self._below(mark), by_key=True)
        return True

    def _below(self, mark: Mark) -> QPoint:
        cursor = self._marks.cursor(mark)
        cursor.setPosition(mark[0])
        return self._field.viewport().mapToGlobal(self._field.cursorRect(cursor).bottomLeft())

    def _ask(self, mark: Mark, place: QPoint, *, by_key: bool) -> None:
        word = self._marks.cursor(mark).selectedText()
        self._bridge.watch(
            self.service.ask(self.service.suggest, word, self.codes()),
            done=partial(self._show, mark, word, place, by_key),
            owner=self,
            key="spelling-menu",
        )

    def _show(self, mark: Mark, word: str, place: QPoint, by_key: bool, found: tuple[str, ...]) -> None:
        if not self._stands(mark, word):
            return  # it was changed meanwhile
        menu = self._field.createStandardContextMenu()
        before = menu.actions()[0] if menu.actions() else None
        entries: list[QAction] = []

        def add(text: str, act: object = None) -> QAction:
            entry = QAction(text.replace("&", "&&"), menu)
            if act is None:
                entry.setEnabled(False)
            else:
                entry.triggered.connect(act)
            entries.append(entry)
            return entry

        for other in found:
            add(other, partial(self._replace, mark, word, other))
        if not found:
            add(self.tr("No suggestions"))
        entries.append(_line(menu))
        shown = one_line(word, 30)
        add(self.tr("Add “{word}” to my words").format(word=shown), partial(self._add, word))
        add(self.tr("Ignore in this draft"), partial(self._ignore, word))
        entries.append(_line(menu))
        for entry in entries:
            if before is None:
                menu.addAction(entry)
            else:
                menu.insertAction(before, entry)
        self._popup(menu, place)
        if by_key:
            menu.setActiveAction(next(entry for entry in entries if entry.isEnabled()))

    def _popup(self, menu: QMenu, place: QPoint) -> None:
        menu.setObjectName("spelling")
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(place)

    def _stands(self, mark: Mark, word: str) -> bool:
        return mark in self._marks.all() and self._marks.cursor(mark).selectedText() == word

    def _replace(self, mark: Mark, word: str, other: str, *_checked: bool) -> None:
        if self._stands(mark, word):
            cursor = self._marks.cursor(mark)
            self._marks.drop(mark)
            self._judged = None
            cursor.insertText(other)
            self._field.setTextCursor(cursor)

    def _ignore(self, word: str, *_checked: bool) -> None:
        self.service.ignore(self._draft, word)
        self._forgive(word)

    def _add(self, word: str, *_checked: bool) -> None:
        self._bridge.watch(
            self.service.ask(self.service.add, word),
            done=lambda _none: self._forgive(word),
            failed=self._on_failed,
            owner=self,
        )

    def _forgive(self, word: str) -> None:
        """It is right from now on, wherever it stands."""
        for mark in self._marks.all():
            if self._marks.cursor(mark).selectedText().casefold() == word.casefold():
                self._marks.drop(mark)
        self._judged = None
        self._timer.start()

    def _on_failed(self, error: BaseException) -> None:
        words = error.message if isinstance(error, ReviewdeskError) else self.tr("This did not work.")
        self.failed.emit(words)


def _line(menu: QMenu) -> QAction:
    line = QAction(menu)
    line.setSeparator(True)
    return line
