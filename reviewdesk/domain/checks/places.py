"""Where somebody lives and where their money goes: postal addresses and bank account numbers in a public text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewdesk.domain.checks.model import Known
from reviewdesk.domain.checks.skeleton import Skeleton, reading

__all__ = ["accounts", "addresses"]

Place = tuple[int, int]

# --- bank accounts -------------------------------------------------------------------------------

# Country, check digits, eleven to thirty more (ISO 13616); the check sum tells it from every other number.
_IBAN = re.compile(r"\b[a-z]{2}\d{2}(?:[ .\-]?[a-z0-9]){11,30}")


def accounts(skeleton: Skeleton, known: Known) -> Iterator[Place]:
    """Places of an account number whose check sum is right, whoever's it is."""
    for match in _IBAN.finditer(skeleton.text):
        found = match[0]
        # The pattern runs on into the next words: the longest beginning with a right sum is the number.
        ends = [i for i in range(len(found), 14, -1) if i == len(found) or not found[i].isalnum()]
        end = next((i for i in ends if _sums_up(found[:i])), None)
        if end is not None:
            yield match.start(), match.start() + len(found[:end].rstrip(" .-"))


def _sums_up(text: str) -> bool:
    plain = "".join(c for c in text if c.isalnum())
    if not 15 <= len(plain) <= 34:
        return False
    turned = plain[4:] + plain[:4]
    return int("".join(str(int(c, 36)) for c in turned)) % 97 == 1


# --- postal addresses ----------------------------------------------------------------------------

_WORDS = r"[a-z'’\-]{1,30}"
_STREETS = (
    rf"\b\d{{1,4}}[a-z]?,? (?:{_WORDS} ){{1,3}}(?:street|st|road|rd|lane|ln|avenue|ave|drive|close|court|crescent|way|"
    r"square|place|terrace|gardens|grove|mews|hill|boulevard|blvd)\b\.?",
    r"\b(?:[a-z\-]{3,30}(?:strasse|str\.?|allee|weg|gasse|platz|ufer|damm|laan|straat|gracht|kade|plein|dreef|singel)"
    rf"|{_WORDS} (?:strasse|str\.|allee|weg|gasse|platz)|kade|(?:am|im) {_WORDS}) \d{{1,4}} ?[a-z]?\b",
    r"\b\d{1,4}(?: bis| ter)?,? (?:rue|avenue|av\.?|boulevard|bd|place|quai|chemin|allee|impasse|route|cours|square) "
    rf"(?:{_WORDS} ?){{1,5}}",
    rf"\b(?:via|viale|piazza|corso|vicolo|largo|calle|c/|avenida|avda\.?|plaza|paseo|camino|carretera|ronda) "
    rf"(?:{_WORDS} ){{0,4}}{_WORDS},? ?(?:n[.º°]? ?)?\d{{1,4}}\b",
    rf"\b(?:ul\.?|ulic[aeyę]|al\.|alej[aei]|pl\.|os\.) (?:{_WORDS} ){{0,3}}{_WORDS} \d{{1,4}}[a-z]?(?:/\d+)?",
)
_STREET = re.compile("|".join(f"(?:{pattern})" for pattern in _STREETS))
_CODE = re.compile(
    r"[\s,]{1,3}(?:[a-z][a-z'\-]+[\s,]{1,3}){0,3}"
    r"(?:[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2}|\d{2}-\d{3}|\d{4} ?[a-z]{2}|(?:[a-z]{1,2}-)?\d{4,5})\b"
)
# Words of a sentence that speaks of a place of the business, where anybody may come.
_OURS = re.compile(
    r"\b(?:our|us at|visit us|find us|notre|nos|nous trouver|chez nous|unser\w*|bei uns|besuchen sie|nuestr[oa]s?|"
    r"visitenos|visitanos|nasz\w*|u nas|onze|ons|bij ons|nostr[oaie]|trovarci|ci trova|da noi)\b"
)
_DELIVERED = re.compile(
    r"\b(?:delivered|deliver|sent to|shipped|your (?:home|address|house|door)|you live|"
    r"livre\w*|expedie\w*|votre (?:adresse|domicile)|zugestellt|geliefert|abgegeben|verschickt|ihre (?:adresse|anschrift)|"
    r"entreg\w+|envia\w+|su (?:domicilio|direccion)|doreczon\w*|dostarcz\w+|wyslan\w+|bezorgd|geleverd|verzonden|uw adres|"
    r"consegnat\w+|spedit\w+|(?:suo|tuo) indirizzo)\b"
)


_REACH = 200
"""How far back a sentence is looked at, in characters."""


def addresses(skeleton: Skeleton, known: Known) -> Iterator[Place]:
    """Places of the customer's own address in any spelling, and of any other that is not said to be the shop's.

    A street with its number is an address with a postcode behind it, or where the sentence tells of a delivery.
    """
    text = skeleton.text
    for wanted in known.addresses:
        yield from _own(text, wanted)
    for match in _STREET.finditer(text):
        reach = max(0, match.start() - _REACH)
        begin = max(reach, *(text.rfind(mark, reach, match.start()) + 1 for mark in (". ", "! ", "? ", "\n")))
        before = text[begin : match.start()]
        if _OURS.search(before):
            continue
        code = _CODE.match(text, match.end())
        if code is None:
            # Some streets are read on into the town; then the postcode stands within.
            code = _CODE.search(match[0])
            if code is None and _DELIVERED.search(before) is None:
                continue
            yield match.start(), match.end()
            continue
        yield match.start(), code.end()


def _own(text: str, address: str) -> Iterator[Place]:
    for part in re.split(r"[,;\n]", reading(address)):
        words = re.findall(r"[^\W_]+", part)
        telling = any(c.isdigit() for c in part) and any(len(w) > 3 and w.isalpha() for w in words)
        if len(words) < 2 or not telling:
            continue
        pattern = r"[\W_]{1,3}".join(map(re.escape, words))
        yield from (m.span() for m in re.finditer(rf"(?<![^\W_]){pattern}(?![^\W_])", text))
