"""The sample shop "Harbour": its products, its customers and what they wrote, at five providers.

Everything follows from a seed and a moment ("now"): the same two give the same shop, byte for byte. No name,
address or order here belongs to anybody; addresses end in example.org, example.net or example.com.
"""

from __future__ import annotations

import hashlib
import json
import random
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from reviewdesk.practice.keys import COLLEAGUES
from reviewdesk.practice.phrases import Phrases, phrases, plain, text_file

__all__ = [
    "PLACES",
    "PRODUCTS",
    "RATING_NAMES",
    "Earlier",
    "Item",
    "Person",
    "Sample",
    "SampleShop",
    "Turn",
    "native_id",
    "sample_shop",
]

DAY = 86_400
SPAN_DAYS = 545
DEFAULT_SEED = 7


@dataclass(frozen=True, slots=True)
class Item:
    """A product of the shop. The gtin starts with 2: numbers for use inside a shop, nobody else's."""

    key: str
    number: int
    sku: str
    name: str
    price: float
    mpn: str
    category: str

    @property
    def gtin(self) -> str:
        body = f"2000000{self.number:05d}"
        total = sum(int(c) * (3 if i % 2 else 1) for i, c in enumerate(body))
        return body + str(-total % 10)

    @property
    def url(self) -> str:
        return f"https://harbour.example/products/{self.sku.lower()}"


PRODUCTS = (
    Item("headset", 2101, "HB-X2", "Headset X2", 129.0, "X2-BK", "Office"),
    Item("throw", 2183, "HB-2183", "Wool throw 2183", 89.0, "2183-GR", "Living"),
    Item("grinder", 2204, "HB-M1", "Coffee grinder M1", 149.0, "M1-230", "Kitchen"),
    Item("lamp", 2219, "HB-L4", "Desk lamp L4", 79.0, "L4-WH", "Office"),
    Item("backpack", 2240, "HB-B24", "City backpack 24 l", 99.0, "B24-NV", "Travel"),
    Item("teapot", 2256, "HB-T7", "Tea pot, clay", 39.5, "T7-08", "Kitchen"),
    Item("table", 2271, "HB-S3", "Side table, oak", 119.0, "S3-OAK", "Living"),
    Item("clock", 2288, "HB-C12", "Wall clock 30 cm", 45.0, "C12-30", "Living"),
    Item("knife", 2302, "HB-K2", "Kitchen knife K2", 59.0, "K2-20", "Kitchen"),
    Item("jacket", 2317, "HB-R1", "Rain jacket R1", 139.0, "R1-M", "Travel"),
)
BY_KEY = {item.key: item for item in PRODUCTS}

RATING_NAMES = ("quality", "delivery", "packaging")

PLACES = {
    "trustpilot-dk": 190,
    "trustpilot-fr": 150,
    "trustpilot-service-dk": 34,
    "trustpilot-service-fr": 22,
    "trustpilot-imported": 18,
    "sitejabber": 60,
    "sitejabber-products": 24,
    "guaranteed-reviews": 52,
    "retargeting": 40,
    "verified-reviews": 56,
}
"""How many composed reviews each place has, besides the hand-written ones."""

_LANGUAGES: dict[str, dict[str, int]] = {
    "trustpilot-dk": {"en": 36, "de": 20, "es": 13, "pl": 12, "ja": 10, "ar": 9},
    "trustpilot-fr": {"fr": 72, "en": 8, "es": 6, "ar": 8, "de": 6},
    "trustpilot-service-dk": {"en": 50, "de": 30, "pl": 20},
    "trustpilot-service-fr": {"fr": 90, "en": 10},
    "trustpilot-imported": {"en": 60, "fr": 40},
    "sitejabber": {"en": 60, "es": 14, "de": 10, "ar": 8, "ja": 8},
    "sitejabber-products": {"en": 70, "de": 30},
    "guaranteed-reviews": {"fr": 92, "es": 4, "en": 4},
    "retargeting": {"ro": 82, "en": 18},
    "verified-reviews": {"fr": 40, "de": 20, "ja": 16, "es": 14, "pl": 10},
}
_STARS = {5: 46, 4: 19, 3: 10, 2: 9, 1: 16}
_STATES = {"published": 192, "underModeration": 4, "unpublished": 3, "archived": 1}
_TENS = {5: (9, 10), 4: (7, 8), 3: (5, 6), 2: (3, 4), 1: (0, 2)}


