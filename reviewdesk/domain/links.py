"""Addresses of our own, ``reviewdesk://...``: what other programs may ask this one to show."""

from __future__ import annotations

import re

from reviewdesk.domain.errors import InvalidInput

__all__ = ["SCHEME", "is_link", "review_link", "review_of"]

SCHEME = "reviewdesk"
# Anybody may put such an address on a web page, so only what merely shows something is known, in one spelling each.
_REVIEW = re.compile(r"reviewdesk://review/([1-9][0-9]{0,18})/?", re.ASCII | re.IGNORECASE)
_BARE = re.compile(r"reviewdesk:(//)?(inbox/?)?", re.ASCII | re.IGNORECASE)
_LARGEST = 2**63 - 1


def is_link(text: str) -> bool:
    """Whether ``text`` claims to be one of our addresses, right or wrong."""
    return text[: len(SCHEME) + 1].lower() == f"{SCHEME}:"


def review_link(review_id: int) -> str:
    """The address of a review of this profile."""
    return f"{SCHEME}://review/{review_id}"


def review_of(address: str) -> int:
    """The review that an address asks for; 0 when it only asks for the window. Raises ``InvalidInput``."""
    found = _REVIEW.fullmatch(address)
    if found is not None and int(found[1]) <= _LARGEST:
        return int(found[1])
    if _BARE.fullmatch(address):
        return 0
    raise InvalidInput(
        "Reviewdesk can't open this address.",
        remedy=f"It knows {SCHEME}:// and {SCHEME}://review/ID with an ID of 'reviewdesk list'.",
    )
