"""The customer's own data in a text that everyone can read, in whatever way it is spelled.

Everything is searched for by what is known, so nothing else is taken for it: a shop's own address, a price or a
date is no finding. What the customer wrote in the review, or is shown beside it, is public already.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from reviewdesk.domain.checks.model import Known
from reviewdesk.domain.checks.rules import languages
from reviewdesk.domain.checks.skeleton import Skeleton, reading

__all__ = ["Place", "emails", "hidden_names", "merged", "names", "orders", "phones"]

Place = tuple[int, int]
"""(start, end) in the skeleton."""

_WORD = re.compile(r"[^\W_]+")
_GAP = r"[\W_]{0,3}"

# --- e-mail --------------------------------------------------------------------------------------

# How people write the two signs that make an address (English, French, German, Spanish, Polish, Dutch, Italian).
_AT = re.compile(
    r"\s*[(\[{<]\s*(?:at|a|@|arobase|arobas|chez|klammeraffe|arroba|malpa|apenstaartje|chiocciola)\s*[)\]}>]\s*"
    r"|\s+(?:at|arobase|arobas|klammeraffe|arroba|malpa|apenstaartje|chiocciola)\s+"
    r"|\s*[@＠]\s*"
)
_DOT = re.compile(
    r"\s*[(\[{<]\s*(?:dot|point|punkt|punto|kropka|punt|\.)\s*[)\]}>]\s*"
    r"|\s+(?:dot|point|punkt|punto|kropka|punt)\s+"
)
_MASKED_MAIL = re.compile(r"[^\s@,;:()<>\[\]\"']{1,64}@(?:[^\s@,;:()<>\[\]\"']{1,255})?")


def emails(skeleton: Skeleton, known: Known) -> Iterator[Place]:
    """Places of one of the customer's addresses, whole, spaced out, spelled out or partly hidden."""
    wanted = [_halves(e) for e in known.emails if "@" in e]
    if not wanted:
        return
    text = skeleton.text
    signs = {m.start(): (m.end(), "@") for m in _AT.finditer(text)}
    if not signs:
        return
    signs |= {m.start(): (m.end(), ".") for m in _DOT.finditer(text) if m.start() not in signs}
    plain, origin = _with_signs(text, signs)
    dense = [(i, char) for i, char in enumerate(plain) if char.isalnum() or char == "@"]
    packed = "".join(char for _, char in dense)
    for local, domain in wanted:
        for at, end in _packed_mail(packed, local, domain):
            first, last = dense[at][0], dense[end - 1][0]
            if first and plain[first - 1].isalnum() and plain[first].isalnum():
                continue  # the end of a longer word
            yield origin[first][0], origin[last][1]
        for match in _MASKED_MAIL.finditer(plain):
            token = match[0].rstrip(".")
            if "*" in token and _is_masked_mail(token, local, domain):
                yield origin[match.start()][0], origin[match.start() + len(token) - 1][1]


def _halves(email: str) -> tuple[str, str]:
    local, _, domain = reading(email.strip()).rpartition("@")
    return local, domain


def _with_signs(text: str, signs: dict[int, tuple[int, str]]) -> tuple[str, list[Place]]:
    out: list[str] = []
    origin: list[Place] = []
    at = 0
    while at < len(text):
        end, char = signs.get(at, (at + 1, text[at]))
        out.append(char)
        origin.append((at, end))
        at = end
    return "".join(out), origin


