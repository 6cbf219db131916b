"""What stands in the column of the reading pane, in its order, and how it is filled from a review."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from reviewdesk.domain.models import OutboxState, ProviderState, ReviewDetail
from reviewdesk.services.people import Context
from reviewdesk.ui.reading.blocks import History, PrivateBlock, Ratings, ScoreRow
from reviewdesk.ui.reading.body import LongText, TextBody
from reviewdesk.ui.reading.clip import TITLE_LIMIT
from reviewdesk.ui.reading.context import ContextPanel, ProductCard
from reviewdesk.ui.reading.doors import Doors
from reviewdesk.ui.reading.entry import EntryView
from reviewdesk.ui.reading.layout import ScrollColumn, Spaced, set_gap, show_part
from reviewdesk.ui.reading.notices import Notices, case_line, notices_of
from reviewdesk.ui.reading.parts import Fact, FactsLine, FieldGrid, Fold, SectionHeading
from reviewdesk.ui.reading.pictures import PictureRow, is_picture
from reviewdesk.ui.reading.timeline import Entry, entries_of
from reviewdesk.ui.reading.words import (
    AccountLabel,
    detail_facts,
    full_time,
    language_name,
    name_of,
    private_fields,
    provider_state_words,
    record_lines,
    verified_words,
    when_words,
)
from reviewdesk.ui.theme import fonts, metrics

if TYPE_CHECKING:
    from reviewdesk.services.core import Core
    from reviewdesk.ui.bridge import Bridge

__all__ = ["Content"]

NEW_ENTRIES = 2
"""Entries of the conversation that are made in one turn of the event loop; each takes some 10 ms (measured)."""
LabelOf = Callable[[int], "AccountLabel | None"]


class Content(ScrollColumn):
    """``entry_act`` carries a wish about an outbox item, ``opened`` and ``unlinked`` the id of another review."""

    entry_act = Signal(str, int)
    comment_act = Signal(str, str)
    opened = Signal(object)
    unlinked = Signal(object)
    invitation_unlinked = Signal(object)
    entries_came = Signal()
    """More of the conversation is there than ``fill_entries`` could make at once."""
    seen = Signal()
    """Another review was painted for the first time."""

    def __init__(self, core: Core, bridge: Bridge, *, zone: tzinfo | None = None) -> None:
        super().__init__()
        self._zone = zone
        self._unseen = False
        self._context: Context | None = None
        self._detail: ReviewDetail | None = None
        self._label: AccountLabel | None = None
        self.score_row = ScoreRow()
        self.removed = TextBody(font=fonts.list_font, line=metrics.list_line, limit=400)
        self.title = TextBody(font=fonts.title_font, line=metrics.title_line, limit=TITLE_LIMIT)
        self.facts = FactsLine()
        self.doors = Doors()
        self.notices = Notices()
        self.text = LongText()
        self.pictures = PictureRow(core, bridge)
        self.ratings = Ratings(self.pictures)
        self.conversation = SectionHeading(self.tr("Conversation"))
        self.entries: list[EntryView] = []
        self._wanted_entries: list[Entry] = []
        self._more_entries = QTimer(self)
        self._more_entries.setSingleShot(True)
        self._more_entries.setInterval(1)
        self._more_entries.timeout.connect(self._make_more_entries)
        self._entry_box = QWidget()
        self._entry_column = QVBoxLayout(self._entry_box)
        self._entry_column.setContentsMargins(0, 14, 0, 0)
        self._entry_column.setSpacing(14)
        self.private = PrivateBlock()
        self.context = ContextPanel()
        self.context.opened.connect(self.opened)
        self.context.unlinked.connect(self.unlinked)
        self.context.invitation_unlinked.connect(self.invitation_unlinked)
        self.product = ProductCard()
        self.history = History(bridge)
        self.details = Fold(self.tr("Details"))
        self._detail_grid = FieldGrid()
        self.details.content().addWidget(self._detail_grid)
        self.details.toggled.connect(self._fill_details)
        self.record = Fold(self.tr("All fields as received"))
        self.record.set_summary(self.tr("only you see this"))
        self._record_text = LongText()
        self._record_text.body.setAccessibleName(self.tr("All fields as received, only you see this"))
        self.record.content().addWidget(self._record_text)
        self.record.toggled.connect(self._fill_record)
        for part, gap in (
            (self.score_row, 0),
            (self.removed, 8),
            (self.title, 8),
            (self.facts, 4),
            (self.doors, 6),
            (self.notices, 8),
            (self.text, 14),
            (self.ratings, 14),
            (self.conversation, 22),
            (self._entry_box, 0),
            (self.private, 22),
            (self.context, 22),
            (self.product, 16),
            (self.history, 16),
            (self.details, 10),
            (self.record, 10),
        ):
            self.column.addWidget(Spaced(part, gap) if gap else part)
        self.column.addStretch(1)
        self.set_context(Context(0), lambda _id: None, 0.0)

    # --- filling ---------------------------------------------------------------------------------

    def fill(self, detail: ReviewDetail, label: AccountLabel, label_of: LabelOf, now: float) -> None:
        """Show everything of a review but what is read apart (``set_context``)."""
        with self.still(self._entry_column):
            self._fill(detail, label, label_of, now)

    def _fill(self, detail: ReviewDetail, label: AccountLabel, label_of: LabelOf, now: float) -> None:
        other = self._detail is None or self._detail.row.id != detail.row.id
        self._unseen = self._unseen or other
        self._detail, self._label = detail, label
        row = detail.row
        self.score_row.set_detail(detail, label.provider, now, self._zone)
        gone = row.provider_state is ProviderState.REMOVED
        self.removed.set_text(provider_state_words(row.provider_state, label.provider) if gone else "")
        show_part(self.removed, gone)
        self.title.set_text(detail.title)
        show_part(self.title, bool(detail.title))
        set_gap(self.facts, 4 if detail.title else 8)
        self.facts.set_facts(self._facts(detail, label, now))
        self.doors.set_twins(detail.twins, label_of)
        show_part(self.doors, bool(detail.twins))
        self.notices.set_notices(notices_of(detail, label, now))
        show_part(self.notices, not self.notices.is_empty())
        self.text.set_text(detail.body)
        self.text.body.setAccessibleName(self.tr("Review text"))
        show_part(self.text, bool(detail.body))
        self.pictures.set_pictures(row.id, detail.attachments)
        self.ratings.set_ratings(detail.sub_scores, row.score_max)
        show_part(self.ratings, not self.ratings.is_empty())
        self.fill_entries(detail, label, now)
        fields = private_fields(detail)
        case = case_line(detail.case, now)
        self.private.set_fields(fields, case)
        show_part(self.private, bool(fields or case))
        if other:
            # What is beside another review says nothing of this one.
            self.set_context(Context(row.id), label_of, now)
        self.history.set_detail(detail, now, self._zone)
        show_part(self.history, bool(detail.versions or detail.former_texts))
        self._fill_details(self.details.is_open())
        show_part(self.record, bool(detail.raw))
        self._fill_record(self.record.is_open())

    def is_seen(self) -> bool:
        """Whether the review that is shown was painted already."""
        return not self._unseen

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._unseen:
            self._unseen = False
            self.seen.emit()

    def set_context(self, context: Context, label_of: LabelOf, now: float) -> None:
        """What is known beside the review; for another review than the one that is shown it is left out."""
        if context == self._context:
            return  # a second layout of all that is shown costs more than everything here
        self._context = context
        with self.still():
            self._show_context(context, label_of, now)

    def _show_context(self, context: Context, label_of: LabelOf, now: float) -> None:
        detail = self._detail
        mine = detail is not None and detail.row.id == context.review_id
        if mine and context:
            self.context.set_context(context, label_of, now, self._zone)
        show_part(self.context, mine and bool(context))
        if detail is not None and mine and context.product is not None:
            self.product.set_product(detail, context.product)
        show_part(self.product, mine and context.product is not None and not self.product.is_empty())

    def _facts(self, detail: ReviewDetail, label: AccountLabel, now: float) -> list[Fact]:
        row = detail.row
        product = (
            detail.product.name if detail.product is not None and detail.product.name else row.product_name
        )
        facts = [
            Fact(name_of(detail), strong=True),
            Fact(verified_words(detail)),
            Fact(" ".join((product or "").split())[:200]),
            Fact(language_name(row.language)),
            Fact(label.name, colour=label.colour, code=label.code),
            Fact(when_words(row.created_at, now, self._zone), tip=full_time(row.created_at, self._zone)),
        ]
        return [fact for fact in facts if fact.text]

    def fill_entries(self, detail: ReviewDetail, label: AccountLabel, now: float) -> list[Entry]:
        """The conversation as it is now."""
        entries = entries_of(detail, label, now, self._zone)
        self._wanted_entries = entries
        with self.still(self._entry_column):
            self._show_entries(entries)
        return entries

    def _make_more_entries(self) -> None:
        with self.still(self._entry_column):
            self._show_entries(self._wanted_entries)
        self.entries_came.emit()

    def _show_entries(self, entries: list[Entry]) -> None:
        made = 0
        while len(self.entries) < len(entries):
            if made == NEW_ENTRIES or self._more_entries.isActive():
                self._more_entries.start()
                break
            made += 1
            view = EntryView(self._entry_box)
            view.act.connect(self.entry_act)
            view.comment_act.connect(self.comment_act)
            self.entries.append(view)
            self._entry_column.addWidget(view)
        for number, view in enumerate(self.entries):
            view.setVisible(number < len(entries))
            if number < len(entries):
                view.set_entry(entries[number])
        show_part(self.conversation, bool(entries))
        show_part(self._entry_box, bool(entries))

    def set_edit_reason(self, reason: str | None) -> None:
        """Why published replies of this account can't be edited, or None."""
        for view in self.shown_entries():
            view.set_edit_reason(reason)

    def is_moving(self) -> bool:
        """Whether something of this review is on its way, so that its words follow the clock."""
        detail = self._detail
        moving = (OutboxState.WAITING, OutboxState.SENDING)
        return detail is not None and any(item.state in moving for item in detail.outbox)

    def shown_entries(self) -> list[EntryView]:
        """The entries of the conversation that are on the screen, oldest first."""
        return [view for view in self.entries if not view.isHidden()]

    def bodies(self) -> list[TextBody]:
        """Every text that somebody wrote, as far as it is on the screen, in its order."""
        parts = [self.title, self.text.body, *(entry.body for entry in self.shown_entries())]
        return [part for part in parts if part.text()]

    def set_highlight(self, needles: tuple[tuple[str, bool], ...]) -> None:
        for body in (self.title, self.text.body, *(entry.body for entry in self.entries)):
            body.set_highlight(needles)

    def record_text(self) -> str:
        """What the fold of all fields shows, once it is open."""
        return self._record_text.text()

    def _fill_record(self, is_open: bool) -> None:
        if is_open and self._detail is not None:
            self._record_text.set_text(record_lines(self._detail.raw))

    def _fill_details(self, is_open: bool) -> None:
        detail, label = self._detail, self._label
        if detail is None or label is None:
            return
        facts = detail_facts(detail, label, self._zone)
        others = [a for a in detail.attachments if not is_picture(a)]
        facts += [(self.tr("Attachment"), a.url) for a in others]
        self.details.set_summary(self.tr("{count} facts").format(count=len(facts)))
        if is_open:
            self._detail_grid.set_fields(facts)
