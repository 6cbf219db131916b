"""What a provider must be able to do, and what it is given to do it with.

A provider knows wire formats only: no Qt, no SQL, no keychain, no services. It is used by one account worker
thread at a time, so it needs no locks. It raises ``domain.errors.ProviderError`` and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol, runtime_checkable

from reviewdesk.domain.capabilities import Field, FieldKind, ProviderSpec
from reviewdesk.domain.clock import Clock
from reviewdesk.domain.invitations.model import MailTemplate
from reviewdesk.domain.messages import MessageRecord
from reviewdesk.domain.models import ActionKind, Deletion, Rejected, ReviewRecord, ReviewRef, Target, Thread

__all__ = [
    "COMMON_FIELDS",
    "Action",
    "BrowserSignIn",
    "CancelToken",
    "CheckStage",
    "Columns",
    "Context",
    "CsvColumns",
    "Cursor",
    "CustomerAccess",
    "EditLink",
    "EditLinks",
    "MailTemplates",
    "PaceBook",
    "PaceMemory",
    "Paced",
    "Page",
    "PersonMessages",
    "Progress",
    "Provider",
    "SecretBox",
    "SendResult",
    "SharedPaceMemory",
]

COMMON_FIELDS: tuple[Field, ...] = (
    Field(
        key="ca_file",
        label="Own certificate authority",
        help="A file in PEM form, trusted beside the system's own; for networks that inspect traffic.",
        kind=FieldKind.FILE,
    ),
    Field(
        key="timeout_seconds",
        label="Patience in seconds",
        help="How long one step of a request may take.",
        kind=FieldKind.NUMBER,
        default="30",
    ),
    Field(
        key="settle_seconds",
        label="Settle time in seconds",
        help="How long after an unclear answer the conversation is read back.",
        kind=FieldKind.NUMBER,
        default="60",
    ),
    Field(
        key="rate_limit",
        label="Call limits",
        help="As CALLS/SECONDS, several with commas; empty for the provider's own limits.",
        placeholder="10/10,1000/3600",
    ),
)
"""What every account has, whatever its provider (cli.md, Providers and accounts). Each spec ends with these."""

Cursor = Mapping[str, Any]
"""Where a sync stands: JSON-able, opaque to everybody but its provider, stored in the transaction of its page."""


class CancelToken(Protocol):
    """Set by a person or by the end of the program; looked at between two calls and while waiting."""

    def is_set(self) -> bool: ...

    def wait(self, timeout_s: float) -> bool:
        """Sleep up to ``timeout_s`` seconds; true as soon as it is set."""
        ...


class SecretBox(Protocol):
    """The secrets of one account. Values never leave the process; ``put`` goes to where the account's secrets are kept."""

    def get(self, key: str) -> str | None:
        """The value, or None when there is none. Raises ``SecretError`` when the keychain can't be read."""
        ...

    def put(self, key: str, value: str | None) -> None:
        """Store (or with None remove) a value, e.g. a rotated refresh token. Raises ``SecretError``."""
        ...


class Progress(Protocol):
    """Called by ``send`` after each side effect; commits before it returns, so that a restart knows of it."""

    def __call__(self, done: Mapping[str, Any], /) -> None: ...


class PaceMemory(Protocol):
    """Where the times of past calls are kept, so that a provider's limits survive a restart."""

    def load(self) -> list[float]: ...

    def save(self, calls: list[float]) -> None: ...


class PaceBook(Protocol):
    """What all programs on one account have called, while nobody else may look. Times are UTC seconds; ``owner``
    is any number that no other pacer has. Writing may raise OSError."""

    @property
    def is_new(self) -> bool:
        """Nothing is known: the former times are those of ``PaceMemory.load``."""
        ...

    def calls_of_others(self, owner: int) -> list[float]:
        """When each had reached the server for certain: a call that is under way counts as just now."""
        ...

    def person_waits(self, owner: int) -> float | None:
        """When another program last said that a person's call waits for its slot."""
        ...

    def begin(self, owner: int, at: float) -> None: ...

    def end(self, owner: int, at: float) -> None: ...

    def say_person_waits(self, owner: int, at: float) -> None: ...


@runtime_checkable
class SharedPaceMemory(PaceMemory, Protocol):
    """A memory that several programs share."""

    def exclusive(self) -> AbstractContextManager[PaceBook | None]:
        """The book for as long as the decision about one call takes; None where it can't be had."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Everything an account gives its provider. ``settings`` hold strings, defaults already filled in."""

    account: str
    """The account's name, for messages only."""
    settings: Mapping[str, str]
    secrets: SecretBox
    clock: Clock
    cancel: CancelToken
    pace_memory: PaceMemory | None = None
    since: int = 0
    """Reviews from before this moment (UTC seconds; 0: all) are not wanted: a list that is given newest first need not
    be read beyond it. What is given all the same is left out by whoever stores it."""
    meanwhile: Callable[[], None] | None = None
    """Called on the worker's thread before each background call and every half second while such a call waits for
    its slot: the worker may do a person's action on this very provider in it, so that people never wait for a sync."""


