"""Asking a list of customers: look at it, try it without a request, run it at the provider's pace, go on after a crash.

``core.invitation_lists``. The way through: ``Table.open_file`` or ``Table.open_text`` (services/invitation_files.py),
``plan`` (reads the whole list, no request), ``start`` (a ``BulkRun`` that works on the account's worker, behind
whatever a person does there). Every row is an invitation of its own in the outbox, committed before its first byte.
The same list, way and choice is the same run: started again it goes on where it was, whatever ended it.
"""

from __future__ import annotations

import json
import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from reviewdesk.domain.capabilities import RateLimit, parse_rate_limit
from reviewdesk.domain.clock import Clock, iso_utc
from reviewdesk.domain.errors import InvalidInput, NotAvailable, ReviewdeskError, StoreError
from reviewdesk.domain.invitations.fields import DateOrder, check, label
from reviewdesk.domain.invitations.model import Invitation, InviteForm, InviteState, InviteWay, person_key
from reviewdesk.domain.invitations.sampling import Choice, Sample, choice_of, page, parse_choice
from reviewdesk.domain.models import Account, AccountState, OutboxState, ReviewKind
from reviewdesk.providers.base import Paced
from reviewdesk.providers.pacing import forecast
from reviewdesk.services.accounts import AccountService
from reviewdesk.services.invitation_files import Table, date_order, guess_mapping, signature
from reviewdesk.services.invitations import AlreadyInvited, InvitationService, MustNotContact, refusal
from reviewdesk.services.outbox import OutboxService
from reviewdesk.services.settings import SettingsService
from reviewdesk.services.sync import describe_failure
from reviewdesk.services.workers import Door, Job, Urgency, Workers
from reviewdesk.store import accounts as stored_accounts
from reviewdesk.store import invitations, journal
from reviewdesk.store.invitations import Run

if TYPE_CHECKING:
    from reviewdesk.store.database import Reader, Store, Tx

__all__ = ["BulkRun", "Fault", "InvitationLists", "Plan", "Progress", "Row", "RowState", "RunState"]

_log = logging.getLogger(__name__)
SELECTION = "invite-selection"
"""The journal's word for how a list's customers were chosen."""
_SLICE_S = 0.5
_PATIENCE_S = 120.0
_NO_CALL_S = 0.003
"""What a row costs that needs no request."""
_MOST_FAULTS = 10_000
_FORECAST_EVERY_S = 30.0
_LOOK_EVERY_ROWS = 50
"""So often somebody more urgent is let pass while rows need no request."""


class RowState(StrEnum):
    """What became of a row; the four of the result file, and one for a look without doing."""

    INVITED = "invited"
    SKIPPED = "skipped"
    BAD = "bad"
    UNKNOWN = "unknown"
    READY = "ready"
    """Would be invited."""


