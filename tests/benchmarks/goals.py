"""The goals at a million reviews, row by row, what was measured of programs like ours, and the table of all sizes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tests.benchmarks.table import Line, judged, number

__all__ = ["GROWTH", "PEERS", "ROWS", "markdown", "row_of", "side_by_side"]

ROWS: Mapping[int, tuple[str, str]] = {
    1: ("process start to first painted inbox with real rows", "1.6 x a bare window's start, at most 250 ms above it"),
    2: ("start at this size against start at 10 thousand", "1.15 x"),
    3: ("search as you type", "p95 20 ms, p99 50 ms, 2 x hand-written FTS5; count within 250 ms"),
    4: ("switching to any view, key to painted", "p95 60 ms"),
    5: ("page of rows at any depth", "p95 5 ms, 2 x a keyset query"),
    6: ("scrolling by wheel, page and thumb", "frame p95 8 ms, p99 16 ms, no blank rows longer than 50 ms"),
    7: ("opening a review (thread, versions, context)", "p95 50 ms"),
    8: ("counts of all sidebar entries after a change", "10 ms of work, off the GUI thread"),
    9: ("first sync through real HTTP", "0.6 of hand-written SQLite with the same index"),
    10: ("the same sync again, nothing changed", "no row written, 5 x faster than 9"),
    11: ("longest writer hold / longest gap of the GUI thread", "p99 50 ms / 100 ms, p99 16 ms"),
    12: ("from a server's answer to the painted row", "150 ms"),
    13: ("memory after scrolling and searching, less mapped database", "220 MB, within 30 MB of 10 thousand"),
    14: ("idle, window open, sync every 5 minutes", "under 1 % of a core"),
    15: ("export of everything, CSV and JSON Lines", "25,000 rows/s, within 50 MB, 0.5 of the csv module"),
    16: ("nightly feed", "10,000 lines/s, 300 MB"),
    17: ("command line list, warm", '2.5 x python -c "import sqlite3, keyring"'),
    18: ("size of the profile", "2.5 x the bytes of texts and records"),
    19: ("local bulk actions on 10 thousand rows, and their undo", "500 ms each"),
}  # fmt: skip
"""Number: task and goal of design/performance.md, section 1."""

GROWTH = frozenset({3, 4, 5, 6, 7, 8, 12, 13})
"""Rows that must not grow by more than 1.5 x from 10 thousand to a million reviews."""
_GROWTH_LIMIT = 1.5

PEERS: Sequence[tuple[str, str, float, float, str, str]] = (
    # task, peer, from, to, unit, the beginning of our line's task
    ("start with 100 thousand items", "QuiteRSS", 2.3, 3.0, "s", "process start to first painted"),
    ("start with 100 thousand items", "RSS Guard", 4.1, 7.5, "s", "process start to first painted"),
    ("start with 100 thousand items", "Anki", 2.5, 2.5, "s", "process start to first painted"),
    ("start with 100 thousand items", "Thunderbird", 3.1, 3.1, "s", "process start to first painted"),
    ("memory with 100 thousand items", "QuiteRSS", 210, 210, "MB", "memory with the window open"),
    ("memory with 100 thousand items", "RSS Guard", 500, 500, "MB", "memory with the window open"),
    ("open a list of 100 thousand", "Thunderbird", 0.025, 0.025, "s", "list: first rows"),
    ("open a list of 100 thousand", "QuiteRSS", 2.1, 3.2, "s", "list: first rows"),
    ("open a list of 100 thousand", "RSS Guard", 5.9, 5.9, "s", "list: first rows"),
    ("search 100 thousand", "Thunderbird quick filter", 5.5, 5.7, "s", "search, mixed set, p95"),
    ("search 100 thousand", "QuiteRSS", 3.9, 12, "s", "search, mixed set, p95"),
    ("search 100 thousand", "RSS Guard", 2.7, 5.0, "s", "search, mixed set, p95"),
    ("search 100 thousand", "Anki's library", 0.4, 0.9, "s", "search, mixed set, p95"),
    ("add and index", "Anki", 1_700, 1_700, "rows/s", "first sync, rows stored and searchable"),
    ("add and index", "RSS Guard, feeds", 1_840, 1_840, "rows/s", "first sync over HTTP"),
    ("add and index", "sqlite-utils, enable-fts", 9_200, 9_200, "rows/s", "first sync, rows stored and searchable"),
    ("filter a million rows", "DB Browser for SQLite", 10, 19, "s", "search, mixed set, p95"),
)  # fmt: skip

_NAMES = {
    "search": 3, "search-kinds": 3, "paging": 5, "views": 0, "scroll": 6, "unchanged": 10, "size": 18,
}  # fmt: skip


def row_of(line: Line) -> int:
    """Which row of ``ROWS`` a line belongs to; 0 for none: a detail."""
    if line.row:
        return line.row
    if line.name == "start":
        return 2 if "10 thousand" in line.task else 1
    if line.name == "count":
        return 8 if "sidebar" in line.task else 3
    if line.name == "ingest":
        return 11 if "writer held" in line.task or "waits" in line.task else 9
    return _NAMES.get(line.name, 0)


def _headlines(lines: Iterable[Line]) -> dict[tuple[int, str], Line]:
    """What has a goal or failed, by row and task, in the order of the rows."""
    chosen = [
        line for line in lines if row_of(line) and (line.goal or line.met is not None or line.figure is None)
    ]
    return {(row_of(line), line.task): line for line in sorted(chosen, key=row_of)}


def _ratio(line: Line) -> str:
    return "" if line.ratio is None else f"{line.ratio:.2f}x"


def _cell(line: Line | None, *, unit: bool = True) -> str:
    if line is None:
        return "-"
    if line.figure is None:
        return "failed"
    told = number(line.figure) + (f" {line.unit}" if unit else "")
    return f"{told} ({number(line.floor)}, {_ratio(line)})" if line.floor else told


def _growth(row: int, small: Line | None, large: Line | None) -> str:
    if row not in GROWTH or small is None or large is None or not small.figure or large.figure is None:
        return ""
    return f"{large.figure / small.figure:.1f}x"


def side_by_side(runs: Mapping[str, Sequence[Line]]) -> str:
    """Every figure that has a goal, a column for each size there is."""
    sizes = list(runs)
    by_size = {size: _headlines(lines) for size, lines in runs.items()}
    keys = sorted(dict.fromkeys(key for found in by_size.values() for key in found), key=lambda key: key[0])
    head = ["#", "task", "unit", *sizes, "goal", "met"]
    rows = []
    for key in keys:
        found = [by_size[size].get(key) for size in sizes]
        last = next(line for line in reversed(found) if line is not None)
        told = "/".join(
            {True: "yes", False: "NO", None: "-"}[judged(line)] if line else " " for line in found
        )
        rows.append(
            [str(key[0]), key[1], last.unit, *(_cell(line, unit=False) for line in found), last.goal, told]
        )
    widths = [max(len(row[n]) for row in [head, *rows]) for n in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in [head, ["-" * width for width in widths], *rows]
    )


def markdown(runs: Mapping[str, Sequence[Line]], facts: Mapping[str, str]) -> str:
    """The table of the 19 rows with its sizes, then the peers: what docs/performance.md holds."""
    sizes = list(runs)
    by_size = {size: _headlines(lines) for size, lines in runs.items()}
    out = [*(f"- {size}: {facts[size]}" for size in sizes if size in facts), ""]
    out.append("In brackets: the floor of the same run, and the ratio to it.")
    out += [
        "",
        "| # | task | " + " | ".join(sizes) + " | grows | goal | met |",
        "|---" * (len(sizes) + 5) + "|",
    ]
    for row, (title, goal) in ROWS.items():
        keys = list(dict.fromkeys(key for size in sizes for key in by_size[size] if key[0] == row))
        out.append(
            f"| **{row}** | **{title}** |"
            + " |" * (len(sizes) + 1)
            + f" {goal} | {_verdict(by_size, keys)} |"
        )
        for key in keys:
            found = [by_size[size].get(key) for size in sizes]
            last = next(line for line in reversed(found) if line is not None)
            said = {True: "yes", False: "no", None: "-"}[judged(last)]
            cells = " | ".join(_cell(line) for line in found)
            grows = _growth(row, found[0], found[-1]) if len(sizes) > 1 else ""
            out.append(f"| | {key[1]} | {cells} | {grows} | {last.goal} | {said} |")
    grown = [
        f"{key[1]} {told}"
        for key in (by_size[sizes[0]] if len(sizes) > 1 else ())
        if (told := _growth(key[0], by_size[sizes[0]].get(key), by_size[sizes[-1]].get(key)))
        and float(told[:-1]) > _GROWTH_LIMIT
    ]
    if len(sizes) > 1:
        told = "; ".join(grown) or "nothing"
        out += [
            "",
            f"Grown by more than {_GROWTH_LIMIT} x from {sizes[0]} to {sizes[-1]} in rows 3 to 8, 12 and 13: {told}.",
        ]
    out += ["", *_peers(runs)]
    return "\n".join(out)


def _verdict(by_size: Mapping[str, Mapping[tuple[int, str], Line]], keys: Sequence[tuple[int, str]]) -> str:
    """Of the largest size that was measured."""
    for found in reversed(list(by_size.values())):
        said = [judged(found[key]) for key in keys if key in found]
        if said:
            return "**no**" if False in said else "yes" if True in said else "-"
    return "not measured"


def _peers(runs: Mapping[str, Sequence[Line]]) -> list[str]:
    lines = runs.get("100k") or next(reversed(runs.values()), ())
    size = "100k" if "100k" in runs else next(reversed(runs), "")
    out = [f"| task | peer | its figure | ours at {size} | ratio |", "|---|---|---|---|---|"]
    for task, peer, low, high, unit, ours in PEERS:
        line = next((each for each in lines if each.task.startswith(ours)), None)
        if line is None or line.figure is None or ("million" in task and size != "1m"):
            continue
        figure = line.figure / 1_000 if unit == "s" and line.unit == "ms" else line.figure
        span = number(low) if low == high else f"{number(low)} to {number(high)}"
        ratio = figure / low if unit == "rows/s" else (low + high) / 2 / figure if figure else 0.0
        word = "as fast" if unit in ("s", "rows/s") else "as small"
        told = f"{number(figure * 1_000)} ms" if unit == "s" and figure < 0.1 else f"{number(figure)} {unit}"
        out.append(f"| {task} | {peer} | {span} {unit} | {told} | {ratio:.1f} x {word} |")
    return out
