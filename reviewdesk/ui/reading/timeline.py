"""The conversation of a review in the order it happened: customer, us, what of ours is still on its way, our notes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo

from PySide6.QtCore import QCoreApplication

from reviewdesk.domain.messages import Message
from reviewdesk.domain.models import (
    ActionKind,
    Comment,
    OutboxItem,
    OutboxState,
    ReviewDetail,
    Role,
    Target,
)
from reviewdesk.domain.outbox import awaits_approval, text_key
from reviewdesk.domain.text import one_line, reveal
from reviewdesk.ui.reading.words import (
    NAME_LIMIT,
    AccountLabel,
    clock_words,
    full_time,
    name_of,
    short_when,
)
from reviewdesk.ui.when import moment_words

__all__ = ["Entry", "Frame", "entries_of", "item_entry", "live_reply"]

_tr = QCoreApplication.translate
_TALK = (ActionKind.REPLY, ActionKind.EDIT_REPLY, ActionKind.MESSAGE, ActionKind.RESOLUTION)
"""The kinds of actions that are words to the customer; the others show in their own places."""
SUBJECT_LIMIT = 80
LATE_S = 2.0
"""An item whose time has come but which is still waiting after so long waits for something: it says so."""


class Frame:
    """How an entry is framed: in the flow, as something private, or as something not out yet."""

    PLAIN = "plain"
    PRIVATE = "private"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it is painted. ``key`` stays the same as long as it is the same thing."""

    key: str
    icon: str
    ours: bool
    who: str
    when: str
    when_full: str
    audience: str
    """The word Public or Private, or what else it is."""
    text: str
    private: bool = False
    frame: str = Frame.PLAIN
    edited: str = ""
    state: str = ""
    """Delivery in words, for the right end of the line."""
    state_icon: str = ""
    tone: str = "quiet"
    """``quiet``, ``warn`` or ``fail``."""
    detail: str = ""
    """A sentence below the text: why it was not accepted, in the source's own words."""
    outbox_id: int = 0
    acts: tuple[str, ...] = ()
    """Of ``undo``, ``hold``, ``retry``, ``edit``, ``discard``: what a person can do with it now."""
    comment_id: str = ""
    """The provider's id of a published reply of ours, which ``edit`` changes."""

    def spoken(self) -> str:
        """The entry as a screen reader says its head."""
        parts = (self.who, self.when, self.audience, self.edited, self.state)
        return ", ".join(part for part in parts if part)


def live_reply(detail: ReviewDetail, target: Target) -> OutboxItem | None:
    """Our reply to this target that is still on its way (or held), if there is one."""
    live = (OutboxState.WAITING, OutboxState.SENDING, OutboxState.VERIFYING, OutboxState.HELD)
    return next(
        (i for i in detail.outbox if i.kind in _TALK and i.target is target and i.state in live), None
    )


def entries_of(
    detail: ReviewDetail, account: AccountLabel, now: float, zone: tzinfo | None = None
) -> list[Entry]:
    """All entries, oldest first; what is not out yet stands at the end, where it will be."""
    private = "private" in (detail.thread_state or "").casefold()
    settled: list[tuple[float, int, Entry]] = []
    for number, comment in enumerate(detail.comments):
        at = float(comment.created_at) if comment.created_at is not None else _place(settled)
        settled.append((at, number, _comment(detail, account, comment, number, private, now, zone)))
    for message in detail.messages:
        at = float(message.created_at) if message.created_at is not None else 0.0
        settled.append((at, message.id, _message(detail, account, message, now, zone)))
    for note_id, written, text in detail.notes:
        settled.append((float(written), note_id, _note(note_id, written, text, now, zone)))
    waiting: list[Entry] = []
    for item in detail.outbox:
        if item.kind not in _TALK or item.state is OutboxState.DISCARDED or _is_shown(detail, item):
            continue
        entry = item_entry(account, item, now, zone)
        if item.state is OutboxState.SENT:
            settled.append((item.finished_at or now, item.id, entry))
        else:
            waiting.append(entry)
    settled.sort(key=lambda e: e[0])
    return [*(entry for _, _, entry in settled), *waiting]


