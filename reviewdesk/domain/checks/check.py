"""The pre-send check: ``check(text, known)`` names every passage that breaks a rule. Pure; safe on any thread."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from reviewdesk.domain.checks import manner, places, private
from reviewdesk.domain.checks.model import Finding, Known
from reviewdesk.domain.checks.rules import instead, languages, rule, rules, wordings
from reviewdesk.domain.checks.skeleton import Skeleton
from reviewdesk.domain.models import Target

__all__ = ["MOST_FINDINGS", "check", "summary"]

MOST_FINDINGS = 20
_LONGEST = 20_000


def check(text: str, known: Known) -> tuple[Finding, ...]:
    """All findings, those that must be settled first, then in the order of the text; at most twenty.

    A private message may hold the customer's own data; what it may not ask or promise is the same.
    """
    text = text[:_LONGEST]
    if len(known.public) > _LONGEST:
        # What comes after so many characters is taken for private: nobody reads so far, and a check must be quick.
        known = replace(known, public=known.public[:_LONGEST])
    if not text.strip():
        return ()
    found = [f for f in _all(text, Skeleton(text), known) if f.rule.id not in known.off]
    found.sort(key=lambda f: (not f.must, f.start, f.end))
    return tuple(_apart(found))[:MOST_FINDINGS]


def summary(findings: tuple[Finding, ...]) -> str:
    """The findings that must be settled in one sentence, for a person without a window."""
    return " ".join(f"{f.sentence}." for f in findings if f.must)


def _all(text: str, skeleton: Skeleton, known: Known) -> Iterator[Finding]:
    if known.target is Target.PUBLIC:
        yield from _private(text, skeleton, known)
    yield from _wordings(skeleton)
    yield from _manner(text, skeleton, known)


def _apart(found: list[Finding]) -> Iterator[Finding]:
    """One passage, one finding: what lies within an earlier, weightier one of the same kind is not told again."""
    told: list[Finding] = []
    order = {rule_id: at for at, rule_id in enumerate(rules())}
    for finding in sorted(found, key=lambda f: (not f.must, order[f.rule.id])):
        clash = next((t for t in told if t.start < finding.end and finding.start < t.end), None)
        if clash is not None and (clash.must == finding.must or clash.rule.id == finding.rule.id):
            continue
        told.append(finding)
    told.sort(key=lambda f: (not f.must, f.start, f.end))
    yield from told


# --- private data ----------------------------------------------------------------------------------

_NOUN = (
    r"(?:orders?|commandes?|bestell(?:ung|nummer)|auftrag|pedido|encargo|zamowieni[ea]u?m?|bestelling|bestelnummer|"
    r"ordine|reference|referenz|referencia)"
)
_BEFORE_NUMBER = re.compile(
    rf"(?:\b(?P<article>the|la|le|die|der|den|dem|das|el|il|de|het|your|votre|ihre[rn]?|ihr|su|tu|deine[rn]?|uw|je|suo|ta)\s+)?"
    rf"(?P<noun>\b{_NOUN})\s*"
    r"(?P<sign>(?:number|numero|num\.?|nummer|nr\.?|no\.?|n[o°º]\.?|n\.?|#|:|\.)\s*)*$"
)
_POSSESSIVE = {
    "fr": {"la": "votre", "le": "votre"},
    "de": {"die": "Ihre", "der": "Ihrer"},
    "es": {"el": "su", "la": "su"},
    "nl": {"de": "uw", "het": "uw"},
    "en": {"the": "your"},
}


_LANGUAGE_OF = {"comma": "fr", "beste": "de", "pedid": "es", "encar": "es", "order": "en"}


def _private(text: str, skeleton: Skeleton, known: Known) -> Iterator[Finding]:
    public = Skeleton(known.public + "\n" + (known.display_name or ""))
    language = None
    for rule_id, find, what in (
        ("private-email", private.emails, "email"),
        ("private-phone", private.phones, "phone"),
        ("private-order", private.orders, "order"),
        ("private-address", places.addresses, "address"),
        ("private-iban", places.accounts, "iban"),
        ("private-name", private.names, ""),
    ):
        found = private.merged(find(skeleton, known))
        if not found or (what and any(True for _ in find(public, known))):
            continue  # the customer said it where everyone reads it
        language = language or manner.language_of(text) or known.language
        for start, end in found:
            shown = skeleton.written(start, end)
            repair: str | None
            if rule_id == "private-name":
                repair = _first_name(known)
            elif what == "order":
                start, repair = _order_repair(skeleton, start, language)
            else:
                repair = instead(language, what)
            first, last = skeleton.span(start, end)
            if repair is not None and _opens_sentence(text, first):
                repair = repair[:1].upper() + repair[1:]
            yield Finding(
                rule=rule(rule_id),
                start=first,
                end=last,
                values={"found": " ".join(shown.split())},
                repair=repair,
            )


def _first_name(known: Known) -> str | None:
    words = (known.display_name or "").split()
    return words[0] if words else None


def _order_repair(skeleton: Skeleton, start: int, language: str | None) -> tuple[int, str]:
    """Where the passage begins with its "order no.", and what to say instead, as the sentence has it."""
    at = max(0, start - 60)
    before = _BEFORE_NUMBER.search(skeleton.text, at, start)
    if before is None:
        return start, instead(language, "order")
    noun = skeleton.written(*before.span("noun"))
    language = _LANGUAGE_OF.get(before["noun"][:5], language)
    if "nummer" in noun.lower():
        noun = instead(language, "order").split()[-1]
    if before["article"] is None:
        if before.start() and skeleton.text[before.start() - 1 : before.start()].strip():
            return start, instead(language, "order")
        return before.start(), instead(language, "order")
    article = skeleton.written(*before.span("article"))
    mine = _POSSESSIVE.get(language or "en", {}).get(article.lower(), article)
    return before.start(), f"{mine} {noun}"


def _opens_sentence(text: str, start: int) -> bool:
    before = text[:start].rstrip()
    return not before or before[-1] in ".!?\n" or "\n" in text[len(before) : start]


# --- what it says ----------------------------------------------------------------------------------

_SENTENCE_END = re.compile(r"[.!?]+(?=\s|$)|\n")


def _wordings(skeleton: Skeleton) -> Iterator[Finding]:
    text = skeleton.text
    sentences = list(_sentences(text))
    hits: dict[tuple[re.Pattern[str], int], bool] = {}
    for rule_id, languages_of_rule in wordings().items():
        seen: list[tuple[int, int]] = []
        for at, (begin, end) in enumerate(sentences):
            for one in languages_of_rule:
                if (one.needs, at) not in hits:
                    hits[one.needs, at] = one.needs.search(text, begin, end) is not None
                if not hits[one.needs, at]:
                    continue
                # A little of what stands before, so that a pattern can see where a sentence begins.
                match = next((m for p in one.patterns if (m := p.search(text, max(0, begin - 2), end))), None)
                if match is not None:
                    seen.append(_trimmed(text, begin, end))
                    break
        for start, end in seen:
            first, last = skeleton.span(start, end)
            yield Finding(rule=rule(rule_id), start=first, end=last, repair="")


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    """(start, end) of each sentence; leaving a whole one out mends the text."""
    at = 0
    for stop in _SENTENCE_END.finditer(text):
        if text[at : stop.end()].strip():
            yield at, stop.end()
        at = stop.end()
    if text[at:].strip():
        yield at, len(text)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while text[start].isspace():
        start += 1
    while text[end - 1].isspace():
        end -= 1
    return start, end


# --- how it sounds ---------------------------------------------------------------------------------


def _manner(text: str, skeleton: Skeleton, known: Known) -> Iterator[Finding]:
    greeting = manner.greeted(skeleton, known)
    if greeting is not None:
        start, end, said = greeting
        first, last = skeleton.span(start, end)
        name = known.display_name or (known.full_names[0] if known.full_names else "")
        yield Finding(
            rule=rule("wrong-name"),
            start=first,
            end=last,
            values={"name": name, "found": said},
            repair=name.split()[0] if name.strip() else None,
        )
    other = _other_language(text, known)
    if other is not None:
        review, reply = other
        names = languages().names
        yield Finding(
            rule=rule("wrong-language"),
            start=0,
            end=len(text.rstrip()),
            values={"review": names.get(review, review), "reply": names.get(reply, reply)},
        )
    for start, end, calm in manner.shouts(text, known):
        yield Finding(rule=rule("shouting"), start=start, end=end, repair=calm)
    same = manner.alike(text, known) if known.target is Target.PUBLIC else None
    if same is not None:
        count, of, share = same
        yield Finding(
            rule=rule("sameness"),
            start=0,
            end=len(text.rstrip()),
            values={"count": str(count), "of": str(of), "share": str(share)},
        )


def _other_language(text: str, known: Known) -> tuple[str, str] | None:
    told = (known.language or "").replace("_", "-").split("-")[0].lower()
    review = told if told in languages().names else manner.language_of(known.public)
    if review is None:
        return None
    reply = manner.language_of(text)
    return None if reply is None or reply == review else (review, reply)
