"""Every fault of the network at every operation, over raw sockets and real TLS (reliability.md C).

The ordinary run takes each cell's attempt, and every seventh one to its end; the long lane takes each to its end, with
the request carried out before its answer is lost and without.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from reviewdesk.domain import outbox as machine
from reviewdesk.domain.errors import ErrorInfo
from reviewdesk.domain.models import OutboxItem, OutboxState
from tests.faults.lanes import LONG
from tests.faults.matrix import (
    ACTIONS,
    CONFLICT,
    READINGS,
    Action,
    Bench,
    Reading,
    bench,
    expected,
    is_well,
    read_outcome,
)
from tests.faults.relay import FAULTS, Fault

pytestmark = pytest.mark.timeout(1800 if LONG else 300)

_EVERY = 7
_MEMORY = Path("/dev/shm")


@pytest.fixture(scope="module")
def desk() -> Iterator[Bench]:
    place = str(_MEMORY) if _MEMORY.is_dir() else None
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="reviewdesk-matrix-", dir=place))
        yield stack.enter_context(bench(Path(folder)))


@dataclass(frozen=True)
class Cell:
    fault: Fault
    stores: bool
    to_its_end: bool


def cells(column: int, *, settles: bool = False) -> list[Cell]:
    """The faults of one operation."""
    chosen = []
    for row, fault in enumerate(FAULTS):
        lost = fault.delivery == "unknown" or (fault.name == CONFLICT and settles)
        may_store = fault.at == "request" and lost
        if LONG:
            chosen += [Cell(fault, stores, True) for stores in ((False, True) if may_store else (False,))]
        else:
            whole = (row + column) % _EVERY == 0 or fault.name == CONFLICT
            chosen.append(Cell(fault, may_store and (row + column) % 2 == 0, whole))
    return chosen


@pytest.mark.parametrize("action", ACTIONS, ids=lambda a: f"{a.provider}: {a.name}")
def test_actions(desk: Bench, action: Action) -> None:
    wrong = []
    for cell in cells(ACTIONS.index(action), settles=action.settles):
        fault, want = cell.fault, expected(cell.fault, action, stores=cell.stores)
        desk.fresh()
        since = desk.mark(action)
        item = desk.queue(action)
        with desk.relay.strikes(fault, action.call, stores=cell.stores):
            after = desk.step(item)
        error = desk.errors[0] if desk.errors else ""
        said = f"{fault} ({'carried out' if cell.stores else 'not carried out'}): "
        if not desk.relay.struck:
            wrong.append(f"{said}the fault struck nothing")
        if (error, after.state) != (want.error, want.state):
            wrong.append(f"{said}{error} and {after.state}, not {want.error} and {want.state}: {after.error}")
        if fault.wait_s is not None and want.state is OutboxState.WAITING:
            left = after.not_before - desk.clock.now()
            if not fault.wait_s[0] <= left <= fault.wait_s[1]:
                wrong.append(f"{said}waits {left:.0f} s")
        if after.text != item.text:
            wrong.append(f"{said}the text is another one")
        if not cell.to_its_end:
            desk.put_away(after)
            continue
        end, commits = desk.drain(after), desk.commits(action, since)
        if (end.state, commits) != (want.ends, want.commits):
            wrong.append(
                f"{said}ends {end.state}, carried out {commits} times, not {want.ends}, {want.commits}"
            )
        desk.put_away(end)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("reading", READINGS, ids=lambda r: f"{r.provider}: {r.name}")
def test_readings(desk: Bench, reading: Reading) -> None:
    wrong = []
    column = cells(READINGS.index(reading))
    if not LONG and (reading.skip or reading.when == "sign-in"):
        # A whole sync stands around each of these cells; the sign-in before a reply meets every fault as well.
        column = column[READINGS.index(reading) % _EVERY :: _EVERY]
    if not LONG and reading.when == "after":
        column = column[
            READINGS.index(reading) % 3 :: 3
        ]  # the same calls as before a reply, with a reply before
    for cell in column:
        problem = read_outcome(desk, reading, cell.fault)
        if problem:
            wrong.append(f"{cell.fault}: {problem}")
    if reading.when in ("sync", "sign-in"):
        wrong += is_well(desk, reading)
    assert not wrong, "\n".join(wrong)


def test_a_blind_resend_is_caught(desk: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Teeth: with this fault planted, the cell of a lost answer ends with two comments."""

    def again(item: OutboxItem, error: ErrorInfo, since: float, _policy: machine.Policy) -> OutboxItem:
        return replace(item, state=OutboxState.WAITING, error=error, not_before=since)

    monkeypatch.setattr(machine, "_unclear", again)
    action = next(a for a in ACTIONS if a.name == "comment")
    fault = next(f for f in FAULTS if f.name == "C7 closed before the answer")
    desk.fresh()
    since, item = desk.mark(action), desk.queue(action)
    with desk.relay.strikes(fault, action.call, stores=True):
        after = desk.step(item)
    end = desk.drain(after)
    desk.put_away(end)
    want = expected(fault, action, stores=True)
    assert (after.state, desk.commits(action, since)) != (want.state, want.commits)
    assert desk.commits(action, since) == 2
