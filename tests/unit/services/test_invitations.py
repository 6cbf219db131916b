"""Asking one customer: every kind of link against the practice servers, the guard, unclear answers, history, taking back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reviewdesk import practice
from reviewdesk.domain.errors import AlreadyQueued, InvalidInput, NotAvailable
from reviewdesk.domain.invitations.model import InviteState, InviteWay
from reviewdesk.domain.models import OutboxState, ReviewKind
from reviewdesk.domain.outbox import BaselineStored, Policy, step
from reviewdesk.domain.query import Sort
from reviewdesk.services.invitations import COOL_DOWN_DAYS, AlreadyInvited, MustNotContact
from reviewdesk.store import invitations as stored
from reviewdesk.store import outbox
from reviewdesk.store.database import Tx
from tests.support.clock import FakeClock
from tests.support.inviting import NOW, Inviting, at_trustpilot, open_inviting

PRODUCT, SHOP = ReviewKind.PRODUCT, ReviewKind.BUSINESS
TRUST, ORDERS = "Harbour DK", "Harbour Maison"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Inviting]:
    with open_inviting(tmp_path, providers=("sitejabber", "trustpilot", "guaranteed-reviews")) as made:
        yield made


def skus(desk: Inviting, count: int) -> list[str]:
    with desk.shop.sitejabber.lock:
        return [p["sku"] for p in desk.shop.sitejabber.data["products"].values()][:count]


# --- every kind of link is the server's own --------------------------------------------------------------


def test_each_way_gives_what_the_server_answered(desk: Inviting) -> None:
    sj = desk.shop.sitejabber
    link = desk.invite(order_id="1", name="Ann Bee", locale="fr")
    assert link.state is InviteState.INVITED and link.link == sj.requests[-1]["link"] and not link.sent
    assert sj.requests[-1]["language"] == "fr" and sj.requests[-1]["first_name"] == "Ann"

    wanted = skus(desk, 3)
    products = desk.invite(kind=PRODUCT, order_id="2", skus=wanted)
    assert set(products.links) == set(wanted)
    assert [r["link"] for r in sj.requests if r["order_id"] == "2"] == [products.link]
    assert products.link in products.links.values() and products.skus == tuple(wanted)

    phone = desk.invite(order_id="3", email="", phone="+45 12 34 56 78")
    assert phone.link and phone.phone == "+45 12 34 56 78"

    offline = desk.invite(InviteWay.OFFLINE, order_id="4", name="Ann Bee")
    assert sj.read_offline_link(str(offline.link))["order_id"] == "4"

    write = desk.invite(InviteWay.WRITE_LINK, order_id="", order_date="", email="")
    assert write.link and "hash=" in write.link
    # The provider names no zone with it; summer time may be in between.
    assert write.expires_at is not None and abs(write.expires_at - (NOW + 30 * 86_400)) <= 3600

    reviewer = next(
        r["author"]["email"]
        for r in sj.data["reviews"].values()
        if r["author"].get("email") and r["solicited"]
    )
    edit = desk.invite(InviteWay.EDIT_LINK, email=reviewer)
    assert edit.link and "edit-review" in edit.link


def test_trustpilot_s_links_and_e_mails(desk: Inviting) -> None:
    tp = desk.shop.trustpilot
    service = desk.invite(account=TRUST, order_id="1", name="Ann Bee", tags="a,b")
    last = at_trustpilot(desk.shop, "1")
    assert last["kind"] == "service-link" and str(service.link).endswith(last["id"])
    assert last["body"]["tags"] == ["a", "b"] and last["body"]["name"] == "Ann Bee"

    with tp.lock:
        sku = next(iter(tp.data["products"].values()))["sku"]
    product = desk.invite(kind=PRODUCT, account=TRUST, order_id="2", skus=[sku])
    last = at_trustpilot(desk.shop, "2")
    assert last["kind"] == "product-link" and str(product.link).endswith(last["id"])

    found = desk.core.invitations.templates(desk.account(TRUST).id).result(10)
    assert found[0].is_default and {t.kind for t in found} == {PRODUCT, SHOP}
    template = next(t for t in found if t.kind is SHOP and t.locale == "fr-FR")
    mail = desk.invite(InviteWay.EMAIL, account=TRUST, order_id="3", template_id=template.id, locale="fr")
    body = at_trustpilot(desk.shop, "3")["body"]
    assert mail.sent and mail.link is None
    assert body["serviceReviewInvitation"]["templateId"] == template.id and body["locale"] == "fr-FR"


def test_orders_that_the_provider_mails_later(desk: Inviting) -> None:
    made = desk.invite(InviteWay.ORDER, account=ORDERS, order_id="9", name="Ann Bee", skus="7,8")
    [order] = desk.shop.guaranteed_reviews.orders
    assert made.sent and made.link is None and (order["firstname"], order["lastname"]) == ("Ann", "Bee")
    assert [p["id"] for p in order["products"]] == [7, 8]


def test_the_forms_of_each_source(desk: Inviting) -> None:
    sources = {s.account.name: s for s in desk.core.invitations.sources()}
    assert set(sources) == {"harbour.example", TRUST, "Harbour FR", ORDERS}
    ways = {o.form.way for o in sources["harbour.example"].offers if o.available.available}
    assert ways == set(InviteWay) - {InviteWay.ORDER}
    for source in sources.values():
        for offer in source.offers:
            assert len({f.key for f in offer.form.fields}) == len(offer.form.fields)
            nothing, problems = desk.core.invitations.check(offer.form, {})
            assert not nothing and bool(problems) == (offer.form.way is not InviteWay.WRITE_LINK)


def test_a_secret_that_is_missing_is_named(tmp_path: Path) -> None:
    with open_inviting(tmp_path, providers=("sitejabber",)) as desk:
        made = desk.shop.accounts[0]
        bare = {k: v for k, v in made.secrets.items() if not k.startswith("client_") or k == "client_token"}
        account = desk.core.accounts.add(made.provider, "Bare", made.settings, bare, test=False)
        offer = next(o for o in desk.core.invitations.offers(account) if o.form.way is InviteWay.OFFLINE)
        assert not offer.available.available and "client encryption key" in str(offer.available.reason)
        with pytest.raises(NotAvailable):
            desk.invite(InviteWay.OFFLINE, account="Bare")


# --- the guard -------------------------------------------------------------------------------------------


def test_the_guard_names_date_and_link_of_the_first(desk: Inviting) -> None:
    first = desk.invite()
    calls = len(desk.shop.journal.entries())
    with pytest.raises(AlreadyInvited) as refused:
        desk.invite(email="ANN@Example.ORG")
    assert refused.value.earlier.id == first.id
    assert str(first.link) in refused.value.message and "2026-11-1" in refused.value.message
    with pytest.raises(AlreadyInvited):
        desk.invite(account=TRUST)
    assert len(desk.shop.journal.entries()) == calls and len(desk.core.outbox.items()) == 1
    desk.invite(order_id="another")
    earlier = desk.core.invitations.earlier("ann@example.org", "77")
    assert earlier is not None and earlier.id == first.id
    assert desk.core.invitations.earlier("bob@example.org", "77") is None


def test_the_cool_down_ends(desk: Inviting) -> None:
    desk.invite()
    desk.clock.advance(29 * 86_400)
    with pytest.raises(AlreadyInvited):
        desk.invite()
    desk.core.settings.set(COOL_DOWN_DAYS, 14).result(5)
    desk.invite()
    desk.core.settings.set(COOL_DOWN_DAYS, 0).result(5)
    desk.invite()
    assert len(desk.shop.sitejabber.requests) == 3


def test_who_must_not_be_contacted(desk: Inviting) -> None:
    service = desk.core.invitations
    service.block(" Ann@Example.org ", "Asked us to stop").result(5)
    with pytest.raises(MustNotContact, match="Asked us to stop"):
        desk.invite()
    assert not desk.shop.journal.entries()
    [entry] = service.do_not_contact()
    assert entry.email == "Ann@Example.org"
    service.unblock(entry.id).result(5)
    assert desk.invite().state is InviteState.INVITED
    with pytest.raises(InvalidInput):
        service.block("nobody").result(5)


def test_an_erased_person_is_gone_and_can_not_be_invited(desk: Inviting) -> None:
    made = desk.invite(name="Ann Bee")
    assert [i.id for i in _with_reader(desk, "ANN@example.org")] == [made.id]
    assert desk.core.store.write_now(lambda tx: stored.erase_person(tx, "Ann@example.org")) == 1
    left = desk.stands(made)
    assert (left.email, left.name, left.order_id, left.link) == ("", "", "", None)
    assert not _with_reader(desk, "ann@example.org")
    with pytest.raises(MustNotContact):
        desk.invite(order_id="new")
    [entry] = desk.core.invitations.do_not_contact()
    assert entry.email is None


def _with_reader(desk: Inviting, email: str) -> list[object]:
    with desk.core.store.read() as reader:
        return list(stored.find_person(reader, email))


def test_what_can_not_be_right_is_not_queued(desk: Inviting) -> None:
    for wrong in ({"email": "ann@example"}, {"order_date": "31.11.2026"}, {"order_id": ""}):
        with pytest.raises(InvalidInput):
            desk.invite(**wrong)
    with pytest.raises(NotAvailable):
        desk.invite(account=ORDERS)
    assert not desk.core.outbox.items() and not desk.core.invitations.history()


# --- what became of it -----------------------------------------------------------------------------------


def test_a_lost_answer_is_unknown_and_never_sent_again(desk: Inviting) -> None:
    desk.shop.faults.on("email-invitations", method="POST", cut="after")
    made = desk.invite(InviteWay.EMAIL, account=TRUST)
    assert made.state is InviteState.UNKNOWN and made.error is not None and not made.sent
    with pytest.raises(AlreadyInvited, match="may have been invited"):
        desk.invite(InviteWay.EMAIL, account=TRUST)
    desk.core.outbox.run()
    assert len(desk.shop.trustpilot.invitations) == 1
    # A person who drops it does not make it unhappen.
    desk.core.outbox.discard(made.outbox_id or 0).result(5)
    assert desk.stands(made).state is InviteState.UNKNOWN


def test_a_refusal_is_told_and_frees_the_customer(desk: Inviting) -> None:
    made = desk.invite(kind=PRODUCT, skus=["NO-SUCH"])
    assert made.state is InviteState.FAILED and made.error is not None and "product" in made.error.message
    assert desk.invite(kind=PRODUCT, skus=skus(desk, 1)).state is InviteState.INVITED


def test_one_that_failed_is_not_tried_again_when_another_one_went(desk: Inviting) -> None:
    failed = desk.invite(kind=PRODUCT, skus=["NO-SUCH"])
    desk.invite(kind=PRODUCT, skus=skus(desk, 1))
    with pytest.raises(AlreadyQueued, match="was invited already"):
        desk.core.outbox.retry(failed.outbox_id or 0).result(5)
    assert desk.stands(failed).state is InviteState.FAILED and len(desk.shop.sitejabber.requests) == 1


def test_who_is_put_on_the_list_while_it_waits_is_not_asked(desk: Inviting) -> None:
    made = desk.core.invitations.invite(
        desk.account().id,
        InviteWay.LINK,
        SHOP,
        {"email": "a@example.org", "order_id": "1", "order_date": "2026-11-01"},
    ).result(5)
    desk.core.invitations.block("A@example.org").result(5)
    desk.core.outbox.run([made.outbox_id or 0])
    assert desk.stands(made).state is InviteState.HELD and not desk.shop.journal.entries()
    # Nobody overrides it: the entry has to go first.
    desk.core.outbox.retry(made.outbox_id or 0, override=True).result(5)
    desk.core.outbox.run([made.outbox_id or 0])
    assert desk.stands(made).state is InviteState.HELD and not desk.shop.journal.entries()


def test_one_that_was_taken_back_before_it_went(desk: Inviting) -> None:
    made = desk.core.invitations.invite(
        desk.account().id,
        InviteWay.LINK,
        SHOP,
        {"email": "a@example.org", "order_id": "1", "order_date": "2026-11-01"},
        delay_s=10,
    ).result(5)
    assert desk.stands(made).state is InviteState.WAITING
    desk.core.outbox.discard(made.outbox_id or 0).result(5)
    assert desk.stands(made).state is InviteState.DROPPED and not desk.shop.journal.entries()


def test_an_offline_link_is_simply_made_again(desk: Inviting) -> None:
    made = desk.core.invitations.invite(
        desk.account().id,
        InviteWay.OFFLINE,
        SHOP,
        {"email": "a@example.org", "order_id": "1", "order_date": "2026-11-01"},
    ).result(5)

    # As a killed process leaves it: begun, and nobody there to say how it ended.
    def begin(tx: Tx) -> None:
        item = outbox.claim(tx, made.outbox_id or 0, "gone")
        assert item is not None
        outbox.update(tx, step(item, BaselineStored({}), NOW, Policy()))

    desk.core.store.write_now(begin)
    desk.core.outbox.run()
    desk.clock.advance(60)
    desk.core.outbox.run([made.outbox_id or 0])
    assert desk.stands(made).state is InviteState.INVITED and desk.stands(made).link


def test_history_and_the_review_that_came_of_it(desk: Inviting) -> None:
    desk.core.sync.run([desk.account(TRUST)], False)
    ids = list(desk.core.inbox.ids(desk.core.inbox.parse("")))
    review = next(d for d in desk.core.inbox.details(ids[-200:]) if d.row.order_id)
    order = str(review.row.order_id)
    # The invitation was before the review: set the clock of the row back.
    made = desk.invite(account=TRUST, order_id=order)
    assert desk.stands(made).review_id is None
    desk.core.store.write_now(
        lambda tx: tx.run("UPDATE invitation SET created_s = ?", (review.row.created_at - 3600,))
    )
    other = desk.invite(account=TRUST, order_id="ZZ-1", email="bob@example.org", name="Bob Roe")
    history = desk.core.invitations.history
    assert [i.id for i in history()] == [other.id, made.id]
    assert desk.stands(made).review_id == review.row.id
    for text, expected in ((order, made), ("ANN@", made), ("zz", None), ("ZZ-", other), ("roe", other)):
        assert [i.id for i in history(text)] == ([expected.id] if expected else []), text
    assert [i.id for i in desk.core.invitations.for_review(review.row.id)] == [made.id]
    assert history(account_id=desk.account().id) == []
    assert [i.id for i in history(before=other.id)] == [made.id]


def test_taking_back_keeps_the_provider_s_answer(desk: Inviting) -> None:
    first, second = desk.invite(order_id="1"), desk.invite(order_id="2", kind=PRODUCT, skus=skus(desk, 1))
    items = desk.core.invitations.withdraw(desk.account().id, "ANN@example.org").result(5)
    done = desk.core.outbox.run([item.id for item in items])
    assert [i.state for i in done] == [OutboxState.SENT] * 2
    for made in (first, second):
        now = desk.stands(made)
        assert now.state is InviteState.WITHDRAWN and now.answer["removed_order_ids"] == [made.order_id]
    assert not desk.shop.sitejabber.requests
    assert desk.invite(order_id="1").state is InviteState.INVITED
    with pytest.raises(NotAvailable):
        desk.core.invitations.withdraw(desk.account(TRUST).id, "ann@example.org").result(5)


# --- words and fairness ----------------------------------------------------------------------------------


def test_a_mail_draft_in_the_customer_s_language(desk: Inviting) -> None:
    made = desk.invite(name="Ann Bee", locale="de")
    draft = desk.core.invitations.mail_draft(made, "Harbour")
    assert (
        draft.to == "ann@example.org" and str(made.link) in draft.body and "Guten Tag Ann Bee" in draft.body
    )
    assert draft.mailto.startswith("mailto:ann@example.org?subject=") and "\n" not in draft.mailto
    assert not desk.core.invitations.check_wording(draft.subject + "\n" + draft.body)


@pytest.mark.parametrize("query", ["stars:5", "-stars:<=3", "lang:en (stars:4 OR sku:x)", "score:none"])
def test_a_selection_by_score_is_refused_with_the_rule(desk: Inviting, query: str) -> None:
    with pytest.raises(InvalidInput, match="everybody, every n-th, or at random"):
        desk.core.invitations.refuse_by_score(query)
    desk.core.invitations.refuse_by_score("lang:en newer:30d")
    with pytest.raises(InvalidInput):
        desk.core.invitations.refuse_by_score("lang:en", Sort.SCORE_HIGH)


def test_the_profile_keeps_invitations_over_a_restart(tmp_path: Path) -> None:
    clock = FakeClock(NOW)
    with practice.start(clock=clock, providers=("sitejabber",)) as shop:
        with open_inviting(tmp_path, shop=shop, clock=clock) as desk:
            made = desk.invite()
        with open_inviting(tmp_path, shop=shop, clock=clock) as desk:
            assert desk.stands(made).link == made.link
