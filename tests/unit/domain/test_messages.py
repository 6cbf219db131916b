"""Threads of private messages, cases, and what became of a score."""

from __future__ import annotations

import pytest

from reviewdesk.domain.cases import CaseEvent, CaseState, Effect, effect_of, next_case
from reviewdesk.domain.messages import Message, plain_subject, threads_of
from reviewdesk.domain.models import Comment, Role, Version


def message(number: int, subject: str = "Kettle", *, person: str | None = "ada", **more: object) -> Message:
    given: dict[str, object] = {
        "id": number,
        "account_id": 1,
        "subject": subject,
        "body": f"Words {number}",
        "created_at": 1_000 + number,
        "ours": number % 2 == 1,
        "person": person,
    }
    return Message(**{**given, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "subject",
    ["Kettle", "Re: Kettle", "RE: re: Kettle", "AW: Kettle", "Antw: WG: Kettle", "Odp.: Kettle", "Re[2]: Kettle",
     "SV :Kettle"],
)  # fmt: skip
def test_an_answer_is_no_other_subject(subject: str) -> None:
    assert plain_subject(subject) == "Kettle"


def test_a_subject_that_only_looks_like_one_stays() -> None:
    assert plain_subject("Refund: when?") == "Refund: when?"
    assert plain_subject("Re: Re") == "Re"


def test_inbox_and_sent_are_one_thread_by_person_and_order() -> None:
    first = message(1, review_id=7, order_id="A1")
    answer = message(2, "Re: Kettle")
    again = message(3, "AW: Re: Kettle", review_id=7, order_id="A1")
    other = message(4, "Toaster", review_id=9, order_id="B2")
    stranger = message(5, "Kettle", person="bob")
    found = threads_of([again, stranger, other, answer, first])
    assert [[m.id for m in t.messages] for t in found] == [[5], [4], [1, 2, 3]]
    assert (found[2].subject, found[2].order_id, found[2].review_id) == ("Kettle", "A1", 7)


def test_another_subject_without_a_review_joins_the_latest_thread_of_the_person() -> None:
    found = threads_of([message(1, review_id=7), message(2, "By the way")])
    assert [[m.id for m in t.messages] for t in found] == [[1, 2]]


def test_messages_of_nobody_are_never_put_together() -> None:
    found = threads_of([message(1, person=None), message(2, person=None)])
    assert [len(t.messages) for t in found] == [1, 1]


C, W, S, N = CaseState.CONTACTED, CaseState.WAITING, CaseState.SOLVED, CaseState.NOT_SOLVED


@pytest.mark.parametrize(
    ("event", "after"),
    [
        (CaseEvent.WE_WROTE, {None: C, C: W, W: W, S: S, N: C}),
        (CaseEvent.CUSTOMER_WROTE, {None: None, C: C, W: C, S: C, N: C}),
    ],
)
def test_every_cell_of_the_table_of_cases(
    event: CaseEvent, after: dict[CaseState | None, CaseState | None]
) -> None:
    assert set(after) == {None, *CaseState}
    assert {state: next_case(state, event) for state in after} == after


def reply(at: int) -> Comment:
    return Comment(id="c", author="Us", role=Role.BUSINESS, text="Sorry", created_at=at)


def test_a_score_that_rose_after_our_reply_is_its_effect() -> None:
    old = Version(100, 2.0, "", "bad")
    assert effect_of(4.0, [old], [reply(200)], 300) == Effect(2.0, 4.0)


def test_no_reply_no_later_change_or_the_same_score_is_no_effect() -> None:
    old = Version(100, 2.0, "", "bad")
    assert effect_of(4.0, [old], [], 300) is None
    assert effect_of(4.0, [old], [reply(400)], 300) is None
    assert effect_of(2.0, [old], [reply(200)], 300) is None
    assert effect_of(4.0, [], [reply(200)], 300) is None
    assert effect_of(None, [old], [reply(200)], 300) is None


def test_only_what_stood_when_we_replied_is_before() -> None:
    versions = [Version(100, 1.0, "", "a"), Version(150, 3.0, "", "b")]
    assert effect_of(5.0, versions, [reply(200)], 300) == Effect(3.0, 5.0)
    assert effect_of(5.0, versions, [reply(120)], 300) == Effect(1.0, 5.0)
