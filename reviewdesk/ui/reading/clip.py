"""How much of a stranger's text is laid out at once. Laying out a megabyte without a blank took Qt 34 s (measured)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewdesk.domain.text import cap, clean

__all__ = ["BODY_LIMIT", "TITLE_LIMIT", "broken", "head_of", "pieces", "utf16_places"]

BODY_LIMIT = 10_000
"""Characters of a text that are shown before somebody asks for all of it."""
TITLE_LIMIT = 500
HEAD_LINES = 200
PIECE, PIECE_LINES = 50_000, 1_500
"""Characters and lines added in one turn of the event loop when somebody asked for all."""
WHOLE_LINES = 20_000
LONGEST_RUN = 400
"""A paragraph without any blank is broken after so many characters, a paragraph with blanks after ten times that."""

_LONG_LINE = re.compile(rf"[^\n]{{{LONGEST_RUN},}}")
_EMPTY_LINES = re.compile(r"\n{4,}")
_LONG_RUN = re.compile(rf"\S{{{LONGEST_RUN}}}")


def head_of(text: str, limit: int = BODY_LIMIT) -> tuple[str, bool]:
    """What is shown first, and whether there is more. Heaps of line ends count as well as letters."""
    head = cap(text, limit, "")
    if head.count("\n") > HEAD_LINES:
        head = "\n".join(head.split("\n", HEAD_LINES)[:HEAD_LINES])
    return (text, False) if len(head) == len(text) else (head, True)


def broken(text: str) -> str:
    """``text`` with forced line ends, so that no paragraph is long enough to make the layout slow.

    Only what is shown is broken; what is copied or searched stays as written.
    """
    if len(text) < LONGEST_RUN:
        return text
    return _LONG_LINE.sub(lambda line: _break_line(line[0]), text)


def _break_line(line: str) -> str:
    line = _LONG_RUN.sub(lambda run: run[0] + "\n", line)
    parts: list[str] = []
    for part in line.split("\n"):
        while len(part) > 10 * LONGEST_RUN:
            cut = part.rfind(" ", 0, 10 * LONGEST_RUN) + 1 or 10 * LONGEST_RUN
            parts.append(part[:cut])
            part = part[cut:]
        parts.append(part)
    return "\n".join(parts)


def pieces(text: str) -> Iterator[str]:
    """``text`` in parts that take Qt some milliseconds each, broken as ``broken`` does; for showing all of it.

    Heaps of empty lines are shown as three, and after WHOLE_LINES lines a line end is shown as a sign.
    """
    text = _EMPTY_LINES.sub("\n\n\n", text)
    at = lines = 0
    while at < len(text):
        end = min(len(text), at + PIECE)
        part = text[at:end] if lines < WHOLE_LINES else text[at:end].replace("\n", " ⏎ ")
        if part.count("\n") > PIECE_LINES:
            part = "\n".join(part.split("\n", PIECE_LINES)[:PIECE_LINES]) + "\n"
            end = at + len(part)
        lines += part.count("\n")
        at = end
        yield broken(clean(part))


def utf16_places(text: str, places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """(start, end) counted in characters as Qt counts them: an emoji takes two."""
    if text.isascii() or not places:
        return places
    answer = []
    at = units = 0
    for start, end in places:
        units += _units(text[at:start])
        first = units
        units += _units(text[start:end])
        answer.append((first, units))
        at = end
    return answer


def _units(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
