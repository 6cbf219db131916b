"""A list at work: rows one after the other on the account's worker, as the least urgent thing it does."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from reviewdesk.domain.clock import Clock
from reviewdesk.domain.errors import ReviewdeskError, StoreError
from reviewdesk.domain.invitations.model import Invitation
from reviewdesk.domain.models import AccountState, OutboxState
from reviewdesk.domain.outbox import Policy, RetriedByPerson, step
from reviewdesk.providers.base import Paced
from reviewdesk.services.accounts import AccountService
from reviewdesk.services.invitation_rows import (
    Judge,
    Plan,
    Progress,
    Row,
    RowState,
    RunState,
    chosen_of,
    goes_on,
    known_row,
    same_person,
)
from reviewdesk.services.invitations import AlreadyInvited, InvitationService, MustNotContact
from reviewdesk.services.outbox import OutboxService
from reviewdesk.services.sync import describe_failure
from reviewdesk.services.workers import Door, Job, Urgency
from reviewdesk.store import invitations, outbox
from reviewdesk.store.invitations import Run

if TYPE_CHECKING:
    from reviewdesk.store.database import Store, Tx

__all__ = ["BulkJob", "BulkRun", "Work"]

_log = logging.getLogger(__name__)
_SLICE_S = 0.5
_PATIENCE_S = 120.0
_QUOTA_PATIENCE_S = 3700.0
"""A provider's limits let go within the hour; other faults may need a person."""
_FORECAST_EVERY_S = 30.0
_LOOK_EVERY_ROWS = 50
"""So often somebody more urgent is let pass while rows need no request."""


