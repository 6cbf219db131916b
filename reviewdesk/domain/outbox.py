"""The outbox state machine: ``step(item, event, now, policy) -> item``. Pure; the service acts on the result.

No provider offers an idempotency key, so the whole of the safety is here: the row is durable before the first
byte, an unclear outcome is read back after a settle window before anything is tried again, and a provider that
cannot be read back is never resent without a person (architecture.md section 7, reliability.md A).
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from reviewdesk.domain.errors import Delivery, ErrorInfo
from reviewdesk.domain.models import (
    APPROVAL_KEY,
    ActionKind,
    Approval,
    Comment,
    OutboxItem,
    OutboxState,
    ProviderState,
    ReviewRecord,
    Role,
    Thread,
)
from reviewdesk.domain.plain import dataclass

__all__ = [
    "APPROVAL",
    "APPROVED_AT",
    "APPROVED_BY",
    "Accepted",
    "ApprovalAsked",
    "Approved",
    "AskPerson",
    "BaselineStored",
    "BroughtBack",
    "Conflict",
    "Discarded",
    "Edited",
    "Event",
    "Held",
    "NotSent",
    "Policy",
    "Reachable",
    "ReadBack",
    "ReadFailed",
    "Restarted",
    "RetriedByPerson",
    "SendFailed",
    "SignedIn",
    "TransitionError",
    "UnknownOutcome",
    "awaits_approval",
    "beyond_baseline",
    "conflict_between",
    "content_key",
    "is_final",
    "is_live",
    "may_be_out",
    "news",
    "seen_of",
    "seen_of_record",
    "step",
    "text_key",
    "too_old",
]

GONE = "The review is no longer there."
APPROVAL = ErrorInfo("approval", "Needs a second pair of eyes: it goes out when somebody has approved it.")
"""Why an item is held whose approval is asked for and for which nothing else stands in the way."""
APPROVED_BY, APPROVED_AT = "approved_by", "approved_at"
"""Where an item's payload says who approved its text as it is now, and when (UTC seconds)."""
MAX_AUTOMATIC_TRIES = 6
MAX_AGE_S = 7 * 24 * 3600.0
_BACK_OFF_S = (5.0, 15.0, 60.0, 300.0, 900.0, 900.0)


@dataclass(frozen=True, slots=True)
class Policy:
    """What depends on the account. ``settle_s`` is the longer of 60 s and twice the read timeout."""

    settle_s: float = 60.0
    reads_back: bool = True
    repeats: bool = False
    """Nobody outside notices it (a link made here): what is unclear is simply done again."""
    back_off_s: tuple[float, ...] = _BACK_OFF_S


# --- events --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BaselineStored:
    """The thread was read and nothing stands in the way: the next thing that happens is the request."""

    baseline: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Conflict:
    """Somebody answered, or the review was edited or is gone, since the author looked."""

    reason: str


@dataclass(frozen=True, slots=True)
class ReadFailed:
    """The reading before the send (or the read-back) failed: nothing was sent by it."""

    error: ErrorInfo
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider said it has it."""

    remote_id: str | None = None


@dataclass(frozen=True, slots=True)
class SendFailed:
    """The request failed and the outcome is known: not sent (for now), or refused for good."""

    error: ErrorInfo
    delivery: Delivery
    retry_after_s: float | None = None


def NotSent(error: ErrorInfo, retry_after_s: float | None = None) -> SendFailed:
    return SendFailed(error, Delivery.NOT_SENT, retry_after_s)


@dataclass(frozen=True, slots=True)
class UnknownOutcome:
    """The request may or may not have been acted on."""

    error: ErrorInfo


@dataclass(frozen=True, slots=True)
class ReadBack:
    """The thread was read after the settle window. ``found``: our text stands there beyond the baseline."""

    found: bool
    remote_id: str | None = None


@dataclass(frozen=True, slots=True)
class Restarted:
    """The program found the item at its start, or another process died with it."""


@dataclass(frozen=True, slots=True)
class RetriedByPerson:
    """A person said: try again (or: send it now). ``override``: despite a conflict."""

    override: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """A person (or the pre-send check) holds it."""

    reason: str = "Held by you"


@dataclass(frozen=True, slots=True)
class AskPerson:
    """Only a person can tell: shown as held, with the reason."""

    reason: str


@dataclass(frozen=True, slots=True)
class Edited:
    """A person changed the text of an item that has not gone out."""

    text: str


@dataclass(frozen=True, slots=True)
class ApprovalAsked:
    """Somebody else is to look at it before it goes out."""


@dataclass(frozen=True, slots=True)
class Approved:
    """Somebody (``by``) looked at the text as it is now and lets it out."""

    by: str


@dataclass(frozen=True, slots=True)
class Discarded:
    """A person took it back."""


@dataclass(frozen=True, slots=True)
class BroughtBack:
    """A person wants a discarded item after all: it is held until they send it."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The account can sign in again."""


