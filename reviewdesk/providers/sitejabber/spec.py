"""What Sitejabber is (docs/providers/sitejabber.md)."""

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
from reviewdesk.providers.sitejabber.forms import FORMS

__all__ = ["API_URL", "FLAG_REASONS", "SESSION", "SPEC"]

API_URL = "https://api.sitejabber.com/v1"
SESSION = "session"
"""The secret in which the provider keeps its user token."""

FLAG_REASONS: Mapping[str, str] = {
    "language": "Offensive language",
    "personal_info": "Personal information",
    "personal_attack": "Personal attack",
    "second_hand": "Second-hand experience",
    "another_biz": "About another business",
    "other": "Other",
}
"""The provider's own reasons, by the code that is sent."""

_DENIED = {
    Capability.EDIT_REPLY: "Sitejabber's comments can't be edited by other programs. Edit it at Sitejabber.",
    Capability.CONVERSATION_STATE: "Sitejabber's comments can't be hidden by other programs.",
}

SPEC = ProviderSpec(
    id="sitejabber",
    title="Sitejabber",
    code="SJ",
    summary="Shop and product reviews, public comments, private messages, requests, products.",
    settings=(
        Field(
            key="business",
            label="Business",
            help="The bare domain as Sitejabber lists it, without https:// and www.",
            required=True,
            placeholder="shop.example",
        ),
        Field(
            key="email",
            label="E-mail",
            help="The business user's sign-in at Sitejabber. A sign-in elsewhere with the same user ends this one.",
            required=True,
        ),
        Field(
            key="datasources",
            label="Other sources",
            help="Reviews of other sites that Sitejabber collects, with a comma between them: trustpilot, google ...",
            kind=FieldKind.LIST,
            choices=(
                "bbb",
                "facebook",
                "lsa",
                "google",
                "productreview",
                "resellerratings",
                "reviewsio",
                "trustpilot",
                "yelp",
            ),
        ),
        Field(
            key="base_url",
            label="Address of the API",
            help="SmartCustomer is Sitejabber's new name; its address ends with smartcustomer.com/v1.",
            kind=FieldKind.URL,
            default=API_URL,
        ),
        *COMMON_FIELDS,
    ),
    secrets=(
        Field(
            key="client_token",
            label="API key",
            help="Sitejabber for Business, Account, API: the client token.",
            required=True,
            secret=True,
        ),
        Field(
            key="password", label="Password", help="The business user's password.", required=True, secret=True
        ),
        Field(
            key="client_id",
            label="Client id",
            help="Only for invitation links made without a request. Sitejabber's support hands it out.",
            secret=True,
        ),
        Field(
            key="client_encryption_key",
            label="Client encryption key",
            help="Comes with the client id.",
            secret=True,
        ),
    ),
    levels=(
        CredentialLevel(
            id="full",
            title="Signed in",
            granted=frozenset(set(Capability) - set(_DENIED)),
            denied=_DENIED,
        ),
    ),
    level_of=lambda _settings, _secrets: "full",
    # Documented are 10 in 10 s and 1,000 in an hour. The server counts arrivals, we count departures: the
    # difference is the network's jitter, and this is the room for it.
    rate_limits=(RateLimit(9, 10), RateLimit(950, 3600)),
    page_size=100,
    score_min=1,
    score_max=5,
    reads_back=True,
    removes_silently=False,
    back_office_url="https://biz.sitejabber.com/",
    messages_need_subject=True,
    messages_by_name=True,
    hosts=("sitejabber.com", "smartcustomer.com"),
    kept_secrets=(SESSION,),
    flag_reasons=FLAG_REASONS,
    invitations=FORMS,
)
