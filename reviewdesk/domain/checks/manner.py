"""How a text sounds: its language, whom it greets, whether it shouts, whether it was said before."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from reviewdesk.domain.checks.model import Known
from reviewdesk.domain.checks.rules import languages
from reviewdesk.domain.checks.skeleton import Skeleton, reading

__all__ = ["alike", "greeted", "language_of", "shouts"]

_WORD = re.compile(r"[^\W\d_]+")
_LEAST_HITS = 4
_SCRIPTS = (
    ("ja", re.compile("[\u3041-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7a3]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("ar", re.compile("[\u0621-\u064a]")),
    ("he", re.compile("[\u05d0-\u05ea]")),
    ("th", re.compile("[\u0e01-\u0e2e]")),
    ("el", re.compile("[\u03b1-\u03c9]")),
    ("ru", re.compile("[\u0430-\u044f]")),
)


@lru_cache(maxsize=64)
def language_of(text: str) -> str | None:
    """The language of a text by its script and its small words; None where it can't be told with some certainty."""
    text = text[:4000]
    letters = sum(c.isalpha() for c in text)
    for code, script in _SCRIPTS:
        count = len(script.findall(text))
        if count >= 2 and count * (4 if code == "ja" else 2) > letters:
            # Cyrillic is written by several; which one is not told by letters alone.
            return code if code != "ru" else None
    words = _WORD.findall(Skeleton(text).text)
    if len(words) < 3:
        return None
    counts = Counter(words)
    scores = sorted(
        (
            (sum(min(3, n) for w, n in counts.items() if w in profile), code)
            for code, profile in languages().profiles.items()
        ),
        reverse=True,
    )
    (best, code), (second, _) = scores[0], scores[1]
    if best < _LEAST_HITS or best < 1.3 * second or best < 0.12 * min(len(words), 60):
        return None
    return code


# --- whom it greets --------------------------------------------------------------------------------

_OPEN = re.compile(r"[\s¡¿!\"“«>-]*")


def greeted(skeleton: Skeleton, known: Known) -> tuple[int, int, str] | None:
    """(start, end, name) of a name in the greeting that is not the customer's, or None."""
    mine = _own_names(known)
    if not mine:
        return None
    text = skeleton.text
    first = _OPEN.match(text)
    at = first.end() if first else 0
    words = list(_WORD.finditer(text, at, min(len(text), at + 90)))
    if not words or words[0][0] not in languages().greetings:
        return None
    names: list[re.Match[str]] = []
    at = words[0].end()
    called = False  # a comma before the name: then one must follow it, else it is a sentence
    for word in words[1:]:
        between = text[at : word.start()]
        if _ENDS.search(between if names else between.replace(",", "", 1)) or len(names) >= 3:
            break
        called = called or "," in between
        at = word.end()
        if word[0] in languages().fillers or word[0] in languages().greetings:
            continue
        if len(word[0]) < 2 or not skeleton.written(*word.span())[:1].isupper():
            break
        names.append(word)
    if not names or any(_same_name(word[0], own) for word in names for own in mine):
        return None
    start, stop = names[0].start(), names[-1].end()
    if called and text[stop : stop + 1] not in tuple(",:!\n"):
        return None
    return start, stop, skeleton.written(start, stop)


_ENDS = re.compile(r"(?:(?<!m)(?<!mr)(?<!ms)(?<!mrs)(?<!dr)(?<!sr)(?<!sra)\.\s|[,;:!?\n])")


def _own_names(known: Known) -> set[str]:
    names = [known.display_name or "", *known.full_names]
    names += [re.sub(r"\d", " ", e.partition("@")[0]) for e in known.emails if known.display_name]
    return {w for n in names for w in _WORD.findall(reading(n))}


def _same_name(said: str, own: str) -> bool:
    if said == own or (len(own) == 1 and said[0] == own):
        return True
    # Endings of address (Piotr - Piotrze, Anna - Anno), short forms, one letter mistyped.
    return (len(own) >= 3 and len(said) >= 3 and said[:3] == own[:3]) or _one_apart(said, own)


def _one_apart(a: str, b: str) -> bool:
    if abs(len(a) - len(b)) > 1 or min(len(a), len(b)) < 4:
        return False
    head = 0
    while head < min(len(a), len(b)) and a[head] == b[head]:
        head += 1
    tail = 0
    while tail < min(len(a), len(b)) - head and a[-1 - tail] == b[-1 - tail]:
        tail += 1
    return max(len(a), len(b)) - head - tail <= (2 if a[head : head + 2] == b[head : head + 2][::-1] else 1)


# --- shouting --------------------------------------------------------------------------------------

_RUN = re.compile(r"[^\W\d_a-z]{2,}(?:[’'\-][^\W\d_a-z]+)?(?:[ ,]+[^\W\d_a-z]+(?:[’'\-][^\W\d_a-z]+)?)+")
_MARKS = re.compile(r"(?:[!?¡¿‼⁉]\s?){3,}")


def shouts(text: str, known: Known) -> Iterator[tuple[int, int, str]]:
    """(start, end, calmer text): runs of words in capitals, and heaps of exclamation marks."""
    quiet = {w for name in (known.product, known.account, *known.full_names, known.display_name)
             for w in re.findall(r"\w+", name or "")}  # fmt: skip
    for match in _RUN.finditer(text):
        run = match[0].rstrip(" ,")
        words = re.findall(r"[^\W\d_]+", run)
        loud = [w for w in words if w.isupper() and w not in quiet]
        if not run.isupper() or len(loud) < 3 or sum(len(w) for w in loud) < 10:
            continue
        opens = _starts_sentence(text, match.start())
        calm = run.lower()
        yield match.start(), match.start() + len(run), calm[:1].upper() + calm[1:] if opens else calm
    for match in _MARKS.finditer(text):
        marks = match[0].rstrip()
        if any(c in "¡¿" for c in marks) and not any(c in "!?‼⁉" for c in marks):
            yield match.start(), match.start() + len(marks), marks[0]
        else:
            yield match.start(), match.start() + len(marks), "?" if "?" in marks else "."


def _starts_sentence(text: str, start: int) -> bool:
    before = text[:start].rstrip(' ¡¿"“«')
    return not before or before[-1] in ".!?:\n"


# --- sameness --------------------------------------------------------------------------------------

_ALIKE = 0.75
_LEAST_WORDS = 12


def alike(text: str, known: Known) -> tuple[int, int, int] | None:
    """(how many of the last replies, of how many, the share in per cent of the nearest) or None.

    Three near-identical ones of the last ten are too many; a short thank-you is not counted.
    """
    own = _pieces(text)
    if own is None:
        return None
    shares = [_share(own, other) for r in known.recent[:10] if (other := _pieces(r)) is not None]
    near = [s for s in shares if s >= _ALIKE]
    if len(near) < 3:
        return None
    return len(near), len(known.recent[:10]), round(100 * max(near))


@lru_cache(maxsize=64)
def _pieces(text: str) -> Counter[tuple[str, ...]] | None:
    words = _WORD.findall(Skeleton(text[:4000]).text)
    if len(words) < _LEAST_WORDS:
        return None
    return Counter(zip(words, words[1:], words[2:], strict=False))


def _share(a: Counter[tuple[str, ...]], b: Counter[tuple[str, ...]]) -> float:
    both = sum((a & b).values())
    return 2 * both / (sum(a.values()) + sum(b.values()))
