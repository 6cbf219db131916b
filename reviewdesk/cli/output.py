"""What goes to the terminal: data on standard output, one line per message on standard error, no secret ever."""

from __future__ import annotations

import json
import shutil
import sys
import threading
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

import click

from reviewdesk.domain.clock import Clock
from reviewdesk.domain.text import clean, one_line

__all__ = ["Progress", "error", "hint", "print_json", "print_table", "warning"]

SLOW_S = 1.0


def print_json(document: Any) -> None:
    """One JSON document. Only ASCII where the terminal's encoding has no more, so that it is valid in any."""
    unicode = (sys.stdout.encoding or "ascii").lower().replace("-", "") == "utf8"
    click.echo(json.dumps(document, ensure_ascii=not unicode, indent=2, default=str))


def error(message: str, remedy: str = "") -> None:
    """``error: ...`` on standard error, in one line."""
    click.echo(_line("error", message, remedy), err=True)


def warning(message: str, remedy: str = "") -> None:
    """``warning: ...`` on standard error, in one line."""
    click.echo(_line("warning", message, remedy), err=True)


def hint(message: str) -> None:
    """A word to the person at the terminal; nothing in a script's logs."""
    if sys.stderr.isatty():
        click.echo(message, err=True)


def _line(word: str, message: str, remedy: str) -> str:
    text = f"{message} {remedy}" if remedy else message
    return f"{word}: {one_line(clean(text), 1000)}"


def _width(text: str) -> int:
    """Columns that ``text`` takes: East Asian letters two, marks none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(ch) else 2 if unicodedata.east_asian_width(ch) in "WF" else 1
        for ch in text
    )


def _cut(text: str, width: int) -> str:
    if _width(text) <= width:
        return text + " " * (width - _width(text))
    kept, used = [], 0
    for ch in text:
        step = _width(ch)
        if used + step > width - 1:
            break
        kept.append(ch)
        used += step
    return "".join(kept) + "…" + " " * (width - 1 - used)


def print_table(
    headings: Sequence[str], rows: Iterable[Sequence[object]], *, stretch: int | None = None
) -> None:
    """Columns as wide as their content; column ``stretch`` gives way when the terminal is narrower.

    A strange text can't move the others: one line, no control characters, its direction fenced in.
    """
    cells = [[_cell(value) for value in row] for row in rows]
    widths = [
        max([_width(heading), *(_width(row[i]) for row in cells)]) for i, heading in enumerate(headings)
    ]
    if stretch is not None:
        room = shutil.get_terminal_size((140, 24)).columns if sys.stdout.isatty() else 160
        others = sum(widths) - widths[stretch] + 2 * (len(widths) - 1)
        widths[stretch] = max(len(headings[stretch]), min(widths[stretch], max(20, room - others)))
    for row in [list(headings), *cells]:
        line = "  ".join(_fenced(_cut(text, width)) for text, width in zip(row, widths, strict=True))
        click.echo(line.rstrip())


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return one_line(clean(str(value)), 400)


def _fenced(text: str) -> str:
    rtl = any(unicodedata.bidirectional(ch) in ("R", "AL", "RLE", "RLO", "RLI") for ch in text)
    return f"\u2068{text}\u2069" if rtl else text


class Progress:
    """A line on the terminal that tells what goes on, once it takes longer than a second. Any thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._begin = clock.monotonic()
        self._on = sys.stderr.isatty()
        self._lock = threading.Lock()
        self._parts: dict[object, str] = {}
        self._shown = False

    def say(self, key: object, text: str) -> None:
        """Set the words of one part (an account, an item)."""
        if not self._on:
            return
        with self._lock:
            self._parts[key] = one_line(clean(text), 80)
            if self._clock.monotonic() - self._begin < SLOW_S:
                return
            width = shutil.get_terminal_size((100, 24)).columns - 1
            line = one_line("   ".join(part for part in self._parts.values() if part), width)
            sys.stderr.write("\r\x1b[K" + line)
            sys.stderr.flush()
            self._shown = True

    def end(self) -> None:
        with self._lock:
            if self._shown:
                sys.stderr.write("\r\x1b[K")
                sys.stderr.flush()
                self._shown = False
