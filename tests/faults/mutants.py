"""Faults put into the program on purpose: a harness counts only once it has caught them (never shipped code)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import apsw

from reviewdesk.domain import outbox as machine
from reviewdesk.domain.models import OutboxState
from reviewdesk.services import outbox as outbox_service
from reviewdesk.services import sending
from reviewdesk.store import connections, database, writer

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


def synchronous_normal() -> None:
    """A commit does not wait for the disk."""
    original = connections.open_writer

    def lazy(*args: Any, **more: Any) -> apsw.Connection:
        db = original(*args, **more)
        db.execute("PRAGMA synchronous=NORMAL").fetchall()
        return db

    database.open_writer = writer.open_writer = lazy  # type: ignore[assignment]


MUTANTS: dict[str, Callable[[], None]] = {
    "blind-resend": blind_resend,
    "no-settle-window": no_settle_window,
    "quick-back-off": quick_back_off,
    "draft-in-memory": draft_kept_in_memory,
    "synchronous-normal": synchronous_normal,
}


def plant(names: Iterable[str]) -> None:
    """Put these into the process at hand; there is no way back."""
    for name in names:
        MUTANTS[name]()
