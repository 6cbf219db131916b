"""The values that travel between the rooms. Frozen, without behaviour beyond themselves; times are UTC seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from reviewdesk.domain.errors import ErrorInfo
from reviewdesk.domain.plain import dataclass

if TYPE_CHECKING:
    from reviewdesk.domain.cases import Case
    from reviewdesk.domain.messages import Message

__all__ = [
    "APPROVAL_KEY",
    "Account",
    "AccountState",
    "ActionKind",
    "Approval",
    "Attachment",
    "Author",
    "ChangeSet",
    "Comment",
    "Deletion",
    "Draft",
    "Elsewhere",
    "FormerText",
    "OutboxItem",
    "OutboxState",
    "Product",
    "ProviderState",
    "Rejected",
    "ReplyMark",
    "ReviewDetail",
    "ReviewKind",
    "ReviewRecord",
    "ReviewRef",
    "ReviewRow",
    "Role",
    "SubScore",
    "SyncReport",
    "Target",
    "Thread",
    "Twin",
    "Version",
    "WorkState",
]


class ReviewKind(StrEnum):
    PRODUCT = "product"
    BUSINESS = "business"


class ProviderState(StrEnum):
    """A review's state at the provider."""

    PUBLISHED = "published"
    PENDING = "pending"
    UNPUBLISHED = "unpublished"
    UNDER_MODERATION = "under-moderation"
    ARCHIVED = "archived"
    REMOVED = "removed"


class WorkState(StrEnum):
    """Where a review stands in our own work (features.md C5)."""

    NEW = "new"
    NEEDS_REPLY = "needs-reply"
    WAITING = "waiting"
    SNOOZED = "snoozed"
    DONE = "done"
    REMOVED = "removed"


class Role(StrEnum):
    BUSINESS = "business"
    CONSUMER = "consumer"
    MODERATOR = "moderator"


class Target(StrEnum):
    """Who can read what is written: the safety line of the composer."""

    PUBLIC = "public"
    PRIVATE = "private"


class ReplyMark(StrEnum):
    """The reply mark of a list row."""

    NONE = "none"
    ELSEWHERE = "elsewhere"
    OURS = "ours"
    WAITING = "waiting"
    FAILED = "failed"


class AccountState(StrEnum):
    OK = "ok"
    PAUSED = "paused"
    SIGN_IN_NEEDED = "sign-in-needed"
    ERROR = "error"
    NEVER_SYNCED = "never-synced"


class OutboxState(StrEnum):
    """architecture.md section 7. ``discarded`` ends an item that a person took back; it is not listed."""

    WAITING = "waiting"
    SENDING = "sending"
    VERIFYING = "verifying"
    SENT = "sent"
    FAILED = "failed"
    HELD = "held"
    DISCARDED = "discarded"


APPROVAL_KEY = "approval"
"""Where an item's payload keeps its ``Approval``; the store looks at it before it lets an item be claimed."""


class Approval(StrEnum):
    """Whether an item needs a second pair of eyes. While it is asked for, nothing brings the item out."""

    NONE = ""
    ASKED = "asked"
    GIVEN = "given"


class ActionKind(StrEnum):
    """Everything that leaves the machine on a person's behalf; each goes through the outbox."""

    REPLY = "reply"
    EDIT_REPLY = "edit-reply"
    DELETE_REPLY = "delete-reply"
    CONVERSATION_STATE = "conversation-state"
    MESSAGE = "message"
    RESOLUTION = "resolution"
    FLAG = "flag"
    PUBLISH = "publish"
    FIND_REVIEWER = "find-reviewer"
    PROVIDER_TAGS = "provider-tags"
    """``payload["tags"]``, a list of (group, value): what the review has at the provider from then on."""
    INVITE_LINK = "invite-link"
    INVITE_EMAIL = "invite-email"
    WITHDRAW_INVITE = "withdraw-invite"
    PRODUCT_ADD = "product-add"
    PRODUCT_REMOVE = "product-remove"
    PRODUCT_IMAGE = "product-image"
    CUSTOMER_ERASE = "customer-erase"


