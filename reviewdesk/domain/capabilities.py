"""What a provider is and what an account of it can do: one table that window, wizard and command line read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from reviewdesk.domain.invitations.model import InviteForm

__all__ = [
    "Available",
    "Capability",
    "CredentialLevel",
    "Field",
    "FieldKind",
    "ProviderSpec",
    "RateLimit",
    "ReplyLimits",
    "parse_rate_limit",
]


class Capability(StrEnum):
    """The names of ``account list --json`` (cli.md)."""

    READ = "read"
    REPLY = "reply"
    EDIT_REPLY = "edit_reply"
    CONVERSATION_STATE = "conversation_state"
    PRIVATE_MESSAGE = "private_message"
    RESOLUTION = "resolution"
    FLAG = "flag"
    PUBLISH = "publish"
    INVITE_LINK = "invite_link"
    INVITE_EMAIL = "invite_email"
    WITHDRAW_INVITE = "withdraw_invite"
    PRODUCTS = "products"
    PRODUCT_EDIT = "product_edit"
    SUMMARIES = "summaries"
    CUSTOMER_DATA = "customer_data"


@dataclass(frozen=True, slots=True)
class Available:
    """Whether an action can be done, and if not, the sentence that says who does not allow it and what to do."""

    available: bool
    reason: str | None = None


class FieldKind(StrEnum):
    """How a setting is asked for and checked."""

    TEXT = "text"
    URL = "url"
    CHOICE = "choice"
    LIST = "list"
    INTEGER = "integer"
    NUMBER = "number"
    TIMEZONE = "timezone"
    FILE = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One setting or secret of an account. ``help`` says where a person finds the value."""

    key: str
    label: str
    help: str = ""
    kind: FieldKind = FieldKind.TEXT
    required: bool = False
    default: str | None = None
    choices: tuple[str, ...] = ()
    placeholder: str = ""
    secret: bool = False
    only_when: tuple[str, tuple[str, ...]] | None = None
    """``(other_key, values)``: the field applies only while that setting has one of these values."""


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most ``calls`` calls in any window of ``seconds`` seconds."""

    calls: int
    seconds: float


def parse_rate_limit(text: str) -> tuple[RateLimit, ...]:
    """``"10/10,1000/3600"`` as limits. Raises ValueError with the part that can't be read."""
    limits = []
    for part in text.split(","):
        calls, slash, seconds = part.strip().partition("/")
        try:
            limit = RateLimit(int(calls), float(seconds))
        except ValueError:
            raise ValueError(f"'{part.strip()}' is not CALLS/SECONDS") from None
        if not slash or limit.calls < 1 or not 0 < limit.seconds < float("inf"):
            raise ValueError(f"'{part.strip()}' is not CALLS/SECONDS")
        limits.append(limit)
    return tuple(limits)


@dataclass(frozen=True, slots=True)
class ReplyLimits:
    """What a public reply may look like. ``max_chars`` None: the provider documents no limit."""

    max_chars: int | None = None
    min_chars: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialLevel:
    """One set of credentials an account may have, with what it allows.

    ``denied`` maps each capability that is *not* available to its sentence; every other capability in
    ``granted`` is available. The two together name every Capability (a test checks that).
    """

    id: str
    title: str
    granted: frozenset[Capability]
    denied: Mapping[Capability, str]

    def capabilities(self) -> dict[Capability, Available]:
        return {
            c: Available(True) if c in self.granted else Available(False, self.denied[c]) for c in Capability
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSpec:
    """Everything the program knows about a provider without talking to it."""

    id: str
    title: str
    code: str
    """Two letters for rows and the sidebar, for instance TP."""
    summary: str
    """One line for the wizard's card."""
    settings: tuple[Field, ...]
    secrets: tuple[Field, ...]
    levels: tuple[CredentialLevel, ...]
    level_of: Callable[[Mapping[str, str], frozenset[str]], str]
    """``(settings, names of the secrets that are there) -> level id``."""
    rate_limits: tuple[RateLimit, ...]
    page_size: int
    score_min: float = 1.0
    score_max: float = 5.0
    reply_limits: ReplyLimits = field(default_factory=ReplyLimits)
    reads_back: bool = False
    """Whether a published reply can be read back to settle an unclear outcome."""
    removes_silently: bool = True
    """Whether a removal can only be seen by absence (and is then never taken as a removal)."""
    back_office_url: str = ""
    hosts: tuple[str, ...] = ()
    flag_reasons: Mapping[str, str] = field(default_factory=dict)
    """Why a review can be reported, by the code that is sent. Empty: it is reported in the back office."""
    reports_in_back_office: bool = False
    """Whether its back office takes reports of reviews that its API does not take."""
    messages_need_subject: bool = False
    """Whether a private message without a subject is refused."""
    messages_by_name: bool = False
    """Whether a person can be written to by name, beside any review, and the messages with them read back."""
    finds_reviewers: bool = False
    """Whether the reviewer of a company review can be asked who they are (Trustpilot)."""
    invitations: tuple[InviteForm, ...] = ()
    """The ways in which customers can be asked for reviews, each with the fields that it knows."""
    kept_secrets: tuple[str, ...] = ()
    """Names under which the provider itself keeps secrets (tokens); removed with the account, never asked for."""

    def capabilities(
        self, settings: Mapping[str, str], secrets: frozenset[str]
    ) -> dict[Capability, Available]:
        """The table of an account with these settings and secrets."""
        wanted = self.level_of(settings, secrets)
        return next(level for level in self.levels if level.id == wanted).capabilities()
