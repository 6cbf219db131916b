"""The outbox machine, transition by transition (architecture.md section 7)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reviewdesk.domain import outbox as machine
from reviewdesk.domain.errors import Delivery, ErrorInfo
from reviewdesk.domain.models import (
    ActionKind,
    Comment,
    OutboxItem,
    OutboxState,
    ProviderState,
    ReviewKind,
    ReviewRecord,
    Role,
    Target,
    Thread,
)

NOW = 1_780_000_000.0
POLICY = machine.Policy(settle_s=60.0)
W, S, V = OutboxState.WAITING, OutboxState.SENDING, OutboxState.VERIFYING
SENT, F, H, D = OutboxState.SENT, OutboxState.FAILED, OutboxState.HELD, OutboxState.DISCARDED
OFFLINE = ErrorInfo("network", "No answer.")


def item(state: OutboxState = W, **more: object) -> OutboxItem:
    fresh = OutboxItem(
        id=1,
        kind=ActionKind.REPLY,
        account_id=1,
        review_id=7,
        target=Target.PUBLIC,
        text="Thank you",
        payload={},
        state=state,
        created_at=NOW - 10,
        not_before=NOW,
    )
    return replace(fresh, **more)  # type: ignore[arg-type]


def comment(text: str, *, id: str | None = None, role: Role = Role.BUSINESS, author: str = "Shop") -> Comment:
    return Comment(id=id, author=author, role=role, text=text)


def test_the_attempt_is_counted_before_the_first_byte() -> None:
    sending = machine.step(item(), machine.BaselineStored({"comments": []}), NOW, POLICY)
    assert (sending.state, sending.attempts, sending.sending_since) == (S, 1, NOW)


def test_accepted_is_sent_with_the_remote_id() -> None:
    done = machine.step(item(S, attempts=1), machine.Accepted("c9"), NOW, POLICY)
    assert (done.state, done.remote_id, done.finished_at, done.error) == (SENT, "c9", NOW, None)


def test_surely_not_sent_waits_longer_each_time_and_asks_after_six() -> None:
    now, it, waits = NOW, item(), []
    for _ in range(6):
        it = machine.step(it, machine.BaselineStored({}), now, POLICY)
        it = machine.step(it, machine.NotSent(OFFLINE), now, POLICY)
        waits.append(it.not_before - now)
        now = it.not_before
    assert it.state is H and it.attempts == 6 and "6 times" in (it.error.message if it.error else "")
    assert waits[:5] == sorted(waits[:5]) and waits[0] >= 1


@pytest.mark.parametrize(("asked", "waited"), [(0.0, 1.0), (-5.0, 1.0), (90.0, 90.0), (10**9, 3600.0)])
def test_the_providers_own_wait_is_kept_within_reason(asked: float, waited: float) -> None:
    sending = item(S, attempts=1)
    limited = machine.SendFailed(ErrorInfo("rate-limit", "Slow down"), Delivery.NOT_SENT, asked)
    assert machine.step(sending, limited, NOW, POLICY).not_before == NOW + waited


def test_refused_is_failed_with_reason_and_text_kept() -> None:
    refused = machine.SendFailed(ErrorInfo("refused", "Too long"), Delivery.REFUSED)
    failed = machine.step(item(S, attempts=1), refused, NOW, POLICY)
    assert (failed.state, failed.text, failed.error) == (F, "Thank you", ErrorInfo("refused", "Too long"))


@pytest.mark.parametrize(
    "event",
    [
        machine.UnknownOutcome(OFFLINE),
        machine.SendFailed(OFFLINE, Delivery.UNKNOWN),
        machine.Restarted(),
    ],
)
def test_unclear_is_read_back_after_the_settle_window_never_resent(event: machine.Event) -> None:
    sending = item(S, attempts=1, sending_since=NOW)
    unclear = machine.step(sending, event, NOW + 1, POLICY)
    assert unclear.state is V and unclear.not_before >= NOW + 60
    with pytest.raises(machine.TransitionError):
        machine.step(unclear, machine.BaselineStored({}), NOW + 2, POLICY)


@pytest.mark.parametrize("event", [machine.UnknownOutcome(OFFLINE), machine.Restarted()])
def test_what_cannot_be_read_back_asks_a_person(event: machine.Event) -> None:
    blind = machine.Policy(reads_back=False)
    held = machine.step(item(S, attempts=1, sending_since=NOW), event, NOW, blind)
    assert held.state is H and held.error is not None and "not certain" in held.error.message


def test_absent_twice_is_waiting_again_found_is_sent() -> None:
    unclear = item(V, attempts=1, not_before=NOW)
    once = machine.step(unclear, machine.ReadBack(found=False), NOW, POLICY)
    assert (once.state, once.absences) == (V, 1) and once.not_before > NOW
    twice = machine.step(once, machine.ReadBack(found=False), once.not_before, POLICY)
    assert twice.state is W
    found = machine.step(once, machine.ReadBack(found=True, remote_id="c1"), NOW, POLICY)
    assert (found.state, found.remote_id) == (SENT, "c1")


def test_a_failed_look_changes_nothing_but_the_time() -> None:
    for state in (W, V):
        later = machine.step(item(state, attempts=2), machine.ReadFailed(OFFLINE), NOW, POLICY)
        assert (later.state, later.attempts) == (state, 2) and later.not_before > NOW


def test_a_person_hurries_the_look_but_not_the_resend() -> None:
    hurried = machine.step(item(V, not_before=NOW + 50), machine.RetriedByPerson(), NOW, POLICY)
    assert (hurried.state, hurried.not_before) == (V, NOW)


@pytest.mark.parametrize("state", [F, H, W])
def test_retry_starts_counting_anew(state: OutboxState) -> None:
    again = machine.step(
        item(state, attempts=6, error=OFFLINE), machine.RetriedByPerson(override=True), NOW, POLICY
    )
    assert (again.state, again.attempts, again.override, again.error) == (W, 0, True, None)


@pytest.mark.parametrize("state", [S, V, SENT])
def test_what_may_be_out_cannot_be_taken_back_or_rewritten(state: OutboxState) -> None:
    for event in (machine.Discarded(), machine.Edited("other"), machine.Held()):
        with pytest.raises(machine.TransitionError):
            machine.step(item(state), event, NOW, POLICY)


def test_an_unclear_item_keeps_its_text_so_that_it_can_be_found() -> None:
    held = item(H, error=ErrorInfo("unclear", "?"))
    with pytest.raises(machine.TransitionError):
        machine.step(held, machine.Edited("other"), NOW, POLICY)


def test_sign_in_frees_only_what_waited_for_it() -> None:
    blocked = item(W, error=ErrorInfo("sign-in", "Expired"), not_before=NOW + 900)
    assert machine.step(blocked, machine.SignedIn(), NOW, POLICY).not_before == NOW
    other = item(W, not_before=NOW + 900)
    assert machine.step(other, machine.SignedIn(), NOW, POLICY) == other


def test_a_week_old_item_is_too_old_unless_it_was_scheduled() -> None:
    week = 7 * 24 * 3600
    assert machine.too_old(item(created_at=NOW - week - 1), NOW)
    assert not machine.too_old(item(created_at=NOW - week - 1, scheduled_for=NOW), NOW)


def record(body: str = "Late", state: ProviderState = ProviderState.PUBLISHED) -> ReviewRecord:
    return ReviewRecord(
        kind=ReviewKind.PRODUCT,
        native_id="r",
        score=2,
        score_min=1,
        score_max=5,
        body=body,
        provider_state=state,
    )


def test_conflicts_are_seen_and_harmless_changes_are_not() -> None:
    asked = comment("When?", id="c1", role=Role.CONSUMER, author="Ana")
    before = Thread(id="t", state="public", comments=(asked,), review=record())
    seen = machine.seen_of_record(before)
    assert machine.conflict_between(seen, before) is None
    answered = replace(before, comments=(asked, comment("Tomorrow", id="c2")))
    found = machine.conflict_between(seen, answered)
    assert found is not None and "answered" in found.reason
    same = machine.conflict_between(seen, answered, own_text="Tomorrow ")
    assert same is not None and "already" in same.reason
    more = replace(before, comments=(asked, comment("Hello?", id="c3", role=Role.CONSUMER)))
    assert machine.conflict_between(seen, more) is not None
    assert machine.conflict_between(seen, replace(before, review=record("Late and broken"))) is not None
    gone = replace(before, review=record(state=ProviderState.REMOVED))
    assert machine.conflict_between(seen, gone) is not None
    assert machine.conflict_between(seen, replace(before, comments=())) is None


def test_equal_comments_without_ids_are_counted() -> None:
    old = comment("Thank you")
    base = machine.seen_of((old,))
    sent = item(V, baseline=base)
    assert machine.beyond_baseline(sent, Thread(id=None, state=None, comments=(old,))) is None
    assert machine.beyond_baseline(sent, Thread(id=None, state=None, comments=(old, old))) is old


def test_the_arrived_text_is_known_despite_other_blanks_and_forms() -> None:
    sent = item(V, text="Caf\u00e9  merci\n", baseline={"comments": []})
    back = comment("Cafe\u0301 merci", id="n1")
    assert machine.beyond_baseline(sent, Thread(id="t", state=None, comments=(back,))) is back
    by_customer = replace(back, role=Role.CONSUMER)
    assert machine.beyond_baseline(sent, Thread(id="t", state=None, comments=(by_customer,))) is None


def test_an_edit_is_found_on_its_own_comment_only() -> None:
    edit = item(V, kind=ActionKind.EDIT_REPLY, text="New", payload={"comment_id": "c1"}, baseline={})
    assert (
        machine.beyond_baseline(edit, Thread(id="t", state=None, comments=(comment("New", id="c2"),))) is None
    )
    there = comment("New", id="c1")
    assert machine.beyond_baseline(edit, Thread(id="t", state=None, comments=(there,))) is there


def test_the_same_score_as_int_and_as_float_is_no_edit() -> None:
    thread = Thread(id="t", state="public", review=record())
    assert machine.conflict_between(machine.seen_of((), body="Late", title="", score=2.0), thread) is None
    assert machine.conflict_between(machine.seen_of((), body="Late", title="", score=3.0), thread) is not None


def test_a_reply_that_replaces_another_under_its_id_is_found() -> None:
    """One reply under one fixed id (Trustpilot's service reviews): its text tells whether ours is there."""
    before = Thread(id=None, state=None, comments=(comment("Old", id="reply"),))
    after = Thread(id=None, state=None, comments=(comment("Thanks", id="reply"),))
    sent = item(state=OutboxState.VERIFYING, text="Thanks", baseline=machine.seen_of_record(before))
    assert machine.beyond_baseline(sent, before) is None
    assert machine.beyond_baseline(sent, after) == after.comments[0]


def test_a_reply_that_somebody_rewrote_meanwhile_stops_the_send() -> None:
    before = Thread(id=None, state=None, comments=(comment("Old", id="reply"),))
    after = Thread(id=None, state=None, comments=(comment("A colleague's", id="reply"),))
    assert machine.conflict_between(machine.seen_of_record(before), before) is None
    assert machine.conflict_between(machine.seen_of_record(before), after) is not None
