"""Reviews by the million: the same for the same seed, alike real ones where it matters to a database.

Six languages, word frequencies by Zipf's law, 20 to 120 words, five years of dates, a third with replies, five
providers with their own scales, pictures, orders, products, edits. No real person's data.
"""

from __future__ import annotations

import json
import pickle
import random
import sys
from collections.abc import Iterator
from functools import cache
from itertools import accumulate

from reviewdesk.domain.models import (
    Attachment,
    Author,
    Comment,
    Product,
    ReviewKind,
    ReviewRecord,
    Role,
    Thread,
    Version,
)

__all__ = ["ACCOUNTS", "NEWEST", "VERSION", "YEARS", "Generator"]

VERSION = 2
"""Part of a cached profile's name: count up with every change of what is generated, or of how it is stored."""
NEWEST = 1_780_000_000
YEARS = 5
_SPAN = YEARS * 365 * 86_400
_PAGE = 100

ACCOUNTS = (
    # name, provider, share of the reviews, scale
    ("Acme", "trustpilot", 0.40, (1.0, 5.0)),
    ("acme.example", "sitejabber", 0.20, (1.0, 5.0)),
    ("Acme site", "guaranteed-reviews", 0.15, (1.0, 5.0)),
    ("Shop RO", "retargeting", 0.10, (0.0, 10.0)),
    ("Acme feed", "verified-reviews", 0.15, (1.0, 5.0)),
)

_ALPHABETS = {
    "en": ("aeiou", "bcdfghklmnprstvw", 40),
    "fr": ("aeiouéèê", "bcdfglmnprstvj", 20),
    "de": ("aeiouäöü", "bcdfghklmnprstwz", 15),
    "pl": ("aeiouyąę", "bcdłńśklmnprstwzż", 10),
    "ar": ("اويىة", "بتثجحخدذرزسشصضطظعغفقكلمنه", 8),
    "ja": (
        "",
        "日本語寿司美味最高商品届早速品質店員親切値段安心注文到着箱色形大小好嫌のはがをにとでもかな",
        7,
    ),
}
_VOCABULARY = 15_000
_STREAM = 120_000
_NAMES = (
    "Anna",
    "Ben",
    "Chloé",
    "Dmitri",
    "Elif",
    "Fatima",
    "Goran",
    "Haruto",
    "Ines",
    "Jörg",
    "Kim",
    "Łukasz",
)


class _Language:
    """A vocabulary and a long stream of its words, from which texts are cut."""

    def __init__(self, code: str, seed: int) -> None:
        rnd = random.Random(f"{seed}/{code}")
        vowels, consonants, _ = _ALPHABETS[code]
        self.code = code
        self.joint = "" if code == "ja" else " "
        words: dict[str, None] = {}
        while len(words) < _VOCABULARY:
            if vowels:
                size = rnd.choice((1, 1, 2, 2, 2, 3, 3, 4))
                words[
                    "".join(rnd.choice(consonants) + rnd.choice(vowels) for _ in range(size))
                    + rnd.choice(("", "", "n", "s"))
                    if code not in ("ar",)
                    else "".join(rnd.choice(consonants + vowels) for _ in range(size + 2))
                ] = None
            else:
                words["".join(rnd.choice(consonants) for _ in range(rnd.choice((1, 2, 2, 3, 3))))] = None
        self.words = list(words)
        weights = list(accumulate(1 / (rank + 2.7) for rank in range(_VOCABULARY)))
        self.stream = rnd.choices(self.words, cum_weights=weights, k=_STREAM)

    def text(self, rnd: random.Random, words: int) -> str:
        """``words`` words in a few runs from the stream, with some punctuation."""
        runs = []
        while words > 0:
            size = min(words, rnd.randrange(4, 16))
            at = rnd.randrange(_STREAM - size)
            runs.append(self.joint.join(self.stream[at : at + size]))
            words -= size
        return ("。" if self.code == "ja" else ". ").join(runs)


_language = cache(_Language)


