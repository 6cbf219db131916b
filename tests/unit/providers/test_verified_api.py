"""The published-reviews API over HTTP: every call, the sign-in, pages and what is asked for in which run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from reviewdesk import practice
from reviewdesk.domain.errors import BadAnswer, NetworkError, ProviderError, SignInError
from reviewdesk.domain.models import ReviewKind
from reviewdesk.providers.verified_reviews.api import PublishedApi, _next_query
from reviewdesk.providers.verified_reviews.provider import VerifiedReviewsProvider
from tests.contract.harness_verified_reviews import ProviderHarness
from tests.support.faultserver import FaultServer, answer
from tests.support.feed_files import Got


@pytest.fixture
def desk() -> Iterator[ProviderHarness]:
    made = ProviderHarness(practice.start(providers=("verified-reviews",)))
    yield made
    made.close()


def api(desk: ProviderHarness) -> PublishedApi:
    return PublishedApi(desk.context())


def asked(desk: ProviderHarness, path: str) -> list[dict[str, str]]:
    """The queries of the requests to ``path`` by the server's own journal."""
    return [dict(e.query) for e in desk.shop.journal.entries() if e.path.endswith(path)]


def test_token_by_client_credentials_once_for_many_calls(desk: ProviderHarness) -> None:
    door = api(desk)
    assert door.token() == door.token()
    door.product_reviews()
    assert len(asked(desk, "/token")) == 1
    desk.shop.verified_reviews.expire_tokens()
    door.brand_reviews()
    assert len(asked(desk, "/token")) == 2, "an ended token is asked for again, once"
    door.close()


def test_a_token_is_renewed_before_it_ends(desk: ProviderHarness) -> None:
    from tests.support.clock import FakeClock
    from tests.support.contexts import context

    clock = FakeClock()
    door = PublishedApi(context(desk.settings(), desk.secrets(), clock=clock))
    first = door.token()
    clock.advance(269)
    assert door.token() == first
    clock.advance(2)
    assert door.token() != first
    door.close()


def test_product_reviews_by_pages(desk: ProviderHarness) -> None:
    door = api(desk)
    whole = door.product_reviews((("limit", "200"),))
    assert whole.next is None and len(whole.records) > 20
    page = door.product_reviews((("limit", "20"),))
    got = list(page.records)
    while page.next is not None:
        page = door.product_reviews(page.next)
        got += page.records
    assert [bytes(r) for r in got] == [bytes(r) for r in whole.records]
    door.close()


def test_brand_reviews(desk: ProviderHarness) -> None:
    records = [json.loads(bytes(r)) for r in api(desk).brand_reviews().records]
    assert records and all(r["product_sku"] is None for r in records)


def test_product_ratings(desk: ProviderHarness) -> None:
    provider = desk.open()
    assert isinstance(provider, VerifiedReviewsProvider)
    ratings = list(provider.summaries())
    assert ratings and all(r["average"] and r["nb_total"] for r in ratings)
    assert len(api(desk).product_ratings().records) == len(ratings)


def test_products(desk: ProviderHarness) -> None:
    provider = desk.open()
    assert isinstance(provider, VerifiedReviewsProvider)
    assert {"product_variation_id", "product_name"} <= set(next(iter(provider.products())))
    assert api(desk).products().records


def test_brands(desk: ProviderHarness) -> None:
    provider = desk.open()
    assert isinstance(provider, VerifiedReviewsProvider)
    assert [b["website_id"] for b in provider.brands()] == [desk.shop.verified_reviews.website]
    assert api(desk).brands().records


def test_records_are_read_with_everything_they_hold(desk: ProviderHarness) -> None:
    got = Got().take(desk.open())
    server = desk.shop.verified_reviews
    one = got.records[next(i for i in server.review_ids() if server.review(i)["email"] != "Anonymous")]
    record = server.review(one.native_id)
    assert one.kind is ReviewKind.PRODUCT and one.product is not None
    assert (one.product.sku, bool(one.product.name), bool(one.product.gtin)) == (
        record["product"],
        True,
        True,
    )
    assert (
        one.order_id == record["order"]
        and one.language == record["language"]
        and one.created_at == record["at"]
    )
    assert (
        one.facts == (("Verified", "yes"),) and one.private_facts[0][0] == "Ordered on" and one.thread is None
    )
    assert json.loads(one.raw)["review_id"] == one.native_id
    hidden = [r for r in got.records.values() if r.anonymised]
    assert len(hidden) == 2 and all(r.author.name == "Anonymous" for r in hidden)