@dataclass(frozen=True, slots=True)
class Reachable:
    """The provider answers again after an outage: what waits for it may go out at ``at``, not later."""

    at: float


Event = (
    BaselineStored
    | Conflict
    | ReadFailed
    | Accepted
    | SendFailed
    | UnknownOutcome
    | ReadBack
    | Restarted
    | RetriedByPerson
    | Held
    | AskPerson
    | Edited
    | ApprovalAsked
    | Approved
    | Discarded
    | BroughtBack
    | SignedIn
    | Reachable
)


class TransitionError(Exception):
    """The event makes no sense in this state; the item stays as it is. A stale click, never a crash."""


_W, _S, _V = OutboxState.WAITING, OutboxState.SENDING, OutboxState.VERIFYING
_SENT, _F, _H, _D = OutboxState.SENT, OutboxState.FAILED, OutboxState.HELD, OutboxState.DISCARDED


def is_final(state: OutboxState) -> bool:
    """No further step happens by itself or at all."""
    return state in (_SENT, _F, _H, _D)


def is_live(state: OutboxState) -> bool:
    """Counts against "at most one live item per review and target"."""
    return state in (_W, _S, _V, _H)


def step(item: OutboxItem, event: Event, now: float, policy: Policy) -> OutboxItem:
    """The item after ``event``. Raises TransitionError where the state does not take the event."""
    match event:
        case BaselineStored() if item.state is _W and item.approval is not Approval.ASKED:
            return _begin_sending(item, event, now)
        case Conflict() if item.state is _W:
            return replace(item, state=_H, error=ErrorInfo("conflict", event.reason), finished_at=now)
        case ReadFailed() if item.state in (_W, _V):
            delay = _delay(event.retry_after_s, min(item.absences, 5), policy)
            return replace(item, not_before=now + delay, error=event.error)
        case Accepted() if item.state in (_S, _V):
            return _sent(item, event.remote_id, now)
        case SendFailed() if item.state is _S:
            return _send_failed(item, event, now, policy)
        case UnknownOutcome() if item.state is _S:
            return _unclear(item, event.error, now, policy)
        case Restarted() if item.state is _S:
            error = ErrorInfo("unclear", "The program ended while this was going out.")
            return _unclear(item, error, item.sending_since or now, policy)
        case Restarted():
            return item
        case ReadBack() if item.state is _V:
            return _read_back(item, event, now, policy)
        case RetriedByPerson() if item.state in (_W, _F, _H) and not awaits_approval(item):
            return _unless_unapproved(_retried(item, event, now), now)
        case RetriedByPerson() if item.state is _V:
            # A person may hurry the look, never the resend.
            return replace(item, not_before=min(item.not_before, now))
        case Held() if item.state is _W:
            return replace(item, state=_H, error=ErrorInfo("held", event.reason), finished_at=now)
        case AskPerson() if item.state in (_W, _V):
            # Whether it went out stays open when the looking ends without an answer: nobody may call it taken back.
            kind = "unclear" if item.state is _V else "ask"
            return replace(item, state=_H, error=ErrorInfo(kind, event.reason), finished_at=now)
        case Edited() if item.state in (_W, _H, _F) and not may_be_out(item):
            # Whoever approved it approved another text.
            return _asked_again(replace(item, text=event.text), now)
        case ApprovalAsked() if item.state in (_W, _H, _F) and not may_be_out(item):
            return _unless_unapproved(_marked(item, Approval.ASKED), now)
        case Approved() if item.approval is Approval.ASKED and item.state in (_W, _H, _F):
            return _approved(item, event, now)
        case Discarded() if item.state in (_W, _H, _F):
            return replace(item, state=_D, finished_at=now)
        case BroughtBack() if item.state is _D:
            # Why it could not go out before is still to be read; nothing is sent by bringing it back.
            reason = item.error or ErrorInfo("held", "Brought back after it was discarded")
            return replace(item, state=_H, error=reason, finished_at=now)
        case SignedIn() if _waits_for_sign_in(item):
            return replace(item, not_before=now, error=None)
        case SignedIn():
            return item
        case Reachable() if item.state is _W and item.error is not None and not _waits_for_sign_in(item):
            return replace(item, not_before=min(item.not_before, max(now, event.at)))
        case Reachable():
            return item
    raise TransitionError(f"{type(event).__name__} does not apply to an item that is {item.state}")