class RunState(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    """Ended before its end: by a person, or because the account can't go on."""
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a row. ``column`` is the heading in the list, or the field's name where no column holds it."""

    row: int
    field: str
    column: str
    message: str

    @property
    def sentence(self) -> str:
        return f"{self.column}: {self.message}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of the list with what is known of it. ``reason`` says why it is bad or skipped."""

    number: int
    cells: tuple[str, ...]
    values: Mapping[str, Any] = field(default_factory=dict)
    state: RowState
    faults: tuple[Fault, ...] = ()
    reason: str = ""
    email: str = ""
    order_id: str = ""
    link: str | None = None
    earlier: Invitation | None = None
    """The invitation that stands in the way of another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A list that was looked at from its first to its last row, without a request."""

    table: Table
    account: Account
    form: InviteForm
    mapping: Mapping[str, int]
    date_order: str
    sample: Sample
    total: int
    faults: tuple[Fault, ...]
    """All faults, in the order of the list (the first 10,000)."""
    bad: int
    skipped: int
    """Chosen, but already invited or not to be contacted."""
    ready: int
    """Rows that will be invited."""
    not_chosen: int
    choice: Choice
    chosen: frozenset[int] | None
    """Numbers of the chosen rows; None: everybody."""
    calls: int
    seconds: float
    """How long the run will take at the provider's pace, when nobody else uses its quota."""
    resumes: Run | None
    """The run that is gone on with, when this very list was begun before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where a run stands."""

    state: RunState
    total: int
    done: int
    row: int
    counts: Mapping[RowState, int]
    seconds_left: float
    message: str = ""


class BulkRun:
    """A run at work. ``pause``, ``resume`` and ``stop`` take effect between two rows. Any thread."""

    def __init__(self, run: Run, plan: Plan, job: _BulkJob) -> None:
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


class _BulkJob(Job):
    """The rows, one after the other, as the least urgent work of the account's worker."""

    urgency = Urgency.SYNC

    def __init__(
        self,
        lists: InvitationLists,
        plan: Plan,
        run: Run,
        on_row: Callable[[Row], None] | None,
        on_progress: Callable[[Progress], None] | None,
    ) -> None:
        super().__init__()
        self.go_on = threading.Event()
        self.go_on.set()
        self.run = run
        self._lists = lists
        self._plan = plan
        self._on_row = on_row
        self._on_progress = on_progress
        self._counts: Counter[RowState] = Counter()
        self._left = plan.ready
        self.error_kind = ""
        self._forecast = plan.seconds
        self._forecast_at = lists.clock.monotonic()
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
            for row in self._lists.begin(self._plan):
                yield from self._held()
                if self.cancelled.is_set():
                    return
                asked = row.state is RowState.READY
                if asked:
                    made: Row | None = None
                    for step in self._lists.ask(self._plan, self.run, row, door, self):
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
        self._lists.keep_state(self.run.id, RunState.PAUSED)
        self._tell(RunState.PAUSED, "Paused.")
        while not self.go_on.is_set() and not self.cancelled.is_set():
            self._lists.clock.wait(self.go_on, _SLICE_S)
            yield
        if not self.cancelled.is_set():
            self._lists.keep_state(self.run.id, RunState.RUNNING)
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
        now = self._lists.clock.monotonic()
        if now >= self._forecast_until or state is RunState.PAUSED:
            # Counted out every so often; in between the time that passes is taken off.
            self._forecast = self._lists.seconds_for(self._plan, self._left)
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
            self._lists.keep_state(self.run.id, state)
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


class InvitationLists:
    """Any thread; ``plan`` and ``page`` read the whole list and block."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        accounts: AccountService,
        single: InvitationService,
        outbox: OutboxService,
        settings: SettingsService,
        workers: Workers,
    ) -> None:
        self._store = store
        self.clock = clock
        self._accounts = accounts
        self._single = single
        self._outbox = outbox
        self._settings = settings
        self._workers = workers

    # --- before ------------------------------------------------------------------------------------------

    def mapping_for(self, table: Table) -> tuple[dict[str, int], bool]:
        """Field to column, and whether it is the one that a person chose last time for such a list."""
        text = self._settings.text(_mapping_key(table))
        try:
            kept = {str(k): int(v) for k, v in json.loads(text).items()} if text else None
        except (ValueError, AttributeError, TypeError):
            kept = None
        if kept is not None and all(0 <= column < len(table.headings) for column in kept.values()):
            return kept, True
        return guess_mapping(table), False

    def remember_mapping(self, table: Table, mapping: Mapping[str, int]) -> None:
        """Use this mapping for lists with these headings from now on."""
        self._settings.set_text(_mapping_key(table), json.dumps(dict(sorted(mapping.items())))).result()

    def plan(
        self,
        account_id: int,
        way: InviteWay,
        kind: ReviewKind,
        table: Table,
        mapping: Mapping[str, int],
        *,
        sample: Sample | None = None,
    ) -> Plan:
        """Look at every row. No request is made and nothing is written.

        Raises ``NotAvailable`` (the account can't), ``InvalidInput`` (a column that every row needs is not there).
        """
        account = self._accounts.get(account_id)
        if account is None:
            raise InvalidInput("The account is no longer there.")
        form = self._single.form(account, way, kind)
        if not form.bulk:
            raise NotAvailable("This way of asking is for one customer at a time.")
        chosen_sample = sample or Sample()
        chosen_sample.check()
        order = self._date_order(table, mapping)
        draft = Plan(
            table=table,
            account=account,
            form=form,
            mapping=dict(mapping),
            date_order=order,
            sample=chosen_sample,
            total=0,
            faults=(),
            bad=0,
            skipped=0,
            ready=0,
            not_chosen=0,
            choice=Choice(sample=chosen_sample, of=0, chosen=0, list_digest="", chosen_digest=""),
            chosen=None,
            calls=0,
            seconds=0.0,
            resumes=None,
        )
        with self._store.read() as reader:
            run = invitations.find_run(
                reader,
                account_id=account_id,
                form=form.id,
                digest=table.digest,
                sample=chosen_sample.as_json(),
            )
            total = bad = 0
            good: list[int] = []
            blocked: set[int] = set()
            faults: list[Fault] = []
            for row in self._judged(reader, draft, run):
                total += 1
                if row.state is RowState.BAD and row.faults:
                    bad += 1
                    faults += row.faults[: max(0, _MOST_FAULTS - len(faults))]
                    continue
                good.append(row.number)
                if row.state is not RowState.READY:
                    blocked.add(row.number)
        rows, choice = choice_of(table.digest, good, chosen_sample)
        ready = sum(1 for number in rows if number not in blocked)
        made = replace(
            draft,
            total=total,
            faults=tuple(faults),
            bad=bad,
            skipped=len(rows) - ready,
            ready=ready,
            not_chosen=len(good) - len(rows),
            choice=choice,
            chosen=None if len(rows) == len(good) else frozenset(rows),
            calls=ready * form.calls,
            resumes=run,
        )
        return replace(made, seconds=self.seconds_for(made, ready))

    def rows(self, plan: Plan, *, only: RowState | None = None) -> Iterator[Row]:
        """Every row of the list as it stands now, for a preview; ``ready`` ones would be invited."""
        with self._store.read() as reader:
            for row in self._chosen(plan, self._judged(reader, plan, plan.resumes)):
                if only is None or row.state is only:
                    yield row

    def seconds_for(self, plan: Plan, rows: int) -> float:
        """How long so many rows take from now on."""
        if not rows:
            return 0.0
        if not plan.form.calls:
            return rows * _NO_CALL_S
        with self._store.read() as reader:
            used = stored_accounts.load_pace(reader, plan.account.id)
        return forecast(self._limits(plan.account), rows * plan.form.calls, used=used, now=self.clock.now())

    def limits(self, account: Account) -> tuple[RateLimit, ...]:
        """What the account keeps to, for "10 per 10 s"."""
        return self._limits(account)

    # --- the run -----------------------------------------------------------------------------------------

    def start(
        self,
        plan: Plan,
        *,
        on_row: Callable[[Row], None] | None = None,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> BulkRun:
        """Begin, or go on with, the run of this list. ``on_row`` gets every row once, in order, on the worker's
        thread (for the result file); so does ``on_progress``.

        How the rows were chosen is written into the journal when the run is new. Raises ``NotAvailable`` when the
        account can't any more, or when this list is being worked on already.
        """
        account = self._accounts.get(plan.account.id)
        if account is None:
            raise InvalidInput("The account is no longer there.")
        self._single.form(account, plan.form.way, plan.form.kind)
        worker = self._workers.of(account.id)
        at_work = [j for j in worker.find(_BulkJob) if isinstance(j, _BulkJob)]
        if any(job.run.digest == plan.table.digest and job.run.form == plan.form.id for job in at_work):
            raise NotAvailable("This list is being worked on already.")
        self._outbox.adopt()
        run = self._store.write_now(lambda tx: self._open(tx, plan))
        job = _BulkJob(self, plan, run, on_row, on_progress)
        worker.submit(job)
        return BulkRun(run, plan, job)

    def _open(self, tx: Tx, plan: Plan) -> Run:
        run, new = invitations.open_run(
            tx,
            account_id=plan.account.id,
            form=plan.form.id,
            source=plan.table.source,
            digest=plan.table.digest,
            mapping=plan.mapping,
            sample=plan.sample.as_json(),
            total=plan.total,
        )
        if new:
            journal.add(
                tx,
                account_id=plan.account.id,
                action=SELECTION,
                result=f"run {run.id}",
                answer=plan.choice.as_text(),
            )
        return run

    def runs(self) -> list[Run]:
        """Lists that were invited or begun, newest first; ``state`` other than done can be gone on with."""
        with self._store.read() as reader:
            return invitations.runs(reader)

    def record(self, run_id: int) -> str:
        """The page that says how a run's customers were chosen, made from its line of the journal.

        Raises ``InvalidInput`` when there is none.
        """
        with self._store.read() as reader:
            for entry in journal.of_action(reader, SELECTION):
                if entry.result == f"run {run_id}":
                    account = stored_accounts.get(reader, entry.account_id or 0)
                    name = account.name if account is not None else "(removed)"
                    return page(parse_choice(entry.answer), account=name, made_at=iso_utc(entry.at) or "")
        raise InvalidInput("The journal has no record of this list.")

    def recompute(self, run_id: int, table: Table) -> bool:
        """Choose again from the list by the rule in the journal: whether the same rows come out."""
        with self._store.read() as reader:
            run = invitations.run(reader, run_id)
            entry = next(
                (e for e in journal.of_action(reader, SELECTION) if e.result == f"run {run_id}"), None
            )
        if run is None or entry is None:
            raise InvalidInput("The journal has no record of this list.")
        kept = parse_choice(entry.answer)
        way, _, kind = run.form.partition(":")
        plan = self.plan(
            run.account_id, InviteWay(way), ReviewKind(kind), table, run.mapping, sample=kept.sample
        )
        return plan.choice == kept

    # --- used by the run's job -----------------------------------------------------------------------------

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
        seen: dict[tuple[str, str], int] = {}
        for number, cells in plan.table.rows():
            with self._store.read() as reader:
                row = self._judge(reader, plan, run, number, cells, seen)
            yield next(iter(self._chosen(plan, (row,))))

    def keep_state(self, run_id: int, state: RunState) -> None:
        self._store.write_now(lambda tx: invitations.update_run(tx, run_id, state=state.value))

    def ask(self, plan: Plan, run: Run, row: Row, door: Door, job: _BulkJob) -> Iterator[Row | None]:
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
        patience = self.clock.monotonic() + _PATIENCE_S
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
            if self.clock.monotonic() > patience:
                raise _Stop(f"{waits}, the provider can't be reached. {why}".strip(), kind)
            job.waiting(why)
            if door.wait(_SLICE_S):
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
            if known is not None and known.state is InviteState.WAITING and _same(known, row.values):
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
        return _known(row, made)

    # --- judging rows --------------------------------------------------------------------------------------

    def _judged(self, reader: Reader, plan: Plan, run: Run | None) -> Iterator[Row]:
        seen: dict[tuple[str, str], int] = {}
        for number, cells in plan.table.rows():
            yield self._judge(reader, plan, run, number, cells, seen)

    def _judge(
        self,
        reader: Reader,
        plan: Plan,
        run: Run | None,
        number: int,
        cells: tuple[str, ...],
        seen: dict[tuple[str, str], int],
    ) -> Row:
        given = {
            name: cells[column]
            for name, column in plan.mapping.items()
            if column < len(cells) and cells[column]
        }
        email, order = given.get("email", ""), given.get("order_id", "")
        values, problems = check(plan.form, given, today=self._today(), date_order=plan.date_order)
        faults = [Fault(number, p.field, self._column(plan, p.field), p.message) for p in problems]
        surplus = [cell for cell in cells[len(plan.table.headings) :] if cell]
        if surplus:
            words = f"The row has {len(cells)} cells, the heading {len(plan.table.headings)}"
            faults.append(Fault(number, "", str(len(plan.table.headings) + 1), words))
        row = Row(
            number=number, cells=cells, values=values, state=RowState.READY, email=email, order_id=order
        )
        if faults:
            reason = "; ".join(fault.sentence for fault in faults)
            return replace(row, state=RowState.BAD, faults=tuple(faults), reason=reason)
        person = (person_key(email, given.get("phone", "")), order.casefold())
        first = seen.setdefault(person, number)
        if first != number:
            message = f"The same person and order as in row {first}"
            fault = Fault(number, "email", self._column(plan, "email"), message)
            return replace(row, state=RowState.SKIPPED, faults=(), reason=f"{fault.message}.")
        known = invitations.of_row(reader, run.id, number) if run is not None else None
        if (
            known is not None
            and _same(known, values)
            and known.state
            not in (
                InviteState.WAITING,
                InviteState.FAILED,
            )
        ):
            return _known(row, known)
        if known is not None and known.state is InviteState.WAITING:
            return row
        try:
            self._single.guard(reader, plan.form, values)
        except AlreadyInvited as error:
            return replace(row, state=RowState.SKIPPED, reason=error.message, earlier=error.earlier)
        except MustNotContact as error:
            return replace(row, state=RowState.SKIPPED, reason=error.message)
        return row

    @staticmethod
    def _chosen(plan: Plan, rows: Iterator[Row] | Sequence[Row]) -> Iterator[Row]:
        for row in rows:
            if plan.chosen is not None and row.number not in plan.chosen and row.state is RowState.READY:
                yield replace(row, state=RowState.SKIPPED, reason="Not chosen by the sample.")
            else:
                yield row

    @staticmethod
    def _column(plan: Plan, name: str) -> str:
        column = plan.mapping.get("sku" if name == "skus" else name)
        return plan.table.headings[column] if column is not None else label(name)

    @staticmethod
    def _date_order(table: Table, mapping: Mapping[str, int]) -> str:
        column = mapping.get("order_date")
        if column is None or table.is_workbook:
            return DateOrder.DAY_FIRST
        return date_order(cells[column] for _, cells in table.rows() if column < len(cells))

    def _limits(self, account: Account) -> tuple[RateLimit, ...]:
        own = account.settings.get("rate_limit", "").strip()
        try:
            return parse_rate_limit(own) if own else self._accounts.spec(account.provider).rate_limits
        except ValueError:
            return self._accounts.spec(account.provider).rate_limits

    def _today(self) -> date:
        return datetime.fromtimestamp(self.clock.now(), UTC).date()


def _mapping_key(table: Table) -> str:
    return f"invite.mapping.{signature(table.headings)}"


def _same(known: Invitation, values: Mapping[str, Any]) -> bool:
    """Whether a row still says what was invited for it (the columns may have been mapped otherwise)."""
    return person_key(known.email, known.phone) == person_key(
        str(values.get("email", "")), str(values.get("phone", ""))
    ) and known.order_id == str(values.get("order_id", ""))


def _known(row: Row, made: Invitation) -> Row:
    """A row as its invitation stands."""
    why = made.error.message if made.error is not None else ""
    link = made.link or " ".join(made.links.values()) or None
    match made.state:
        case InviteState.INVITED:
            return replace(row, state=RowState.INVITED, link=link, earlier=made)
        case InviteState.UNKNOWN:
            return replace(row, state=RowState.UNKNOWN, reason=why or "The answer was lost.", earlier=made)
        case InviteState.FAILED:
            return replace(row, state=RowState.BAD, reason=why or "The provider refused it.", earlier=made)
        case InviteState.HELD:
            return replace(
                row, state=RowState.SKIPPED, reason=f"Held in the outbox. {why}".strip(), earlier=made
            )
        case InviteState.DROPPED:
            return replace(
                row, state=RowState.SKIPPED, reason="It was taken back before it went out.", earlier=made
            )
        case InviteState.WITHDRAWN:
            return replace(row, state=RowState.SKIPPED, reason="It was withdrawn.", link=link, earlier=made)
    return replace(row, state=RowState.SKIPPED, reason=refusal(made), earlier=made)
