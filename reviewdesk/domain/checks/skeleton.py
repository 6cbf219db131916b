"""A text as the rules read it: folded, look-alikes made Latin, invisible characters gone, with the way back.

Every character of the skeleton knows which characters of the text it stands for, so that a finding marks what the
author sees, however it was spelled.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from reviewdesk.domain.text import fold

__all__ = ["MASKS", "Skeleton", "reading"]

MASKS = "*•●∙·×█▪■…＊∗⁎"
"""Characters that people put in the place of letters they hide."""

# Letters of other scripts that look like Latin ones (a selection of Unicode's confusables, in lower case).
_LOOK_ALIKES = {
    # Cyrillic
    **dict(zip("асԁеһіјӏкмпорԛѕтухѵԝвгзьү", "acdehijlkmnopqstyxvwbr3by", strict=True)),
    # Greek
    **dict(zip("αβεηικμνορτυχγωξζ", "abenikmvoptuxywez", strict=True)),
    # Armenian and the letters of phonetics
    **dict(zip("օսոհցɑɡɩʀꜱᴏ", "ounhgagirso", strict=True)),
}
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff9-\ufffb]"
)


@lru_cache(maxsize=4096)
def _plain(cluster: str) -> str:
    """One character with its marks as the rules read it."""
    first = cluster[0]
    if first in MASKS:
        return "*"
    if _INVISIBLE.match(first):
        return ""
    digit = unicodedata.digit(first, None)
    if digit is not None:
        return str(digit)
    category = unicodedata.category(first)
    if category == "Zs":
        return " "
    if category == "Pd":
        return "-"
    form = unicodedata.normalize("NFKC", cluster)
    return "".join(_LOOK_ALIKES.get(char, char) for char in fold(form))


class Skeleton:
    """``text`` in its reading form; ``span`` leads back."""

    __slots__ = ("_ends", "_starts", "original", "text")

    def __init__(self, original: str) -> None:
        self.original = original
        if original.isascii():
            self.text = original.lower()
            self._starts: list[int] | range = range(len(original))
            self._ends: list[int] | range = range(1, len(original) + 1)
            return
        parts: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        at, length = 0, len(original)
        combining = unicodedata.combining
        while at < length:
            end = at + 1
            while end < length and original[end] > "\u02ff" and combining(original[end]):
                end += 1
            char = original[at:end]
            plain = char.lower() if char.isascii() else _plain(char)
            parts.append(plain)
            if len(plain) == 1:
                starts.append(at)
                ends.append(end)
            else:
                starts.extend([at] * len(plain))
                ends.extend([end] * len(plain))
            at = end
        self.text = "".join(parts)
        self._starts, self._ends = starts, ends

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The place in the original of ``text[start:end]``, which must not be empty."""
        return self._starts[start], self._ends[end - 1]

    def written(self, start: int, end: int) -> str:
        """What stands there as it was written."""
        a, b = self.span(start, end)
        return self.original[a:b]


@lru_cache(maxsize=512)
def reading(text: str) -> str:
    """The skeleton of what is looked for, so that both sides are spelled alike."""
    return Skeleton(text).text