def _begin_sending(item: OutboxItem, event: BaselineStored, now: float) -> OutboxItem:
    # The attempt is counted before the try, so that an item that kills the program cannot do so for ever.
    return replace(
        item,
        state=_S,
        attempts=item.attempts + 1,
        absences=0,
        baseline=event.baseline,
        sending_since=now,
        error=None,
        finished_at=None,
    )


def _sent(item: OutboxItem, remote_id: str | None, now: float) -> OutboxItem:
    return replace(
        item, state=_SENT, remote_id=remote_id or item.remote_id, error=None, finished_at=now, not_before=now
    )


def _send_failed(item: OutboxItem, event: SendFailed, now: float, policy: Policy) -> OutboxItem:
    if event.delivery is Delivery.UNKNOWN:
        return _unclear(item, event.error, now, policy)
    if event.delivery is Delivery.REFUSED:
        return replace(item, state=_F, error=event.error, finished_at=now, sending_since=None)
    return _try_again(item, event.error, event.retry_after_s, now, policy)


def _try_again(
    item: OutboxItem, error: ErrorInfo, retry_after_s: float | None, now: float, policy: Policy
) -> OutboxItem:
    if item.attempts >= MAX_AUTOMATIC_TRIES:
        reason = f"Tried {item.attempts} times. {error.message}"
        return replace(
            item, state=_H, error=ErrorInfo(error.kind, reason), finished_at=now, sending_since=None
        )
    delay = _delay(retry_after_s, item.attempts - 1, policy)
    return replace(item, state=_W, error=error, not_before=now + delay, sending_since=None)


def _unclear(item: OutboxItem, error: ErrorInfo, since: float, policy: Policy) -> OutboxItem:
    if policy.repeats:
        return _try_again(item, error, None, since, policy)
    if not policy.reads_back:
        reason = f"It is not certain whether this went out. Look at the provider before sending again. ({error.message})"
        return replace(item, state=_H, error=ErrorInfo("unclear", reason), finished_at=since)
    return replace(item, state=_V, error=error, not_before=since + policy.settle_s, absences=0)


def _read_back(item: OutboxItem, event: ReadBack, now: float, policy: Policy) -> OutboxItem:
    if event.found:
        return _sent(item, event.remote_id, now)
    # A look that a person hurried proves nothing: a slow provider has until the end of the settle window.
    since = item.sending_since or 0.0
    if since > now:
        # Somebody set the clock back: how long ago it was cannot be told, so the window begins anew, once.
        return replace(item, sending_since=now, not_before=now + policy.settle_s)
    if now < since + policy.settle_s:
        return replace(item, not_before=since + policy.settle_s)
    if item.absences == 0:
        return replace(item, absences=1, not_before=now + policy.settle_s / 2)
    error = item.error or ErrorInfo("unclear", "It did not arrive.")
    return _try_again(replace(item, absences=0), error, None, now, policy)


