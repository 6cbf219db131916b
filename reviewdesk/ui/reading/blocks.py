"""The sections of the reading pane that have a shape of their own: score row, ratings, private block, history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QRect, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from reviewdesk.domain.models import ProviderState, ReviewDetail, Role, SubScore, Version
from reviewdesk.domain.text import isolate
from reviewdesk.ui.reading.body import TextBody
from reviewdesk.ui.reading.diff import Part, differences
from reviewdesk.ui.reading.due import DueAt, DueMark
from reviewdesk.ui.reading.painting import draw_icon, draw_text, frame_card, mirrored, text_width
from reviewdesk.ui.reading.parts import MOST_WIDTHS, FieldGrid, Fold, hfw_policy
from reviewdesk.ui.reading.pictures import PictureRow
from reviewdesk.ui.reading.words import (
    edited_words,
    number_words,
    provider_state_icon,
    provider_state_words,
    score_words,
    short_when,
    sub_score_words,
    work_state_icon,
    work_state_words,
)
from reviewdesk.ui.theme import fonts, metrics, theme
from reviewdesk.ui.widgets import Badge, PlainLabel, ScoreView

if TYPE_CHECKING:
    from reviewdesk.ui.bridge import Bridge

__all__ = ["History", "PrivateBlock", "Ratings", "ScoreRow"]


class ScoreRow(QWidget):
    """Stars and their words, the edited badge; at the other end the state. Badges go below when there is no room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.score = ScoreView(self)
        self.words = PlainLabel(parent=self, font=_medium, line=metrics.list_line)
        self.edited = Badge(parent=self)
        self.published = Badge(parent=self)
        self.state = Badge(parent=self)
        self.due = DueMark(self)
        self.due.ticked.connect(self._on_due)
        self._placed: dict[tuple[int, int], list[tuple[QWidget, QRect]]] = {}
        self.setSizePolicy(hfw_policy())

    def set_due(self, due_at: DueAt | None, now: Callable[[], float]) -> None:
        """Until when a review wants its answer (UTC seconds), by today's settings; None: there are no targets."""
        self.due.set_due(due_at, now)
        self._placed.clear()
        self.updateGeometry()
        self._arrange()

    def _on_due(self) -> None:
        self._placed.clear()
        self.updateGeometry()
        self._arrange()

    def set_detail(self, detail: ReviewDetail, provider: str, now: float, zone: tzinfo | None) -> None:
        row = detail.row
        self.score.set_score(row.score, row.score_min, row.score_max)
        words = score_words(row.score, row.score_max)
        self.words.setText(isolate(words) if self._is_mirrored() else words)
        # A pill and the words "no score" say it all; stars want their figure beside them.
        self.words.setVisible(row.score is not None and row.score_max == 5)
        edited = edited_words(detail, now, zone)
        self.edited.set(edited, "pencil-simple")
        self.edited.setVisible(bool(edited))
        state = ""
        if row.provider_state not in (ProviderState.PUBLISHED, ProviderState.REMOVED):
            state = provider_state_words(row.provider_state, provider)
        self.published.set(state, provider_state_icon(row.provider_state))
        self.published.setVisible(bool(state))
        self.state.set(work_state_words(row, now, zone), work_state_icon(row.work_state))
        self.due.set_row(row)
        self._placed.clear()
        self.updateGeometry()
        self._arrange()

    def _is_mirrored(self) -> bool:
        return self.layoutDirection() == Qt.LayoutDirection.RightToLeft

    def _items(self) -> list[tuple[QWidget, int]]:
        """(widget, gap before it), from the leading edge."""
        shown: list[tuple[QWidget, int]] = [(self.score, 0)]
        shown += [(w, metrics.icon_size(11)) for w in (self.words,) if not w.isHidden()]
        shown += [(w, metrics.icon_size(10)) for w in (self.edited, self.published) if not w.isHidden()]
        return shown

    def _places(self, width: int) -> list[tuple[QWidget, QRect]]:
        """Where everything stands: asked several times by one layout, and each part knows its width only by measuring."""
        key = (width, theme().generation)
        known = self._placed.get(key)
        if known is None:
            if len(self._placed) >= MOST_WIDTHS:
                self._placed.clear()
            known = self._placed[key] = self._find_places(width)
        return known

    def _find_places(self, width: int) -> list[tuple[QWidget, QRect]]:
        high = metrics.badge_height()
        places: list[tuple[QWidget, QRect]] = []
        state = self.state.sizeHint().width()
        due = 0 if self.due.isHidden() else self.due.sizeHint().width()
        gap_due = metrics.icon_size(10) if due else 0
        items = self._items()
        needed = sum(gap + w.sizeHint().width() for w, gap in items)
        if needed + metrics.icon_size(10) + due + gap_due + state <= width:
            x = 0
            for w, gap in items:
                wide = w.sizeHint().width()
                x += gap
                places.append((w, QRect(x, 0, wide, high)))
                x += wide
            places.append((self.state, QRect(width - state, 0, state, high)))
            if due:
                places.append((self.due, QRect(width - state - gap_due - due, 0, due, high)))
            return places
        x = y = 0
        if due:
            # The line of the stars keeps the time that is left, the badges go below it.
            places.append((self.due, QRect(max(0, width - due), 0, min(due, width), high)))
        below = [*items, (self.state, metrics.icon_size(6))]
        for w, gap in below:
            wide = min(w.sizeHint().width(), width)
            badge = isinstance(w, Badge)
            if (badge and y == 0) or (x and x + gap + wide > width):
                x, y = 0, y + high + metrics.icon_size(6)
                gap = 0
            elif x == 0:
                gap = 0
            places.append((w, QRect(x + gap, y, wide, high)))
            x += gap + wide
        return places

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return max(rect.bottom() + 1 for _, rect in self._places(width))

    def sizeHint(self) -> QSize:
        return QSize(300, self.heightForWidth(max(300, self.width())))

    def minimumSizeHint(self) -> QSize:
        return QSize(100, metrics.badge_height())

    def resizeEvent(self, event: object) -> None:
        self._arrange()

    def _arrange(self) -> None:
        for widget, rect in self._places(self.width()):
            widget.setGeometry(mirrored(self, rect))


