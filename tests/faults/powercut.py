"""Power cuts: what the program wrote and synced is recorded, cut off anywhere, and opened again.

    python -m tests.faults.powercut --cuts 2000          # at every write and sync of a session
    python -m tests.faults.powercut --mutant synchronous-normal

After a cut only what was synced is sure to be on the disk. Of the writes since, any may be there, in any order, whole
or cut at a sector. A shim below SQLite records writes, syncs and truncations of a session in a process of its own;
what the program called saved, queued, under way or sent is recorded between them, so that each cut knows what must
be there. Works wherever Python does, no tracer is needed.
"""

from __future__ import annotations

import argparse
import json
import pickle
import random
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw

from reviewdesk.domain.clock import SystemClock
from reviewdesk.domain.errors import StoreError
from reviewdesk.domain.models import OutboxState, Target
from reviewdesk.store import accounts, drafts, outbox
from reviewdesk.store.database import Store
from tests.faults import mutants
from tests.faults.killer import ROOT

__all__ = ["Cuts", "Tape", "record", "replay"]

_SECTOR = 512
_REVIEWS = 12


# --- recording -------------------------------------------------------------------------------------------

Op = tuple[Any, ...]
"""("write", file, offset, bytes), ("cut", file, size), ("sync", file), ("gone", file) or ("said", what)."""


class Tape:
    """What happened, in order. Any thread."""

    def __init__(self) -> None:
        self.ops: list[Op] = []
        self._lock = threading.Lock()

    def add(self, *op: Any) -> None:
        with self._lock:
            self.ops.append(op)


def _shim(tape: Tape) -> apsw.VFS:
    base = apsw.vfs_names()[0]

    class File(apsw.VFSFile):
        def __init__(self, name: Any, flags: Any) -> None:
            super().__init__(base, name, flags)
            path = name.filename() if isinstance(name, apsw.URIFilename) else name
            self._name = Path(path).name if path else ""

        def xWrite(self, data: Any, offset: int) -> None:
            super().xWrite(data, offset)
            if self._name:
                tape.add("write", self._name, offset, bytes(data))

        def xTruncate(self, newsize: int) -> None:
            super().xTruncate(newsize)
            if self._name:
                tape.add("cut", self._name, newsize)

        def xSync(self, flags: int) -> None:
            super().xSync(flags)
            if self._name:
                tape.add("sync", self._name)

    class Shim(apsw.VFS):
        def __init__(self) -> None:
            super().__init__("recorder", base, makedefault=True)

        def xOpen(self, name: Any, flags: Any) -> apsw.VFSFile:
            return File(name, flags)

        def xDelete(self, filename: str, syncdir: bool) -> None:
            super().xDelete(filename, syncdir)
            tape.add("gone", Path(filename).name)

    return Shim()


def _session(folder: Path, tape: Tape, seed: int) -> None:
    """Read a provider, type, queue, send, type on."""
    from tests.support.core import open_scripted
    from tests.support.scripted import World

    rng = random.Random(seed)
    world = World(page_size=2)
    for number in range(1, _REVIEWS + 1):
        world.add_review(number, body=f"Review {number}. " + "It works well. " * 10)

    def say(**what: Any) -> None:
        tape.add("said", what)

    with open_scripted(folder, world=world) as desk:
        say(read=_REVIEWS)
        for number in range(1, _REVIEWS + 1):
            review, text = desk.review(f"r{number}"), f"k{number} thank"
            for word in ("you", "very much", "for", "the", "kind words"):
                text += f" {word}"
                desk.core.replies.save_draft(review, Target.PUBLIC, text).result(5)
                say(saved=text, review=review)
            if rng.random() < 0.7:
                item = desk.reply(f"r{number}", text)
                say(queued=text, item=item.id)
                world.before_send.append(lambda i=item.id: say(wire=i))  # type: ignore[misc]
                desk.step(item)
                say(sent=item.id)
            if number % 4 == 0:
                desk.sync()


def record(folder: Path, *, seed: int = 1, mutants: Iterable[str] = ()) -> list[Op]:
    """The tape of a session in a process of its own, on a new profile in ``folder``."""
    tape = folder / "tape"
    command = [sys.executable, "-m", "tests.faults.powercut", "--record", str(folder), "--seed", str(seed)]
    for name in mutants:
        command += ["--mutant", name]
    subprocess.run(command, cwd=ROOT, check=True, timeout=120)
    ops: list[Op] = pickle.loads(tape.read_bytes())
    return ops


def _record(folder: Path, seed: int, names: Iterable[str]) -> None:
    mutants.plant(["small-log", *names])
    tape = Tape()
    shim = _shim(tape)
    _session(folder / "p", tape, seed)
    shim.unregister()
    (folder / "tape").write_bytes(pickle.dumps(tape.ops))


# --- replaying -------------------------------------------------------------------------------------------


class _Disk:
    """What is sure to be on the disk, and what may be."""

    def __init__(self) -> None:
        self.sure: dict[str, bytearray] = {}
        self.open: dict[str, list[Op]] = {}

    def take(self, op: Op) -> None:
        kind, name = op[0], op[1]
        if kind == "sync":
            for waiting in self.open.pop(name, []):
                _apply(self.sure.setdefault(name, bytearray()), waiting)
        elif kind == "gone":
            # Only SQLite's own rollback journal and an empty log go, and each after what it was for is synced.
            self.sure.pop(name, None)
            self.open.pop(name, None)
        else:
            self.open.setdefault(name, []).append(op)

    def after_a_cut(self, rng: random.Random) -> dict[str, bytes]:
        files = {name: bytearray(data) for name, data in self.sure.items()}
        for name, ops in self.open.items():
            share = rng.choice((0.0, 0.5, 1.0))
            made = [op for op in ops if rng.random() < share]
            rng.shuffle(made)
            for op in made:
                _apply(files.setdefault(name, bytearray()), _torn(op, rng))
        return {name: bytes(data) for name, data in files.items()}


