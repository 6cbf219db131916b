"""The values of invitations. Frozen; times are UTC seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from reviewdesk.domain.errors import ErrorInfo
from reviewdesk.domain.models import ReviewKind

__all__ = [
    "Blocked",
    "Invitation",
    "InviteField",
    "InviteForm",
    "InviteState",
    "InviteWay",
    "MailTemplate",
    "person_key",
]


class InviteWay(StrEnum):
    """How a customer is asked. Only ``EMAIL`` and ``ORDER`` make the provider write to anybody."""

    LINK = "link"
    """The provider makes a link for this customer and writes to nobody."""
    EMAIL = "email"
    """The provider e-mails the customer."""
    ORDER = "order"
    """The provider is told of the order and e-mails the customer later."""
    OFFLINE = "offline"
    """A link that is made here, without a request."""
    WRITE_LINK = "write-link"
    """A link with which anybody can write, until it ends."""
    EDIT_LINK = "edit-link"
    """A link with which a reviewer changes the own review."""

    @property
    def sends(self) -> bool:
        """Whether the provider writes to the customer."""
        return self in (InviteWay.EMAIL, InviteWay.ORDER)


class InviteState(StrEnum):
    """Where an invitation stands. It follows its item of the outbox."""

    WAITING = "waiting"
    """Not out yet: it waits, or is on its way."""
    INVITED = "invited"
    """The provider has it, or the link is there."""
    UNKNOWN = "unknown"
    """It went out and the answer was lost; it is never sent again by itself."""
    HELD = "held"
    """It needs a person, and has certainly not gone out."""
    FAILED = "failed"
    """The provider refused it."""
    DROPPED = "dropped"
    """A person took it back before it went out."""
    WITHDRAWN = "withdrawn"
    """The provider took it back when asked to."""

    @property
    def counts(self) -> bool:
        """Whether it stands in the way of another one to the same person and order."""
        return self in (InviteState.WAITING, InviteState.INVITED, InviteState.UNKNOWN, InviteState.HELD)


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteField:
    """One field of an invitation form. ``key`` is one of ``domain.invitations.fields.FIELDS``."""

    key: str
    required: bool = False
    either: str = ""
    """Fields that name the same group here: one of them is enough."""
    help: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteForm:
    """One way of asking that a provider offers, with the fields that it knows. Declared in the provider's spec."""

    way: InviteWay
    kind: ReviewKind
    fields: tuple[InviteField, ...]
    calls: int = 1
    """Requests that one invitation costs, for the time estimate."""
    secrets: tuple[str, ...] = ()
    """Secrets that this way needs besides the account's own."""
    bulk: bool = True
    """Whether it can be done for a list of customers."""
    note: str = ""
    """What a person should know of it, in one sentence."""

    @property
    def id(self) -> str:
        """``link:product``: names the form within its provider."""
        return f"{self.way.value}:{self.kind.value}"

    def field(self, key: str) -> InviteField | None:
        return next((f for f in self.fields if f.key == key), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """One person asked (or being asked) for a review."""

    id: int
    account_id: int
    outbox_id: int | None
    run_id: int | None
    run_row: int | None
    way: InviteWay
    kind: ReviewKind
    email: str
    phone: str
    name: str
    order_id: str
    order_date: str
    """``2026-11-09`` or empty."""
    skus: tuple[str, ...]
    locale: str
    created_at: int
    changed_at: int
    state: InviteState
    link: str | None = None
    links: Mapping[str, str] = field(default_factory=dict)
    """Link by SKU where the provider gave one for each; empty where there is one link."""
    expires_at: int | None = None
    answer: Mapping[str, object] = field(default_factory=dict)
    """What else the provider said, e.g. ``removed_order_ids`` of a withdrawal."""
    error: ErrorInfo | None = None
    withdrawal_id: int | None = None
    """The outbox item that asks the provider to take it back, when there is one."""
    review_id: int | None = None
    """The review that came of it: same account, same order or reference, written since."""

    @property
    def sent(self) -> bool:
        """Whether the provider has been made to write to the customer."""
        return self.way.sends and self.state in (InviteState.INVITED, InviteState.WITHDRAWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailTemplate:
    """A template that the provider keeps for its e-mails."""

    id: str
    name: str
    locale: str
    kind: ReviewKind | None
    is_default: bool = False


@dataclass(frozen=True, slots=True)
class Blocked:
    """An entry of the do-not-contact list. ``email`` None: the person was erased, only a fingerprint is left."""

    id: int
    email: str | None
    reason: str
    at: int


def person_key(email: str, phone: str = "") -> str:
    """Who somebody is for the guard: the address whatever its case, else the digits of the phone number."""
    address = email.strip().casefold()
    return address or "".join(ch for ch in phone if ch.isdigit())