def _packed_mail(packed: str, local: str, domain: str) -> Iterator[Place]:
    """Where local part, @ and enough of the domain stand in letters and digits alone."""
    name = "".join(c for c in local if c.isalnum())
    host = "".join(c for c in domain if c.isalnum())
    if not name or not host:
        return
    # Enough of the domain to be this one, not another with the same local part ("info").
    need = min(len(host), max(3, len(host.removesuffix("com")) // 2))
    short = name.split("+")[0]
    start = packed.find(short + "@")
    while start >= 0:
        end = start + len(short) + 1
        same = 0
        while same < len(host) and end + same < len(packed) and packed[end + same] == host[same]:
            same += 1
        if same >= need:
            yield start, end + same
        start = packed.find(short + "@", start + 1)


def _is_masked_mail(token: str, local: str, domain: str) -> bool:
    name, _, host = token.partition("@")
    shown = sum(c.isalnum() for c in token)
    if shown < 2 or (host and not _glob(host, domain)):
        return False
    return _glob(name, local) and any(c.isalnum() for c in name)


def _glob(pattern: str, text: str) -> bool:
    """Whether ``text`` fits a pattern in which any run of masks stands for anything."""
    parts = re.split(r"[*.]*\*[*.]*", pattern)
    return re.fullmatch(".*".join(re.escape(p) for p in parts), text) is not None


# --- numbers -------------------------------------------------------------------------------------

# Letters that stand for a digit; only where most of the number is digits.
_LIKE = {"0": "[0oq]", "1": "[1il|]", "2": "[2z]", "5": "[5s]", "6": "[6g]", "8": "[8b]"}
_DIGIT_WORDS: dict[str, str] = {
    word: str(value)
    for words in (
        "zero one two three four five six seven eight nine",
        "oh un deux trois quatre cinq - sept huit neuf",
        "null eins zwei drei vier funf sechs sieben acht neun",
        "cero uno dos tres cuatro cinco seis siete ocho nueve",
        "- jeden dwa trzy cztery piec szesc siedem osiem dziewiec",
        "nul een twee drie - vijf zes zeven - negen",
        "- une zwo - - - - - - -",
    )
    for value, word in enumerate(words.split())
    if word != "-"
}
_SPELLED = re.compile(
    r"\b(?:{0})(?:[\s,\-]+(?:{0}))+\b".format(
        "|".join(sorted(map(re.escape, _DIGIT_WORDS), key=len, reverse=True))
    )
)
_MASKED_RUN = re.compile(r"[\dx*](?:[ .\-/()]{0,2}[\dx*]){2,24}")
_ORDER_WORD = re.compile(
    r"(?:order|commande|bestell\w*|auftrag\w*|pedido|encargo|zamowieni\w*|bestelling\w*|ordine|reference|referenz|referencia|"
    r"n[o°º]\.?|nr\.?|num[a-z]*\.?|#)\s*[:#.\-n°ºo]{0,4}\s*$"
)


def orders(skeleton: Skeleton, known: Known) -> Iterator[Place]:
    """Places of an order number or reference: spaced, with separators, spelled out or partly hidden."""
    text = skeleton.text
    for number in known.orders:
        for core, sure in _cores(number):
            for start, end in _spread(text, core):
                apart = text[start:end] != core
                telling = sure and not (apart and len(core) < 5)
                if telling or _ORDER_WORD.search(text, max(0, start - 24), start):
                    yield start, end
            if core.isdigit() and len(core) >= 4:
                yield from _spelled(text, re.compile(f"0*{core}"))
                yield from _masked_number(text, core, least=2, length=True)


@lru_cache(maxsize=256)
def _cores(number: str) -> tuple[tuple[str, bool], ...]:
    """What to look for, and whether it is telling enough to be found without a word like "order" before it."""
    plain = "".join(_WORD.findall(reading(number)))
    if not any(c.isdigit() for c in plain):
        return ((plain, True),) if len(plain) >= 8 else ()
    found: dict[str, bool] = {}
    if plain.isdigit():
        plain = plain.lstrip("0") or plain
    if len(plain) >= 2:
        found[plain] = len(plain) >= 4
    digits = max(re.findall(r"\d+", plain), key=len)
    core = digits.lstrip("0")
    if len(core) >= 4:
        found[core] = len(core) >= 5 or core == plain
    return tuple(found.items())


@lru_cache(maxsize=256)
def _spread_pattern(core: str) -> re.Pattern[str]:
    body = _GAP.join(_LIKE.get(c, re.escape(c)) for c in core)
    lead = "0*" if core.isdigit() else ""
    return re.compile(rf"(?<![^\W_]){lead}{body}(?![^\W_])|(?<=[a-z]){lead}{body}(?![^\W_])")


def _spread(text: str, core: str) -> Iterator[Place]:
    for match in _spread_pattern(core).finditer(text):
        found = match[0]
        real = sum(c.isdigit() for c in found)
        wanted = sum(c.isdigit() for c in core)
        if 2 * real < wanted or "\n" in found:
            continue
        if _is_part_of_number(text, match.start(), match.end()) or _is_amount(found):
            continue
        yield match.span()


def _is_part_of_number(text: str, start: int, end: int) -> bool:
    """A date, a price or a longer number that only contains it: 12.03.2026, 1.285,92."""
    before = re.search(r"\d[.,/:\-]$", text[max(0, start - 2) : start])
    after = re.match(r"[.,/:\-]\d", text[end : end + 2])
    return bool(before or after)


def _is_amount(found: str) -> bool:
    """49.90 is a price though an order may be 4990, and 4.07.18 a day."""
    return re.fullmatch(r"\d{1,3}[.,]\d{2}|\d{1,2}([./-])\d{2}\1\d{2}", found) is not None


def _spelled(text: str, number: re.Pattern[str]) -> Iterator[Place]:
    for match in _SPELLED.finditer(text):
        digits = "".join(_DIGIT_WORDS[w] for w in re.split(r"[\s,\-]+", match[0]))
        if len(digits) >= 4 and number.fullmatch(digits):
            yield match.span()


def _masked_number(text: str, core: str, *, least: int, length: bool) -> Iterator[Place]:
    """A number with some digits hidden: 28***, 285xx, ***92."""
    if "*" not in text and "x" not in text:
        return
    for match in _MASKED_RUN.finditer(text):
        token = re.sub(r"[^\dx*]", "", match[0])
        shown = sum(c.isdigit() for c in token)
        if shown < least or shown == len(token):
            continue
        if length and len(token) == len(core):
            if all(a == b or a in "x*" for a, b in zip(token, core, strict=True)):
                yield match.span()
        elif shown >= 3 and _glob(re.sub(r"[x*]+", "*", token), core):
            yield match.span()


# --- telephone -----------------------------------------------------------------------------------

_PHONE_LEAD = re.compile(r"[+(\d][\d+()\s./\-]*$")


@lru_cache(maxsize=256)
def _phone_pattern(tail: str) -> re.Pattern[str]:
    body = r"[\s./\-()_*]{0,3}".join("[0o]" if c == "0" else "[1il|]" if c == "1" else c for c in tail)
    return re.compile(rf"{body}(?!\d)")


def phones(skeleton: Skeleton, known: Known) -> Iterator[Place]:
    """Places of a telephone number of the customer, with or without its country code."""
    text = skeleton.text
    for number in known.phones:
        digits = re.sub(r"\D", "", number)
        if len(digits) < 7:
            continue
        whole = digits.lstrip("0")
        # The national part is what counts: with country code, with 0 or 00, all are the same number.
        tail = whole[-8:] if len(whole) > 9 else whole[-7:]
        for match in _phone_pattern(tail).finditer(text):
            lead = _PHONE_LEAD.search(text, max(0, match.start() - 20), match.start())
            yield (lead.start() if lead else match.start()), match.end()
        yield from _spelled(text, re.compile(rf"\d*{tail}"))
        for form in {digits, *(lead + whole[-n:] for lead in ("", "0") for n in (8, 9, 10))}:
            yield from _masked_number(text, form, least=4, length=True)


# --- name ----------------------------------------------------------------------------------------

_MASKED_NAME = re.compile(r"[^\W\d_*]+\*+[^\W\d_]*(?:\*+[^\W\d_]*)*")


def hidden_names(known: Known) -> tuple[str, ...]:
    """Parts of the full name that nobody sees beside the review, folded."""
    shown = set(_WORD.findall(reading(known.display_name or "")))
    shown |= set(_WORD.findall(reading(known.public)))
    hidden = []
    for name in known.full_names:
        parts = _WORD.findall(reading(name))
        # The first name is how one addresses a person; what follows is theirs.
        hidden += [p for p in parts[1:] if len(p) >= 3 and p not in shown and p not in languages().titles]
    return tuple(dict.fromkeys(hidden + list(_from_address(known, shown))))


def _from_address(known: Known, shown: set[str]) -> Iterator[str]:
    """``Pierre L.`` with ``p.lambert@...``: the address tells the name, so the name is known and not public."""
    initials = {w for w in shown if len(w) == 1}
    for email in known.emails:
        for part in re.findall(r"[^\W\d_]{4,}", reading(email.partition("@")[0])):
            if part[0] in initials and part not in shown:
                yield part


def names(skeleton: Skeleton, known: Known) -> Iterator[Place]:
    """Places where the customer's hidden family name stands, with the first name or title before it."""
    text = skeleton.text
    firsts = {w[0] for n in (*known.full_names, known.display_name or "") if (w := _WORD.findall(reading(n)))}
    for name in hidden_names(known):
        for match in _name_pattern(name).finditer(text):
            start, end = match.span()
            before = _word_before(text, start)
            addressed = before in firsts or before in languages().titles
            written = skeleton.written(start, end)
            capital = written[:1].isupper() or (match[0] != name)
            if addressed:
                yield _with_word_before(text, start), end
            elif capital and (len(name) >= 6 or not _opens_sentence(text, start)):
                yield start, end
            elif not capital and len(name) >= 6 and before not in languages().articles:
                yield start, end  # after an article it is the word, not the name: "un marchand"
        if "*" in text:
            for match in _MASKED_NAME.finditer(text):
                shown = sum(c != "*" for c in match[0])
                if shown >= 2 and shown < len(name) and _glob(match[0], name):
                    yield match.span()


@lru_cache(maxsize=256)
def _name_pattern(name: str) -> re.Pattern[str]:
    body = r"[\W_]{0,2}".join(re.escape(c) for c in name)
    # Families also stand in the plural and in the genitive.
    return re.compile(rf"(?<![^\W_]){body}(?:'?s|e?n)?(?![^\W_])")


def _word_before(text: str, start: int) -> str:
    found = re.search(r"([^\W\d_]+)[.\s]*$", text[max(0, start - 24) : start])
    return found[1] if found else ""


def _with_word_before(text: str, start: int) -> int:
    found = re.search(r"[^\W\d_]+[.\s]*$", text[max(0, start - 24) : start])
    return start - len(found[0]) if found else start


def _opens_sentence(text: str, start: int) -> bool:
    before = text[:start].rstrip()
    return not before or before[-1] in ".!?:"


def merged(places: Iterable[Place]) -> list[Place]:
    """In order, overlapping ones as one."""
    out: list[Place] = []
    for start, end in sorted(places):
        if out and start < out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return out