def _apply(data: bytearray, op: Op) -> None:
    if op[0] == "cut":
        del data[op[2] :]
        return
    _, _, offset, piece = op
    if len(data) < offset:
        data.extend(bytes(offset - len(data)))
    data[offset : offset + len(piece)] = piece


def _torn(op: Op, rng: random.Random) -> Op:
    if op[0] != "write" or rng.random() > 0.3:
        return op
    kept = rng.randrange(len(op[3]) + 1) // _SECTOR * _SECTOR
    return (op[0], op[1], op[2], op[3][:kept])


@dataclass
class Cuts:
    """What came of it; ``violations`` must be empty."""

    cuts: int = 0
    lost: int = 0
    """Cuts after which something that was called saved, queued or sent was not there."""
    damaged: int = 0
    blind: int = 0
    """Cuts after which an item whose request had left was not known to be under way: it would be sent again."""
    ahead: int = 0
    """Cuts after which the sync's cursor was ahead of its rows."""
    violations: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.cuts} power cuts: {self.lost} lost something called saved, {self.damaged} damaged the database,"
            f" {self.blind} would send again, {self.ahead} left the cursor ahead of its rows"
        )


def replay(folder: Path, ops: list[Op], *, cuts: int, seed: int = 1) -> Cuts:
    """Cut at ``cuts`` moments spread over the whole tape (several times at each, if there are fewer)."""
    rng = random.Random(seed)
    each, rest = divmod(cuts, len(ops))
    times = [each] * len(ops)
    for place in rng.sample(range(len(ops)), rest):
        times[place] += 1
    disk, said, verdict = _Disk(), [], Cuts()
    for number, op in enumerate(ops):
        if op[0] == "said":
            said.append(op[1])
        else:
            disk.take(op)
        for _ in range(times[number]):
            verdict.cuts += 1
            _judge(folder, disk.after_a_cut(rng), said, verdict, f"cut at {number} of {len(ops)}")
    return verdict


def _judge(
    folder: Path, files: dict[str, bytes], said: list[dict[str, Any]], verdict: Cuts, where: str
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    name = next((n for n in files if n.endswith(".db")), "reviewdesk.db")
    try:
        store = Store.open(folder / name, clock=SystemClock(), on_change=lambda _: None)
    except StoreError as error:
        verdict.damaged += 1
        verdict.violations.append(f"{where}: it can't be opened: {error.message}")
        return
    try:
        problems = store.integrity(quick=False)
        if problems:
            verdict.damaged += 1
            verdict.violations.append(f"{where}: {problems[0]}")
            return
        _look(store, said, verdict, where)
    finally:
        store.close()


def _look(store: Store, said: list[dict[str, Any]], verdict: Cuts, where: str) -> None:
    with store.read() as r:
        items = {i.id: i for i in outbox.list_items(r, states=tuple(OutboxState), limit=1000)}
        written = {d.review_id: d.text for d in drafts.list_all(r)}
        cursors = [json.loads(row[0]) for row in r.rows("SELECT cursor FROM sync_cursor")]
        reviews = int(r.value("SELECT count(*) FROM review"))
        read_in = bool(accounts.list_all(r))
    missing = []
    texts = {i.review_id: i.text for i in items.values()}
    last = {line["review"]: line["saved"] for line in said if "saved" in line}
    for review, text in last.items():
        # Typed on, or queued, after that was said: what was said must be how it begins.
        if not any(t.startswith(text) for t in (written.get(review, ""), texts.get(review, ""))):
            missing.append(f"the draft {text!r}")
    for line in said:
        if "queued" in line and line["item"] not in items:
            missing.append(f"the item {line['item']}")
        if "sent" in line and (
            line["sent"] not in items or items[line["sent"]].state is not OutboxState.SENT
        ):
            missing.append(f"that {line['sent']} is sent")
        if "read" in line and (reviews < line["read"] or not read_in):
            missing.append(f"{line['read'] - reviews} reviews")
        if "wire" in line and (line["wire"] not in items or items[line["wire"]].state is OutboxState.WAITING):
            verdict.blind += 1
            verdict.violations.append(f"{where}: {line['wire']} had left and would be sent again")
    if missing:
        verdict.lost += 1
        verdict.violations.append(f"{where}: lost {', '.join(missing[:3])}")
    for cursor in cursors:
        if cursor and reviews < (int(cursor.get("next", 0)) or _REVIEWS):
            verdict.ahead += 1
            verdict.violations.append(f"{where}: the cursor says {cursor}, there are {reviews} reviews")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.powercut", description=__doc__)
    parser.add_argument("--cuts", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--mutant", action="append", default=[], choices=sorted(mutants.MUTANTS))
    parser.add_argument("--record", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.record:
        _record(Path(given.record), given.seed, given.mutant)
        return 0
    memory = Path("/dev/shm")
    place = str(memory) if memory.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="reviewdesk-cuts-", dir=place) as folder:
        ops = record(Path(folder), seed=given.seed, mutants=given.mutant)
        verdict = replay(Path(folder) / "after", ops, cuts=given.cuts, seed=given.seed)
    print(verdict)
    for violation in verdict.violations[:20]:
        print(f"  {violation}")
    return 1 if verdict.violations else 0


if __name__ == "__main__":
    sys.exit(main())
