"""The sample shop's words: hand-written sentences by language, product and mood, put together to reviews."""

from __future__ import annotations

import random
import unicodedata
from functools import cache
from pathlib import Path

__all__ = ["LANGUAGES", "MOODS", "Phrases", "phrases", "plain", "text_file"]

LANGUAGES = ("en", "fr", "de", "es", "pl", "ro", "ar", "ja")
MOODS = ("good", "mid", "bad")
_DATA = Path(__file__).with_name("data")
_PLAIN = str.maketrans({"ł": "l", "Ł": "l", "ø": "o", "ß": "ss", "æ": "ae"})


def text_file(name: str) -> str:
    """A file of the package's data folder."""
    return (_DATA / name).read_text(encoding="utf-8")


class Phrases:
    """All sentences of one language, by section (``headset.good``, ``close.bad`` ...)."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._sections: dict[str, list[str]] = {}
        current: list[str] = []
        for line in text_file(f"{language}.txt").splitlines():
            if line.startswith("["):
                current = self._sections.setdefault(line.strip("[]"), [])
            elif line:
                current.append(line)

    def section(self, name: str) -> list[str]:
        """The sentences of a section; the mood falls back to its neighbour where a language has none."""
        return self._sections.get(name) or self._sections.get(name.replace(".mid", ".bad")) or []

    def pick(self, rng: random.Random, name: str) -> str:
        """A sentence of the section, its slots filled."""
        return fill(rng, rng.choice(self.section(name)))

    @property
    def join(self) -> str:
        """What stands between two sentences."""
        return "" if self.language == "ja" else " "

    def name(self, rng: random.Random) -> tuple[str, str, str]:
        """(given, family, plain letters for an address)."""
        given, _, given_plain = rng.choice(self.section("names.given")).partition("=")
        family, _, family_plain = rng.choice(self.section("names.family")).partition("=")
        return given, family, f"{given_plain or plain(given)}.{family_plain or plain(family)}"

    def shown(self, given: str, family: str, *, short: bool) -> str:
        """The name as a provider shows it: ``Pierre L.`` or in full, the family first in Japanese."""
        if self.language == "ja":
            return f"{family} {given}"
        if short and self.language != "ar":
            return f"{given} {family[0]}."
        return f"{given} {family}"

    # --- reviews -------------------------------------------------------------------------------

    def product_review(self, rng: random.Random, product: str, stars: int) -> str:
        """A product review of two to six sentences in the mood of its stars."""
        parts: list[str] = []
        if stars >= 4:
            parts += self._maybe(rng, 0.45, "open.good")
            parts += self._some(rng, f"{product}.good", 2 if rng.random() < 0.45 else 1)
            if stars == 4:
                parts.append(self.pick(rng, f"{product}.mid"))
            parts += self._maybe(rng, 0.4, "delivery.good") + self._maybe(rng, 0.15, "service.good")
            parts += self._maybe(rng, 0.5, "close.good")
        elif stars == 3:
            parts += self._maybe(rng, 0.6, "open.mid")
            parts.append(self.pick(rng, f"{product}.mid"))
            parts += self._maybe(rng, 0.5, f"{product}.good") + self._maybe(rng, 0.4, "delivery.bad")
            parts += self._maybe(rng, 0.6, "close.mid")
        else:
            parts += self._maybe(rng, 0.5, "open.bad")
            parts += self._some(rng, f"{product}.bad", 2 if stars == 1 and rng.random() < 0.4 else 1)
            parts += self._maybe(rng, 0.4, "delivery.bad") + self._maybe(rng, 0.45, "service.bad")
            parts += self._maybe(rng, 0.65, "close.bad")
        return self._flow(rng, parts)

    def shop_review(self, rng: random.Random, stars: int) -> str:
        """A review of the shop itself: delivery and service."""
        mood = mood_of(stars)
        side = "good" if stars >= 4 else "bad"
        parts = self._maybe(rng, 0.6, f"open.{mood}")
        parts += self._some(rng, f"delivery.{side}", 2 if rng.random() < 0.3 else 1)
        parts += self._maybe(rng, 0.75 if side == "bad" else 0.5, f"service.{side}")
        if mood == "mid":
            parts += self._maybe(rng, 0.5, "service.good")
        parts += self._maybe(rng, 0.7, f"close.{mood}")
        return self._flow(rng, parts)

    def title(self, rng: random.Random, stars: int) -> str:
        return self.pick(rng, f"title.{mood_of(stars)}")

    def reply(self, rng: random.Random, stars: int, name: str) -> str:
        """What the shop answers."""
        return self.pick(rng, f"reply.{mood_of(stars)}").replace("{name}", name)

    def answer(self, rng: random.Random, stars: int) -> str:
        """What the customer says to the shop's answer."""
        return self.pick(rng, "answer.good" if stars >= 4 else "answer.bad")

    def more(self, rng: random.Random, product: str, stars: int) -> str:
        """One more sentence, to tell two equal texts apart or to make one longer."""
        side = "good" if stars >= 4 else "bad"
        return self.pick(
            rng, rng.choice([f"{product}.{mood_of(stars)}", f"delivery.{side}", f"service.{side}"])
        )

    def _maybe(self, rng: random.Random, chance: float, name: str) -> list[str]:
        return [self.pick(rng, name)] if rng.random() < chance else []

    def _some(self, rng: random.Random, name: str, count: int) -> list[str]:
        sentences = self.section(name)
        return [fill(rng, s) for s in rng.sample(sentences, min(count, len(sentences)))]

    def _flow(self, rng: random.Random, parts: list[str]) -> str:
        seen: dict[str, None] = dict.fromkeys(parts)
        sentences = list(seen)
        if len(sentences) >= 4 and rng.random() < 0.35:
            half = len(sentences) // 2
            return self.join.join(sentences[:half]) + "\n\n" + self.join.join(sentences[half:])
        return self.join.join(sentences)


def fill(rng: random.Random, sentence: str) -> str:
    """Days, weeks and counts into a sentence; the ranges fit the plural forms of every language."""
    if "{" not in sentence:
        return sentence
    for slot, low, high in (("{d}", 3, 5), ("{D}", 11, 19), ("{w}", 3, 6), ("{n}", 2, 5)):
        if slot in sentence:
            sentence = sentence.replace(slot, str(rng.randint(low, high)))
    return sentence


def mood_of(stars: int) -> str:
    return "good" if stars >= 4 else "mid" if stars == 3 else "bad"


@cache
def plain(name: str) -> str:
    """A name as the local part of an address has it: lower case ASCII letters."""
    bare = unicodedata.normalize("NFKD", name.translate(_PLAIN))
    return "".join(c for c in bare.lower() if c.isascii() and c.isalpha())


@cache
def phrases(language: str) -> Phrases:
    """The sentences of a language, read once."""
    return Phrases(language)