# --- as a provider gives it ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    name: str | None = None
    username: str | None = None
    email: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    sku: str | None = None
    name: str | None = None
    id: str | None = None
    url: str | None = None
    image_url: str | None = None
    gtin: str | None = None
    mpn: str | None = None
    brand: str | None = None


@dataclass(frozen=True, slots=True)
class SubScore:
    name: str
    score: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    url: str
    thumbnail_url: str | None = None
    mime: str | None = None
    caption: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """One entry of a conversation. ``id`` None where the provider gives none (Sitejabber).

    A comment without id is known by (author, text, created_at).
    """

    id: str | None
    author: str | None
    role: Role
    text: str
    created_at: int | None = None
    updated_at: int | None = None
    state: str = "published"
    author_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """A conversation as read from the provider just now."""

    id: str | None
    state: str | None
    comments: tuple[Comment, ...] = ()
    review: ReviewRecord | None = None
    """The review as it is now, where the same reading brings it: lets the outbox see edits and removals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRecord:
    """A review decoded from one provider record, text already cleaned (``domain.text.clean``).

    ``score`` is the provider's own number or None; ``created_at`` None where unreadable (the store then
    takes the arrival). ``thread`` None means "not read with this record", an empty Thread "there is none".
    ``facts`` are the provider's remaining fields as (label, value), public ones first; ``private_facts``
    belong into the private block. ``raw`` is the record as received (JSON, XML or a CSV line).
    """

    kind: ReviewKind
    native_id: str
    score: float | None
    score_min: float
    score_max: float
    title: str = ""
    body: str = ""
    language: str | None = None
    author: Author = field(default_factory=Author)
    created_at: int | None = None
    updated_at: int | None = None
    product: Product | None = None
    order_id: str | None = None
    reference: str | None = None
    provider_state: ProviderState = ProviderState.PUBLISHED
    source: str | None = None
    source_id: str | None = None
    sub_scores: tuple[SubScore, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    private_facts: tuple[tuple[str, str], ...] = ()
    thread: Thread | None = None
    thread_id: str | None = None
    previous: tuple[Version, ...] = ()
    url: str | None = None
    anonymised: bool = False
    raw: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """The provider said explicitly that a review is gone. Mere absence is never a Deletion."""

    native_id: str
    kind: ReviewKind | None = None
    at: int | None = None
    reason: str = ""
    anonymise: bool = False


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that could not be decoded: where it stood, why, and what was received (at most 20,000 characters)."""

    where: str
    reason: str
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Version:
    """An earlier content of a review."""

    at: int | None
    score: float | None
    title: str
    body: str


# --- as the store gives it -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    id: int
    name: str
    provider: str
    settings: Mapping[str, str]
    secret_keys: frozenset[str]
    """Names of the secrets this account has in the keychain. Never values."""
    state: AccountState
    position: int
    colour: int
    """1 to 6: token a-1 to a-6."""
    last_success: int | None = None
    last_attempt: int | None = None
    last_error: ErrorInfo | None = None
    token_expires: int | None = None


@dataclass(frozen=True, slots=True)
class ReviewRef:
    """What a provider needs to name a review in a call."""

    id: int
    account_id: int
    kind: ReviewKind
    native_id: str
    thread_id: str | None = None
    username: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRow:
    """What a list row paints, from one indexed read; also what ``list --json`` prints."""

    id: int
    account_id: int
    kind: ReviewKind
    native_id: str
    score: float | None
    score_min: float
    score_max: float
    score100: int | None
    author_name: str | None
    product_name: str | None
    order_id: str | None
    snippet: str
    """First 300 characters of title and text, one line, plain."""
    language: str | None
    created_at: int
    updated_at: int | None
    provider_state: ProviderState
    work_state: WorkState
    reply_mark: ReplyMark
    unread: bool
    starred: bool
    edited: bool
    has_photo: bool
    has_draft: bool
    owner: str | None
    tags: tuple[str, ...]
    source: str | None
    snooze_until: int | None = None
    """UTC seconds. While it is not snoozed: until when it was to sleep before the customer woke it."""
    twin_of: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """The same review as it came through another door. ``shown``: the unified inbox lists this one."""

    id: int
    account_id: int
    native_id: str
    shown: bool
    reply_mark: ReplyMark
    reason: str
    """Why the two are taken for one, fit to show."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A reply that was written in the provider's back office: when it was said so, and its text (which may be empty)."""

    at: int
    text: str


