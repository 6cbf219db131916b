"""An outbox item in words: what, in which state, when next, what the source said, what can be done about it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale

from reviewdesk.domain.models import ActionKind, OutboxItem, OutboxState, Target
from reviewdesk.domain.outbox import APPROVED_BY, awaits_approval
from reviewdesk.domain.text import isolate
from reviewdesk.services.approval import APPROVED_KINDS
from reviewdesk.services.moderation import BY_HAND
from reviewdesk.ui.when import moment_words

__all__ = [
    "GROUPS",
    "Words",
    "action_title",
    "clock_words",
    "describe",
    "group_of",
    "group_title",
    "stands_in_the_way",
]

translate = QCoreApplication.translate

GROUPS = ("failed", "waiting", "verifying", "delivered")


@dataclass(frozen=True, slots=True)
class Words:
    """One item as it is shown. ``actions``: ids of what can be done, the most useful first."""

    title: str
    preview: str
    icon: str
    icon_role: str
    state: str
    state_icon: str
    state_role: str
    next_try: str
    said: str
    actions: tuple[str, ...]

    @property
    def row_actions(self) -> tuple[str, ...]:
        """Those that stand in the row itself; the others stand below the table and in the row's menu."""
        return tuple(action for action in self.actions if action != "ask-approval")

    @property
    def sentence(self) -> str:
        """For screen readers."""
        parts = [self.title, self.state, self.next_try, self.said, self.preview]
        return ", ".join(p for p in parts if p)


def group_of(item: OutboxItem) -> str:
    """Failed (or held by a rule, so that only a person helps), waiting, verifying, delivered."""
    if item.state is OutboxState.FAILED:
        return "failed"
    if item.state is OutboxState.HELD and not _held_by_person(item) and not awaits_approval(item):
        return "failed"
    if item.state is OutboxState.VERIFYING:
        return "verifying"
    return "delivered" if item.state is OutboxState.SENT else "waiting"


def stands_in_the_way(item: OutboxItem) -> bool:
    """Whether something happened (or was found) that a person must have seen before the item goes out."""
    return item.state is OutboxState.HELD and item.error is not None and item.error.kind == "conflict"


def group_title(group: str) -> str:
    return {
        "failed": translate("outbox", "Failed, needs you"),
        "waiting": translate("outbox", "Waiting"),
        "verifying": translate("outbox", "Verifying"),
        "delivered": translate("outbox", "Delivered today"),
    }[group]


def action_title(action: str) -> str:
    """The words on a button. Raises KeyError for an unknown action."""
    return {
        "undo": translate("outbox", "Undo"),
        "send-now": translate("outbox", "Send now"),
        "hold": translate("outbox", "Hold"),
        "release": translate("outbox", "Release"),
        "retry": translate("outbox", "Retry"),
        "override": translate("outbox", "Send anyway"),
        "discard": translate("outbox", "Discard"),
        "edit": translate("outbox", "Edit"),
        "look-now": translate("outbox", "Look now"),
        "approve": translate("outbox", "Approve"),
        "ask-approval": translate("outbox", "Ask for approval"),
        "open": translate("outbox", "Open"),
    }[action]


def clock_words(at: float, now: float, *, seconds: bool = False) -> str:
    """A time of today as the clock shows it, another day's with its weekday, beyond a week with its date."""
    when = QDateTime.fromMSecsSinceEpoch(round(at * 1000))
    today = QDateTime.fromMSecsSinceEpoch(round(now * 1000)).date()
    time = when.time().toString("HH:mm:ss") if seconds else when.time().toString("HH:mm")
    days = today.daysTo(when.date())
    if days == 0:
        return time
    if 0 < days < 7:
        return (
            f"{QLocale().standaloneDayName(when.date().dayOfWeek(), QLocale.FormatType.ShortFormat)} {time}"
        )
    return f"{QLocale().toString(when.date(), QLocale.FormatType.ShortFormat)} {time}"


