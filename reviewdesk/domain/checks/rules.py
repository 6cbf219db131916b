"""The rules as they are written down in ``data``, read once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from reviewdesk.domain.checks.model import Example, Rule, Severity

__all__ = ["LANGUAGES", "Languages", "instead", "languages", "rule", "rules", "wordings"]

LANGUAGES = ("en", "fr", "de", "es", "pl", "nl", "it")
"""The languages in which what a text says is checked; private data is found in any."""

_SAME_SENTENCE = r"[^.!?\n]{0,60}?"


@cache
def _data(name: str) -> Mapping[str, Any]:
    text = resources.files("reviewdesk.domain.checks").joinpath("data", name).read_text("utf-8")
    return tomllib.loads(text)


def _examples(table: Mapping[str, str]) -> tuple[Example, ...]:
    return tuple(Example(language, text) for language, text in table.items())


@cache
def rules() -> Mapping[str, Rule]:
    """Every rule by id, in the order in which findings of one place are told."""
    return {
        entry["id"]: Rule(
            id=entry["id"],
            severity=Severity(entry["severity"]),
            title=entry["title"],
            message=entry["message"],
            source=entry["source"],
            brief=entry.get("brief", entry["message"]),
            private_too=entry.get("private_too", False),
            good=_examples(entry.get("good", {})),
            bad=_examples(entry.get("bad", {})),
        )
        for entry in _data("rules.toml")["rule"]
    }


def rule(rule_id: str) -> Rule:
    """Raises KeyError for an id that is not a rule's."""
    return rules()[rule_id]


@dataclass(frozen=True, slots=True)
class Wordings:
    """What one rule looks for in one language, and the words without which none of it can be there."""

    needs: re.Pattern[str]
    patterns: tuple[re.Pattern[str], ...]


@cache
def wordings() -> Mapping[str, tuple[Wordings, ...]]:
    """The wordings a rule looks for, by rule id, every language together: a text may change its language."""
    words = _data("rules.toml")["words"]
    found: dict[str, tuple[Wordings, ...]] = {}
    for entry in _data("rules.toml")["rule"]:
        made = []
        for language, lines in entry.get("patterns", {}).items():
            stems = entry.get("stems", {}).get(language)
            needs = "|".join(stems.split()) if stems else rf"\b(?:{words[language]['R']})"
            patterns = []
            for line in lines:
                for name, alternatives in words[language].items():
                    line = line.replace("{" + name + "}", alternatives)
                patterns.append(re.compile(line.replace("..", _SAME_SENTENCE)))
            made.append(Wordings(_compiled(needs), tuple(patterns)))
        if made:
            found[entry["id"]] = tuple(made)
    return found


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def instead(language: str | None, what: str) -> str:
    """What to write in place of an order number, an address or another private thing; English where unknown."""
    table = _data("rules.toml")["instead"]
    return str(table.get(language or "en", table["en"])[what])


@dataclass(frozen=True, slots=True)
class Languages:
    """Small words by language, names in English, and the words that greetings are made of."""

    profiles: Mapping[str, frozenset[str]]
    names: Mapping[str, str]
    greetings: frozenset[str]
    fillers: frozenset[str]
    titles: frozenset[str]
    articles: frozenset[str]


@cache
def languages() -> Languages:
    data = _data("languages.toml")
    return Languages(
        {code: frozenset(words.split()) for code, words in data["profile"].items()},
        dict(data["names"]),
        frozenset(data["greetings"]["words"].split()),
        frozenset(data["greetings"]["fillers"].split()),
        frozenset(data["greetings"]["titles"].split()),
        frozenset(data["greetings"]["articles"].split()),
    )
