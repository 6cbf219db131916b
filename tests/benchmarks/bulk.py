"""What a person does to ten thousand reviews at once, through the services the window uses, and taking it back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

from reviewdesk.app import open_core
from reviewdesk.secrets.memory import MemorySecrets
from tests.benchmarks.generator import NEWEST
from tests.benchmarks.profiles import Built
from tests.benchmarks.table import Line, percentile

__all__ = ["lines"]

_ROWS = 10_000


def lines(built: Built, *, rows: int = _ROWS) -> Iterator[Line]:
    """Row 19: from the call to the commit, with undo and redo. ``built`` is written to: give a working copy."""
    core = open_core(Path(built.folder), secrets=MemorySecrets())
    try:
        inbox = core.inbox
        every = inbox.ids(inbox.parse(""))
        ids = list(every[: min(rows, len(every))])
        acts: dict[str, Callable[[], Any]] = {
            "done": lambda: inbox.mark_done(ids),
            "reopen": lambda: inbox.reopen(ids),
            "waiting": lambda: inbox.mark_waiting(ids),
            "snooze": lambda: inbox.snooze(ids, NEWEST + 10**7),
            "read": lambda: inbox.mark_read(ids, True),
            "unread": lambda: inbox.mark_read(ids, False),
            "star": lambda: inbox.set_star(ids, True),
            "unstar": lambda: inbox.set_star(ids, False),
            "owner": lambda: inbox.set_owner(ids, "Nia"),
            "tag": lambda: inbox.add_tag(ids, "benchmark"),
            "untag": lambda: inbox.remove_tag(ids, "benchmark"),
        }
        prepare: dict[str, str] = {
            "reopen": "done", "unread": "read", "unstar": "star", "untag": "tag"}  # fmt: skip
        done: list[float] = []
        undone: list[float] = []
        redone: list[float] = []
        slowest = {"act": ("", 0.0), "undo": ("", 0.0)}
        for name, act in acts.items():
            if name in prepare:
                acts[prepare[name]]().result(120)
            done.append(_timed(act))
            undone.append(_timed(inbox.history.undo))
            redone.append(_timed(inbox.history.redo))
            inbox.history.undo().result(120)
            if name in prepare:
                inbox.history.undo().result(120)
            slowest["act"] = max(slowest["act"], (name, done[-1]), key=lambda found: found[1])
            slowest["undo"] = max(slowest["undo"], (name, undone[-1]), key=lambda found: found[1])
        for task, taken, note in (
            ("bulk action", done, slowest["act"][0]),
            ("undo of it", undone, slowest["undo"][0]),
            ("redo of it", redone, ""),
        ):
            yield Line(
                name="bulk", task=f"{task} on {len(ids):,} rows, slowest of {len(acts)}", figure=max(taken),
                unit="ms", goal="500 ms", row=19, note=f"{note}; median {percentile(taken, 0.5):.0f} ms".lstrip("; "),
            )  # fmt: skip
    finally:
        core.stop()


def _timed(act: Callable[[], Any]) -> float:
    started = perf_counter()
    act().result(120)
    return (perf_counter() - started) * 1_000