class BulkRun:
    """A run at work. ``pause``, ``resume`` and ``stop`` take effect between two rows. Any thread."""

    def __init__(self, run: Run, plan: Plan, job: BulkJob) -> None:
        self.id = run.id
        self.plan = plan
        self._job = job

    @property
    def progress(self) -> Progress:
        return self._job.progress

    @property
    def error_kind(self) -> str:
        """Why it was stopped, where a fault was the reason: ``keychain``, ``sign-in``, ``network`` ..."""
        return self._job.error_kind

    def pause(self) -> None:
        """Hold before the next row; the worker is free for everything else meanwhile."""
        self._job.go_on.clear()

    def resume(self) -> None:
        self._job.go_on.set()

    def stop(self) -> None:
        """End after the present row; ``start`` with the same list goes on."""
        self._job.cancelled.set()
        self._job.go_on.set()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Until it has ended; false when it has not."""
        return self._job.done.wait(timeout_s)


class BulkJob(Job):
    """The rows, one after the other, as the least urgent work of the account's worker."""

    urgency = Urgency.BULK

    def __init__(
        self,
        work: Work,
        plan: Plan,
        run: Run,
        on_row: Callable[[Row], None] | None,
        on_progress: Callable[[Progress], None] | None,
    ) -> None:
        super().__init__()
        self.go_on = threading.Event()
        self.go_on.set()
        self.run = run
        self._work = work
        self._plan = plan
        self._on_row = on_row
        self._on_progress = on_progress
        self._counts: Counter[RowState] = Counter()
        self._left = plan.ready
        self.error_kind = ""
        self._forecast = plan.seconds
        self._forecast_at = work.clock.monotonic()
        self._forecast_until = self._forecast_at + _FORECAST_EVERY_S
        self.progress = Progress(
            state=RunState.RUNNING,
            total=plan.total,
            done=0,
            row=0,
            counts={},
            seconds_left=plan.seconds,
        )

    def steps(self, door: Door) -> Iterator[None]:
        ended, message = RunState.STOPPED, "Stopped."
        try:
            for row in self._work.begin(self._plan):
                yield from self._held()
                if self.cancelled.is_set():
                    return
                asked = row.state is RowState.READY
                if asked:
                    made: Row | None = None
                    for step in self._work.ask(self._plan, self.run, row, door, self):
                        if step is None:
                            yield
                        else:
                            made = step
                    if made is None:
                        return
                    row = made
                    self._left -= 1
                self._note(row)
                if asked or row.number % _LOOK_EVERY_ROWS == 0:
                    yield
            ended, message = RunState.DONE, ""
        except _Stop as stop:
            message, self.error_kind = stop.message, stop.kind
        except ReviewdeskError as error:
            message, self.error_kind = error.message, describe_failure(error).kind
        finally:
            self._end(ended, message)

    def _held(self) -> Iterator[None]:
        if self.go_on.is_set():
            return
        self._work.keep_state(self.run.id, RunState.PAUSED)
        self._tell(RunState.PAUSED, "Paused.")
        while not self.go_on.is_set() and not self.cancelled.is_set():
            self._work.clock.wait(self.go_on, _SLICE_S)
            yield
        if not self.cancelled.is_set():
            self._work.keep_state(self.run.id, RunState.RUNNING)
            self._tell(RunState.RUNNING, "")

    def _note(self, row: Row) -> None:
        self._counts[row.state] += 1
        if self._on_row is not None:
            self._on_row(row)
        self._tell(RunState.RUNNING, "", row.number)

    def waiting(self, message: str) -> None:
        """Say why it does not go on at the moment."""
        if message != self.progress.message:
            self._tell(RunState.RUNNING, message)

    def _tell(self, state: RunState, message: str, row: int | None = None) -> None:
        now = self._work.clock.monotonic()
        if now >= self._forecast_until or state is RunState.PAUSED:
            # Counted out every so often; in between the time that passes is taken off.
            self._forecast = self._work.seconds_for(self._plan, self._left)
            self._forecast_at, self._forecast_until = now, now + _FORECAST_EVERY_S
        left = 0.0 if state is RunState.DONE else max(0.0, self._forecast - (now - self._forecast_at))
        self.progress = Progress(
            state=state,
            total=self._plan.total,
            done=self._counts.total(),
            row=row if row is not None else self.progress.row,
            counts=dict(self._counts),
            seconds_left=left,
            message=message,
        )
        if self._on_progress is not None:
            self._on_progress(self.progress)

    def _end(self, state: RunState, message: str) -> None:
        try:
            self._work.keep_state(self.run.id, state)
        except StoreError as error:
            _log.info("the end of a run of invitations could not be written: %s", error.message)
        self._tell(state, message)

    def dropped(self) -> None:
        self._tell(RunState.STOPPED, "The program is ending.")