def _retried(item: OutboxItem, event: RetriedByPerson, now: float) -> OutboxItem:
    return replace(
        item,
        state=_W,
        attempts=0,
        not_before=now,
        scheduled_for=None,
        created_at=now if now - item.created_at > MAX_AGE_S else item.created_at,
        override=item.override or event.override,
        error=None,
        finished_at=None,
    )


def awaits_approval(item: OutboxItem) -> bool:
    """Whether nothing but an approval is missing."""
    return item.state is _H and item.error is not None and item.error.kind == APPROVAL.kind


def _unless_unapproved(item: OutboxItem, now: float) -> OutboxItem:
    """Held while its approval is asked for; what holds it already for another reason stays as it is."""
    held_by_person = item.state is _H and (item.error is None or item.error.kind == "held")
    if item.approval is not Approval.ASKED or not (item.state is _W or held_by_person):
        return item
    return replace(item, state=_H, error=APPROVAL, finished_at=now)


def _marked(item: OutboxItem, approval: Approval, who: Mapping[str, Any] | None = None) -> OutboxItem:
    kept = {key: v for key, v in item.payload.items() if key not in (APPROVED_BY, APPROVED_AT)}
    return replace(item, payload={**kept, APPROVAL_KEY: approval.value, **(who or {})})


def _asked_again(item: OutboxItem, now: float) -> OutboxItem:
    if item.approval is Approval.NONE:
        return item
    return _unless_unapproved(_marked(item, Approval.ASKED), now)


def _approved(item: OutboxItem, event: Approved, now: float) -> OutboxItem:
    given = _marked(item, Approval.GIVEN, {APPROVED_BY: event.by, APPROVED_AT: now})
    if not awaits_approval(item):
        return given  # what else holds it, a person still decides
    return replace(
        given, state=_W, not_before=max(now, item.scheduled_for or 0.0), error=None, finished_at=None
    )


def _waits_for_sign_in(item: OutboxItem) -> bool:
    return item.state is _W and item.error is not None and item.error.kind in ("sign-in", "keychain")


def may_be_out(item: OutboxItem) -> bool:
    """Whether the last outcome was unclear and nothing has settled it.

    Its text must stay as it is, or a look would search for another one; and it can't be called taken back.
    """
    # One that waits again was looked for twice, and was not there.
    return item.state is not _W and item.error is not None and item.error.kind == "unclear"


def _delay(retry_after_s: float | None, attempt: int, policy: Policy) -> float:
    if retry_after_s is not None:
        return max(1.0, min(3600.0, retry_after_s))
    return policy.back_off_s[max(0, min(attempt, len(policy.back_off_s) - 1))]


def too_old(item: OutboxItem, now: float) -> bool:
    """Nothing older than seven days goes out without asking (reliability.md section 5)."""
    return now - max(item.created_at, item.scheduled_for or 0.0) > MAX_AGE_S


# --- what the author had seen, and what is there now ------------------------------------------------