def _place(before: list[tuple[float, int, Entry]]) -> float:
    """A comment without a time stays behind the one before it."""
    return before[-1][0] if before else 0.0


def _is_shown(detail: ReviewDetail, item: OutboxItem) -> bool:
    """A delivered reply that the last reading brought back is shown once, as the provider gives it."""
    if item.state is not OutboxState.SENT:
        return False
    ours = [c for c in detail.comments if c.role is Role.BUSINESS]
    wanted = text_key(item.text)
    return any((item.remote_id and c.id == item.remote_id) or text_key(c.text) == wanted for c in ours)


def _audience(private: bool) -> str:
    return _tr("Reading", "Private") if private else _tr("Reading", "Public")


def _comment(
    detail: ReviewDetail,
    account: AccountLabel,
    comment: Comment,
    number: int,
    private: bool,
    now: float,
    zone: tzinfo | None,
) -> Entry:
    ours = comment.role is Role.BUSINESS
    said = one_line(reveal(comment.author or ""), NAME_LIMIT)
    if ours:
        who = f"{said}, {account.name}" if said and account.name not in said else said or account.name
        icon = "lock-key-fill" if private else "globe-simple"
    elif comment.role is Role.MODERATOR:
        who = said or account.provider
        icon = "scales"
    else:
        who = said or name_of(detail)
        icon = "lock-key-fill" if private else "user-circle"
    edited = ""
    if comment.updated_at is not None and comment.updated_at > (comment.created_at or 0) + 1:
        edited = _tr("Reading", "edited {when}").format(when=short_when(comment.updated_at, now, zone))
    state = state_icon = ""
    if comment.state not in ("published", ""):
        state, state_icon = one_line(reveal(comment.state), 40), "eye-slash"
    elif ours:
        state, state_icon = _tr("Reading", "Delivered"), "checks"
        if comment.created_at is not None:
            state = _tr("Reading", "Delivered {when}").format(when=short_when(comment.created_at, now, zone))
    return Entry(
        key=f"c:{comment.id or number}",
        icon=icon,
        ours=ours,
        who=who,
        when=short_when(comment.created_at, now, zone),
        when_full=full_time(comment.created_at, zone) if comment.created_at is not None else "",
        audience=_audience(private),
        text=comment.text,
        private=private,
        frame=Frame.PRIVATE if private else Frame.PLAIN,
        edited=edited,
        state=state,
        state_icon=state_icon,
        comment_id=(comment.id or "") if ours else "",
        acts=("edit",) if ours else (),
    )


def _message(
    detail: ReviewDetail, account: AccountLabel, message: Message, now: float, zone: tzinfo | None
) -> Entry:
    """A private message, with its subject where our comments say that they were edited."""
    subject = one_line(reveal(message.subject), SUBJECT_LIMIT)
    if message.resolution:
        subject = _tr("Reading", "offers a resolution")
    state = ""
    if message.ours:
        state = _tr("Reading", "Delivered")
        if message.created_at is not None:
            state = _tr("Reading", "Delivered {when}").format(when=short_when(message.created_at, now, zone))
    return Entry(
        key=f"m:{message.id}",
        icon="lock-key-fill",
        ours=message.ours,
        who=account.name if message.ours else name_of(detail),
        when=short_when(message.created_at, now, zone),
        when_full=full_time(message.created_at, zone) if message.created_at is not None else "",
        audience=_audience(True),
        text=message.body,
        private=True,
        frame=Frame.PRIVATE,
        edited=subject,
        state=state,
        state_icon="checks" if state else "",
    )


def _note(note_id: int, written: int, text: str, now: float, zone: tzinfo | None) -> Entry:
    return Entry(
        key=f"n:{note_id}",
        icon="note",
        ours=True,
        who=_tr("Reading", "Note"),
        when=short_when(written, now, zone),
        when_full=full_time(written, zone),
        audience=_tr("Reading", "Only your team"),
        text=text,
        private=True,
        frame=Frame.PRIVATE,
    )


