"""Every documented call that is used, over HTTP against the practice server (docs/providers/trustpilot.md)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from reviewdesk.domain.errors import NotAvailable, NotFound, Refused
from reviewdesk.domain.models import ActionKind, ReviewRef, Target
from reviewdesk.providers.base import Action
from tests.support.trustpilot import DOMAIN, UNIT, Desk, open_desk


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with open_desk() as made:
        yield made


@pytest.fixture(scope="module")
def skus(desk: Desk) -> list[str]:
    """The two SKUs with the most reviews."""
    counts: dict[str, int] = {}
    for native_id in desk.server.review_ids("dk"):
        sku = desk.server.review(native_id)["product"]["sku"]
        counts[sku] = counts.get(sku, 0) + 1
    return sorted(counts, key=lambda sku: -counts[sku])[:2]


def talked(desk: Desk, *, yes: bool, skip: int = 0) -> str:
    """A published review with or without a conversation."""
    found = [i for i in desk.server.review_ids("dk") if (desk.server.conversation(i) is not None) is yes]
    return found[skip]


def send(desk: Desk, act: ActionKind, review: ReviewRef | None, text: str = "", **payload: object):
    action = Action(kind=act, review=review, target=Target.PUBLIC, text=text, payload=payload)
    return desk.provider.send(action, lambda done: None)


# --- conversations -------------------------------------------------------------------------------------


def test_create_conversation_then_comment(desk: Desk) -> None:
    native_id = talked(desk, yes=False)
    kept: list[object] = []
    action = Action(
        kind=ActionKind.REPLY, review=desk.product(native_id), target=Target.PUBLIC, text="Thanks!"
    )
    result = desk.provider.send(action, lambda done: kept.append(dict(done)))
    talk = desk.server.conversation(native_id)
    assert talk is not None and kept == [{"conversation_id": talk["id"]}]
    assert [c["content"] for c in talk["comments"]] == ["Thanks!"]
    assert result.remote_id == talk["comments"][0]["commentId"]
    assert talk["comments"][0]["author"]["id"] == desk.settings["business_user_id"]


def test_comment_into_a_known_conversation(desk: Desk) -> None:
    native_id = talked(desk, yes=True)
    talk = desk.server.conversation(native_id)
    assert talk is not None
    creations = desk.asked("/create-conversation$")
    send(desk, ActionKind.REPLY, desk.product(native_id, thread_id=talk["id"]), "One more thing.")
    assert desk.server.comments(native_id)[-1]["content"] == "One more thing."
    assert desk.asked("/create-conversation$") == creations


def test_get_conversation(desk: Desk) -> None:
    native_id = talked(desk, yes=True, skip=1)
    thread = desk.provider.thread(desk.product(native_id))
    assert [c.text for c in thread.comments] == [c["content"] for c in desk.server.comments(native_id)]
    assert thread.state == "public" and thread.review is not None and thread.review.native_id == native_id


def test_get_one_comment(desk: Desk) -> None:
    talk = desk.server.conversation(talked(desk, yes=True, skip=2))
    assert talk is not None
    wanted = talk["comments"][0]
    comment = desk.provider.api.comment(talk["id"], wanted["commentId"])
    assert (comment.comment_id, comment.content) == (wanted["commentId"], wanted["content"])


def test_edit_comment(desk: Desk) -> None:
    native_id = talked(desk, yes=False, skip=1)
    desk.server.colleague_replies(native_id, "Helo")
    comment = desk.server.comments(native_id)[0]["commentId"]
    result = send(desk, ActionKind.EDIT_REPLY, desk.product(native_id), "Hello", comment_id=comment)
    assert result.remote_id == comment
    assert [c["content"] for c in desk.server.comments(native_id)] == ["Hello"]


def test_conversation_state(desk: Desk) -> None:
    native_id = talked(desk, yes=True, skip=3)
    talk = desk.server.conversation(native_id)
    assert talk is not None
    for state in ("private", "public"):
        send(desk, ActionKind.CONVERSATION_STATE, desk.product(native_id, thread_id=talk["id"]), state=state)
        assert desk.provider.thread(desk.product(native_id)).state == state
    with pytest.raises(Refused):
        send(desk, ActionKind.CONVERSATION_STATE, desk.product(native_id), state="gone")


def test_public_conversation(desk: Desk) -> None:
    native_id = talked(desk, yes=True, skip=4)
    talk = desk.server.conversation(native_id)
    assert talk is not None
    public = desk.provider.api.public_conversation(talk["id"])
    assert len(public.comments or ()) == len(talk["comments"])


def test_imported_reviews_can_not_be_answered(desk: Desk) -> None:
    ref, before = desk.product("imported-abc", source="imported"), desk.asked()
    with pytest.raises(NotAvailable):
        desk.provider.thread(ref)
    with pytest.raises(Refused):
        send(desk, ActionKind.REPLY, ref, "Hello?")
    assert desk.asked() == before


# --- product reviews -----------------------------------------------------------------------------------


def test_private_product_review(desk: Desk) -> None:
    native_id = desk.server.review_ids("dk")[7]
    answer = desk.provider.api.product_review(native_id, locale="da-DK").json()
    assert answer["id"] == native_id and answer["consumer"]["email"]


def test_private_product_reviews_in_all_four_states(desk: Desk) -> None:
    seen = set()
    for state in ("published", "unpublished", "underModeration", "archived"):
        page = desk.provider.api.product_reviews(UNIT, states=(state,), per_page=100)
        assert page.total.value and page.product_reviews
        seen.add(page.total.value)
    both = desk.provider.api.product_reviews(
        UNIT, states=("unpublished", "archived"), language="en", per_page=5
    )
    assert both.total.value is not None
    assert desk.provider.api.product_reviews(UNIT, page=999).product_reviews == []


def test_public_product_reviews(desk: Desk, skus: list[str]) -> None:
    page = desk.provider.api.public_product_reviews(
        UNIT,
        skus=skus,
        stars=(4, 5),
        language="en",
        locale="da-DK",
        attribute_ids=("attributes.default.quality",),
    )
    assert page.product_reviews
    with pytest.raises(Refused):
        desk.provider.api.public_product_reviews(UNIT)
    url = desk.server.review(desk.server.review_ids("dk")[0])["product"]["productUrl"]
    assert desk.provider.api.public_product_reviews(UNIT, product_urls=(url,)).product_reviews


def test_imported_reviews(desk: Desk) -> None:
    sku = next(r["_sku"] for r in desk.server.data["imported"].values())
    page = desk.provider.api.imported_reviews(UNIT, (sku,), stars=(1, 2, 3, 4, 5))
    assert page.product_reviews
    summary = desk.provider.api.imported_summary(UNIT, (sku,))
    assert summary.number_of_reviews is not None
    assert summary.number_of_reviews.total.value == len(
        [r for r in desk.server.data["imported"].values() if r["_sku"] == sku]
    )


# --- summaries -----------------------------------------------------------------------------------------


def test_summaries(desk: Desk, skus: list[str]) -> None:
    api = desk.provider.api
    listed = {str(s.sku): s for s in api.summaries(UNIT).summaries}
    batch = {str(s.sku): s for s in api.batch_summaries(UNIT, [*skus, "NO-SUCH"]).summaries}
    assert set(batch) == set(skus)
    together = api.summary(UNIT, skus)
    assert together.number_of_reviews is not None
    counts = [batch[sku].number_of_reviews for sku in skus]
    assert together.number_of_reviews.total.value == sum(c.total.value or 0 for c in counts if c)
    assert listed[skus[0]].stars_average == batch[skus[0]].stars_average


def test_attribute_summaries(desk: Desk, skus: list[str]) -> None:
    found = desk.provider.api.attribute_summaries(UNIT, skus, "da-DK").summaries
    rated = [a for each in found for a in each.attributes or () if a.total_occurrences.value]
    assert rated and rated[0].occurrences is not None and rated[0].average.value


# --- company reviews -----------------------------------------------------------------------------------


def test_private_company_reviews_with_filters(desk: Desk) -> None:
    api = desk.provider.api
    everything = api.service_reviews(UNIT).reviews
    some = api.service_reviews(
        UNIT, order_by="stars.asc", filters={"stars": "4,5", "responded": "false"}
    ).reviews
    assert 0 < len(some) < len(everything)


def test_company_review_private_and_public(desk: Desk) -> None:
    native_id = desk.server.service_ids("dk")[0]
    assert desk.provider.api.service_review(native_id).json()["id"] == native_id
    assert desk.provider.api.public_service_review(native_id).json()["id"] == native_id
    assert desk.provider.api.public_service_reviews(UNIT).reviews


def test_company_reply_edit_and_delete(desk: Desk) -> None:
    native_id = next(
        i for i in desk.server.service_ids("dk") if desk.server.service_review(i)["companyReply"] is None
    )
    ref = desk.company(native_id)
    assert send(desk, ActionKind.REPLY, ref, "Thank you").remote_id == "reply"
    send(desk, ActionKind.EDIT_REPLY, ref, "Thank you!", comment_id="reply")
    thread = desk.provider.thread(ref)
    assert [(c.id, c.text, c.author_id) for c in thread.comments] == [
        ("reply", "Thank you!", desk.settings["business_user_id"])
    ]
    send(desk, ActionKind.DELETE_REPLY, ref)
    assert desk.provider.thread(ref).comments == ()


def test_tags(desk: Desk) -> None:
    api, native_id = desk.provider.api, desk.server.service_ids("dk")[2]
    api.set_tags(native_id, [("generic", "late")])
    api.add_tags(native_id, [("generic", "parcel"), ("team", "north")])
    assert api.tags(native_id) == [("generic", "late"), ("generic", "parcel"), ("team", "north")]
    api.remove_tag(native_id, "generic", "late")
    assert api.tags(native_id) == [("generic", "parcel"), ("team", "north")]
    api.set_tags(native_id, [])
    assert api.tags(native_id) == []


def test_tags_through_the_outbox(desk: Desk) -> None:
    native_id = desk.server.service_ids("dk")[3]
    for _ in range(2):
        send(
            desk,
            ActionKind.PROVIDER_TAGS,
            desk.company(native_id),
            tags=[["generic", "late"], ["team", "north"]],
        )
        assert desk.provider.api.tags(native_id) == [("generic", "late"), ("team", "north")]
    send(desk, ActionKind.PROVIDER_TAGS, desk.company(native_id), tags=[])
    assert desk.provider.api.tags(native_id) == []
    for wrong in (None, "late", [["generic"]], [["", "late"]], [["a", "b", "c"]]):
        with pytest.raises(Refused):
            send(desk, ActionKind.PROVIDER_TAGS, desk.company(native_id), tags=wrong)


def test_find_reviewer(desk: Desk) -> None:
    native_id = next(
        i
        for i in desk.server.service_ids("dk")
        if desk.server.service_review(i)["findReviewer"]["isEligible"]
    )
    send(desk, ActionKind.FIND_REVIEWER, desk.company(native_id), "Which order was it?")
    requests = desk.server.service_review(native_id)["findReviewer"]["requests"]
    assert requests[-1]["businessUserMessage"] == "Which order was it?"


# --- the company ---------------------------------------------------------------------------------------


def test_a_domain_is_looked_up_once(desk: Desk) -> None:
    for written in (DOMAIN, f"https://www.{DOMAIN}/", DOMAIN.upper()):
        provider = desk.open(business_unit=written)
        before = desk.asked("/business-units/find$")
        assert all(stage.ok for stage in provider.check())
        next(provider.fetch({}, full=False))
        assert desk.asked("/business-units/find$") == before + 1
    with pytest.raises(NotFound) as caught:
        next(desk.open(business_unit="unknown.example").fetch({}, full=False))
    assert "unknown.example" in caught.value.message


def test_products_of_the_catalogue(desk: Desk, skus: list[str]) -> None:
    assert {str(p.sku) for p in desk.provider.api.products(UNIT, skus)} == set(skus)


# --- invitations ---------------------------------------------------------------------------------------


def invited(desk: Desk, invitation: str) -> dict[str, Any]:
    """What the server took down of an invitation."""
    body: dict[str, Any] = next(i["body"] for i in desk.server.invitations if i["id"] == invitation)
    return body


PERSON = {"email": "ada@example.org", "name": "Ada Quill", "order_id": "A-17", "locale": "en_GB"}


def test_product_link_by_sku_by_id_and_with_details(desk: Desk, skus: list[str]) -> None:
    made = send(desk, ActionKind.INVITE_LINK, None, **PERSON, kind="product", skus=skus)
    assert made.remote_id and str(made.answer["link"]).endswith(made.remote_id)
    body = invited(desk, made.remote_id)
    assert len(body["productIds"]) == 2 and "products" not in body and body["locale"] == "en-GB"
    send(desk, ActionKind.INVITE_LINK, None, **PERSON, kind="product", product_ids=body["productIds"][:1])
    product = {"sku": "NEW-1", "name": "New", "url": "https://harbour.example/new", "colour": "red"}
    send(desk, ActionKind.INVITE_LINK, None, **PERSON, kind="product", products=[product])
    assert [i["body"] for i in desk.server.invitations if "products" in i["body"]][-1]["products"] == [
        {"productUrl": "https://harbour.example/new", "name": "New", "sku": "NEW-1"}
    ]


def test_service_link(desk: Desk) -> None:
    made = send(desk, ActionKind.INVITE_LINK, None, **PERSON, tags=["a", "b"], kind="business")
    assert made.remote_id and str(made.answer["link"]).endswith(made.remote_id)
    assert invited(desk, made.remote_id)["tags"] == ["a", "b"]


def test_email_invitations(desk: Desk, skus: list[str]) -> None:
    templates = {str(t.type): str(t.id) for t in desk.provider.api.templates(UNIT)}
    for kind, template in (("business", templates["serviceReview"]), ("product", templates["productReview"])):
        send(
            desk, ActionKind.INVITE_EMAIL, None, **PERSON, kind=kind, skus=skus, template_id=template,
            send_at=1_795_100_000,
        )  # fmt: skip
    mails = [i["body"] for i in desk.server.invitations if i["kind"] == "email"]
    company = next(m["serviceReviewInvitation"] for m in mails if "serviceReviewInvitation" in m)
    product = next(m["productReviewInvitation"] for m in mails if "productReviewInvitation" in m)
    assert company["preferredSendTime"] == "2026-11-19T14:53:20"
    assert product["productSkus"] == skus
    assert {m["consumerName"] for m in mails} == {"Ada Quill"}


def test_invitation_data_is_deleted(desk: Desk) -> None:
    person = {**PERSON, "email": "gone@example.org"}
    send(desk, ActionKind.INVITE_LINK, None, **person, kind="business")
    send(desk, ActionKind.CUSTOMER_ERASE, None, email="gone@example.org")
    assert "gone@example.org" not in {i["email"] for i in desk.server.invitations}
    desk.provider.api.delete_invitation_data(UNIT, older_than="2020-01-01T00:00:00")
    with pytest.raises(ValueError):
        desk.provider.api.delete_invitation_data(UNIT)


@pytest.mark.parametrize("missing", ["email", "order_id"])
def test_an_incomplete_invitation_is_refused_before_it_is_sent(desk: Desk, missing: str) -> None:
    person = {key: value for key, value in PERSON.items() if key != missing}
    for kind in (ActionKind.INVITE_LINK, ActionKind.INVITE_EMAIL):
        before = desk.asked()
        with pytest.raises(Refused):
            send(desk, kind, None, **person, kind="business")
        assert desk.asked() == before
