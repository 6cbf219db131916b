"""Text that strangers wrote: cleaned once when it comes in, folded for searching, fenced when it is shown.

Nothing here interprets markup: every function takes and gives plain text. All of them are pure and safe on any
thread, and linear in the length of what they are given.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

__all__ = [
    "cap",
    "clean",
    "fold",
    "hits",
    "index_form",
    "isolate",
    "one_line",
    "reveal",
    "safe_words",
    "space_out",
    "tokens",
]

# The larger patterns and tables are made when they are first needed: together they take some forty milliseconds of
# every start, and what is only listed needs none of them.

# --- coming in -----------------------------------------------------------------------------------


# Control characters except tab and newline, surrogates (in a Python string they are always alone) and the code
# points that Unicode keeps out of interchange.
@cache
def _unwanted() -> re.Pattern[str]:
    noncharacters = "\ufdd0-\ufdef" + "".join(
        f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000)
    )
    return re.compile(f"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff{noncharacters}]")


_NEWLINES = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")


def clean(text: str) -> str:
    """What every text from outside passes before it becomes a value: storable, showable, otherwise as written.

    Control characters except tab and newline, lone surrogates and non-characters are dropped; every kind of line
    end becomes ``\\n``. Letters are kept as they came (no Unicode normalisation). Cleaning twice changes nothing.
    """
    if text.isprintable():
        return text  # the usual case by far: nothing to drop, no line ends
    return _NEWLINES.sub("\n", _unwanted().sub("", text))


def cap(text: str, limit: int, mark: str = "…") -> str:
    """At most ``limit`` characters; ``mark`` stands for what was cut and counts. Never cuts marks off their letter."""
    if len(text) <= limit:
        return text
    if limit <= len(mark):
        return mark[: max(0, limit)]
    end = limit - len(mark)
    # Step back over combining marks and joiners, but not for ever: a heap of marks is not a letter.
    for back in range(min(end, 32)):
        if not _extends(text[end - back]):
            end -= back
            break
    return text[:end] + mark


def _extends(char: str) -> bool:
    return char in "\u200d\ufe0e\ufe0f" or unicodedata.category(char) in ("Mn", "Me")


def one_line(text: str, limit: int) -> str:
    """Words joined by single blanks, cut hard after ``limit`` characters; does not read further than it needs to."""
    words = []
    length = -1
    for match in re.finditer(r"\S+", text):
        words.append(match[0])
        length += len(match[0]) + 1
        if length >= limit:
            break
    return cap(" ".join(words), limit, "").rstrip()


_TAG = re.compile(r"<(/?[A-Za-z][A-Za-z0-9:-]*|!--|[!?])")
_ERROR_TEXT_READ = 20_000


def safe_words(text: str, limit: int = 300) -> str:
    """A provider's own error text for a person: plain, one line, at most ``limit`` characters, markup stripped."""
    text = text[:_ERROR_TEXT_READ]
    lower = text.lower()
    if len(lower) != len(text):  # a few letters change their length; then only the exact case is found
        lower = text
    parts: list[str] = []
    at = 0
    while (tag := _TAG.search(text, at)) is not None:
        parts.append(text[at : tag.start()])
        name = tag[1].lower()
        end = text.find("-->" if name == "!--" else ">", tag.end())
        if end >= 0 and name in ("script", "style"):
            end = lower.find(f"</{name}", end)
        if end < 0:
            at = len(text)
            break
        at = end + (3 if name == "!--" else 0 if name in ("script", "style") else 1)
    parts.append(text[at:])
    from html import unescape

    return one_line(clean(unescape(" ".join(parts))), limit)


# --- searching -----------------------------------------------------------------------------------


@cache
def _marks() -> re.Pattern[str]:
    return re.compile(
        "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"  # Latin, Greek, Cyrillic
        "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"  # Hebrew points
        "\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed]"  # Arabic vowels, tatweel
    )


# Letters that people type without their stroke or apart, and that Unicode does not take apart; and the quotation
# marks and dashes that word processors put in.
_STROKES = (
    *(("ø", "o"), ("ł", "l"), ("đ", "d"), ("ħ", "h"), ("ŧ", "t"), ("ı", "i"), ("æ", "ae"), ("œ", "oe")),
    *(("’", "'"), ("‘", "'"), ("“", '"'), ("”", '"'), ("„", '"'), ("–", "-"), ("—", "-"), ("…", "...")),
)


