"""What of a text is a word that a dictionary can judge: where it stands, and which words of it are nobody's mistake.

Addresses, places of a saved reply (``{{...}}``), order numbers and other words with figures are passed over, and so
is whatever is written in another script than the dictionary's. Pure; any thread; linear in the length of the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

__all__ = ["LONGEST", "names", "parts", "script_of", "spelled", "words", "written_in"]

LONGEST = 50
"""Letters; a dictionary takes long over longer ones, and they are no words."""

_APOSTROPHES = "'’ʼ"
# Each alternative that is no word comes first and swallows all of what it is.
_TOKEN = re.compile(
    r"(?P<skip>\{\{[^{}\n]*\}\}"
    r"|[A-Za-z][A-Za-z0-9+.-]{1,15}://[^\s<>]{1,2048}"
    r"|www\.[^\s<>]{1,2048}"
    r"|[\w.+-]{1,64}@[\w.-]{1,255}"
    r"|[@#]\w[\w.-]*"
    r"|(?<![\w.-])(?:[\w-]{1,63}\.){1,8}[a-z]{2,24}(?![\w])(?:/[^\s<>]{0,2048})?)"
    rf"|(?P<word>\w(?:[\w{_APOSTROPHES}\-\u2010\u2011\u00ad\u0300-\u036f]*\w)?)"
)
_SPLIT = re.compile(rf"[{_APOSTROPHES}\-\u2010\u2011]")
_JOINTS = re.compile(r"[.@/:_]")
_SCRIPTS = {
    "CYRILLIC": ("be", "bg", "mk", "mn", "ru", "sr", "uk"),
    "GREEK": ("el",),
    "ARABIC": ("ar", "fa", "ur"),
    "HEBREW": ("he", "yi"),
    "ARMENIAN": ("hy",),
    "GEORGIAN": ("ka",),
    "DEVANAGARI": ("hi", "mr", "ne"),
    "BENGALI": ("bn",),
    "TAMIL": ("ta",),
    "TELUGU": ("te",),
    "HANGUL": ("ko",),
}
# Written without blanks between words: nothing here would be one.
_UNSPACED = ("zh", "ja", "th", "lo", "km", "my", "bo", "dz")


def words(text: str) -> Iterator[tuple[int, int]]:
    """(start, end) of every word that can be judged, with its inner apostrophes and hyphens."""
    for match in _TOKEN.finditer(text):
        if match.lastgroup != "word":
            continue
        word = match["word"]
        if 1 < len(word) <= LONGEST and not any(c.isdigit() or c == "_" for c in word):
            yield match.start(), match.end()


def parts(word: str) -> Iterator[tuple[int, int]]:
    """(start, end) of what apostrophes and hyphens divide, without what is too short to be judged by itself."""
    start = 0
    for match in _SPLIT.finditer(word):
        if match.start() - start > 2:
            yield start, match.start()
        start = match.end()
    if len(word) - start > 2:
        yield start, len(word)


def spelled(word: str) -> str:
    """The word as dictionaries have it: one kind of apostrophe and hyphen, nothing invisible, letters put together."""
    if word.isascii():
        return word
    for sign in _APOSTROPHES[1:]:
        word = word.replace(sign, "'")
    word = word.replace("\u2010", "-").replace("\u2011", "-").replace("\u00ad", "")
    return unicodedata.normalize("NFC", word)


def names(texts: Iterable[str]) -> frozenset[str]:
    """Every word of these, folded by case: names of people, shops and products are right as they stand."""
    found: set[str] = set()
    for given in texts:
        text = _JOINTS.sub(" ", given[:2000])  # a shop may be called by its address
        for start, end in words(text):
            word = text[start:end]
            found.add(spelled(word).casefold())
            found.update(spelled(word[first:last]).casefold() for first, last in parts(word))
    return frozenset(found)


@lru_cache(maxsize=4096)
def _script(letter: str) -> str:
    return unicodedata.name(letter, "").split(" ", 1)[0]


def script_of(language: str) -> str:
    """The first word of the Unicode names of its letters; empty where blanks don't part words."""
    code = language.replace("_", "-").split("-")[0].lower()
    if code in _UNSPACED:
        return ""
    return next((script for script, codes in _SCRIPTS.items() if code in codes), "LATIN")


def written_in(word: str, script: str) -> bool:
    """Whether the word begins with a letter of this script."""
    return bool(script) and (script == "LATIN" if word[0].isascii() else _script(word[0]) == script)