def test_later_runs_ask_for_what_is_new_and_once_a_week_for_everything(desk: ProviderHarness) -> None:
    got = Got().take(desk.open())
    assert all("publish_date.gte" not in q for q in asked(desk, "/reviews"))
    before = len(asked(desk, "/reviews"))
    got.take(desk.open())
    assert all(q["publish_date.gte"].endswith("Z") for q in asked(desk, "/reviews")[before:])
    before = len(asked(desk, "/reviews"))
    got.take(desk.open(), full=True)
    assert all("publish_date.gte" not in q for q in asked(desk, "/reviews")[before:])
    before = len(asked(desk, "/reviews"))
    old = {**got.cursor, "all_at": desk.shop.clock.now() - 8 * 24 * 3600}
    Got(cursor=old).take(desk.open())
    assert all("publish_date.gte" not in q for q in asked(desk, "/reviews")[before:])


def test_a_run_goes_on_at_its_page(desk: ProviderHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reviewdesk.providers.verified_reviews.api.LIMIT", 20)
    whole = Got().take(desk.open())
    assert len(whole.pages) >= 4
    for stop in (1, len(whole.pages) - 2):
        part = Got().take(desk.open(), pages=stop)
        rest = Got(cursor=json.loads(json.dumps(part.cursor))).take(desk.open())
        assert part.records | rest.records == whole.records and not set(part.records) & set(rest.records)


LINKS: list[tuple[str, Any]] = [
    ("", None),
    ('<https://a.example/x?cursor=5>; rel="prev"', None),
    ('<https://a.example/x?limit=200&cursor=5>; rel="next"', (("limit", "200"), ("cursor", "5"))),
    ('<https://a/x?c=1>; rel="prev", </x?c=3>; title="t"; rel=next', (("c", "3"),)),
    ('<?cursor=a%2Fb%3D>;rel="next"', (("cursor", "a/b="),)),
    ("<" * 9000, None),
]


@pytest.mark.parametrize(("header", "expected"), LINKS)
def test_the_link_to_the_next_page(header: str, expected: Any) -> None:
    assert _next_query(header, ()) == expected


@pytest.mark.parametrize(
    "header", ['<https://a.example/x>; rel="next"', '<https://a.example/?c=1>; rel="next"']
)
def test_a_link_that_leads_nowhere(header: str) -> None:
    with pytest.raises(BadAnswer):
        _next_query(header, (("c", "1"),))


def test_the_token_is_never_taken_to_another_host(desk: ProviderHarness) -> None:
    """A link to elsewhere is followed on our own address only."""
    with FaultServer(lambda peer: peer.sock.sendall(answer())) as elsewhere:
        link = f'<{elsewhere.url}/x?limit=20&cursor=20>; rel="next"'
        page = json.dumps(desk._records()[:20])
        desk.fault(
            r"/published/products/reviews$",
            body=page,
            headers={"Content-Type": "application/json", "Link": link},
            times=1,
        )
        Got().take(desk.open())
        assert elsewhere.requests == []
    assert {"limit": "20", "cursor": "20"} in asked(desk, "/products/reviews")


def test_neither_address_may_be_open_to_everybody(desk: ProviderHarness) -> None:
    for key in ("base_url", "auth_url"):
        provider = desk.open({key: "http://reviews.example/"})
        assert [s.stage for s in provider.check() if not s.ok] == ["address"]
        with pytest.raises(NetworkError):
            Got().take(provider)
        assert provider.calls == 0


def test_missing_credentials_and_stages(desk: ProviderHarness) -> None:
    assert [s.stage for s in desk.open().check()] == ["address", "connect", "sign-in", "permission", "read"]
    desk.box.values.pop("client_secret")
    assert [s.stage for s in desk.open().check() if not s.ok] == ["sign-in"]
    with pytest.raises(SignInError):
        Got().take(desk.open())


def test_no_error_repeats_a_credential(desk: ProviderHarness) -> None:
    secret = desk.box.values["client_secret"]
    for path in (r"/token$", r"/products/reviews$"):
        fault = desk.fault(path, status=400, body=json.dumps({"message": f"wrong: {secret}"}), times=None)
        with pytest.raises(ProviderError) as caught:
            Got().take(desk.open())
        assert secret not in f"{caught.value.message}{caught.value.provider_words}"
        desk.shop.faults.off(fault)


def test_a_list_of_ratings_without_end_ends(desk: ProviderHarness) -> None:
    link = {"Content-Type": "application/json", "Link": '<https://a.example/?cursor=7>; rel="next"'}
    desk.fault(r"/products/ratings$", body='[{"average": 1}, 5]', headers=link, times=None)
    provider = desk.open()
    assert isinstance(provider, VerifiedReviewsProvider)
    with pytest.raises(BadAnswer):
        list(provider.summaries())
