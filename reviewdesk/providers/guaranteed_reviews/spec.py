"""What Guaranteed Reviews is (docs/providers/guaranteed-reviews.md)."""

from __future__ import annotations

from collections.abc import Mapping

from reviewdesk.domain.capabilities import (
    Capability,
    CredentialLevel,
    Field,
    FieldKind,
    ProviderSpec,
    RateLimit,
)
from reviewdesk.providers.base import COMMON_FIELDS
from reviewdesk.providers.guaranteed_reviews.forms import FORMS

__all__ = ["API_URL", "SPEC"]

API_URL = "https://api.guaranteed-reviews.com"

_DENIED = {
    Capability.REPLY: "Guaranteed Reviews takes replies in its back office only. Copy your text, open the back office "
    "and paste it there; the next sync sees the reply.",
    Capability.EDIT_REPLY: "Guaranteed Reviews lets replies be edited in its back office only.",
    Capability.CONVERSATION_STATE: "Guaranteed Reviews has single replies, no conversations to hide.",
    Capability.PRIVATE_MESSAGE: "Guaranteed Reviews has no private messages. Write to the customer from your order system.",
    Capability.RESOLUTION: "Guaranteed Reviews has no resolution messages. Write to the customer from your order system.",
    Capability.FLAG: "Guaranteed Reviews lets reviews be disputed in its back office only.",
    Capability.PUBLISH: "Guaranteed Reviews alone decides when a review is published.",
    Capability.INVITE_LINK: "Guaranteed Reviews gives no links; it e-mails the customer itself, ten days after the order.",
    Capability.WITHDRAW_INVITE: "Guaranteed Reviews has no way to take an order back once it was handed over.",
    Capability.PRODUCTS: "Guaranteed Reviews offers no list of products.",
    Capability.PRODUCT_EDIT: "Guaranteed Reviews takes products with the orders; there is no catalogue to edit.",
    Capability.CUSTOMER_DATA: "Guaranteed Reviews has no call for a customer's data. Ask its support.",
}
_NO_KEY = (
    "Handing orders to Guaranteed Reviews needs the private key. Add it to the account (back office, API)."
)
_READS = frozenset({Capability.READ, Capability.SUMMARIES})


def _level_of(_settings: Mapping[str, str], secrets: frozenset[str]) -> str:
    return "private" if "private_key" in secrets else "public"


SPEC = ProviderSpec(
    id="guaranteed-reviews",
    title="Guaranteed Reviews",
    code="GR",
    summary="Shop and product reviews, read only; orders that it invites later.",
    settings=(
        Field(
            key="scopes",
            label="What to read",
            help="site for the shop's reviews and your own product ids, with a comma between them.",
            kind=FieldKind.LIST,
            default="site",
        ),
        Field(
            key="language",
            label="Language",
            help="There is one account a language; reviews that don't say theirs get this one.",
            placeholder="fr",
        ),
        Field(
            key="timezone",
            label="Time zone",
            help="The zone of its dates; it does not say so itself.",
            kind=FieldKind.TIMEZONE,
            default="Europe/Paris",
        ),
        Field(key="base_url", label="Address of the API", kind=FieldKind.URL, default=API_URL),
        *COMMON_FIELDS,
    ),
    secrets=(
        Field(
            key="public_key",
            label="Public key",
            help="Back office, API: the public key of this language's account.",
            required=True,
            secret=True,
        ),
        Field(
            key="private_key",
            label="Private key",
            help="Back office, API; looks like 1234/fr/ and 64 characters. Only for orders and e-mail addresses.",
            secret=True,
        ),
    ),
    levels=(
        CredentialLevel(
            id="public",
            title="Public key: reading",
            granted=_READS,
            denied={**_DENIED, Capability.INVITE_EMAIL: _NO_KEY},
        ),
        CredentialLevel(
            id="private",
            title="Private key: reading with e-mail addresses, and orders",
            granted=_READS | {Capability.INVITE_EMAIL},
            denied=_DENIED,
        ),
    ),
    level_of=_level_of,
    # Documented as unlimited; this only keeps a mistake of ours from hammering. Each product is a call.
    rate_limits=(RateLimit(300, 60),),
    page_size=1000,
    score_min=1,
    score_max=5,
    reads_back=False,
    removes_silently=True,
    back_office_url="https://www.guaranteed-reviews.com/",
    reports_in_back_office=True,
    hosts=("guaranteed-reviews.com",),
    invitations=FORMS,
)
