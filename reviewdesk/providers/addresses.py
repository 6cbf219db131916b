"""Which addresses the program may talk to. No I/O, no HTTP library: also the wizard's fields are checked with it."""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, quote, urlsplit

__all__ = ["address_problem", "is_loopback", "path", "same_place", "split"]


def split(url: str) -> SplitResult | None:
    """The parts of an address, or None when it is none."""
    if len(url) > 4000 or any(ch <= " " or ch == "\x7f" or ch == "\\" for ch in url):
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises on a port that is no number
    except ValueError:
        return None
    return parts if parts.hostname else None


def is_loopback(host: str | None) -> bool:
    """This very machine: the practice servers."""
    if not host:
        return False
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def address_problem(url: str) -> str | None:
    """Why secrets may not be sent to ``url``, as a sentence, or None: https anywhere, http on this machine only."""
    parts = split(url)
    if parts is None or parts.scheme not in ("http", "https"):
        return "The address must begin with https:// and name a host."
    if parts.username or parts.password:
        return "The address must not hold a name or a password."
    if parts.query or parts.fragment:
        return "The address must end with its path: nothing after a ? or #."
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        return (
            "The address must begin with https://, otherwise everybody on the way could read the credentials."
        )
    return None


def same_place(one: SplitResult, other: SplitResult) -> bool:
    """Same scheme, host and port: the only place that may be told a secret that was meant for the first."""
    ports = {"http": 80, "https": 443}
    return (one.scheme, one.hostname, one.port or ports.get(one.scheme)) == (
        other.scheme,
        other.hostname,
        other.port or ports.get(other.scheme),
    )


def path(*segments: str) -> str:
    """``/a/b%2Fc``: each segment quoted by itself, so that an id can never reach another call.

    A segment of dots alone would climb the tree on the way: it is quoted as well.
    """
    return "".join("/" + (quote(s, safe="") if s.strip(".") else s.replace(".", "%2E")) for s in segments)