@dataclass(frozen=True, slots=True)
class Person:
    given: str
    family: str
    shown: str
    language: str
    email: str
    username: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One entry of a conversation. ``who`` is ``customer`` or a key of COLLEAGUES."""

    who: str
    at: int
    text: str


@dataclass(frozen=True, slots=True)
class Earlier:
    """What a review said before it was edited."""

    at: int
    stars: int
    title: str
    text: str


@dataclass(slots=True, kw_only=True)
class Sample:
    """One review of the sample shop, in no provider's format yet. Times are UTC seconds.

    ``stars`` is 1 to 5, at Retargeting 0 to 10, None where no score was given.
    """

    place: str
    person: Person
    product: Item | None
    stars: int | None
    text: str
    language: str
    created: int
    order: int
    title: str = ""
    updated: int | None = None
    earlier: tuple[Earlier, ...] = ()
    ratings: dict[str, int] = field(default_factory=dict)
    pictures: tuple[str, ...] = ()
    thread: tuple[Turn, ...] = ()
    state: str = "published"
    number: int = 0
    """Counts the samples of a place from the oldest (1) on."""

    @property
    def item(self) -> Item:
        """The product, or the shop's first one where the review is about the shop itself."""
        return self.product or PRODUCTS[0]

    @property
    def id(self) -> str:
        """24 hexadecimal digits: the time and a hash, as document databases make them."""
        return native_id(self.created, f"{self.place}/{self.number}/{self.person.email}")


def native_id(at: float, what: str) -> str:
    """24 hexadecimal digits that begin with the time."""
    return f"{int(at):08x}" + hashlib.sha256(what.encode()).hexdigest()[:16]


@lru_cache(maxsize=2)
def sample_shop(seed: int, now: float) -> SampleShop:
    """The shop of that seed and moment. Shared: nobody changes it."""
    return SampleShop(seed=seed, now=now)