class Ratings(QWidget):
    """Sub-ratings in words and numbers, and the pictures beside them (below them in a narrow pane)."""

    _GAP = 31

    def __init__(self, pictures: PictureRow, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pictures = pictures
        pictures.setParent(self)
        self._lines: list[tuple[str, str]] = []
        self.setSizePolicy(hfw_policy())

    def set_ratings(self, subs: tuple[SubScore, ...], score_max: float) -> None:
        self._lines = [sub_score_words(sub, score_max) for sub in subs[:30]]
        self.setAccessibleName(", ".join(f"{name}: {score}" for name, score in self._lines))
        self.updateGeometry()
        self._arrange()
        self.update()

    def lines(self) -> list[tuple[str, str]]:
        return list(self._lines)

    def is_empty(self) -> bool:
        return not self._lines and not self.pictures.attachments()

    def _pitch(self) -> int:
        return metrics.list_line() + 3

    def _columns(self) -> tuple[int, int]:
        """Width of the names, width of the scores."""
        quiet, strong = fonts.list_font(), _score_font()
        names = max((text_width(name, quiet) for name, _ in self._lines), default=0)
        scores = max((text_width(score, strong) for _, score in self._lines), default=0)
        return names, scores

    def _words_size(self, width: int) -> QSize:
        if not self._lines:
            return QSize(0, 0)
        names, scores = self._columns()
        return QSize(min(width, names + metrics.icon_size(17) + scores), len(self._lines) * self._pitch() - 3)

    def _split(self, width: int) -> tuple[QRect, QRect]:
        """The place of the words, the place of the pictures."""
        words = self._words_size(width)
        if not self.pictures.attachments():
            return QRect(0, 0, width, words.height()), QRect()
        room = width - words.width() - (metrics.icon_size(self._GAP) if self._lines else 0)
        first = self.pictures.sizeHint().width() if self.pictures.natural_width() <= room else 0
        beside = (
            not self._lines or self.pictures.natural_width() <= room or (first == 0 and room > width // 2)
        )
        if beside:
            high = self.pictures.heightForWidth(room)
            return QRect(0, 0, words.width(), words.height()), QRect(width - room, 0, room, high)
        high = self.pictures.heightForWidth(width)
        return QRect(0, 0, width, words.height()), QRect(0, words.height() + 10, width, high)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        words, pictures = self._split(width)
        return max(words.bottom(), pictures.bottom()) + 1

    def sizeHint(self) -> QSize:
        return QSize(300, self.heightForWidth(max(300, self.width())))

    def minimumSizeHint(self) -> QSize:
        return QSize(100, 0)

    def resizeEvent(self, event: object) -> None:
        self._arrange()

    def _arrange(self) -> None:
        _, pictures = self._split(self.width())
        self.pictures.setGeometry(mirrored(self, pictures))

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            names, _ = self._columns()
            x = min(names + metrics.icon_size(17), max(0, self.width() - metrics.icon_size(60)))
            line = metrics.list_line()
            for number, (name, score) in enumerate(self._lines):
                y = number * self._pitch()
                gap = metrics.icon_size(8)
                draw_text(painter, self, QRect(0, y, x - gap, line), name, fonts.list_font(), "text-2")
                draw_text(painter, self, QRect(x, y, self.width() - x, line), score, _score_font(), "text")


class PrivateBlock(QWidget):
    """What the customer gave us and nobody else: marked by words, lock, colour and frame."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.grid = FieldGrid(self)
        self._title = self.tr("Only you see this")
        self._promise = self.tr("Never part of a public reply or a copied review")
        self._said = self._promise
        self.setAccessibleName(f"{self._title}. {self._promise}")
        self.setSizePolicy(hfw_policy())
        self._column = QVBoxLayout(self)
        self._column.setSpacing(0)
        self._column.addWidget(self.grid)
        self._margins()
        theme().changed.connect(self._margins)

    def _margins(self) -> None:
        self._column.setContentsMargins(14, 10 + metrics.list_line() + 8, 14, 12)

    def set_fields(self, fields: list[tuple[str, str]], case: str = "") -> None:
        """``case``: where the complaint stands, in the place of the promise."""
        self.grid.set_fields(fields)
        self._said = case or self._promise
        self.setAccessibleName(f"{self._title}. {self._promise}. {case}".rstrip(". "))
        self.update()

    def case_words(self) -> str:
        """What is said of the case; empty when there is none."""
        return "" if self._said == self._promise else self._said

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            colour = theme().colour
            frame_card(painter, self, self.rect(), colour("private-bg"), colour("private-line"))
            edge, line = metrics.icon_size(16), metrics.list_line()
            draw_icon(
                painter, self, QRect(14, 10 + (line - edge) // 2, edge, edge), "lock-key-fill", "private"
            )
            strong, quiet = fonts.list_font(500), fonts.list_font()
            x = 14 + edge + metrics.icon_size(6)
            draw_text(
                painter, self, QRect(x, 10, self.width() - x - 14, line), self._title, strong, "private"
            )
            x += text_width(self._title, strong) + metrics.icon_size(16)
            wide = text_width(self._said, quiet)
            if x + wide <= self.width() - 14:
                place = QRect(self.width() - 14 - wide, 10, wide, line)
                draw_text(painter, self, place, self._said, quiet, "text-2")


class _Change(QWidget):
    """One step of the history: when, the score's change, and the words that changed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = PlainLabel(parent=self, role="text-2", font=_medium, line=metrics.list_line)
        self._body = TextBody(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self._words)
        column.addWidget(self._body)

    def set_words(self, words: str) -> None:
        self._words.setText(words)

    def words(self) -> str:
        return self._words.text()

    def set_parts(self, parts: list[Part]) -> None:
        self._body.setVisible(bool(parts))
        self._body.set_parts(parts)

    def body(self) -> TextBody:
        return self._body


class History(Fold):
    """Earlier contents of the review, newest change first, then those of its comments; differences are worked out
    when it is unfolded.
    """

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(_history_title(), parent)
        self._bridge = bridge
        self._contents: list[Version] = []
        self._talk: list[Changed] = []
        self._views: list[_Change] = []
        self._filled = False
        self._row_id = 0
        self._now = 0.0
        self._zone: tzinfo | None = None
        self._score_max = 5.0
        self.toggled.connect(self._on_toggled)

    def changes(self) -> list[_Change]:
        return [view for view in self._views if not view.isHidden()]

    def set_detail(self, detail: ReviewDetail, now: float, zone: tzinfo | None) -> None:
        row = detail.row
        present = Version(row.updated_at, row.score, detail.title, detail.body)
        contents = [*detail.versions[-20:], present]
        self._now, self._zone, self._score_max = now, zone, row.score_max
        talk = changed_comments(detail)
        if contents == self._contents and talk == self._talk and row.id == self._row_id:
            return
        if row.id != self._row_id:
            self.set_open(False)
        self._row_id, self._contents, self._talk, self._filled = row.id, contents, talk, False
        self.setVisible(len(contents) > 1 or bool(talk))
        if len(contents) > 1 or talk:
            self.set_summary(self._summary_words())
        if self.is_open():
            self._fill()

    def _summary_words(self) -> str:
        count = len(self._contents) - 1 + len(self._talk)
        newest = len(self._contents) - 1
        last = self._step_words(newest) if newest else self._talk_words(self._talk[0])
        if count == 1:
            return last
        return self.tr("{count} changes, last: {last}").format(count=count, last=last)

    def _step_words(self, number: int) -> str:
        """What made version ``number`` of the one before it."""
        before, after = self._contents[number - 1], self._contents[number]
        words = self.tr("edited")
        if after.at is not None:
            words = self.tr("edited {when}").format(when=short_when(after.at, self._now, self._zone))
        if before.score != after.score:
            old = number_words(before.score) if before.score is not None else self.tr("no score")
            words += ", " + self.tr("{old} to {new}").format(
                old=old, new=score_words(after.score, self._score_max)
            )
        return words

    def _talk_words(self, change: Changed) -> str:
        if change.after is None:
            return self.tr("comment deleted")
        words = self.tr("our reply changed") if change.ours else self.tr("comment changed")
        if change.at is not None:
            words += f" {short_when(change.at, self._now, self._zone)}"
        return words

    def _on_toggled(self, is_open: bool) -> None:
        if is_open and not self._filled:
            self._fill()

    def _fill(self) -> None:
        self._filled = True
        steps = [self._step_words(number) for number in range(len(self._contents) - 1, 0, -1)]
        steps += [self._talk_words(change) for change in self._talk]
        while len(self._views) < len(steps):
            view = _Change(self)
            self._views.append(view)
            self.content().addWidget(view)
        for place, view in enumerate(self._views):
            view.setVisible(place < len(steps))
            if place < len(steps):
                words = steps[place]
                view.set_words(words[:1].upper() + words[1:])
        self._bridge.run(
            partial(_all_differences, list(self._contents), list(self._talk)),
            done=partial(self._on_differences, self._row_id),
            owner=self,
            key="differences",
        )

    def _on_differences(self, row_id: int, found: list[list[Part]]) -> None:
        if row_id == self._row_id:
            for view, parts in zip(self._views, found, strict=False):
                view.set_parts(parts)


@dataclass(frozen=True, slots=True)
class Changed:
    """A comment that was changed at ``at`` (UTC seconds, None: unknown); ``after`` None: it is gone."""

    ours: bool
    at: int | None
    before: str
    after: str | None


def changed_comments(detail: ReviewDetail) -> list[Changed]:
    """What became of the former texts of the conversation, the newest change first."""
    found: list[Changed] = []
    later: dict[str | None, tuple[int | None, str]] = {}
    ours: set[str | None] = set()
    for comment in detail.comments:
        if comment.id is not None:
            later[comment.id] = (comment.updated_at, comment.text)
            if comment.role is Role.BUSINESS:
                ours.add(comment.id)
    for former in reversed(detail.former_texts):
        at, after = later.get(former.comment_id, (None, None))
        found.append(Changed(former.comment_id in ours, at, former.text, after))
        if former.comment_id is not None:
            later[former.comment_id] = (former.at, former.text)
    return found


def _all_differences(contents: list[Version], talk: list[Changed]) -> list[list[Part]]:
    """Newest change first, then those of the conversation. Runs off the GUI thread: a long text takes a while."""
    answer = []
    for number in range(len(contents) - 1, 0, -1):
        old, new = contents[number - 1], contents[number]
        same = (old.title, old.body) == (new.title, new.body)
        answer.append([] if same else differences(_whole(old), _whole(new)))
    return [*answer, *(differences(change.before, change.after or "") for change in talk)]


def _whole(version: Version) -> str:
    return f"{version.title}\n{version.body}" if version.title else version.body


def _history_title() -> str:
    return QCoreApplication.translate("Reading", "History")


def _medium() -> QFont:
    return fonts.list_font(500)


def _score_font() -> QFont:
    return fonts.list_font(500, tabular=True)
