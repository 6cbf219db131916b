"""Asking a list of customers: look at it, try it without a request, run it at the provider's pace, go on after a crash.

``core.invitation_lists``. The way through: ``Table.open_file`` or ``Table.open_text`` (services/invitation_files.py),
``plan`` (reads the whole list, no request), ``start`` (a ``BulkRun`` that works on the account's worker, behind
whatever a person does there). Every row is an invitation of its own in the outbox, committed before its first byte.
The same list, way and choice is the same run: started again it goes on where it was, whatever ended it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from reviewdesk.domain.capabilities import RateLimit, parse_rate_limit
from reviewdesk.domain.clock import Clock, iso_utc
from reviewdesk.domain.errors import InvalidInput, NotAvailable
from reviewdesk.domain.invitations.fields import DateOrder
from reviewdesk.domain.invitations.model import InviteWay
from reviewdesk.domain.invitations.sampling import Choice, Sample, choice_of, page, parse_choice
from reviewdesk.domain.models import Account, ReviewKind
from reviewdesk.providers.pacing import forecast
from reviewdesk.services.accounts import AccountService
from reviewdesk.services.invitation_files import Table, date_order, guess_mapping, signature
from reviewdesk.services.invitation_rows import (
    Fault,
    Judge,
    Plan,
    Progress,
    Row,
    RowState,
    RunState,
    chosen_of,
)
from reviewdesk.services.invitation_run import BulkJob, BulkRun, Work
from reviewdesk.services.invitations import InvitationService
from reviewdesk.services.outbox import OutboxService
from reviewdesk.services.settings import SettingsService
from reviewdesk.services.workers import Workers
from reviewdesk.store import accounts as stored_accounts
from reviewdesk.store import invitations, journal
from reviewdesk.store.invitations import Run

if TYPE_CHECKING:
    from reviewdesk.store.database import Store, Tx

__all__ = ["BulkRun", "Fault", "InvitationLists", "Plan", "Progress", "Row", "RowState", "RunState"]

SELECTION = "invite-selection"
"""The journal's word for how a list's customers were chosen."""
_NO_CALL_S = 0.003
"""What a row costs that needs no request."""
_MOST_FAULTS = 10_000


class InvitationLists:
    """Any thread; ``plan`` and ``rows`` read the whole list and block."""

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
        self._work = Work(store, clock, accounts, single, outbox, self.seconds_for, self._today)

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
            for row in Judge(self._single, self._today).all(reader, draft, run):
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
            for row in chosen_of(plan, Judge(self._single, self._today).all(reader, plan, plan.resumes)):
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
        at_work = [j for j in worker.find(BulkJob) if isinstance(j, BulkJob)]
        if any(job.run.digest == plan.table.digest and job.run.form == plan.form.id for job in at_work):
            raise NotAvailable("This list is being worked on already.")
        self._outbox.adopt()
        run = self._store.write_now(lambda tx: self._open(tx, plan))
        job = BulkJob(self._work, plan, run, on_row, on_progress)
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

    # --- small things ------------------------------------------------------------------------------------

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
