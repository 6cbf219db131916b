"""What Retargeting is: two keys, one call, nothing to write back (docs/providers/retargeting.md)."""

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

__all__ = ["API_URL", "SPEC"]

API_URL = "https://api.retargeting.app/v1"

_NO_REPLY = (
    "Retargeting offers no way to reply. Keep a note here and write to the customer from your order system."
)
_DENIED = {
    Capability.REPLY: _NO_REPLY,
    Capability.EDIT_REPLY: "Retargeting has no replies that could be edited.",
    Capability.CONVERSATION_STATE: "Retargeting has no conversations.",
    Capability.PRIVATE_MESSAGE: "Retargeting's feedback names no customer to write to. Look the order up in your shop.",
    Capability.RESOLUTION: "Retargeting has no resolution messages. Look the order up in your shop and write from there.",
    Capability.FLAG: "Retargeting has no way to report feedback.",
    Capability.PUBLISH: "Retargeting's feedback is not published anywhere, so there is nothing to publish.",
    Capability.INVITE_LINK: "Retargeting asks customers by its own triggers; set them up in Retargeting.",
    Capability.INVITE_EMAIL: "Retargeting asks customers by its own triggers; set them up in Retargeting.",
    Capability.WITHDRAW_INVITE: "Retargeting asks customers by its own triggers; change them in Retargeting.",
    Capability.PRODUCTS: "Retargeting offers no list of products.",
    Capability.PRODUCT_EDIT: "Retargeting takes products from your shop's feed; change them there.",
    Capability.SUMMARIES: "Retargeting gives no summaries; the figures here are computed from its feedback.",
    Capability.CUSTOMER_DATA: "Retargeting's feedback holds no customer's name or address to show or remove.",
}


def _level_of(_settings: Mapping[str, str], _secrets: frozenset[str]) -> str:
    return "full"


SPEC = ProviderSpec(
    id="retargeting",
    title="Retargeting",
    code="RT",
    summary="Order and product feedback, read only.",
    settings=(
        Field(
            key="customer_id",
            label="Customer id",
            help="Retargeting, Settings, Integration: the third field.",
            required=True,
        ),
        Field(
            key="timezone",
            label="Time zone",
            help="The zone of Retargeting's dates; it does not say so itself.",
            kind=FieldKind.TIMEZONE,
            default="Europe/Bucharest",
        ),
        Field(
            key="score_max",
            label="Highest score",
            help="Retargeting does not document its scale; its examples go up to ten.",
            kind=FieldKind.NUMBER,
            default="10",
        ),
        Field(key="base_url", label="Address of the API", kind=FieldKind.URL, default=API_URL),
        *COMMON_FIELDS,
    ),
    secrets=(
        Field(
            key="rest_key",
            label="REST API key",
            help="Retargeting, Settings, Integration: the second field.",
            required=True,
            secret=True,
        ),
    ),
    levels=(
        CredentialLevel(
            id="full", title="REST API key", granted=frozenset({Capability.READ}), denied=_DENIED
        ),
    ),
    level_of=_level_of,
    # None is documented. One sync is one call; this only keeps a mistake of ours from hammering.
    rate_limits=(RateLimit(30, 60),),
    page_size=0,
    score_min=0,
    score_max=10,
    reads_back=False,
    removes_silently=True,
    back_office_url="https://retargeting.app/",
    hosts=("retargeting.app",),
)
