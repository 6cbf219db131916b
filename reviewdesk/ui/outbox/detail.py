"""The chosen item below the table: its text, what stands in its way beside it, its actions, and its way so far."""

from __future__ import annotations

from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtGui import QFont, QTextBlockFormat, QTextCursor, QTextOption
from PySide6.QtWidgets import QFrame, QHBoxLayout, QTextEdit, QVBoxLayout, QWidget

from reviewdesk.domain.models import Comment, OutboxItem, OutboxState, Role, Version
from reviewdesk.domain.outbox import APPROVED_AT, APPROVED_BY
from reviewdesk.domain.text import isolate
from reviewdesk.services.outbox_meanwhile import Meanwhile
from reviewdesk.ui.outbox.table import Row
from reviewdesk.ui.outbox.words import action_title, clock_words, stands_in_the_way
from reviewdesk.ui.theme import fonts, metrics
from reviewdesk.ui.when import moment_sentence
from reviewdesk.ui.widgets import PlainLabel, PushButton, Separator
from reviewdesk.ui.widgets.pictogram import Pictogram

__all__ = ["Detail"]

_MAX_TEXT = 20_000
_MAX_COMMENTS = 20


def _strong() -> QFont:
    return fonts.list_font(600)


def _tabular() -> QFont:
    return fonts.list_font(tabular=True)


class _Text(QTextEdit):
    """A text to be read: plain, wrapped anywhere, in its own direction."""

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setAcceptRichText(False)
        self.setAccessibleName(name)
        self.document().setDocumentMargin(0)
        self.setTabChangesFocus(True)
        option = QTextOption(self.document().defaultTextOption())
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        option.setTextDirection(Qt.LayoutDirection.LayoutDirectionAuto)
        self.document().setDefaultTextOption(option)
        fonts.follow(self, fonts.body_font)

    def show_text(self, text: str) -> None:
        """Show it from its beginning, unless it stands there already."""
        shown = text[:_MAX_TEXT]
        if self.toPlainText() == shown:
            return
        self.clear()
        cursor = QTextCursor(self.document())
        block = QTextBlockFormat()
        block.setLineHeight(metrics.body_line(), QTextBlockFormat.LineHeightTypes.FixedHeight.value)
        cursor.setBlockFormat(block)
        cursor.insertText(shown)
        self.moveCursor(QTextCursor.MoveOperation.Start)


