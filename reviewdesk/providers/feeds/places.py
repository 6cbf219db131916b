"""The address of a feed server as the account's settings give it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reviewdesk.domain.errors import Delivery, NetworkError
from reviewdesk.providers.addresses import split

__all__ = ["Place", "place_of"]


@dataclass(frozen=True, slots=True)
class Place:
    host: str
    port: int
    path: str
    username: str


def place_of(settings: Mapping[str, str], port: int) -> Place:
    """Host, port (``port`` unless set), folder and user. Raises ``NetworkError`` with what cannot be right."""
    host = settings.get("host", "").strip()
    # An IPv6 address stands in brackets in an address and without them in a socket call.
    parts = split(f"//{host}" if host.startswith("[") or host.count(":") < 2 else f"//[{host}]")
    if (
        parts is None
        or parts.port is not None
        or parts.username
        or parts.path
        or parts.query
        or parts.fragment
    ):
        raise NetworkError(
            "The host is not a name or an address." if host else "No host is set.",
            remedy="Set host to the server's name alone, like sftp.example.com; port and path have settings of their own.",
            delivery=Delivery.NOT_SENT,
        )
    written = settings.get("port", "").strip()
    number = int(written) if written.isascii() and written.isdecimal() and len(written) <= 5 else 0
    if written and not 0 < number < 65536:
        raise NetworkError("The port is not a number from 1 to 65535.", delivery=Delivery.NOT_SENT)
    return Place(
        parts.hostname or host,
        number or port,
        settings.get("path", "").strip(),
        settings.get("username", "").strip(),
    )
