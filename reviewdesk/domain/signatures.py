"""The signature below a reply: ordinary text at its end, put there once and changed without touching what was typed."""

from __future__ import annotations

import re

__all__ = ["MOST", "blank", "contacts", "signed", "switched"]

MOST = 500
"""Characters of a signature; a public reply that signs longer than it speaks is of no use."""


_CONTACT = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.\w+|\+?\d(?:[ ./()-]{0,2}\d){6,}")


def contacts(text: str) -> tuple[str, ...]:
    """E-mail addresses and telephone numbers in a signature, which everybody would read."""
    return tuple(dict.fromkeys(_CONTACT.findall(text)))


def signed(text: str, signature: str) -> str:
    """``text`` with ``signature`` below it, after an empty line; as it was where it bears that signature already."""
    signature = signature.strip()
    if not signature or _place(text, signature) is not None:
        return text
    return f"{text.rstrip()}\n\n{signature}"


def blank(text: str, signature: str) -> bool:
    """Whether nobody wrote anything yet: there is no text, or the signature alone."""
    return text.strip() in ("", signature.strip())


def switched(text: str, old: str, new: str) -> str:
    """``text`` with ``new`` where ``old`` stood; what was typed stays to the letter.

    Where ``old`` is not there as a paragraph of its own any more, somebody changed it, and nothing is done.
    """
    old, new = old.strip(), new.strip()
    if old == new:
        return text
    if not old:
        return signed(text, new)
    at = _place(text, old)
    if at is None:
        return text
    if new and _place(text, new) is not None:
        new = ""
    before, after = text[:at], text[at + len(old) :]
    if not new:
        before = before.removesuffix("\n\n")
    return f"{before}{new}{after}"


def _place(text: str, signature: str) -> int | None:
    """Where the last ``signature`` begins that fills its lines, or None."""
    at = text.rfind(signature)
    while at >= 0:
        end = at + len(signature)
        if (at == 0 or text[at - 1] == "\n") and (end == len(text) or text[end] == "\n"):
            return at
        at = text.rfind(signature, 0, end - 1)
    return None