class _Stop(Exception):
    """The run can't go on; the sentence says why, ``kind`` is the error's."""

    def __init__(self, message: str, kind: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.kind = kind


class Work:
    """What a run does with its rows: judge, queue, send, and see what came of it."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        accounts: AccountService,
        single: InvitationService,
        outbox: OutboxService,
        seconds_for: Callable[[Plan, int], float],
        today: Callable[[], date],
    ) -> None:
        self._store = store
        self.clock = clock
        self._accounts = accounts
        self._single = single
        self._outbox = outbox
        self.seconds_for = seconds_for
        self._today = today

    def begin(self, plan: Plan) -> Iterator[Row]:
        """The rows in order, each judged at the moment it is its turn."""
        with self._store.read() as reader:
            run = invitations.find_run(
                reader,
                account_id=plan.account.id,
                form=plan.form.id,
                digest=plan.table.digest,
                sample=plan.sample.as_json(),
            )
        judge = Judge(self._single, self._today)
        for number, cells in plan.table.rows():
            with self._store.read() as reader:
                row = judge.look(reader, plan, run, number, cells)
            yield next(chosen_of(plan, (row,)))

    def keep_state(self, run_id: int, state: RunState) -> None:
        self._store.write_now(lambda tx: invitations.update_run(tx, run_id, state=state.value))

    def ask(self, plan: Plan, run: Run, row: Row, door: Door, job: BulkJob) -> Iterator[Row | None]:
        """Invite one row; yields None between its steps and the row with its result at the end.

        Raises ``_Stop`` when the account can't go on.
        """
        account = self._accounts.get(plan.account.id)
        if account is None or account.state is AccountState.PAUSED:
            raise _Stop(
                "The account is paused." if account is not None else "The account is no longer there."
            )
        if plan.form.calls:
            while (wait := self._wait_s(door)) > 0:
                job.waiting("Waiting for the provider's next slot.")
                if door.wait(min(wait, _SLICE_S)):
                    return
                yield None
        made = self._queued(plan, run, row)
        if isinstance(made, Row):
            yield made
            return
        begun = self.clock.monotonic()
        while True:
            self._outbox.sender.work(made.outbox_id or 0, door)
            result = self._result(row, made.id)
            if result is not None:
                yield result
                return
            item = self._outbox.item(made.outbox_id or 0)
            account = self._accounts.get(plan.account.id)
            why = item.error.message if item is not None and item.error is not None else ""
            kind = item.error.kind if item is not None and item.error is not None else ""
            waits = f"Row {row.number} waits in the outbox"
            if account is None or account.state in (AccountState.PAUSED, AccountState.SIGN_IN_NEEDED):
                raise _Stop(f"{waits}. {why}".strip(), kind)
            if kind == "keychain":
                raise _Stop(f"{waits}. {why}", kind)
            patience = _QUOTA_PATIENCE_S if kind == "rate-limit" else _PATIENCE_S
            if self.clock.monotonic() - begun > patience:
                raise _Stop(f"{waits}, the provider can't be reached. {why}".strip(), kind)
            job.waiting(why)
            # Until it may be tried again, or a moment while another program has it in hand.
            left = item.not_before - self.clock.now() if item is not None else 0.0
            again = self.clock.monotonic() + max(_SLICE_S, min(left, patience))
            while (still := again - self.clock.monotonic()) > 0:
                if door.wait(min(still, _SLICE_S)):
                    return
                yield None

    @staticmethod
    def _wait_s(door: Door) -> float:
        try:
            provider = door.provider()
        except ReviewdeskError as error:
            raise _Stop(error.message, describe_failure(error).kind) from None
        return provider.wait_s() if isinstance(provider, Paced) else 0.0

    def _queued(self, plan: Plan, run: Run, row: Row) -> Invitation | Row:
        """The row's invitation, new or left over from an earlier run; or the row when the guard refuses it now."""

        def write(tx: Tx) -> Invitation:
            known = invitations.of_row(tx, run.id, row.number)
            invitations.update_run(tx, run.id, at_row=row.number)
            if known is not None and goes_on(known) and same_person(known, row.values):
                item = outbox.get(tx, known.outbox_id or 0)
                if item is not None and item.state in (OutboxState.WAITING, OutboxState.HELD):
                    # Whoever starts the list again does not wait for the back-off of the last time.
                    outbox.update(tx, step(item, RetriedByPerson(), self.clock.now(), Policy()))
                return known
            return self._single.queue(
                tx, plan.account.id, plan.form, row.values, run_id=run.id, run_row=row.number
            )

        try:
            return self._store.write_now(write)
        except AlreadyInvited as error:
            return replace(row, state=RowState.SKIPPED, reason=error.message, earlier=error.earlier)
        except MustNotContact as error:
            return replace(row, state=RowState.SKIPPED, reason=error.message)

    def _result(self, row: Row, invitation_id: int) -> Row | None:
        """What came of it, or None while it is on its way."""
        made = self._single.get(invitation_id)
        if made is None or made.outbox_id is None:
            return replace(row, state=RowState.SKIPPED, reason="It was taken out meanwhile.")
        item = self._outbox.item(made.outbox_id)
        if item is None or item.state in (OutboxState.WAITING, OutboxState.SENDING, OutboxState.VERIFYING):
            return None
        if goes_on(made):
            # Given up after several tries: the rows after it would fare no better.
            why = made.error.message if made.error is not None else ""
            raise _Stop(
                f"Row {row.number} is held in the outbox. {why}", made.error.kind if made.error else ""
            )
        return known_row(row, made)