class _Column(QWidget):
    """A text with its heading, beside another one."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._heading = PlainLabel(parent=self, font=_strong)
        self._text = _Text("", self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._heading)
        column.addWidget(self._text, 1)
        self.hide()

    def show_part(self, heading: str, text: str) -> None:
        self._heading.setText(heading)
        self._text.setAccessibleName(heading)
        self._text.show_text(text)
        self.show()


class Detail(QFrame):
    """The chosen item: its text, its actions as buttons, and what is known of its way so far."""

    acted = Signal(str, object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._item_id = 0
        self._compares = False
        self._told: list[tuple[str, str, str, str]] = []
        self._icon = Pictogram("globe-simple", 16, "public", parent=self)
        self._title = PlainLabel(parent=self, font=_strong)
        self._written = PlainLabel(parent=self, role="text-2", font=_tabular)
        self._text = _Text(self.tr("Text of the item"), self)
        self._why = PlainLabel(parent=self, role="warn", wrap=True)
        self._ours = PlainLabel(self.tr("Your text"), self, font=_strong)
        self._columns = [_Column(self) for _ in range(2)]
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(8)
        self._made: list[PushButton] = []
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self._icon)
        top.addWidget(self._title)
        top.addWidget(self._written, 1)
        top.addLayout(self._buttons)
        left = QVBoxLayout()
        left.setContentsMargins(18, 14, 16, 14)
        left.setSpacing(8)
        left.addLayout(top)
        left.addWidget(self._why)
        ours = QVBoxLayout()
        ours.setSpacing(4)
        ours.addWidget(self._ours)
        ours.addWidget(self._text, 1)
        texts = QHBoxLayout()
        texts.setSpacing(20)
        texts.addLayout(ours, 1)
        for beside in self._columns:
            texts.addWidget(beside, 1)
        left.addLayout(texts, 1)
        self._facts = QVBoxLayout()
        self._facts.setContentsMargins(18, 14, 16, 14)
        self._facts.setSpacing(5)
        side = QWidget(self)
        side.setLayout(self._facts)
        side.setFixedWidth(metrics.icon_size(400))
        self._side = side
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addLayout(left, 1)
        self._rule = Separator(self, vertical=True)
        self._rule.setSizePolicy(
            self._rule.sizePolicy().horizontalPolicy(), self._text.sizePolicy().verticalPolicy()
        )
        row.addWidget(self._rule)
        row.addWidget(side)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(Separator(self))
        whole.addLayout(row, 1)
        self.setFixedHeight(metrics.list_line() * 10)
        self.hide()

    def show_row(self, row: Row | None, now: float) -> None:
        """Show an item, or nothing."""
        if row is None or row.item is None or row.words is None:
            self._item_id = 0
            self.hide()
            return
        item, words = row.item, row.words
        self._icon.set(words.icon, words.icon_role)
        self._title.setText(words.title)
        written = self.tr("written {time}").format(time=clock_words(item.created_at, now))
        self._written.setText(written)
        if self._item_id != item.id or (self._compares and not stands_in_the_way(item)):
            self.show_meanwhile(item, None)
        self._text.show_text(item.text)
        if self._item_id != item.id or tuple(b.objectName() for b in self._made) != words.actions:
            self._make_buttons(words.actions)
        self._item_id = item.id
        self._tell_facts(item, now)
        self._arrange()
        self.show()

    def item_id(self) -> int:
        """The item that is shown, or 0."""
        return self._item_id

    def show_meanwhile(self, item: OutboxItem, met: Meanwhile | None) -> None:
        """What a held item met, beside its text; None: nothing but its text."""
        self._compares = met is not None
        self._ours.setVisible(self._compares)
        self._why.setVisible(self._compares)
        for column in self._columns:
            column.hide()
        if met is not None:
            self._why.setText(item.error.message[:600] if item.error is not None else "")
            for column, (heading, text) in zip(self._columns, self._parts(met), strict=False):
                column.show_part(heading, text)
        self._arrange()

    def _parts(self, met: Meanwhile) -> list[tuple[str, str]]:
        """At most two: what was published, or the review then and now."""
        parts = []
        if met.comments:
            parts.append((self.tr("Published meanwhile"), self._comments(met.comments)))
        if met.now is not None and met.gone and met.before is None:
            parts.append((self.tr("The review as it was last read"), _review(met.now)))
        elif met.now is not None:
            if met.before is not None and not met.comments:
                parts.append((self.tr("The review when you wrote"), _review(met.before)))
            parts.append((self.tr("The review now"), _review(met.now)))
        return parts

    def _comments(self, comments: tuple[Comment, ...]) -> str:
        told = []
        for comment in comments[:_MAX_COMMENTS]:
            who = {
                Role.BUSINESS: self.tr("Reply by {name}"),
                Role.CONSUMER: self.tr("Comment by {name}"),
            }.get(comment.role, self.tr("Note by {name}"))
            named = who.format(name=isolate(comment.author or self.tr("somebody")))
            told.append(f"{named}\n{comment.text[:_MAX_TEXT]}")
        return "\n\n".join(told)

    def _arrange(self) -> None:
        wide = self.width() >= metrics.breakpoint_px(840) or self.width() <= 0
        self._side.setVisible(wide and not self._compares)
        self._rule.setVisible(wide and not self._compares)
        self.setFixedHeight(metrics.list_line() * (14 if self._compares else 10))

    def _make_buttons(self, actions: tuple[str, ...]) -> None:
        for old in self._made:
            self._buttons.removeWidget(old)
            old.deleteLater()
        self._made = []
        for name in actions:
            button = PushButton(action_title(name), self, small=True)
            button.setObjectName(name)
            button.clicked.connect(self._on_button)
            self._buttons.addWidget(button)
            self._made.append(button)

    def _on_button(self) -> None:
        self.acted.emit(self.sender().objectName(), self._item_id)

    def _tell_facts(self, item: OutboxItem, now: float) -> None:
        lines = [(clock_words(item.created_at, now), "pencil-simple", self.tr("Written"), "text-2")]
        if item.state is OutboxState.WAITING and item.scheduled_for is not None and item.scheduled_for > now:
            words = self.tr("Goes out {moment}").format(moment=moment_sentence(item.scheduled_for, now))
            lines.append(("", "calendar", words, "text-2"))
        if item.attempts:
            when = clock_words(item.sending_since, now) if item.sending_since else ""
            lines.append((when, "arrow-up", self.tr("%n attempts so far", "", item.attempts), "text-2"))
        if item.state is OutboxState.VERIFYING:
            words = self.tr("Looked %n times, not found so far", "", item.absences) if item.absences else self.tr(
                "The conversation will be read again"
            )  # fmt: skip
            lines.append((clock_words(item.not_before, now), "magnifying-glass", words, "text-2"))
        by, at = item.payload.get(APPROVED_BY), item.payload.get(APPROVED_AT)
        if by and isinstance(at, int | float):
            words = self.tr("Approved by {name}").format(name=isolate(str(by)))
            lines.append((clock_words(at, now), "eye", words, "text-2"))
        if item.error is not None:
            failed = item.state is OutboxState.FAILED
            when = clock_words(item.finished_at, now) if item.finished_at else ""
            icon = "warning-circle-fill" if failed else "info"
            lines.append((when, icon, item.error.message, "fail" if failed else "text-2"))
        if item.state is OutboxState.SENT:
            when = clock_words(item.finished_at or now, now)
            lines.append((when, "checks", self.tr("Confirmed by the source"), "text-2"))
        if lines == self._told:
            return  # the pane is told anew every second: labels are made when something is new to say
        self._told = lines
        while self._facts.count():
            old = self._facts.takeAt(0)
            widget = old.widget() if old is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._facts.addWidget(PlainLabel(self.tr("Attempts"), self._side, font=_strong))
        for when, icon, words, role in lines:
            self._facts.addWidget(_Fact(when, icon, words, role, self._side))
        self._facts.addStretch(1)


class _Fact(QWidget):
    """Time, icon, sentence."""

    def __init__(self, when: str, icon: str, words: str, role: str, parent: QWidget) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        time = PlainLabel(when, self, role="text-2", font=_tabular)
        time.setFixedWidth(fonts.metrics_of(_tabular()).horizontalAdvance("00:00:00"))
        row.addWidget(time, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(Pictogram(icon, 16, role, parent=self), 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(PlainLabel(words[:600], self, wrap=True), 1)


def _review(version: Version) -> str:
    score = "" if version.score is None else QLocale().toString(version.score, "g", 4)
    first = " ".join(filter(None, (f"★ {score}" if score else "", version.title[:400])))
    return "\n".join(filter(None, (first, version.body)))