@dataclass(frozen=True, slots=True)
class CheckStage:
    """One stage of the connection test: ``address``, ``connect``, ``sign-in``, ``permission``, ``read`` ..."""

    stage: str
    ok: bool
    message: str
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a sync. ``cursor`` is where to go on if the program ends right after storing this page.

    ``total`` is how many reviews the run will see, where the provider says so. ``pass_name`` names the pass in
    words for the progress ("published", "updated"...).
    """

    reviews: tuple[ReviewRecord, ...] = ()
    deletions: tuple[Deletion, ...] = ()
    messages: tuple[MessageRecord, ...] = ()
    """Private messages, after the reviews they are about where both come on one page."""
    rejected: tuple[Rejected, ...] = ()
    cursor: Cursor = field(default_factory=dict)
    total: int | None = None
    pass_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """An outgoing action as the outbox hands it over. ``progress`` holds side effects made by earlier tries."""

    kind: ActionKind
    review: ReviewRef | None
    target: Target
    text: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict)
    progress: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SendResult:
    """The provider accepted the action. ``answer`` is what else it said (a link, removed order ids)."""

    remote_id: str | None = None
    answer: Mapping[str, Any] = field(default_factory=dict)


@runtime_checkable
class BrowserSignIn(Protocol):
    """What a provider has besides when a person can sign in with the browser (Trustpilot's authorization code)."""

    def sign_in_address(self) -> str:
        """The page to open. Raises ``InvalidInput`` when the settings do not allow it."""
        ...

    def finish_sign_in(self, pasted: str) -> None:
        """Sign in with the address of the page on which the browser ended; the tokens go to the secrets.

        Raises ``InvalidInput`` when it holds no code, ``ProviderError`` when the provider refuses it.
        """
        ...


@runtime_checkable
class MailTemplates(Protocol):
    """What a provider has besides when it keeps templates for its own invitations by e-mail."""

    def invitation_templates(self) -> Sequence[MailTemplate]:
        """The templates, the default ones first. One request."""
        ...


@runtime_checkable
class Paced(Protocol):
    """What a provider has besides when its calls have limits."""

    def wait_s(self) -> float:
        """Seconds until a call that nobody waits for may start; 0 when it may now. Makes no request."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """A file whose columns are not known: its first ``rows`` (cells cut), what a column may hold (``fields``, in the words
    of the setting ``columns``), and for each column a ``guess`` (``-``: not needed)."""

    file: str
    rows: tuple[tuple[str, ...], ...]
    fields: tuple[str, ...]
    guess: tuple[str, ...]


@runtime_checkable
class CsvColumns(Protocol):
    """What a provider has besides when it reads files whose columns a person may have to name (setting ``columns``)."""

    def columns(self) -> Columns:
        """Of the newest file that is not understood. Raises ``ProviderError``."""
        ...

    def read_columns(self, columns: Columns, setting: str) -> tuple[ReviewRecord | Rejected, ...]:
        """What the first lines would become. Makes no call. Raises ``BadAnswer`` for a mapping that can't be right."""
        ...


@dataclass(frozen=True, slots=True)
class EditLink:
    """With it the author of a review edits it. ``expires``: UTC seconds, None where the provider names no end."""

    url: str
    expires: int | None = None


@runtime_checkable
class EditLinks(Protocol):
    """What a provider has besides when it gives the author of a review a link to edit it."""

    def edit_link(self, email: str) -> EditLink:
        """The link of the person with this address. One request; raises ``ProviderError``."""
        ...


@runtime_checkable
class PersonMessages(Protocol):
    """What a provider has besides when people can be written to by name (Sitejabber)."""

    def messages_with(self, person: str) -> Sequence[MessageRecord]:
        """The latest messages from and to this person, both folders. Raises ``ProviderError``."""
        ...


@runtime_checkable
class CustomerAccess(Protocol):
    """What a provider has besides when it can show what it holds about a customer (Sitejabber)."""

    def customer_data(self, email: str) -> Any:
        """A JSON-able tree as the provider gives it. Raises ``ProviderError``, ``NotFound`` for nobody."""
        ...


class Provider(Protocol):
    """One account's door to its provider. Made with a Context, closed when the account's worker ends."""

    spec: ClassVar[ProviderSpec]

    def __init__(self, context: Context) -> None: ...

    @property
    def calls(self) -> int:
        """Requests made so far by this object."""
        ...

    @property
    def token_expires(self) -> int | None:
        """When the sign-in that is in use ends for good (UTC seconds), or None."""
        ...

    def check(self) -> Iterator[CheckStage]:
        """The staged connection test, stage by stage; stops after the first stage that is not ok. Never raises."""
        ...

    def fetch(self, cursor: Cursor, *, full: bool) -> Iterator[Page]:
        """Everything new, changed and removed since ``cursor`` (``{}`` the first time), newest first.

        ``full`` reads everything again. Stops between two calls when cancelled (``Cancelled``).
        A passing fault is not retried here: the caller resumes at the last stored cursor.
        """
        ...

    def thread(self, review: ReviewRef) -> Thread:
        """The conversation of a review as it is now, with the review itself where that costs no more.

        A review that is gone gives ``NotFound``. Raises ``NotAvailable`` where the provider has no such call.
        """
        ...

    def send(self, action: Action, progress: Progress) -> SendResult:
        """Do it once, on a fresh connection, without redirects or retries.

        A failure is a ProviderError whose ``delivery`` is true to what may have happened.
        """
        ...

    def close(self) -> None: ...
