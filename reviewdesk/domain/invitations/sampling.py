"""Choosing whom to ask without looking at whom: everybody, every n-th, or at random from a seed.

The same list and the same rule always give the same rows, on every machine and with every version of Python: chance
comes from SHA-256 of the seed and the row's place. What the journal keeps of a choice is enough to make it again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from reviewdesk.domain.errors import InvalidInput
from reviewdesk.domain.query import Query, Sort, chosen_by_score

__all__ = [
    "RULE",
    "Choice",
    "Rule",
    "Sample",
    "choice_of",
    "choose",
    "digest_of",
    "page",
    "parse_choice",
    "refuse_by_score",
]

RULE = (
    "Ask all your customers, or choose them without regard to how they rated or will rate: everybody, every n-th, or"
    " at random. Asking only the happy ones misleads readers, and review sites and consumer law forbid it."
)


class Rule(StrEnum):
    ALL = "all"
    EVERY_NTH = "every-nth"
    RANDOM = "random"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """How the rows are chosen. ``n``: every n-th beginning with ``start``; ``count`` and ``seed``: so many at random."""

    rule: Rule = Rule.ALL
    n: int = 1
    start: int = 1
    count: int = 0
    seed: str = ""

    def as_json(self) -> dict[str, Any]:
        """What is stored: only what the rule uses."""
        match self.rule:
            case Rule.EVERY_NTH:
                return {"rule": self.rule.value, "n": self.n, "start": self.start}
            case Rule.RANDOM:
                return {"rule": self.rule.value, "count": self.count, "seed": self.seed}
        return {"rule": self.rule.value}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Sample:
        """Raises InvalidInput for what is no rule."""
        try:
            sample = cls(
                rule=Rule(values.get("rule", "all")),
                n=int(values.get("n", 1)),
                start=int(values.get("start", 1)),
                count=int(values.get("count", 0)),
                seed=str(values.get("seed", "")),
            )
        except (ValueError, TypeError):
            raise InvalidInput("That is no rule of choosing.") from None
        sample.check()
        return sample

    def check(self) -> None:
        """Raises InvalidInput when the rule can't be followed."""
        if self.rule is Rule.EVERY_NTH and not (self.n >= 1 and 1 <= self.start <= self.n):
            raise InvalidInput(
                "Every n-th needs a number of 1 or more, and a start between 1 and that number."
            )
        if self.rule is Rule.RANDOM and (self.count < 1 or not self.seed.strip()):
            raise InvalidInput("Choosing at random needs how many, and a seed.")
        if len(self.seed) > 64:
            raise InvalidInput("The seed is too long: 64 characters at most.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A choice as the journal keeps it: the rule, how many of how many, and digests of both lists; no person in it."""

    sample: Sample
    of: int
    chosen: int
    list_digest: str
    chosen_digest: str

    def as_text(self) -> str:
        """One line for the journal."""
        return json.dumps(
            {
                **self.sample.as_json(),
                "of": self.of,
                "chosen": self.chosen,
                "list": self.list_digest,
                "rows": self.chosen_digest,
            },
            separators=(",", ":"),
            ensure_ascii=False,
        )


def parse_choice(text: str) -> Choice:
    """The choice of a line of the journal. Raises InvalidInput when it is none."""
    try:
        values = json.loads(text)
        return Choice(
            sample=Sample.from_json(values),
            of=int(values["of"]),
            chosen=int(values["chosen"]),
            list_digest=str(values["list"]),
            chosen_digest=str(values["rows"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InvalidInput("That line of the journal is no record of a choice.") from None


def choose(rows: Sequence[int], sample: Sample) -> list[int]:
    """The chosen ones of ``rows`` (their numbers in the list, in order), in order."""
    sample.check()
    match sample.rule:
        case Rule.EVERY_NTH:
            return list(rows[sample.start - 1 :: sample.n])
        case Rule.RANDOM:
            places = sorted(range(len(rows)), key=lambda place: (_chance(sample.seed, place), place))
            return [rows[place] for place in sorted(places[: sample.count])]
    return list(rows)


def choice_of(list_digest: str, rows: Sequence[int], sample: Sample) -> tuple[list[int], Choice]:
    """The chosen rows and the record of it."""
    chosen = choose(rows, sample)
    return chosen, Choice(
        sample=sample,
        of=len(rows),
        chosen=len(chosen),
        list_digest=list_digest,
        chosen_digest=digest_of(chosen),
    )


def digest_of(rows: Iterable[int]) -> str:
    """A fingerprint of row numbers."""
    return hashlib.sha256(",".join(map(str, rows)).encode()).hexdigest()


def _chance(seed: str, place: int) -> bytes:
    return hashlib.sha256(f"{seed}\n{place}".encode()).digest()


def page(choice: Choice, *, account: str, made_at: str) -> str:
    """The record as a page to print: the same choice always gives the same words."""
    sample = choice.sample
    how = {
        Rule.ALL: "Everybody on the list was asked.",
        Rule.EVERY_NTH: f"Every {sample.n}. row of the list was asked, beginning with row {sample.start}.",
        Rule.RANDOM: f"{sample.count} rows were drawn at random with the seed '{sample.seed}'.",
    }[sample.rule]
    lines = [
        "HOW THESE CUSTOMERS WERE CHOSEN",
        "",
        f"Account:                {account}",
        f"Chosen on:              {made_at}",
        f"Rows that could be asked: {choice.of}",
        f"Rows that were chosen:    {choice.chosen}",
        "",
        how,
        "No score, no star and no text of a review had a part in it.",
        "",
        "How to do it again",
        "1. Take the list with this SHA-256 fingerprint of its bytes:",
        f"   {choice.list_digest}",
        "2. Leave out rows that can't be asked (faulty ones). Number the others from 0.",
        "3. " + _again(sample),
        "4. Write the chosen rows' numbers in the list (the first row of data is 1) in order with commas between",
        "   them. Their SHA-256 fingerprint is:",
        f"   {choice.chosen_digest}",
        "",
        "The rule",
        RULE,
    ]
    return "\n".join(lines) + "\n"


def _again(sample: Sample) -> str:
    match sample.rule:
        case Rule.EVERY_NTH:
            return f"Take number {sample.start - 1} and every {sample.n}. after it."
        case Rule.RANDOM:
            return (
                f"For each number take SHA-256 of the seed '{sample.seed}', a line feed (10) and the number; sort by it;"
                f" take the first {sample.count}."
            )
    return "Take all."


# --- what is refused ---------------------------------------------------------------------------------


def refuse_by_score(query: Query, sort: Sort = Sort.NEWEST) -> None:
    """Raises InvalidInput with the rule when the selection looks at the score."""
    if chosen_by_score(query, sort):
        raise InvalidInput(f"This selection was made by score, so nobody is invited from it. {RULE}")
