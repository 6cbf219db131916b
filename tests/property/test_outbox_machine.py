"""Any sequence of events: a text goes out at most once for each proof that it had not, and no item is lost."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from reviewdesk.domain import outbox as machine
from reviewdesk.domain.errors import Delivery, ErrorInfo
from reviewdesk.domain.models import ActionKind, Approval, OutboxItem, OutboxState, Target

_ERROR = ErrorInfo("network", "cut")
_EVENTS = st.sampled_from(
    [
        machine.BaselineStored({"comments": []}),
        machine.Conflict("answered"),
        machine.ReadFailed(_ERROR),
        machine.Accepted("id"),
        machine.SendFailed(_ERROR, Delivery.NOT_SENT),
        machine.SendFailed(_ERROR, Delivery.REFUSED),
        machine.SendFailed(_ERROR, Delivery.UNKNOWN),
        machine.UnknownOutcome(_ERROR),
        machine.ReadBack(found=True),
        machine.ReadBack(found=False),
        machine.Restarted(),
        machine.RetriedByPerson(),
        machine.Held(),
        machine.AskPerson("?"),
        machine.Edited("other"),
        machine.ApprovalAsked(),
        machine.Approved("Anna K."),
        machine.Discarded(),
        machine.BroughtBack(),
        machine.SignedIn(),
    ]
)


@settings(max_examples=500, deadline=None)
@given(st.lists(st.tuples(_EVENTS, st.floats(-3600, 86_400)), max_size=60), st.booleans())
def test_no_blind_second_send(events: list[tuple[machine.Event, float]], reads_back: bool) -> None:
    policy = machine.Policy(reads_back=reads_back)
    now = 1_780_000_000.0
    item = OutboxItem(
        id=1,
        kind=ActionKind.REPLY,
        account_id=1,
        review_id=1,
        target=Target.PUBLIC,
        text="Thanks",
        payload={},
        state=OutboxState.WAITING,
        created_at=now,
        not_before=now,
    )
    unclear = False  # the last try may have arrived, and nothing has proved that it did not
    for event, later in events:
        now += later
        before = item
        try:
            item = machine.step(item, event, now, policy)
        except machine.TransitionError:
            assert item is before
            continue
        if item.state is OutboxState.VERIFYING and before.state is OutboxState.SENDING:
            unclear = True
        if before.state is OutboxState.VERIFYING and item.state is not OutboxState.VERIFYING:
            proved = isinstance(event, machine.ReadBack) and (event.found or before.absences == 1)
            asked = item.state is OutboxState.HELD
            assert proved or asked or isinstance(event, machine.Accepted)
            unclear = asked and not proved
        if before.state is OutboxState.HELD and isinstance(event, machine.RetriedByPerson):
            unclear = False  # a person looked and decided
        if item.state is OutboxState.SENDING and before.state is OutboxState.WAITING:
            assert not unclear, "sent again without proof that the first try had not arrived"
            assert item.attempts == before.attempts + 1 <= machine.MAX_AUTOMATIC_TRIES
        if item.state is OutboxState.SENDING and before.state is not OutboxState.SENDING:
            assert before.approval is not Approval.ASKED, "sent before somebody had approved it"
        if item.state is OutboxState.WAITING:
            assert item.approval is not Approval.ASKED, "waits to be sent and is not approved"
        if item.text != before.text:
            assert item.approval is not Approval.GIVEN, "approved was another text"
        if before.state is OutboxState.SENT:
            assert item.state is before.state
        if before.state is OutboxState.DISCARDED:
            wanted = isinstance(event, machine.BroughtBack)
            assert item.state is (OutboxState.HELD if wanted else OutboxState.DISCARDED)
        if item.state in (OutboxState.FAILED, OutboxState.HELD):
            assert item.error is not None and item.error.message
