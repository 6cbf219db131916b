"""What Verified Reviews is and what an account of it can do (docs/providers/verified-reviews.md)."""

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
from reviewdesk.providers.verified_reviews.forms import FORMS

__all__ = ["API_URL", "AUTH_URL", "SPEC"]

API_URL = "https://api.skeepers.io"
AUTH_URL = "https://auth.skeepers.io"

_SERVERS = ("sftp", "ftps", "ftp")
_DENIED = {
    Capability.REPLY: "Verified Reviews takes replies in its back office only. Write there; the reply comes back"
    " with the next feed.",
    Capability.EDIT_REPLY: "Verified Reviews lets replies be edited in its back office only; the change comes back"
    " with the next feed.",
    Capability.CONVERSATION_STATE: "Verified Reviews has no conversations that could be hidden from here.",
    Capability.PRIVATE_MESSAGE: "Verified Reviews has no private messages. Write to the customer from your order system.",
    Capability.RESOLUTION: "Verified Reviews has no resolution messages. Write to the customer from your order system.",
    Capability.FLAG: "Verified Reviews lets reviews be reported in its back office only.",
    Capability.PUBLISH: "Verified Reviews alone decides when a review is published.",
    Capability.INVITE_LINK: "Verified Reviews gives no links; it e-mails the customers of the orders that it is told of.",
    Capability.INVITE_EMAIL: "Verified Reviews invites the customers of the orders that it is told of. To tell it from"
    " here, add an account with transport=api and the website id.",
    Capability.WITHDRAW_INVITE: "Verified Reviews has no call that takes an order back once it was handed over.",
    Capability.PRODUCT_EDIT: "Verified Reviews takes products with the orders; there is no catalogue to edit.",
    Capability.CUSTOMER_DATA: "Verified Reviews has no call for a customer's data. Ask its support; an anonymised"
    " review comes with the next feed.",
}
_NEEDS_API = (
    "The feed brings reviews only. Add an account with transport=api for what Verified Reviews publishes."
)


_PUBLISHED = frozenset({Capability.READ, Capability.PRODUCTS, Capability.SUMMARIES})


def _level_of(settings: Mapping[str, str], _secrets: frozenset[str]) -> str:
    if settings.get("transport", "").strip() != "api":
        return "feed"
    return "orders" if settings.get("website_id", "").strip() else "api"


SPEC = ProviderSpec(
    id="verified-reviews",
    title="Verified Reviews",
    code="VR",
    summary="Shop and product reviews from the nightly feed of files; read only.",
    settings=(
        Field(
            key="transport",
            label="Where the reviews come from",
            help="The feed on your own server or in a folder, or (api) what Verified Reviews publishes.",
            kind=FieldKind.CHOICE,
            required=True,
            default="sftp",
            choices=(*_SERVERS, "folder", "api"),
        ),
        Field(
            key="host",
            label="Server",
            help="The server into which Verified Reviews puts the files (Integration, Retrieve your reviews).",
            required=True,
            placeholder="sftp.example.com",
            only_when=("transport", _SERVERS),
        ),
        Field(
            key="port",
            label="Port",
            help="Empty for the usual one: 22 for SFTP, 21 for FTP; 990 means TLS from the first byte.",
            kind=FieldKind.INTEGER,
            only_when=("transport", _SERVERS),
        ),
        Field(
            key="username",
            label="User name",
            required=True,
            only_when=("transport", _SERVERS),
        ),
        Field(
            key="path",
            label="Folder",
            help="Where the files lie: on the server (empty for the login's own folder) or on this computer.",
            only_when=("transport", (*_SERVERS, "folder")),
        ),
        Field(
            key="website_id",
            label="Website id",
            help="For the feed: only the files of this website, where several share a folder; empty for all. For the API:"
            " the website whose customers are invited; empty to read only.",
        ),
        Field(
            key="timezone",
            label="Time zone",
            help="The zone of the dates in the files; they do not say so themselves.",
            kind=FieldKind.TIMEZONE,
            default="Europe/Paris",
        ),
        Field(
            key="host_key",
            label="Accepted server key",
            help="The SHA256 fingerprint of the server's key. Leave it empty to be shown it first.",
            placeholder="SHA256:...",
            only_when=("transport", ("sftp",)),
        ),
        Field(
            key="plain_ftp_consent",
            label="Send the password in the open",
            help="Plain FTP lets everybody on the way read the password and the reviews. Say yes only if there is no"
            " other way.",
            kind=FieldKind.CHOICE,
            choices=("yes",),
            required=True,
            only_when=("transport", ("ftp",)),
        ),
        Field(
            key="columns",
            label="Columns of the CSV",
            help="For a CSV without a header that is not understood: the names of its columns in their order, with"
            " commas, - for one that is not needed; exchanges is the number of answers that follow at the end.",
            placeholder="action,review_id,-,review,rate,exchanges",
            only_when=("transport", (*_SERVERS, "folder")),
        ),
        Field(
            key="base_url",
            label="Address of the API",
            kind=FieldKind.URL,
            default=API_URL,
            only_when=("transport", ("api",)),
        ),
        Field(
            key="auth_url",
            label="Address of the sign-in",
            kind=FieldKind.URL,
            default=AUTH_URL,
            only_when=("transport", ("api",)),
        ),
        *COMMON_FIELDS,
    ),
    secrets=(
        Field(
            key="password",
            label="Password",
            help="Of the SFTP or FTP account; or the passphrase of the private key.",
            secret=True,
            only_when=("transport", _SERVERS),
        ),
        Field(
            key="private_key",
            label="Private key",
            help="The whole text of a key in OpenSSH format, in place of a password.",
            secret=True,
            only_when=("transport", ("sftp",)),
        ),
        Field(
            key="client_id",
            label="Client id",
            help="Skeepers, API access.",
            required=True,
            secret=True,
            only_when=("transport", ("api",)),
        ),
        Field(
            key="client_secret",
            label="Client secret",
            help="Skeepers, API access.",
            required=True,
            secret=True,
            only_when=("transport", ("api",)),
        ),
    ),
    levels=(
        CredentialLevel(
            id="feed",
            title="Nightly feed: reading with names, e-mail addresses and answers",
            granted=frozenset({Capability.READ}),
            denied={**_DENIED, Capability.PRODUCTS: _NEEDS_API, Capability.SUMMARIES: _NEEDS_API},
        ),
        CredentialLevel(
            id="api",
            title="Published reviews: reading without e-mail addresses and answers",
            granted=_PUBLISHED,
            denied=_DENIED,
        ),
        CredentialLevel(
            id="orders",
            title="Published reviews, and orders whose customers are invited",
            granted=_PUBLISHED | {Capability.INVITE_EMAIL},
            denied={c: why for c, why in _DENIED.items() if c is not Capability.INVITE_EMAIL},
        ),
    ),
    level_of=_level_of,
    # Documented for the API; a feed is files and has no call limits.
    rate_limits=(RateLimit(5, 1), RateLimit(100, 60)),
    page_size=1000,
    score_min=1,
    score_max=5,
    reads_back=False,
    removes_silently=False,
    back_office_url="https://app.netreviews.eu/",
    reports_in_back_office=True,
    hosts=("avis-verifies.com", "netreviews.eu", "skeepers.io"),
    invitations=FORMS,
)
