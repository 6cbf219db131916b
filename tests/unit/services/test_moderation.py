"""Reports, publishing and find-reviewer through the outbox at practice servers, whose record judges."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reviewdesk.domain.cases import CaseState
from reviewdesk.domain.errors import InvalidInput, NotAvailable
from reviewdesk.domain.models import ActionKind, OutboxState, ProviderState, ReviewKind, Target
from reviewdesk.domain.query import Sort
from reviewdesk.services.moderation import Outcome
from reviewdesk.services.settings import UNDO_DELAY_S
from tests.support.core import open_practice


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder: Path = tmp_path_factory.mktemp("moderation")
    with open_practice(folder) as opened:
        core, _ = opened
        core.settings.set(UNDO_DELAY_S, 0).result(5)  # what is undone is shown elsewhere
        reports = core.sync.run(None, False)
        assert all(report.ok for report in reports), reports
        yield opened


def account(core: Any, provider: str) -> Any:
    return next(a for a in core.accounts.list() if a.provider == provider)


def some(core: Any, provider: str, query: str = "", kind: ReviewKind | None = None, at: int = 0) -> int:
    words = f"provider:{provider} {query}".strip()
    rows = core.inbox.rows(core.inbox.ids(core.inbox.parse(words), limit=300))
    fitting = [r.id for r in rows.values() if kind is None or r.kind is kind]
    return sorted(fitting)[-1 - at]


def sent(core: Any, item: Any) -> Any:
    (done,) = core.outbox.run([item.id])
    assert done.state is OutboxState.SENT, done.error
    return done


def _folded(facts: Any) -> list[tuple[str, str]]:
    return [(label, value.lower()) for label, value in facts]


def test_a_report_carries_the_provider_s_code_and_the_passage_and_closes_when_the_review_goes(
    desk: Any,
) -> None:
    core, shop = desk
    review = some(core, "sitejabber", kind=ReviewKind.BUSINESS)
    native = core.inbox.rows([review])[review].native_id
    assert "personal_attack" in core.moderation.reasons(review)
    item = core.moderation.flag(
        review, "personal_attack", "Names a member of staff.", quote="that Joan"
    ).result(5)
    sent(core, item)
    flag = next(f for f in shop.sitejabber.flags if str(f["review_no"]) == native)
    assert flag["reason"] == "personal_attack"
    assert "that Joan" in flag["message"] and "Names a member of staff." in flag["message"]
    (logged,) = (f for f in core.moderation.flags() if f.item.review_id == review)
    assert (logged.reason, logged.quote, logged.outcome) == ("personal_attack", "that Joan", Outcome.OPEN)
    shop.sitejabber.remove_review(int(native))
    core.sync.run([account(core, "sitejabber")], True)
    (closed,) = (f for f in core.moderation.flags() if f.item.review_id == review)
    assert closed.outcome is Outcome.REMOVED


def test_only_the_provider_s_own_reasons_and_never_without_words(desk: Any) -> None:
    core, _ = desk
    review = some(core, "sitejabber", kind=ReviewKind.BUSINESS, at=1)
    for reason, message in (("silly", "x"), ("language", "  ")):
        with pytest.raises(InvalidInput):
            core.moderation.flag(review, reason, message).result(5)
    trustpilot = some(core, "trustpilot")
    with pytest.raises(NotAvailable, match="Trustpilot Business"):
        core.moderation.flag(trustpilot, "", "x").result(5)


def test_waiting_reviews_are_published_but_never_by_their_score(desk: Any) -> None:
    core, shop = desk
    waiting = [shop.sitejabber.add_review() for _ in range(2)]
    for number in waiting:
        shop.sitejabber.data["reviews"][str(number)]["published"] = None
    core.sync.run([account(core, "sitejabber")], False)
    everything = core.inbox.parse("is:pending provider:sitejabber")
    ids = list(core.inbox.ids(everything))
    assert len(ids) >= 2
    for query, sort in (
        (core.inbox.parse("is:pending stars:>=4"), Sort.NEWEST),
        (core.inbox.parse("is:pending -score:none"), Sort.NEWEST),
        (everything, Sort.SCORE_HIGH),
    ):
        with pytest.raises(InvalidInput, match="by their score"):
            core.moderation.publish(ids, query=query, sort=sort)
    assert not [i for i in core.outbox.items() if i.kind is ActionKind.PUBLISH]
    published = some(core, "sitejabber", "is:published", kind=ReviewKind.BUSINESS)
    result = core.moderation.publish([*ids, published], query=everything)
    assert len(result.queued) == len(ids) and [i for i, _ in result.left_out] == [published]
    for item in result.queued:
        sent(core, item)
    assert all(shop.sitejabber.data["reviews"][str(n)]["published"] is not None for n in waiting)
    assert core.inbox.rows([ids[0]])[ids[0]].provider_state is ProviderState.PUBLISHED


def test_the_reviewer_of_a_company_review_is_asked_once_with_our_words(desk: Any) -> None:
    core, shop = desk
    company = next(
        i
        for i in core.inbox.ids(core.inbox.parse("provider:trustpilot"))
        if ("Reviewer can be searched", "yes") in _folded(core.inbox.detail(i).private_facts)
    )
    product = some(core, "trustpilot", kind=ReviewKind.PRODUCT)
    assert not core.moderation.can_find_reviewer(product).available
    with pytest.raises(NotAvailable):
        core.moderation.find_reviewer(some(core, "sitejabber"), "Who are you?").result(5)
    item = core.moderation.find_reviewer(company, "Which order was it?").result(5)
    sent(core, item)
    native = core.inbox.rows([company])[company].native_id
    asked = shop.trustpilot.data["service"][native]["findReviewer"]["requests"]
    assert asked[-1]["businessUserMessage"] == "Which order was it?" and len(asked) == 1


def test_a_resolution_is_sent_once_with_its_review_and_comes_back_as_one_entry(desk: Any) -> None:
    core, shop = desk
    review = some(core, "sitejabber", kind=ReviewKind.BUSINESS, at=3)
    native = core.inbox.rows([review])[review].native_id
    item = core.replies.publish(
        review, Target.PRIVATE, "We send you a new one.", kind=ActionKind.RESOLUTION
    ).result(5)
    sent(core, item)
    mine = [m for m in shop.sitejabber.messages if m["body"] == "We send you a new one."]
    assert [(str(m["review"]), m["sender"]["username"]) for m in mine] == [(native, "harbourshop")]
    case = core.messages.case(review)
    assert case is not None and case.state is CaseState.CONTACTED
    author = core.inbox.detail(review).author.username
    shop.sitejabber.customer_writes(author, f"Re: {mine[0]['subject']}", "Thank you, it came.")
    core.sync.run([account(core, "sitejabber")], True)
    detail = core.inbox.detail(review)
    assert [(m.ours, m.body) for m in detail.messages] == [
        (True, "We send you a new one."),
        (False, "Thank you, it came."),
    ]
    assert detail.messages[0].resolution and not detail.outbox
    thread = next(t for t in core.messages.threads() if t.review_id == review)
    assert [m.body for m in thread.messages] == ["We send you a new one.", "Thank you, it came."]


def test_the_edit_link_is_fetched_when_it_is_wanted(desk: Any) -> None:
    core, _ = desk
    rows = core.inbox.rows(core.inbox.ids(core.inbox.parse("provider:sitejabber"), limit=300))
    known = [i for i in rows if core.inbox.detail(i).author.email]
    unknown = [i for i in rows if not core.inbox.detail(i).author.email]
    assert core.messages.edit_link(known[0]).result(20).url.startswith("http")
    with pytest.raises(NotAvailable, match="e-mail address"):
        core.messages.edit_link(unknown[0]).result(5)


def test_a_reply_in_the_back_office_is_settled_by_the_next_sync(desk: Any) -> None:
    core, shop = desk
    review = some(core, "guaranteed-reviews", "-has:reply")
    assert core.messages.answered_elsewhere(review, "Thank you.").result(5)
    assert core.inbox.detail(review).elsewhere is not None
    native = core.inbox.rows([review])[review].native_id
    shop.guaranteed_reviews.colleague_replies(native, "Thank you.")
    core.sync.run([account(core, "guaranteed-reviews")], True)
    detail = core.inbox.detail(review)
    assert detail.elsewhere is None and [c.text for c in detail.comments] == ["Thank you."]


def test_the_reviewer_s_answer_is_shown_privately_and_kept_out_of_public_replies(desk: Any) -> None:
    core, shop = desk
    company = some(core, "trustpilot", kind=ReviewKind.BUSINESS)
    native = core.inbox.rows([company])[company].native_id
    answer = {
        "referenceId": "HB-555123", "name": "Nadia Corvel", "submittedAt": "2026-11-20T10:00:00Z",
        "phoneNumber": "+44 1632 960222", "address": "3 Fern Road, Otley LS21 3JD", "message": "It was me.",
        "email": "nadia@example.org",
    }  # fmt: skip
    asked = {"id": "a" * 24, "created": "2026-11-19T10:00:00Z", "status": "answered",
             "businessUserMessage": "Which order?", "consumerResponse": answer}  # fmt: skip
    shop.trustpilot.edit_service_review(native, findReviewer={"isEligible": False, "requests": [asked]})
    units = [a for a in core.accounts.list() if a.provider == "trustpilot"]
    core.sync.run(units, True)
    facts = dict(core.inbox.detail(company).private_facts)
    assert (facts["Reviewer's name"], facts["Reviewer's phone"]) == ("Nadia Corvel", "+44 1632 960222")
    text = "Dear Ms Corvel, we called 01632 960222 about HB-555123 and write to 3 Fern Road, Otley LS21 3JD."
    found = {f.rule.id for f in core.checks.check(company, Target.PUBLIC, text)}
    assert found >= {"private-name", "private-phone", "private-order", "private-address"}


def test_where_the_api_takes_no_reports_one_is_taken_to_the_back_office_and_logged(desk: Any) -> None:
    core, shop = desk
    review = some(core, "trustpilot")
    before = len(shop.journal)
    item = core.moderation.flag_by_hand(review, "It names our driver.", quote="the driver Joan").result(5)
    assert item.payload["message"] == "“the driver Joan”\n\nIt names our driver."
    logged = next(flag for flag in core.moderation.flags() if flag.item.id == item.id)
    assert logged.outcome is Outcome.BACK_OFFICE and logged.quote == "the driver Joan"
    assert core.outbox.run([item.id])[0].state is OutboxState.SENT
    assert len(shop.journal) == before, "nothing went out"
    with pytest.raises(InvalidInput):
        core.moderation.flag_by_hand(review, " ").result(5)
    with pytest.raises(NotAvailable):
        core.moderation.flag_by_hand(some(core, "sitejabber"), "Why.").result(5)
    core.store.write_now(
        lambda tx: tx.run("UPDATE review SET provider_state = 'removed' WHERE id = ?", (review,))
    )
    closed = next(flag for flag in core.moderation.flags() if flag.item.id == item.id)
    assert closed.outcome is Outcome.REMOVED