class SampleShop:
    """The whole shop, computed in about a tenth of a second."""

    def __init__(self, *, seed: int = DEFAULT_SEED, now: float) -> None:
        self.seed = seed
        self.now = int(now)
        self._used: set[str] = set()
        self._places: dict[str, list[Sample]] = {}
        featured = [self._featured(entry) for entry in json.loads(text_file("featured.json"))]
        self._used.update(sample.text for sample in featured)
        for place, count in PLACES.items():
            samples = [s for s in featured if s.place == place]
            samples += self._composed(place, count)
            samples.sort(key=lambda s: (s.created, s.person.email))
            for number, sample in enumerate(samples, 1):
                sample.number = number
            self._places[place] = samples

    def at(self, *places: str) -> list[Sample]:
        """The samples of one or more places, oldest first."""
        return sorted(
            (sample for place in places for sample in self._places[place]),
            key=lambda s: (s.created, s.number),
        )

    # --- composing -----------------------------------------------------------------------------

    def _composed(self, place: str, count: int) -> list[Sample]:
        rng = random.Random(f"{self.seed}/{place}")  # noqa: S311
        people = [self._person(rng, place) for _ in range(max(12, int(count * 0.7)))]
        by_language: dict[str, list[Person]] = {}
        for person in people:
            by_language.setdefault(person.language, []).append(person)
        samples = [self._compose(rng, place, i, count, by_language) for i in range(count)]
        if place == "trustpilot-dk":
            self._special(samples)
        return samples

    def _person(self, rng: random.Random, place: str) -> Person:
        language = _weighted(rng, _LANGUAGES[place])
        words = phrases(language)
        given, family, address = words.name(rng)
        domain = rng.choice(("example.org", "example.net", "example.com"))
        return Person(
            given,
            family,
            words.shown(given, family, short=rng.random() < 0.6),
            language,
            f"{address}{rng.randint(1, 99) if rng.random() < 0.3 else ''}@{domain}",
            f"{address.replace('.', '')}{rng.randint(10, 999)}",
        )

    def _compose(
        self, rng: random.Random, place: str, index: int, count: int, people: dict[str, list[Person]]
    ) -> Sample:
        person = rng.choice(rng.choice(list(people.values())) if rng.random() < 0.1 else _all(people))
        words = phrases(person.language)
        stars = int(_weighted(rng, {str(k): v for k, v in _STARS.items()}))
        created = self._created(rng, index, count)
        product = None if self._about_shop(place, rng) else rng.choice(PRODUCTS)
        text = "" if rng.random() < 0.04 and product is not None else self._text(rng, words, product, stars)
        age_days = (self.now - created) / DAY
        sample = Sample(
            place=place,
            person=person,
            product=product,
            stars=stars,
            title=words.title(rng, stars) if product is None or place.startswith("sitejabber") else "",
            text=text,
            language=person.language,
            created=created,
            order=28_660 - int(age_days * 44) - rng.randint(0, 40),
            ratings=self._ratings(rng, stars) if rng.random() < 0.7 else {},
            pictures=self._pictures(rng, product, stars),
        )
        if place in ("trustpilot-dk", "trustpilot-fr"):
            sample.state = _weighted(rng, _STATES)
        if text and age_days > 0.3 and rng.random() < 0.07:
            self._edit(rng, words, sample, stars)
        sample.thread = self._thread(rng, words, sample, stars)
        if place == "retargeting":
            sample.stars = rng.choice(_TENS[stars])
        return sample

    @staticmethod
    def _about_shop(place: str, rng: random.Random) -> bool:
        chance = {"sitejabber": 0.6, "guaranteed-reviews": 0.5, "retargeting": 0.5, "verified-reviews": 0.35}
        return "service" in place or rng.random() < chance.get(place, 0.0)

    def _created(self, rng: random.Random, index: int, count: int) -> int:
        share = (index + rng.random()) / count
        age = 11 * 60 + SPAN_DAYS * DAY * share**2.6
        at = self.now - int(age)
        if age > 1.5 * DAY:  # people write while they are awake
            at = at - at % DAY + rng.randint(6 * 3600, 22 * 3600)
        return at

    def _text(self, rng: random.Random, words: Phrases, product: Item | None, stars: int) -> str:
        key = rng.choice(PRODUCTS).key if product is None else product.key
        text = ""
        for _ in range(12):
            text = words.shop_review(rng, stars) if product is None else words.product_review(rng, key, stars)
            if text not in self._used:
                break
        while text in self._used:
            text += words.join + words.more(rng, key, stars)
        self._used.add(text)
        return text

    @staticmethod
    def _ratings(rng: random.Random, stars: int) -> dict[str, int]:
        return {name: max(1, min(5, stars + rng.choice((-1, 0, 0, 0, 1)))) for name in RATING_NAMES}

    @staticmethod
    def _pictures(rng: random.Random, product: Item | None, stars: int) -> tuple[str, ...]:
        if product is None or rng.random() > 0.16:
            return ()
        if stars <= 2:
            return rng.choice(
                [(f"{product.key}-broken",), ("box-open",), (f"{product.key}-broken", "box-open")]
            )
        return rng.choice([(product.key,), (product.key, "parcel")])

    def _edit(self, rng: random.Random, words: Phrases, sample: Sample, stars: int) -> None:
        before = max(1, min(5, stars + rng.choice((-2, -1, 1, 2))))
        key = sample.item.key
        text = words.product_review(rng, key, before) if sample.product else words.shop_review(rng, before)
        if text == sample.text:
            text += words.join + words.more(rng, key, before)
        sample.earlier = (Earlier(sample.created, before, sample.title, text),)
        sample.updated = min(self.now - 300, sample.created + rng.randint(3_600, 9 * DAY))

    def _thread(self, rng: random.Random, words: Phrases, sample: Sample, stars: int) -> tuple[Turn, ...]:
        age_days = (self.now - sample.created) / DAY
        chance = 0.0 if age_days < 0.6 else (0.3 if stars >= 4 else 0.72)
        if rng.random() >= chance:
            return ()
        at = sample.created + rng.randint(2 * 3600, int(0.5 * DAY))
        who = rng.choice(list(COLLEAGUES))
        turns = [Turn(who, at, words.reply(rng, stars, sample.person.given))]
        later = at + rng.randint(1_200, int(0.9 * DAY))
        if rng.random() < 0.32 and later < self.now:
            turns.append(Turn("customer", later, words.answer(rng, stars)))
        return tuple(turns)

    def _special(self, samples: list[Sample]) -> None:
        """One review of about 2,000 words, and some of a few hundred."""
        english = [s for s in samples if s.language == "en" and s.product is not None]
        happy = next(s for s in english if s.stars == 5 and s.created < self.now - 20 * DAY)
        rng = random.Random(f"{self.seed}/long")  # noqa: S311
        words = phrases("en")
        notes = [
            f"{item.name}: " + " ".join(words.section(f"{item.key}.good") + words.section(f"{item.key}.mid"))
            for item in PRODUCTS
        ]
        head, _, tail = text_file("long.txt").strip().rpartition("\n\n")
        happy.text = "\n\n".join(
            [
                head,
                "My notes, item by item.",
                *notes,
                " ".join(words.section("delivery.good") + words.section("service.good")),
                tail,
            ]
        ).replace("{d}", "4")
        self._used.add(happy.text)
        for sample in english[5::9]:
            if sample is happy or not sample.text or sample.stars is None:
                continue
            parts = dict.fromkeys(words.more(rng, sample.item.key, sample.stars) for _ in range(24))
            sample.text += "\n\n" + " ".join(parts)
            self._used.add(sample.text)

    # --- hand-written --------------------------------------------------------------------------

    def _featured(self, entry: dict[str, Any]) -> Sample:
        def ago(minutes: float) -> int:
            return self.now - int(minutes * 60)

        address = entry.get("address") or f"{plain(entry['given'])}.{plain(entry['family'])}"
        person = Person(
            entry["given"],
            entry["family"],
            entry["shown"],
            entry["language"],
            f"{address}@example.org",
            address.replace(".", ""),
        )
        earlier = tuple(
            Earlier(ago(e["minutes"]), e["stars"], e.get("title", ""), e["text"])
            for e in entry.get("earlier", ())
        )
        return Sample(
            place=entry["place"],
            person=person,
            product=BY_KEY[entry["product"]] if entry.get("product") else None,
            stars=entry["stars"],
            title=entry.get("title", ""),
            text=entry["text"],
            language=entry["language"],
            created=earlier[0].at if earlier else ago(entry["minutes"]),
            updated=ago(entry["minutes"]) if earlier else None,
            earlier=earlier,
            order=entry["order"],
            ratings=dict(entry.get("ratings", {})),
            pictures=tuple(entry.get("pictures", ())),
            thread=tuple(Turn(t["who"], ago(t["minutes"]), t["text"]) for t in entry.get("thread", ())),
        )


def _all(people: dict[str, list[Person]]) -> list[Person]:
    return [person for group in people.values() for person in group]


def _weighted(rng: random.Random, weights: dict[str, int]) -> str:
    return rng.choices(list(weights), list(weights.values()))[0]