@cache
def _wide() -> re.Pattern[str]:
    return re.compile("[\uff01-\uffdc\ufb50-\ufdcf\ufdf0-\ufdfc\ufe70-\ufefc]+")


def _fold_any(text: str) -> str:
    text = _wide().sub(lambda m: unicodedata.normalize("NFKC", m[0]), text)
    text = _marks().sub("", unicodedata.normalize("NFD", text)).casefold()
    text = _marks().sub("", unicodedata.normalize("NFD", text))
    for stroked, plain in _STROKES:
        text = text.replace(stroked, plain)
    return unicodedata.normalize("NFC", text).lower()


# What follows only makes ``_fold_any`` ten times faster: this runs for every text that is indexed.
@cache
def _latin_1() -> tuple[bytes, tuple[tuple[str, str], ...]]:
    table = bytes(
        ord(folded) if len(folded := _fold_any(chr(code))) == 1 and ord(folded) < 256 else code
        for code in range(256)
    )
    return table, tuple((char, _fold_any(char)) for char in "ßÆæ")


@cache
def _latin() -> list[str]:
    return [_fold_any(chr(code)) for code in range(0x250)]


# A run that may change, from its first such letter on: all but ASCII, Thai, and the East Asian letters that have
# neither case nor accents.
@cache
def _foldable() -> re.Pattern[str]:
    return re.compile(
        "[^\x00-\x7f\u0e01-\u0e5b\u3001-\u3029\u3041-\u3096\u309d-\u30ff\u3400-\u9fff]"
        "[^\u0e01-\u0e5b\u3001-\u3029\u3041-\u3096\u309d-\u30ff\u3400-\u9fff]*"
    )


def fold(text: str) -> str:
    """The form in which letters are compared: case, accents, full width, vowel points and strokes folded away.

    Does all that SQLite's ``unicode61 remove_diacritics 2`` does, and more, so that both can be used in a row.
    Folding twice changes nothing.
    """
    if text.isascii():
        return text.lower()
    for typographic, plain in _STROKES[8:]:
        text = text.replace(typographic, plain)
    try:
        if "µ" not in text:
            table, long = _latin_1()
            latin = text
            for char, longer in long:
                latin = latin.replace(char, longer)
            return latin.encode("latin-1").translate(table).decode("latin-1")
    except UnicodeEncodeError:
        pass  # not western European: the ways below
    if text[: text.find(" ") + 1].isascii() or text[0] < "\u0250":
        latin = text.translate(_latin())
        if latin.isascii():
            return latin
    text = _foldable().sub(lambda m: _fold_any(m[0]), text).lower()
    if "\u3099" in text or "\u309a" in text:  # the voicing marks of kana, written apart
        text = unicodedata.normalize("NFC", text)
    return text


# Scripts written without blanks between words: each character becomes a word of its own.
@cache
def _unspaced() -> re.Pattern[str]:
    return re.compile(
        "[\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303c"  # radicals, iteration marks
        "\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9f"  # Hiragana, Katakana
        "\u1100-\u11ff\u3131-\u318e\ua960-\ua97f\uac00-\ud7fb"  # Hangul
        "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd"  # Han
        "\u0e01-\u0e5b\u0e81-\u0edf\u1000-\u109f\u1780-\u17ff]+"  # Thai, Lao, Burmese, Khmer
    )


def space_out(text: str) -> str:
    """Blanks round each character of a script that is written without them, so that any part can be found."""
    return text if text.isascii() else _unspaced().sub(lambda m: f" {' '.join(m[0])} ", text)


@cache
def _emoji() -> re.Pattern[str]:
    return re.compile("[\u2600-\u27bf\U0001f300-\U0001faff]")


def _emoji_word(match: re.Match[str]) -> str:
    code = ord(match[0])
    # Private-use characters are letters to unicode61, emoji are not.
    return f" {chr(0xE000 + code - 0x1F300 if code >= 0x1F300 else 0xE900 + code - 0x2600)} "


