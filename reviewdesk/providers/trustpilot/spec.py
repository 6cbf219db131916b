"""What Trustpilot is: settings, secrets, limits, and what each kind of credentials may do (docs/providers/trustpilot.md)."""

from __future__ import annotations

from collections.abc import Mapping

from reviewdesk.domain.capabilities import (
    Capability,
    CredentialLevel,
    Field,
    FieldKind,
    ProviderSpec,
    RateLimit,
    ReplyLimits,
)
from reviewdesk.providers.base import COMMON_FIELDS
from reviewdesk.providers.trustpilot.forms import FORMS

__all__ = [
    "API_KEY",
    "API_URL",
    "AUTHORIZATION_CODE",
    "CLIENT_CREDENTIALS",
    "INVITATIONS_URL",
    "PASSWORD",
    "SESSION",
    "SPEC",
    "kinds_of",
    "list_of",
]

API_URL = "https://api.trustpilot.com/v1"
INVITATIONS_URL = "https://invitations-api.trustpilot.com/v1"

CLIENT_CREDENTIALS = "client_credentials"
PASSWORD = "password"  # noqa: S105 - the name of a grant
AUTHORIZATION_CODE = "authorization_code"
API_KEY = "api_key"

SESSION = "session"
"""The secret in which the provider keeps its tokens."""

_SIGNED_IN = (CLIENT_CREDENTIALS, PASSWORD, AUTHORIZATION_CODE)


def list_of(text: str) -> tuple[str, ...]:
    """A comma list of the settings, without blanks and empty parts, in its order."""
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def kinds_of(settings: Mapping[str, str]) -> tuple[str, ...]:
    """``product`` and ``service``, as far as the account wants them; both where nothing is said.

    Where nothing is said a kind that the company's plan lacks is passed over (``sync``).
    """
    wanted = tuple(kind for kind in list_of(settings.get("kinds", "")) if kind in ("product", "service"))
    return wanted or ("product", "service")


# --- what each level may do ---------------------------------------------------------------------------

_NEVER = {
    Capability.PRIVATE_MESSAGE: "Trustpilot has no private messages. For a company review, ask Trustpilot to find the "
    "reviewer instead.",
    Capability.RESOLUTION: "Trustpilot has no resolution messages.",
    Capability.FLAG: "Trustpilot lets reviews be reported in Trustpilot Business only, not by other programs.",
    Capability.PUBLISH: "Trustpilot alone decides when a review is published.",
    Capability.WITHDRAW_INVITE: "Trustpilot has no way to take an invitation back once it was handed over.",
    Capability.PRODUCTS: "Trustpilot does not document what its product catalogue answers; look it up in "
    "Trustpilot Business.",
    Capability.PRODUCT_EDIT: "Trustpilot's product catalogue is kept in Trustpilot Business.",
}
_KEY_ONLY = (
    "An API key alone reads public data only. Sign in with the API secret (client credentials) "
    "or as a business user."
)
_NO_CONVERSATIONS = (
    "Company reviews have no conversation that could be hidden; this account reads only those."
)
_NO_USER = (
    "Trustpilot wants to know which business user signs a reply to a company review: put the user's id into the "
    "account's settings (business_user_id)."
)
_FOR_SIGNED_IN = (
    Capability.REPLY,
    Capability.EDIT_REPLY,
    Capability.CONVERSATION_STATE,
    Capability.INVITE_LINK,
    Capability.INVITE_EMAIL,
    Capability.CUSTOMER_DATA,
)


def _level(level_id: str, title: str, denied: Mapping[Capability, str]) -> CredentialLevel:
    no = {**_NEVER, **denied}
    return CredentialLevel(id=level_id, title=title, granted=frozenset(set(Capability) - set(no)), denied=no)


_LEVELS = (
    _level("public", "API key only: public data", dict.fromkeys(_FOR_SIGNED_IN, _KEY_ONLY)),
    _level("full", "Signed in", {}),
    _level("company", "Signed in, company reviews only", {Capability.CONVERSATION_STATE: _NO_CONVERSATIONS}),
    _level(
        "company-unsigned",
        "Signed in as an application, company reviews only, without a business user",
        {
            Capability.CONVERSATION_STATE: _NO_CONVERSATIONS,
            Capability.REPLY: _NO_USER,
            Capability.EDIT_REPLY: _NO_USER,
        },
    ),
)