def describe(item: OutboxItem, author: str, now: float, *, title: str = "") -> Words:
    """``author`` of the review it belongs to (a stranger's text); ``title`` instead, where there is no review."""
    icon, role = _icon(item)
    state, state_icon, state_role = _state(item, now)
    preview = " ".join(item.text[:400].split())
    return Words(
        title=title or _title(item, author),
        preview=preview,
        icon=icon,
        icon_role=role,
        state=state,
        state_icon=state_icon,
        state_role=state_role,
        next_try=_next_try(item, now),
        said=_said(item),
        actions=_actions(item),
    )


def _title(item: OutboxItem, author: str) -> str:
    who = isolate(author) if author else translate("outbox", "a review")
    if item.kind is ActionKind.REPLY:
        pattern = (
            translate("outbox", "Public reply to {name}")
            if item.target is Target.PUBLIC
            else translate("outbox", "Private reply to {name}")
        )
    else:
        pattern = {
            ActionKind.EDIT_REPLY: translate("outbox", "Changed reply to {name}"),
            ActionKind.DELETE_REPLY: translate("outbox", "Removal of the reply to {name}"),
            ActionKind.CONVERSATION_STATE: translate("outbox", "State of the conversation with {name}"),
            ActionKind.MESSAGE: translate("outbox", "Private message to {name}"),
            ActionKind.RESOLUTION: translate("outbox", "Private resolution for {name}"),
            ActionKind.FLAG: translate("outbox", "Report of the review by {name}"),
            ActionKind.PUBLISH: translate("outbox", "Publication of the review by {name}"),
            ActionKind.FIND_REVIEWER: translate("outbox", "Question about the order of {name}"),
            ActionKind.PROVIDER_TAGS: translate("outbox", "Tags at the provider for {name}"),
            ActionKind.INVITE_LINK: translate("outbox", "Invitation link"),
            ActionKind.INVITE_EMAIL: translate("outbox", "Invitation by e-mail"),
            ActionKind.WITHDRAW_INVITE: translate("outbox", "Withdrawal of an invitation"),
            ActionKind.PRODUCT_ADD: translate("outbox", "New product"),
            ActionKind.PRODUCT_REMOVE: translate("outbox", "Removal of a product"),
            ActionKind.PRODUCT_IMAGE: translate("outbox", "Picture of a product"),
            ActionKind.CUSTOMER_ERASE: translate("outbox", "Erasure of a customer"),
        }.get(item.kind, item.kind.value)
    return pattern.replace("{name}", who)


def _icon(item: OutboxItem) -> tuple[str, str]:
    if item.kind in (ActionKind.INVITE_LINK, ActionKind.INVITE_EMAIL, ActionKind.WITHDRAW_INVITE):
        return "qr-code", "text-2"
    if item.kind is ActionKind.FLAG:
        return "flag", "text-2"
    if item.target is Target.PRIVATE:
        return "lock-key-fill", "private"
    return "globe-simple", "public"


def _held_by_person(item: OutboxItem) -> bool:
    return item.error is None or item.error.kind == "held"


def _state(item: OutboxItem, now: float) -> tuple[str, str, str]:
    public = item.target is Target.PUBLIC
    if item.state is OutboxState.FAILED:
        return translate("outbox", "Not accepted"), "warning-circle-fill", "fail"
    if item.state is OutboxState.VERIFYING:
        return translate("outbox", "Checking whether it arrived"), "magnifying-glass", "text"
    if item.state is OutboxState.HELD:
        if _held_by_person(item):
            return translate("outbox", "Held by you"), "pause-circle", "text"
        if awaits_approval(item):
            return translate("outbox", "Waits for approval"), "eye", "warn"
        return translate("outbox", "Held, needs you"), "pause-circle", "warn"
    if item.state is OutboxState.SENT:
        when = clock_words(item.finished_at or now, now)
        if item.payload.get(BY_HAND):
            words = translate("outbox", "Taken to the back office {time}")
            return words.replace("{time}", when), "arrow-square-out", "text-2"
        return translate("outbox", "Delivered {time}").replace("{time}", when), "checks", "text-2"
    if item.state is OutboxState.SENDING:
        words = translate("outbox", "Publishing") if public else translate("outbox", "Sending privately")
        return words, "paper-plane-tilt", "text"
    return _waiting_state(item, now, public)