def index_form(text: str) -> str:
    """What is given to the index, and what a term passes before it is looked up: folded, spaced out, emoji kept."""
    if text.isascii():
        return text.lower()
    folded = fold(text)
    return folded if folded.isascii() else _emoji().sub(_emoji_word, space_out(folded))


@cache
def _word() -> re.Pattern[str]:
    return re.compile(r"[^\W_\ue000-\uf8ff]+|[\ue000-\uf8ff]+")


def tokens(text: str) -> list[str]:
    """The words of ``text`` as the index sees them; empty for text that holds none (punctuation only)."""
    return _word().findall(index_form(text))


def hits(text: str, needles: Iterable[tuple[str, bool]], limit: int = 500) -> list[tuple[int, int]]:
    """Where a search found something in ``text``: (start, end) pairs in order, merged, at most ``limit``.

    A needle is ``(phrase, as a beginning)``; it is found as the index finds it: by whole words (the last one as
    a beginning where asked), without regard to case and accents.
    """
    wanted = [(words, beginning) for needle, beginning in needles if (words := tokens(needle))]
    if not wanted:
        return []
    words, places = _placed_words(text)
    found: list[tuple[int, int]] = []
    for phrase, beginning in wanted:
        last = len(phrase) - 1
        for at in range(len(words) - last):
            if words[at : at + last] != phrase[:last]:
                continue
            word = words[at + last]
            if word == phrase[last]:
                found.append((places[at][0], places[at + last][1]))
            elif beginning and word.startswith(phrase[last]):
                start, end = places[at + last]
                # Shown as far as it was typed where letters stand one to one, else the whole word.
                shown = start + len(phrase[last]) if end - start == len(word) else end
                found.append((places[at][0], shown))
    found.sort()
    merged: list[tuple[int, int]] = []
    for start, end in found:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif len(merged) < limit:
            merged.append((start, end))
    return merged


_CHUNK = re.compile(r"\S+")


def _placed_words(text: str) -> tuple[list[str], list[tuple[int, int]]]:
    """The words of ``text`` as the index sees them, each with its place in ``text``."""
    words: list[str] = []
    places: list[tuple[int, int]] = []
    for chunk in _CHUNK.finditer(text):
        part = chunk[0]
        if part.isascii():
            for word in _word().finditer(part):
                words.append(word[0].lower())
                places.append((chunk.start() + word.start(), chunk.start() + word.end()))
            continue
        # Character by character, with its marks: folding may change the length, places must stay those of the text.
        form: list[str] = []
        origin: list[tuple[int, int]] = []
        at = 0
        while at < len(part):
            end = at + 1
            while end < len(part) and unicodedata.combining(part[end]):
                end += 1
            folded = index_form(part[at:end])
            form.append(folded)
            origin.extend([(at, end)] * len(folded))
            at = end
        for word in _word().finditer("".join(form)):
            words.append(word[0])
            start, end = origin[word.start()][0], origin[word.end() - 1][1]
            places.append((chunk.start() + start, chunk.start() + end))
    return words, places


# --- going out -----------------------------------------------------------------------------------

_FSI, _PDI = "\u2068", "\u2069"
_OPENERS = "\u2066\u2067\u2068"


def isolate(text: str) -> str:
    """Fenced by first-strong isolate marks, line by line, so that its writing direction moves nothing around it.

    Isolates inside are balanced first: a stray closing mark in the text must not open our fence.
    """
    return "\n".join(_isolate_line(line) for line in text.split("\n"))


def _isolate_line(line: str) -> str:
    if not line:
        return line
    if _PDI not in line and not any(opener in line for opener in _OPENERS):
        return f"{_FSI}{line}{_PDI}"
    depth = 0
    kept = []
    for char in line:
        if char in _OPENERS:
            depth += 1
        elif char == _PDI:
            if depth == 0:
                continue
            depth -= 1
        kept.append(char)
    return f"{_FSI}{''.join(kept)}{_PDI * depth}{_PDI}"


@cache
def _invisible() -> re.Pattern[str]:
    return re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")


def reveal(text: str) -> str:
    """Characters that show nothing but change how their neighbours read, as ``[U+202E]``: for names, files, addresses."""
    return _invisible().sub(lambda m: f"[U+{ord(m[0]):04X}]", text)