def _level_of(settings: Mapping[str, str], _secrets: frozenset[str]) -> str:
    grant = settings.get("grant") or CLIENT_CREDENTIALS
    if grant == API_KEY:
        return "public"
    if "product" in kinds_of(settings):
        return "full"
    if grant == CLIENT_CREDENTIALS and not settings.get("business_user_id", "").strip():
        return "company-unsigned"
    return "company"


# --- the spec -----------------------------------------------------------------------------------------

SPEC = ProviderSpec(
    id="trustpilot",
    title="Trustpilot",
    code="TP",
    summary="Product and company reviews, conversations, replies and invitations.",
    settings=(
        Field(
            key="business_unit",
            label="Company",
            help="The company's domain (shop.example) or its business unit id, as in the address bar of "
            "Trustpilot Business.",
            required=True,
            placeholder="shop.example",
        ),
        Field(
            key="grant",
            label="Sign in with",
            help="Client credentials suit most shops. A user with two-factor sign-in can't use the password.",
            kind=FieldKind.CHOICE,
            default=CLIENT_CREDENTIALS,
            choices=(CLIENT_CREDENTIALS, PASSWORD, AUTHORIZATION_CODE, API_KEY),
        ),
        Field(
            key="kinds",
            label="Reviews to read",
            help="product, service (reviews of the company) or both, with a comma; empty for whatever there is.",
            kind=FieldKind.LIST,
            choices=("product", "service"),
        ),
        Field(
            key="username",
            label="Business user's e-mail",
            help="The address used to sign in to Trustpilot Business.",
            required=True,
            only_when=("grant", (PASSWORD,)),
        ),
        Field(
            key="business_user_id",
            label="Business user id",
            help="Who signs replies and invitations: Trustpilot Business, Settings, Users.",
            only_when=("grant", (CLIENT_CREDENTIALS, PASSWORD, AUTHORIZATION_CODE)),
        ),
        Field(
            key="redirect_uri",
            label="Redirect address",
            help="Exactly the https address that is registered with the application at Trustpilot.",
            required=True,
            placeholder="https://",
            only_when=("grant", (AUTHORIZATION_CODE,)),
        ),
        Field(
            key="skus",
            label="Product numbers (SKU)",
            help="With a comma between them. With an API key alone only the reviews of these products can be read; "
            "imported reviews are read for these products only.",
            kind=FieldKind.LIST,
        ),
        Field(
            key="base_url",
            label="Address of the API",
            kind=FieldKind.URL,
            default=API_URL,
        ),
        Field(
            key="invitations_url",
            label="Address of the invitations API",
            kind=FieldKind.URL,
            default=INVITATIONS_URL,
        ),
        *COMMON_FIELDS,
    ),
    secrets=(
        Field(
            key="api_key",
            label="API key",
            help="Trustpilot Business, Integrations, Developers: the application's API key.",
            required=True,
            secret=True,
        ),
        Field(
            key="api_secret",
            label="API secret",
            help="Beside the API key.",
            required=True,
            secret=True,
            only_when=("grant", _SIGNED_IN),
        ),
        Field(
            key="password",
            label="Password",
            help="The business user's password.",
            required=True,
            secret=True,
            only_when=("grant", (PASSWORD,)),
        ),
    ),
    levels=_LEVELS,
    level_of=_level_of,
    # The documented limits are 833 in 5 minutes and 10,000 an hour; some room is left for other programs' calls.
    rate_limits=(RateLimit(800, 300), RateLimit(9_500, 3600)),
    page_size=100,
    score_min=1,
    score_max=5,
    reply_limits=ReplyLimits(),
    reads_back=True,
    removes_silently=True,
    back_office_url="https://business.trustpilot.com/",
    reports_in_back_office=True,
    hosts=("trustpilot.com",),
    kept_secrets=(SESSION,),
    finds_reviewers=True,
    invitations=FORMS,
)