def item_entry(account: AccountLabel, item: OutboxItem, now: float, zone: tzinfo | None) -> Entry:
    """What this program has on its way, or has sent: as it stands among what was written."""
    private = item.target is Target.PRIVATE
    words, icon, tone, sentence, acts = _delivery(item, now, zone)
    edited = ""
    if item.kind is ActionKind.EDIT_REPLY:
        edited = _tr("Reading", "changes the published reply")
    elif item.kind is ActionKind.RESOLUTION:
        edited = _tr("Reading", "offers a resolution")
    sent = item.state is OutboxState.SENT
    return Entry(
        key=f"o:{item.id}",
        icon="lock-key-fill" if private else "globe-simple",
        ours=True,
        who=_tr("Reading", "You, {account}").format(account=account.name),
        when=short_when(item.finished_at, now, zone) if sent else "",
        when_full=full_time(item.finished_at, zone) if sent and item.finished_at is not None else "",
        audience=_audience(private),
        text=item.text,
        private=private,
        frame=(Frame.PRIVATE if private else Frame.PLAIN) if sent else Frame.WAITING,
        edited=edited,
        state=words,
        state_icon=icon,
        tone=tone,
        detail=sentence,
        outbox_id=item.id,
        acts=acts,
    )


def _delivery(
    item: OutboxItem, now: float, zone: tzinfo | None
) -> tuple[str, str, str, str, tuple[str, ...]]:
    """State in words, its icon, its tone, a sentence, and what can be done: from the durable row only."""
    reason = item.error.message if item.error is not None else ""
    match item.state:
        case OutboxState.WAITING if item.scheduled_for is not None and item.scheduled_for > now:
            when = moment_words(item.scheduled_for, now)
            words = _tr("Reading", "Goes out {when}").format(when=when)
            return words, "calendar", "quiet", reason, ("undo", "hold")
        case OutboxState.WAITING if item.error is not None:
            words = _tr("Reading", "Waiting, next try {when}").format(when=clock_words(item.not_before, zone))
            return words, "clock", "quiet", reason, ("undo", "hold")
        case OutboxState.WAITING if item.not_before + LATE_S >= now and item.attempts == 0:
            return _tr("Reading", "Waiting"), "timer", "quiet", "", ("undo", "hold")
        case OutboxState.WAITING:
            words = _tr("Reading", "Waiting for the connection")
            return words, "clock", "quiet", "", ("undo", "hold")
        case OutboxState.SENDING:
            words = (
                _tr("Reading", "Sending privately")
                if item.target is Target.PRIVATE
                else _tr("Reading", "Publishing")
            )
            return words, "clock", "quiet", "", ()
        case OutboxState.VERIFYING:
            return _tr("Reading", "Checking whether it arrived"), "magnifying-glass", "quiet", reason, ()
        case OutboxState.HELD if item.error is None or item.error.kind == "held":
            return _tr("Reading", "Held by you"), "pause-circle", "quiet", "", ("undo", "retry")
        case OutboxState.HELD if awaits_approval(item):
            return _tr("Reading", "Waits for approval"), "eye", "warn", reason, ("undo", "discard")
        case OutboxState.HELD:
            # An unclear outcome is for the person to judge at the provider: its text is not offered for editing.
            acts = (
                ("retry", "discard")
                if item.error and item.error.kind == "unclear"
                else ("undo", "retry", "discard")
            )
            return _tr("Reading", "Held"), "pause-circle", "warn", reason, acts
        case OutboxState.FAILED:
            words = _tr("Reading", "Not accepted")
            return words, "warning-circle-fill", "fail", reason, ("undo", "retry", "discard")
        case _:
            words = _tr("Reading", "Delivered")
            if item.finished_at is not None:
                words = _tr("Reading", "Delivered {when}").format(
                    when=short_when(item.finished_at, now, zone)
                )
            return words, "checks", "quiet", "", ()
