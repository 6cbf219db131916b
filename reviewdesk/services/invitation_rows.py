"""The rows of a list of customers: what they hold, what is wrong with them, and what became of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from reviewdesk.domain.invitations.fields import check, label
from reviewdesk.domain.invitations.model import Invitation, InviteForm, InviteState, person_key
from reviewdesk.domain.invitations.refusals import refusal
from reviewdesk.domain.invitations.sampling import Choice, Sample
from reviewdesk.domain.models import Account
from reviewdesk.services.invitation_files import Table
from reviewdesk.services.invitations import AlreadyInvited, InvitationService, MustNotContact
from reviewdesk.store import invitations
from reviewdesk.store.invitations import Run

if TYPE_CHECKING:
    from reviewdesk.store.database import Reader

__all__ = [
    "Fault",
    "Judge",
    "Plan",
    "Progress",
    "Row",
    "RowState",
    "RunState",
    "chosen_of",
    "goes_on",
    "known_row",
    "same_person",
]


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


class Judge:
    """Looks at rows one by one: their values, then whether they were invited before, then the guard.

    One for each reading of a list: it remembers whom it saw, so that nobody stands on the list twice.
    """

    def __init__(self, single: InvitationService, today: Callable[[], date]) -> None:
        self._single = single
        self._today = today
        self._seen: dict[tuple[str, str], int] = {}

    def all(self, reader: Reader, plan: Plan, run: Run | None) -> Iterator[Row]:
        """Every row of the plan's list."""
        for number, cells in plan.table.rows():
            yield self.look(reader, plan, run, number, cells)

    def look(
        self,
        reader: Reader,
        plan: Plan,
        run: Run | None,
        number: int,
        cells: tuple[str, ...],
    ) -> Row:
        """One row, as it stands now."""
        given = {
            name: cells[column]
            for name, column in plan.mapping.items()
            if column < len(cells) and cells[column]
        }
        email, order = given.get("email", ""), given.get("order_id", "")
        values, problems = check(plan.form, given, today=self._today(), date_order=plan.date_order)
        faults = [Fault(number, p.field, _column(plan, p.field), p.message) for p in problems]
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
        first = self._seen.setdefault(person, number)
        if first != number:
            message = f"The same person and order as in row {first}"
            fault = Fault(number, "email", _column(plan, "email"), message)
            return replace(row, state=RowState.SKIPPED, faults=(), reason=f"{fault.message}.")
        known = invitations.of_row(reader, run.id, number) if run is not None else None
        if known is not None and same_person(known, values):
            if goes_on(known):
                return row
            if known.state is not InviteState.FAILED:
                return known_row(row, known)
        try:
            self._single.guard(reader, plan.form, values)
        except AlreadyInvited as error:
            return replace(row, state=RowState.SKIPPED, reason=error.message, earlier=error.earlier)
        except MustNotContact as error:
            return replace(row, state=RowState.SKIPPED, reason=error.message)
        return row


def chosen_of(plan: Plan, rows: Iterable[Row]) -> Iterator[Row]:
    """The rows, those that the sample left out marked as skipped."""
    for row in rows:
        if plan.chosen is not None and row.number not in plan.chosen and row.state is RowState.READY:
            yield replace(row, state=RowState.SKIPPED, reason="Not chosen by the sample.")
        else:
            yield row


def _column(plan: Plan, name: str) -> str:
    column = plan.mapping.get("sku" if name == "skus" else name)
    return plan.table.headings[column] if column is not None else label(name)


# Faults of the account or the way to it: what they held back can go on as soon as they are over.
_PASSING = frozenset({"network", "tls", "rate-limit", "server", "sign-in", "keychain", "host-key"})


def goes_on(made: Invitation) -> bool:
    """Whether an invitation certainly has not gone out and may go on with its list."""
    if made.state is InviteState.HELD:
        return made.error is not None and made.error.kind in _PASSING
    return made.state is InviteState.WAITING


def same_person(known: Invitation, values: Mapping[str, Any]) -> bool:
    """Whether a row still says what was invited for it (the columns may have been mapped otherwise)."""
    return person_key(known.email, known.phone) == person_key(
        str(values.get("email", "")), str(values.get("phone", ""))
    ) and known.order_id == str(values.get("order_id", ""))


def known_row(row: Row, made: Invitation) -> Row:
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
