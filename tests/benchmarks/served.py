"""The practice Trustpilot in a process of its own, with as many generated reviews as asked, without limits.

``Served(count)`` is what a measurement holds; the process answers one JSON line for each on standard input. Its pages
come out of a list that is sorted already: what is measured is the program that reads them, not the practice server.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

from reviewdesk import practice
from reviewdesk.domain.clock import iso_utc
from reviewdesk.domain.models import Author, Product, ReviewKind, ReviewRecord
from reviewdesk.practice.calls import Answer, Call
from tests.benchmarks import floors
from tests.benchmarks.generator import NEWEST, Generator
from tests.benchmarks.place import ROOT

__all__ = ["Served"]

_PAGE = 100
_YEARS_S = 3 * 365 * 86_400
Record = dict[str, Any]


class Served:
    """The process. ``accounts``: (name, settings, secrets) of its two business units, half of the reviews each."""

    def __init__(self, count: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.served", str(count)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.accounts: list[tuple[str, dict[str, str], dict[str, str]]] = self._line()

    def _line(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise OSError("the practice server ended")
        return json.loads(line)

    def _ask(self, do: str) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(do + "\n")
        self._process.stdin.flush()
        return self._line()

    def add(self) -> str:
        """Somebody writes a review at the first unit now; its native id."""
        return str(self._ask("add"))

    def answered_at(self) -> float:
        """When the answer with that review was handed over (``perf_counter``, one clock for all processes); or 0."""
        return float(self._ask("answered"))

    def floor_s(self) -> float:
        """Seconds in which hand-written SQLite stores and indexes the same reviews, in the same pages."""
        return float(self._ask("floor"))

    def close(self) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()

    def __enter__(self) -> Served:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _record(rnd: random.Random, languages: list[Any], unit: str, number: int, at: float) -> Record:
    language = languages[rnd.randrange(len(languages))]
    native = f"{int(at):08x}{number:016x}"
    sku = int(rnd.paretovariate(0.7)) % 500
    return {
        "links": [],
        "id": native,
        "createdAt": iso_utc(int(at)),
        "updatedAt": None,
        "businessUnitId": unit,
        "stars": rnd.choice((1, 2, 3, 4, 4, 5, 5, 5)),
        "content": language.text(rnd, rnd.randrange(20, 121)),
        "product": {
            "id": f"{sku:024x}", "productUrl": "https://shop.example/p", "name": f"Product {sku}",
            "productImages": [], "sku": f"SKU-{sku}", "gtin": "", "mpn": "", "brand": "Acme",
        },
        "consumer": {
            "id": f"{number:024x}", "email": f"c{number}@mail.example", "name": f"Customer {number % 9000}"},
        "referenceId": f"O-{number}",
        "locale": "en-US",
        "language": language.code,
        "redirectUri": None,
        "state": "published",
        "hasModerationHistory": False,
        "conversationId": None,
        "attributeRatings": [],
        "attachments": [],
    }  # fmt: skip


class _Shop:
    def __init__(self, count: int) -> None:
        self.shop = practice.start(providers=("trustpilot",), clock=None)
        self.chosen = [account for account in self.shop.accounts if account.provider == "trustpilot"][:2]
        self.server: Any = self.shop.trustpilot
        self.units = [account.settings["business_unit"] for account in self.chosen]
        rnd = random.Random(11)
        languages = list(Generator(1).languages.values())
        half = max(1, count // 2)
        step = _YEARS_S / half
        self.lists: dict[str, list[Record]] = {
            unit: [
                _record(rnd, languages, unit, which * half + n + 1, NEWEST - step * (n + rnd.random()))
                for n in range(half)
            ]
            for which, unit in enumerate(self.units)
        }
        self.awaited = ""
        self.answered = 0.0
        self.added = 0
        routes = self.server._routes
        for at, (method, pattern, handler) in enumerate(routes):
            if handler.__name__ == "private_reviews":
                routes[at] = (method, pattern, self.private_reviews)

    def private_reviews(self, call: Call, unit: str) -> Any:
        """As the practice server's own, for what a sync asks."""
        self.server.need_token(call)
        self.server.need_unit(unit)
        wanted = [value for key, value in call.query if key == "state"] or ["published"]
        found = self.lists.get(unit, []) if "published" in wanted else []
        page = int(call.one("page", "1") or 1)
        size = int(call.one("perPage", "20") or 20)
        part = found[(page - 1) * size : page * size]
        answer = Answer({"links": [], "productReviews": part, "total": len(found)})
        if self.awaited and not self.answered and any(each["id"] == self.awaited for each in part):
            self.answered = perf_counter()
        return answer

    def add(self) -> str:
        rnd = random.Random(self.added)
        self.added += 1
        at = self.shop.clock.now()
        unit = self.units[0]
        record = _record(rnd, [Generator(1).languages["en"]], unit, 10**9 + self.added, at)
        with self.server.lock:
            self.lists[unit].insert(0, record)
            self.awaited, self.answered = record["id"], 0.0
        return str(record["id"])

    def floor_s(self) -> float:
        pages = []
        for number, records in enumerate(self.lists.values()):
            made = [_as_stored(record) for record in records]
            pages += [(number, made[at : at + _PAGE]) for at in range(0, len(made), _PAGE)]
        pages.sort(
            key=lambda page: -(page[1][0].created_at or 0)
        )  # the accounts side by side, as a sync reads them
        with tempfile.TemporaryDirectory(prefix="reviewdesk-floor-") as folder:
            return floors.ingest(Path(folder) / "floor.db", pages)


def _as_stored(record: Record) -> ReviewRecord:
    return ReviewRecord(
        kind=ReviewKind.PRODUCT,
        native_id=record["id"],
        score=record["stars"],
        score_min=1,
        score_max=5,
        title="",
        body=record["content"],
        language=record["language"],
        author=Author(name=record["consumer"]["name"]),
        created_at=int(record["id"][:8], 16),
        product=Product(
            sku=record["product"]["sku"], name=record["product"]["name"], id=record["product"]["id"]
        ),
        order_id=record["referenceId"],
        raw=json.dumps(record, ensure_ascii=False, separators=(",", ":")),
    )


def main() -> None:
    """See the module."""
    shop = _Shop(int(sys.argv[1]))
    with shop.shop:
        accounts = [
            (
                account.name,
                {**account.settings, "kinds": "product", "rate_limit": "1000000/1"},
                dict(account.secrets),
            )
            for account in shop.chosen
        ]
        print(json.dumps(accounts), flush=True)
        for line in sys.stdin:
            asked = line.strip()
            told: Any = None
            if asked == "add":
                told = shop.add()
            elif asked == "answered":
                told = shop.answered
            elif asked == "floor":
                told = shop.floor_s()
            print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