@dataclass(frozen=True, slots=True)
class FormerText:
    """What a comment said before it was changed or deleted. ``at``: UTC seconds since when it stood there."""

    comment_id: str | None
    at: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewDetail:
    """Everything known of one review, for the reading pane and ``show --json``."""

    row: ReviewRow
    title: str
    body: str
    author: Author
    product: Product | None
    reference: str | None
    sub_scores: tuple[SubScore, ...]
    attachments: tuple[Attachment, ...]
    facts: tuple[tuple[str, str], ...]
    private_facts: tuple[tuple[str, str], ...]
    thread_id: str | None
    thread_state: str | None
    comments: tuple[Comment, ...]
    versions: tuple[Version, ...]
    """Earlier contents, oldest first; the present one is not among them."""
    notes: tuple[tuple[int, int, str], ...]
    """(note id, written at, text)."""
    raw: str
    url: str | None
    source_id: str | None = None
    outbox: tuple[OutboxItem, ...] = ()
    """Our own items of this review that are not settled into the conversation yet."""
    twins: tuple[Twin, ...] = ()
    """The other doors through which it came."""
    messages: tuple[Message, ...] = ()
    """Private messages with the author, oldest first."""
    case: Case | None = None
    elsewhere: Elsewhere | None = None
    """Somebody answered at the provider, and no reading has brought that answer yet."""
    arrived_at: int = 0
    """When this program first received it."""
    former_texts: tuple[FormerText, ...] = ()
    """Of comments, ours and others', oldest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    id: int
    review_id: int
    target: Target
    text: str
    subject: str
    updated_at: float
    seen: Mapping[str, Any]
    """What the author had seen when writing began (``domain.outbox.seen_of``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxItem:
    """One outgoing action, durable before its first byte. Times are UTC seconds."""

    id: int
    kind: ActionKind
    account_id: int
    review_id: int | None
    target: Target
    text: str
    payload: Mapping[str, Any]
    """Whatever else the kind needs (subject, comment id, reason ...); never a secret."""
    state: OutboxState
    created_at: float
    not_before: float
    scheduled_for: float | None = None
    attempts: int = 0
    absences: int = 0
    """How often a read-back did not find it since the last attempt."""
    sending_since: float | None = None
    seen: Mapping[str, Any] = field(default_factory=dict)
    baseline: Mapping[str, Any] | None = None
    progress: Mapping[str, Any] = field(default_factory=dict)
    """Side effects already made, e.g. ``{"conversation_id": ...}``."""
    remote_id: str | None = None
    error: ErrorInfo | None = None
    override: bool = False
    finished_at: float | None = None

    @property
    def approval(self) -> Approval:
        """Whether a second pair of eyes is asked for: ``payload["approval"]``, so that it is durable with the rest."""
        kept = self.payload.get(APPROVAL_KEY)
        return next((a for a in Approval if a.value == kept), Approval.NONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSet:
    """What one committed transaction changed. Published after the commit, on the writer thread."""

    added: frozenset[int] = frozenset()
    changed: frozenset[int] = frozenset()
    removed: frozenset[int] = frozenset()
    drafts: frozenset[int] = frozenset()
    """Review ids whose drafts changed."""
    outbox: frozenset[int] = frozenset()
    accounts: frozenset[int] = frozenset()
    journal: bool = False
    views: bool = False
    """Saved views, tags, settings, or whatever another process did: all that is shown is to be read again."""
    products: bool = False
    """Which products there are, which listings are the same, what sources say of them. The reviews are as they were."""

    def __bool__(self) -> bool:
        return bool(
            self.added or self.changed or self.removed or self.drafts or self.outbox or self.accounts
        ) or (self.journal or self.views or self.products)


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncReport:
    """The result of one account's run: a row of ``sync --json``."""

    account: str
    ok: bool
    new: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    skipped: tuple[Rejected, ...] = ()
    calls: int = 0
    seconds: float = 0.0
    error: ErrorInfo | None = None
