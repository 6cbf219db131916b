"""The diagnostics bundle: what somebody may send to whoever helps them. No name, no text, no secret.

It is put together only from what can hold none: versions, counts, the schema, sizes, times and kinds of faults. Of the
log it takes the trail (``diagnostics.logs``), which is written from the program's own words and numbers alone. Every
registered secret is cut out on top, and the person sees the whole text before it is saved.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Facts", "bundle", "safe_lines", "versions"]

LOG_LINES = 400
_LONGEST_LINE = 400


@dataclass(frozen=True, slots=True)
class Facts:
    """What the services know. ``accounts``: one line of words and numbers each, without names or addresses."""

    accounts: Sequence[str]
    counts: Mapping[str, int]
    sizes: Mapping[str, int]
    findings: Sequence[str]
    schema: Sequence[str]


def versions(program: str, others: Mapping[str, str]) -> list[str]:
    """Program, Python, system and libraries."""
    lines = [
        f"Reviewdesk {program}",
        f"Python {platform.python_version()} ({platform.python_implementation()})",
        f"{platform.system()} {platform.release()} {platform.machine()}",
        f"Frozen build: {'yes' if getattr(sys, 'frozen', False) else 'no'}",
    ]
    return lines + [f"{name} {version}" for name, version in sorted(others.items())]


def bundle(head: Iterable[str], facts: Facts, trails: Iterable[Path], redact: Callable[[str], str]) -> str:
    """The whole text."""
    parts: list[tuple[str, list[str]]] = [
        ("Versions", list(head)),
        ("Accounts", list(facts.accounts) or ["none"]),
        ("Rows", [f"{name}: {number:,}" for name, number in facts.counts.items()]),
        ("Sizes in bytes", [f"{name}: {size:,}" for name, size in facts.sizes.items()]),
        ("Checks", list(facts.findings)),
        ("Schema", list(facts.schema)),
        ("Log", safe_lines(trails) or ["empty"]),
    ]
    text = "\n".join("\n".join([f"== {title} ==", *lines, ""]) for title, lines in parts)
    return redact(text)


def safe_lines(trails: Iterable[Path]) -> list[str]:
    """The newest lines of the trail (``logs.TRAIL`` and its rotated copies), oldest first."""
    found: list[str] = []
    for path in sorted(trails, key=_age, reverse=True):
        try:
            lines = path.read_text("utf-8", "replace").splitlines()
        except OSError:
            continue
        found += [line[:_LONGEST_LINE] for line in lines[-LOG_LINES:]]
    return found[-LOG_LINES:]


def _age(path: Path) -> int:
    """``trail.log.3`` is older than ``trail.log``."""
    return int(path.suffix[1:]) if path.suffix[1:].isdigit() else 0
