"""How customers can be asked through Trustpilot, with the fields of each way (docs/providers/trustpilot.md)."""

from __future__ import annotations

from reviewdesk.domain.invitations.model import InviteField, InviteForm, InviteWay
from reviewdesk.domain.models import ReviewKind

__all__ = ["FORMS"]

_WHO = (
    InviteField(key="email", required=True),
    InviteField(key="name", help="Without a name Trustpilot greets the part of the address before the @."),
    InviteField(key="order_id", required=True, help="Trustpilot's reference; the review comes back with it."),
    InviteField(key="locale", help="The language of the page, English where it is empty."),
)
_SKUS = InviteField(key="skus", required=True, help="As they stand in Trustpilot's product catalogue.")
_AFTERWARDS = InviteField(key="redirect_uri", help="The page that opens after the review.")
_TAGS = (InviteField(key="tags"), InviteField(key="location_id"))
_MAIL = (
    InviteField(key="template_id"),
    InviteField(key="send_at"),
    InviteField(key="reply_to"),
    InviteField(key="sender_name"),
    InviteField(key="sender_email"),
)

FORMS = (
    InviteForm(way=InviteWay.LINK, kind=ReviewKind.BUSINESS, fields=(*_WHO, *_TAGS, _AFTERWARDS)),
    InviteForm(
        way=InviteWay.LINK,
        kind=ReviewKind.PRODUCT,
        fields=(*_WHO, _SKUS, _AFTERWARDS),
        calls=2,
        note="The products are looked up in Trustpilot's catalogue first.",
    ),
    InviteForm(way=InviteWay.EMAIL, kind=ReviewKind.BUSINESS, fields=(*_WHO, *_MAIL, *_TAGS, _AFTERWARDS)),
    InviteForm(way=InviteWay.EMAIL, kind=ReviewKind.PRODUCT, fields=(*_WHO, _SKUS, *_MAIL, _AFTERWARDS)),
)
