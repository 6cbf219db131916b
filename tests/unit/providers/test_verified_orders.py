"""Orders that Verified Reviews is told of: what the practice server takes, what is refused, what stays unclear."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from reviewdesk import practice
from reviewdesk.domain.capabilities import Capability
from reviewdesk.domain.errors import Delivery, NotAvailable, ProviderError, Refused
from reviewdesk.domain.models import ActionKind, Target
from reviewdesk.providers.base import Action, SendResult
from reviewdesk.providers.verified_reviews.orders import event_of
from reviewdesk.providers.verified_reviews.provider import VerifiedReviewsProvider
from reviewdesk.providers.verified_reviews.spec import SPEC
from tests.contract.harness_verified_reviews import ProviderHarness
from tests.support.contexts import context

ORDER = {
    "email": "bo@example.org",
    "order_id": "VR-9",
    "order_date": "2026-04-28",
    "name": "Bo Hald",
    "locale": "da-DK",
}
NOW = 1_777_420_800.0  # 29 April 2026, 00:00 UTC


@pytest.fixture
def desk() -> Iterator[ProviderHarness]:
    made = ProviderHarness(practice.start(providers=("verified-reviews",)))
    yield made
    made.close()


def tell(desk: ProviderHarness, *, website: str | None = None, **payload: Any) -> SendResult:
    settings = desk.settings() | {
        "website_id": desk.shop.verified_reviews.website if website is None else website
    }
    provider = VerifiedReviewsProvider(context(settings, desk.secrets()))
    action = Action(
        kind=ActionKind.INVITE_EMAIL,
        review=None,
        target=Target.PRIVATE,
        payload=ORDER | {"kind": "business"} | payload,
    )
    try:
        return provider.send(action, lambda _: None)
    finally:
        provider.close()


def told(desk: ProviderHarness) -> list[dict[str, Any]]:
    server = desk.shop.verified_reviews
    with server.lock:
        return list(server.data["events"].values())


def test_an_order_reaches_the_server_once(desk: ProviderHarness) -> None:
    tell(desk)
    [event] = told(desk)
    assert event["purchase_reference"] == "VR-9" and event["purchase_date"] == "2026-04-28T00:00:00Z"
    assert event["consumer"] == {
        "first_name": "Bo", "last_name": "Hald", "email": "bo@example.org", "language": "da", "country": "DK",
    }  # fmt: skip
    assert event["solicitation_parameters"]["purchase_event_type"] == "BRAND"
    assert event["sales_channel"]["website_id"] == desk.shop.verified_reviews.website

    tell(desk, kind="product", skus=["A", "B"], order_id="VR-10")
    event = told(desk)[1]
    assert [p["product_ref"]["reference"] for p in event["products"]] == ["A", "B"]
    assert event["solicitation_parameters"]["purchase_event_type"] == "BRAND_AND_PRODUCT"


def test_the_e_mail_is_never_due_in_the_past() -> None:
    def delay(day: str) -> int:
        return int(event_of(ORDER | {"order_date": day}, "w", NOW)["solicitation_parameters"]["delay"])

    assert (delay("2026-04-28"), delay("2026-04-29"), delay("2026-03-30")) == (1, 1, 30)
    assert delay("2026-04-28 22:00:00") == 1


@pytest.mark.parametrize("missing", ["email", "order_id", "order_date"])
def test_what_it_would_refuse_is_not_sent(desk: ProviderHarness, missing: str) -> None:
    with pytest.raises(Refused, match=missing):
        tell(desk, **{missing: ""})
    with pytest.raises(Refused, match="references"):
        tell(desk, kind="product")
    assert not desk.shop.journal.entries()


def test_without_a_website_nobody_is_told(desk: ProviderHarness) -> None:
    with pytest.raises(NotAvailable, match="website_id"):
        tell(desk, website="")
    for website, available in (("", False), ("w", True)):
        can = SPEC.capabilities({"transport": "api", "website_id": website}, frozenset())
        assert can[Capability.INVITE_EMAIL].available is available
    assert not SPEC.capabilities({"transport": "folder", "website_id": "w"}, frozenset())[
        Capability.INVITE_EMAIL
    ].available


def test_an_order_that_was_set_aside_is_refused(desk: ProviderHarness) -> None:
    body = '[{"purchase_reference": "VR-9", "error_description": "Unknown shop"}]'
    for status in (200, 206):
        desk.shop.faults.on("bulk_sync_insert", method="POST", status=status, body=body)
        with pytest.raises(Refused, match="Unknown shop"):
            tell(desk)
    with pytest.raises(ProviderError):
        tell(desk, website="another")


def test_an_ended_token_is_renewed_and_a_lost_answer_stays_unclear(desk: ProviderHarness) -> None:
    desk.shop.faults.on("bulk_sync_insert", method="POST", status=401, body='{"message": "Unauthorized"}')
    tell(desk)
    assert len(told(desk)) == 1
    desk.shop.faults.on("bulk_sync_insert", method="POST", cut="after")
    with pytest.raises(ProviderError) as lost:
        tell(desk)
    assert lost.value.delivery is Delivery.UNKNOWN and len(told(desk)) == 2
    assert len([e for e in desk.shop.journal.entries() if e.path.endswith("bulk_sync_insert")]) == 3