class Generator:
    """``pages`` gives every account's reviews newest first, a page of each account in turn, as a sync does."""

    def __init__(self, size: int, seed: int = 7) -> None:
        self.size = size
        self.seed = seed
        self.languages = {code: _language(code, seed) for code in _ALPHABETS}
        self._codes = list(_ALPHABETS)
        self._weights = list(accumulate(weight for _, _, weight in _ALPHABETS.values()))

    def pages(self) -> Iterator[tuple[int, list[ReviewRecord]]]:
        """``(number of the account, records)``."""
        sources = [self._account(number) for number in range(len(ACCOUNTS))]
        waiting = list(range(len(ACCOUNTS)))
        while waiting:
            for number in list(waiting):
                records = [record for _, record in zip(range(_PAGE), sources[number], strict=False)]
                if records:
                    yield number, records
                if len(records) < _PAGE:
                    waiting.remove(number)

    def _account(self, number: int) -> Iterator[ReviewRecord]:
        rnd = random.Random(f"{self.seed}/{number}")
        _, provider, share, scale = ACCOUNTS[number]
        total = round(self.size * share)
        step = _SPAN / max(1, total)
        for n in range(total):
            created = int(NEWEST - step * (n + rnd.random()))
            yield self._record(rnd, number, n, created, provider, scale)

    def _record(
        self, rnd: random.Random, number: int, n: int, created: int, provider: str, scale: tuple[float, float]
    ) -> ReviewRecord:
        code = rnd.choices(self._codes, cum_weights=self._weights)[0]
        language = self.languages[code]
        body = language.text(rnd, rnd.randrange(20, 121))
        title = language.text(rnd, rnd.randrange(2, 7)) if rnd.random() < 0.7 else ""
        stars = rnd.choices((1, 2, 3, 4, 5), cum_weights=(12, 18, 28, 50, 100))[0]
        score = float(stars * 2 - rnd.randrange(2)) if scale[1] == 10 else float(stars)
        name = f"{rnd.choice(_NAMES)} {chr(65 + rnd.randrange(26))}."
        order = f"{rnd.randrange(10**7, 10**8)}" if rnd.random() < 0.6 else None
        sku = int(rnd.paretovariate(0.7)) % 500
        product = Product(sku=f"SKU-{sku:04}", name=f"{language.words[sku + 50]} {sku}", id=f"p{sku}")
        native = f"{number}-{n:07}-{created:x}"
        return ReviewRecord(
            kind=ReviewKind.PRODUCT if rnd.random() < 0.7 else ReviewKind.BUSINESS,
            native_id=native,
            score=score,
            score_min=scale[0],
            score_max=scale[1],
            title=title,
            body=body,
            language=code if rnd.random() < 0.9 else None,
            author=Author(name=name, email=f"customer{n % 50_000}@mail.example", id=f"u{n % 50_000}"),
            created_at=created,
            product=product,
            order_id=order,
            source="google" if number == 1 and rnd.random() < 0.2 else None,
            attachments=(Attachment(url=f"https://img.example/{native}.jpg"),) if rnd.random() < 0.1 else (),
            thread=self._thread(rnd, native, created, language),
            previous=(Version(created, score, title, body[:60]),) if rnd.random() < 0.02 else (),
            raw=_raw(native, provider, score, title, body, name, order, product, created, code),
        )

    def _thread(self, rnd: random.Random, native: str, created: int, language: _Language) -> Thread:
        if rnd.random() > 1 / 3:
            return Thread(id=None, state=None)
        answer = language.text(rnd, rnd.randrange(10, 50))
        comments = [
            Comment(
                id=f"{native}r", author="Acme", role=Role.BUSINESS, text=answer, created_at=created + 9_000
            )
        ]
        if rnd.random() < 0.1:
            text = language.text(rnd, 12)
            comments.append(
                Comment(
                    id=f"{native}c", author="c", role=Role.CONSUMER, text=text, created_at=created + 50_000
                )
            )
        return Thread(id=f"t{native}", state="public", comments=tuple(comments))


def _raw(
    native: str,
    provider: str,
    score: float,
    title: str,
    body: str,
    name: str,
    order: str | None,
    product: Product,
    created: int,
    code: str,
) -> str:
    """A record of about the size that providers send."""
    return json.dumps(
        {
            "id": native,
            "provider": provider,
            "stars": score,
            "title": title,
            "text": body,
            "language": code,
            "createdAt": created,
            "consumer": {"displayName": name, "id": native[::-1]},
            "order": order,
            "product": {
                "sku": product.sku,
                "name": product.name,
                "id": product.id,
                "url": "https://shop.example/p",
            },
            "state": "published",
            "links": [{"rel": "self", "href": f"https://api.example/v1/reviews/{native}"}],
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def main() -> None:
    """The pages as pickles on standard output, then None: for whoever stores them in another process."""
    out = sys.stdout.buffer
    for page in Generator(int(sys.argv[1])).pages():
        pickle.dump(page, out, pickle.HIGHEST_PROTOCOL)
    pickle.dump(None, out)


if __name__ == "__main__":
    main()