def _waiting_state(item: OutboxItem, now: float, public: bool) -> tuple[str, str, str]:
    kind = item.error.kind if item.error is not None else ""
    if kind == "sign-in":
        return translate("outbox", "Waiting for sign-in"), "key", "text"
    if kind == "rate-limit":
        return translate("outbox", "Waiting for the limit"), "clock", "text"
    if kind in ("network", "tls"):
        return translate("outbox", "Waiting for a connection"), "clock", "text"
    if item.scheduled_for is not None and item.scheduled_for > now:
        when = moment_words(item.scheduled_for, now)
        return translate("outbox", "Scheduled for {when}").format(when=when), "calendar", "text"
    left = math.ceil(item.not_before - now)
    if not item.attempts and item.error is None and 0 < left <= 120:
        pattern = (
            translate("outbox", "Publishing in {seconds} s")
            if public
            else translate("outbox", "Sending in {seconds} s")
        )
        return pattern.replace("{seconds}", QLocale().toString(left)), "timer", "text"
    return translate("outbox", "Waiting"), "clock", "text"


def _next_try(item: OutboxItem, now: float) -> str:
    if item.state is OutboxState.FAILED:
        return translate("outbox", "after your edit")
    if awaits_approval(item):
        return translate("outbox", "after approval")
    if item.state is OutboxState.HELD:
        return translate("outbox", "when released")
    if item.state in (OutboxState.WAITING, OutboxState.VERIFYING):
        if item.error is not None and item.error.kind == "sign-in":
            return translate("outbox", "after sign-in")
        at = item.scheduled_for if item.scheduled_for and item.scheduled_for > now else item.not_before
        if at <= now:
            return translate("outbox", "now")
        return clock_words(at, now, seconds=at - now < 3600)
    return ""


def _said(item: OutboxItem) -> str:
    if item.error is not None and item.error.kind != "held":
        if item.error.kind == "refused":
            return translate("outbox", "“{words}”").replace("{words}", item.error.message)
        return item.error.message
    by = item.payload.get(APPROVED_BY)
    if by:
        return translate("outbox", "Approved by {name}").replace("{name}", isolate(str(by)))
    return "" if item.state is OutboxState.SENT else translate("outbox", "nothing yet")


def _actions(item: OutboxItem) -> tuple[str, ...]:
    text = item.kind in (ActionKind.REPLY, ActionKind.MESSAGE, ActionKind.RESOLUTION)
    if item.state is OutboxState.FAILED:
        return ("edit", "retry", "discard") if text and item.review_id is not None else ("retry", "discard")
    if awaits_approval(item):
        return ("approve", "undo", "discard") if text else ("approve", "discard")
    if item.state is OutboxState.WAITING:
        ask = ("ask-approval",) if item.kind in APPROVED_KINDS else ()
        return ("undo", "send-now", "hold", *ask)
    if item.state is OutboxState.HELD:
        release = "release" if _held_by_person(item) else "retry"
        if stands_in_the_way(item):
            return ("override", "edit", "discard") if text else ("override", "discard")
        # What may stand there for everybody to read can't be taken back: it is discarded, or sent again.
        taken_back = text and (item.error is None or item.error.kind != "unclear")
        return (release, "undo", "discard") if taken_back else (release, "discard")
    if item.state is OutboxState.VERIFYING:
        return ("look-now",)
    if item.state is OutboxState.SENDING:
        return ()
    return ("open",) if item.review_id is not None else ()
