"""Words that ask without leading: drafts of e-mails, and what in a person's own words leads to a certain answer.

A customer is asked for *a* review: not for a good one, not only when satisfied, not for a reward, not by someone who
begs. The rules below are phrases of those four kinds in the languages of the drafts.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from urllib.parse import quote

from reviewdesk.domain.text import clean

__all__ = ["Leading", "MailDraft", "Why", "check", "draft", "languages"]


class Why(StrEnum):
    """What is wrong with leading words."""

    SCORE = "score"
    """They name the score or the praise that is hoped for."""
    ONLY_HAPPY = "only-happy"
    """They ask only those who are satisfied."""
    REWARD = "reward"
    """They promise something for it."""
    PRESSURE = "pressure"
    """They make the customer feel guilty."""


SENTENCE: Mapping[Why, str] = {
    Why.SCORE: "It names the score or the praise you hope for. Ask for an honest review.",
    Why.ONLY_HAPPY: "It asks only those who are satisfied. Ask every customer in the same words.",
    Why.REWARD: "It promises something for a review. Nothing may be given for it.",
    Why.PRESSURE: "It puts the customer under pressure. Ask, and leave it at that.",
}


@dataclass(frozen=True, slots=True)
class Leading:
    """A phrase that leads: where it stands in the text, and why it is none of ours."""

    start: int
    end: int
    words: str
    why: Why

    @property
    def message(self) -> str:
        return SENTENCE[self.why]


_LONGEST = 20_000


@cache
def _rules() -> tuple[tuple[Why, re.Pattern[str]], ...]:
    text = resources.files("reviewdesk.domain.invitations").joinpath("data/leading.toml").read_text("utf-8")
    return tuple(
        (Why(why), re.compile(rule, re.IGNORECASE))
        for why, rules in tomllib.loads(text).items()
        for rule in rules
    )


def check(text: str) -> tuple[Leading, ...]:
    """Every leading phrase, in the order of the text; one place is reported once."""
    text = text[:_LONGEST]
    found: list[Leading] = []
    for why, rule in _rules():
        found += [Leading(m.start(), m.end(), m[0], why) for m in rule.finditer(text)]
    kept: list[Leading] = []
    for each in sorted(found, key=lambda f: (f.start, -f.end)):
        if not kept or each.start >= kept[-1].end:
            kept.append(each)
    return tuple(kept)


@dataclass(frozen=True, slots=True)
class MailDraft:
    """An e-mail to be sent by the person's own program."""

    to: str
    subject: str
    body: str
    language: str

    @property
    def mailto(self) -> str:
        """An address that opens the e-mail program with this draft."""
        return f"mailto:{quote(self.to, safe='@')}?subject={quote(self.subject)}&body={quote(self.body)}"


_TEXTS: Mapping[str, tuple[str, str, str, str]] = {
    # language: subject, greeting with and without a name, body
    "en": ("Your review of order {order}", "Hello {name},", "Hello,",
           "thank you for your order. We would like to know how it was for you, whatever your opinion is. You can write"
           " a review here:\n\n{link}\n\nThe link is meant for you alone.\n\n{sender}"),
    "de": ("Ihre Bewertung der Bestellung {order}", "Guten Tag {name},", "Guten Tag,",
           "vielen Dank für Ihre Bestellung. Wir möchten gern wissen, wie es für Sie war, ganz gleich, wie Ihr Urteil"
           " ausfällt. Hier können Sie eine Bewertung schreiben:\n\n{link}\n\nDer Link gilt nur für Sie.\n\n{sender}"),
    "fr": ("Votre avis sur la commande {order}", "Bonjour {name},", "Bonjour,",
           "merci pour votre commande. Nous aimerions savoir comment cela s’est passé pour vous, quelle que soit votre"
           " opinion. Vous pouvez écrire un avis ici :\n\n{link}\n\nCe lien n’est destiné qu’à vous.\n\n{sender}"),
    "es": ("Su opinión sobre el pedido {order}", "Hola, {name}:", "Hola:",
           "gracias por su pedido. Nos gustaría saber cómo le ha ido, sea cual sea su opinión. Puede escribir una"
           " reseña aquí:\n\n{link}\n\nEl enlace es solo para usted.\n\n{sender}"),
    "it": ("La sua opinione sull’ordine {order}", "Buongiorno {name},", "Buongiorno,",
           "grazie per il suo ordine. Vorremmo sapere com’è andata, qualunque sia la sua opinione. Può scrivere una"
           " recensione qui:\n\n{link}\n\nIl link è destinato solo a lei.\n\n{sender}"),
    "pl": ("Państwa opinia o zamówieniu {order}", "Dzień dobry, {name}!", "Dzień dobry!",
           "Dziękujemy za zamówienie. Chcielibyśmy wiedzieć, jak było, niezależnie od tego, jaka jest Państwa ocena."
           " Opinię można napisać tutaj:\n\n{link}\n\nTen link jest przeznaczony tylko dla Państwa.\n\n{sender}"),
    "ro": ("Părerea dumneavoastră despre comanda {order}", "Bună ziua, {name},", "Bună ziua,",
           "vă mulțumim pentru comandă. Am dori să aflăm cum a fost, oricare ar fi părerea dumneavoastră. Puteți scrie"
           " o recenzie aici:\n\n{link}\n\nLinkul vă este destinat numai dumneavoastră.\n\n{sender}"),
    "nl": ("Uw beoordeling van bestelling {order}", "Hallo {name},", "Hallo,",
           "bedankt voor uw bestelling. We horen graag hoe het was, wat uw mening ook is. U kunt hier een beoordeling"
           " schrijven:\n\n{link}\n\nDe link is alleen voor u bedoeld.\n\n{sender}"),
}  # fmt: skip


def languages() -> tuple[str, ...]:
    """The languages that drafts are written in."""
    return tuple(_TEXTS)


def draft(
    *,
    email: str,
    name: str,
    link: str,
    links: Mapping[str, str],
    locale: str,
    order_id: str,
    sender: str = "",
) -> MailDraft:
    """A neutral e-mail with the link, or with the link of each product."""
    language = locale.replace("_", "-").partition("-")[0].lower()
    if language not in _TEXTS:
        language = "en"
    subject, named, plain, body = _TEXTS[language]
    several = len(set(links.values())) > 1
    where = "\n".join(f"{sku}: {address}" for sku, address in links.items()) if several else link
    greeting = named.format(name=" ".join(clean(name).split())) if name.strip() else plain
    text = body.format(link=where or next(iter(links.values()), ""), sender=sender)
    title = subject.format(order=order_id) if order_id else subject.format(order="").strip()
    return MailDraft(email, title, f"{greeting}\n\n{text}".rstrip() + "\n", language)