def text_key(text: str) -> str:
    """A text as providers give it back: NFC, blanks collapsed. Two texts with one key are the same reply."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def _digest(text: str) -> str:
    return hashlib.sha256(text_key(text).encode("utf-8", "replace")).hexdigest()[:16]


def _comment_key(comment: Comment) -> str:
    # Without an id a comment is known by who wrote what; equal ones are counted (Sitejabber has no ids).
    return (
        f"id:{comment.id}" if comment.id else f"{comment.role}:{comment.author or ''}:{_digest(comment.text)}"
    )


def _reply_key(comment: Comment) -> str:
    return f"{comment.id}:{_digest(comment.text)}"


def _rewritten(comment: Comment, seen: Mapping[str, Any]) -> bool:
    """Whether a business comment that was there says something else now."""
    if comment.role is not Role.BUSINESS or not comment.id or "replies" not in seen:
        return False
    return _reply_key(comment) not in seen["replies"]


def content_key(title: str | None, body: str, score: float | None) -> str:
    """What a review says, as ``seen_of`` remembers it."""
    # One number has many types: 4 from the wire is 4.0 in the database.
    number = None if score is None else float(score)
    return _digest(f"{title or ''}\n{body}\n{number}")


def seen_of(
    comments: tuple[Comment, ...],
    *,
    body: str | None = None,
    title: str | None = None,
    score: float | None = None,
    state: ProviderState | None = None,
) -> dict[str, Any]:
    """What a person has before their eyes, small enough to keep: no text, only digests."""
    seen: dict[str, Any] = {"comments": sorted(_comment_key(c) for c in comments)}
    # An id says which comment, not what it says: some providers have one reply under one id, which is replaced.
    replies = sorted(_reply_key(c) for c in comments if c.role is Role.BUSINESS and c.id)
    if replies:
        seen["replies"] = replies
    if body is not None:
        seen["content"] = content_key(title, body, score)
    if state is not None:
        seen["state"] = state.value
    return seen


def seen_of_record(thread: Thread) -> dict[str, Any]:
    """``seen_of`` for a thread just read."""
    record: ReviewRecord | None = thread.review
    if record is None:
        return seen_of(thread.comments)
    return seen_of(
        thread.comments,
        body=record.body,
        title=record.title,
        score=record.score,
        state=record.provider_state,
    )


def conflict_between(seen: Mapping[str, Any], fresh: Thread, *, own_text: str = "") -> Conflict | None:
    """Why an item must stop before it goes out, or None. Comments that vanished are no reason to stop."""
    record = fresh.review
    if record is not None and record.provider_state is ProviderState.REMOVED:
        return Conflict(GONE)
    new, rewritten = news(seen, fresh.comments)
    if any(c.role is Role.BUSINESS for c in new):
        same = any(text_key(c.text) == text_key(own_text) for c in new if c.role is Role.BUSINESS)
        return Conflict(
            "This very text has been published already." if same else "Somebody answered meanwhile."
        )
    if new:
        return Conflict("There is a new comment in this conversation.")
    if rewritten:
        return Conflict("A reply in this conversation was changed meanwhile.")
    now = seen_of_record(fresh)
    if "content" in seen and "content" in now and seen["content"] != now["content"]:
        return Conflict("The customer edited the review meanwhile.")
    return None


def news(
    seen: Mapping[str, Any], comments: tuple[Comment, ...]
) -> tuple[tuple[Comment, ...], tuple[Comment, ...]]:
    """The comments that are beyond what was seen, and those of ours that say something else by now."""
    known = Counter(seen.get("comments", ()))
    new = tuple(c for c in comments if _take(known, _comment_key(c)))
    return new, tuple(c for c in comments if c not in new and _rewritten(c, seen))


def _take(known: Counter[str], key: str) -> bool:
    """True when ``key`` is beyond what is known; uses one of the known up otherwise."""
    if known[key] > 0:
        known[key] -= 1
        return False
    return True


def beyond_baseline(item: OutboxItem, fresh: Thread) -> Comment | None:
    """Our text in ``fresh`` that was not there at the baseline: proof that it arrived."""
    baseline = item.baseline or {}
    known = Counter(baseline.get("comments", ()))
    wanted = text_key(item.text)
    if item.kind is ActionKind.EDIT_REPLY:
        edited = str(item.payload.get("comment_id", ""))
        return next((c for c in fresh.comments if c.id == edited and text_key(c.text) == wanted), None)
    for comment in fresh.comments:
        new = _take(known, _comment_key(comment)) or _rewritten(comment, baseline)
        if new and comment.role is Role.BUSINESS and text_key(comment.text) == wanted:
            return comment
    return None
