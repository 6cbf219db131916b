"""Faults put into the program on purpose: a harness counts only once it has caught them (never shipped code)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import apsw

from reviewdesk.domain import outbox as machine
from reviewdesk.domain.models import OutboxState
from reviewdesk.services import outages, scheduler, sending
from reviewdesk.services import outbox as outbox_service
from reviewdesk.store import database, outbox, writer

__all__ = ["MUTANTS", "plant"]


def blind_resend() -> None:
    """An unclear outcome is tried again at once, without a look."""

    def again(item: Any, error: Any, since: float, policy: Any) -> Any:
        return replace(item, state=OutboxState.WAITING, error=error, not_before=since)

    machine._unclear = again
    sending.Sender._conflict = staticmethod(lambda *_: None)  # type: ignore[method-assign, assignment]


def _policy_with(**changed: Any) -> None:
    original = sending.policy_for

    def policy(*args: Any, **more: Any) -> machine.Policy:
        return replace(original(*args, **more), **changed)

    sending.policy_for = outbox_service.policy_for = policy


def no_settle_window() -> None:
    """The look after an unclear outcome comes at once, and nothing found means nothing there."""
    _policy_with(settle_s=0.0)


def quick_back_off() -> None:
    """No fault but a scale: the waits between tries are as short as the rest of the harness's time."""
    _policy_with(back_off_s=(0.05,) * 6)
    outages._DELAYS_S = (0.05,) * 5  # type: ignore[assignment]
    scheduler._LOOK_S = 0.1


def draft_kept_in_memory() -> None:
    """A draft is called saved before it is committed."""
    from concurrent.futures import Future

    from reviewdesk.services.replies import ReplyService

    original = ReplyService.save_draft

    def early(self: Any, review_id: int, target: Any, text: str, subject: str = "") -> Future[None]:
        said: Future[None] = Future()
        said.set_result(None)
        if len(text) % 2:
            original(self, review_id, target, text, subject)
        return said

    ReplyService.save_draft = early  # type: ignore[method-assign]


def _writer_with(pragma: str) -> None:
    original = database.open_writer

    def changed(*args: Any, **more: Any) -> apsw.Connection:
        db = original(*args, **more)
        db.execute(f"PRAGMA {pragma}").fetchall()
        return db

    database.open_writer = writer.open_writer = changed  # type: ignore[assignment]


def synchronous_normal() -> None:
    """A commit does not wait for the disk."""
    _writer_with("synchronous=NORMAL")


def small_log() -> None:
    """No fault but a scale: the log is carried over every sixty pages, so that a short session has that moment."""
    _writer_with("wal_autocheckpoint=60")


def sends_before_commit() -> None:
    """``sending`` is not committed before the first byte: the row still says that it waits."""

    def begin(self: Any, item: Any, thread: Any, policy: machine.Policy, talk: Any = None) -> Any:
        baseline = machine.seen_of_record(thread) if thread is not None else {}
        return machine.step(item, machine.BaselineStored(baseline), self._clock.now(), policy)

    original = sending.Sender._step

    def step(self: Any, item: Any, event: Any, policy: Any = None, **more: Any) -> Any:
        def late(tx: Any) -> None:
            outbox.claim(tx, item.id, self._token)
            current = outbox.get(tx, item.id)
            if current is not None and current.state is OutboxState.WAITING:
                outbox.update(tx, item)

        self._store.write_now(late)
        return original(self, item, event, policy, **more)

    sending.Sender._begin = begin  # type: ignore[method-assign]
    sending.Sender._step = step  # type: ignore[method-assign]


def _window_lock(take: Callable[[Any], bool]) -> None:
    """Take the window's lock in another way; every other lock is taken as ever."""
    from reviewdesk.services.locks import FileLock

    original = FileLock.take

    def changed(self: Any) -> bool:
        return take(self) if self._path.name == "window.lock" else original(self)

    FileLock.take = changed  # type: ignore[method-assign]


def two_owners() -> None:
    """Everybody gets the window's lock."""

    def take(lock: Any) -> bool:
        lock._handle = os.open(lock._path, os.O_RDWR | os.O_CREAT, 0o600)
        return True

    _window_lock(take)


def lock_outlives_its_owner() -> None:
    """The window's lock is the file itself, which nobody removes for a process that was killed."""
    from reviewdesk import app

    app._RAISE_PATIENCE_S = 2.0  # no fault but a scale

    def take(lock: Any) -> bool:
        try:
            lock._handle = os.open(lock._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return False
        return True

    _window_lock(take)


MUTANTS: dict[str, Callable[[], None]] = {
    "blind-resend": blind_resend,
    "no-settle-window": no_settle_window,
    "quick-back-off": quick_back_off,
    "draft-in-memory": draft_kept_in_memory,
    "synchronous-normal": synchronous_normal,
    "sends-before-commit": sends_before_commit,
    "small-log": small_log,
    "two-owners": two_owners,
    "lock-outlives": lock_outlives_its_owner,
}


def plant(names: Iterable[str]) -> None:
    """Put these into the process at hand; there is no way back."""
    for name in names:
        MUTANTS[name]()
