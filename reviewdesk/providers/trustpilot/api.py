"""Every documented call that is used, one method each (docs/providers/trustpilot.md lists them with their tests).

"key" calls carry the API key, "token" calls the access token, renewed and tried once more after a 401.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from reviewdesk.domain.errors import SignInError
from reviewdesk.providers.addresses import path
from reviewdesk.providers.base import Context
from reviewdesk.providers.http import Answer, Expect, HttpClient
from reviewdesk.providers.trustpilot import wire
from reviewdesk.providers.trustpilot.auth import SignIn
from reviewdesk.providers.trustpilot.spec import API_URL, CLIENT_CREDENTIALS, INVITATIONS_URL, SPEC

__all__ = ["PAGE_SIZE", "STATES", "TrustpilotApi"]

PAGE_SIZE = 100
STATES = ("published", "unpublished", "underModeration", "archived")
_SUMMARIES_PAGE = 1000

Query = Mapping[str, str]


class TrustpilotApi:
    """Raises ``ProviderError`` as ``HttpClient`` does. One thread at a time."""

    def __init__(self, context: Context) -> None:
        settings = context.settings
        self.http = HttpClient(
            settings.get("base_url") or API_URL,
            context,
            title=SPEC.title,
            secrets=SPEC.secrets,
            limits=SPEC.rate_limits,
        )
        self.sign_in = SignIn(context, self.http)
        self._invitations = settings.get("invitations_url") or INVITATIONS_URL
        self._user = settings.get("business_user_id", "").strip()

    # -- how a call is made --

    def _key(self, method: str, at: str, query: Query | None = None, json: Any = None) -> Answer:
        return self.http.call(
            method, at, query=query or {}, json=json, headers={"apikey": self.sign_in.api_key()}
        )

    def _token(
        self,
        method: str,
        at: str,
        *,
        query: Query | None = None,
        json: Any = None,
        outgoing: bool = False,
        expect: Expect = Expect.JSON,
        invitations: bool = False,
        as_user: bool = False,
    ) -> Answer:
        def call(token: str) -> Answer:
            headers = {"authorization": f"Bearer {token}"}
            if as_user and self._user and self.sign_in.grant == CLIENT_CREDENTIALS:
                headers["x-business-user-id"] = self._user
            return self.http.call(
                method,
                at,
                query=query or {},
                json=json,
                headers=headers,
                outgoing=outgoing,
                expect=expect,
                base_url=self._invitations if invitations else None,
            )

        return self._twice(call)

    def _twice(self, call: Callable[[str], Answer]) -> Answer:
        token = self.sign_in.token()
        try:
            return call(token)
        except SignInError as error:
            if error.status != 401:
                raise
        # A 401 says that nothing was done, so even an outgoing call may be made again, once.
        return call(self.sign_in.renewed(token))

    # -- product reviews --

    def product_reviews(
        self,
        unit: str,
        *,
        page: int = 1,
        per_page: int = PAGE_SIZE,
        states: Sequence[str] = ("published",),
        skus: Sequence[str] = (),
        language: str = "",
    ) -> wire.ProductReviews:
        """GET private list; pages from 1, past the end empty."""
        query = _some(
            page=str(page),
            perPage=str(per_page),
            state=",".join(states),
            sku=",".join(skus),
            language=language,
        )
        at = path("private", "product-reviews", "business-units", unit, "reviews")
        return self._token("GET", at, query=query).decode(wire.ProductReviews)

    def product_review(self, review: str, *, locale: str = "") -> Answer:
        """GET one private product review; undecoded, since the record is kept as received."""
        return self._token("GET", path("private", "product-reviews", review), query=_some(locale=locale))

    def public_product_reviews(
        self,
        unit: str,
        *,
        skus: Sequence[str] = (),
        product_urls: Sequence[str] = (),
        page: int = 1,
        per_page: int = PAGE_SIZE,
        language: str = "",
        stars: Sequence[int] = (),
        locale: str = "",
        attribute_ids: Sequence[str] = (),
    ) -> wire.ProductReviews:
        """GET public list; at least one SKU or product address is required."""
        query = _some(
            sku=",".join(skus),
            productUrl=",".join(product_urls),
            page=str(page),
            perPage=str(per_page),
            language=language,
            stars=",".join(map(str, stars)),
            locale=locale,
            attributeIds=",".join(attribute_ids),
        )
        at = path("product-reviews", "business-units", unit, "reviews")
        return self._key("GET", at, query).decode(wire.ProductReviews)

    def imported_reviews(
        self,
        unit: str,
        skus: Sequence[str],
        *,
        page: int = 1,
        per_page: int = PAGE_SIZE,
        stars: Sequence[int] = (),
        language: str = "",
    ) -> wire.ProductReviews:
        """GET imported reviews; they have no ids."""
        query = _some(
            sku=",".join(skus),
            page=str(page),
            perPage=str(per_page),
            stars=",".join(map(str, stars)),
            language=language,
        )
        at = path("product-reviews", "business-units", unit, "imported-reviews")
        return self._key("GET", at, query).decode(wire.ProductReviews)

    # -- summaries --

    def imported_summary(self, unit: str, skus: Sequence[str]) -> wire.Summary:
        """GET one summary of imported reviews over all ``skus``."""
        at = path("product-reviews", "business-units", unit, "imported-reviews-summaries")
        return self._key("GET", at, {"sku": ",".join(skus)}).decode(wire.Summary)

    def summary(self, unit: str, skus: Sequence[str]) -> wire.Summary:
        """GET one summary over all ``skus``."""
        at = path("product-reviews", "business-units", unit)
        return self._key("GET", at, {"sku": ",".join(skus)}).decode(wire.Summary)

    def summaries(self, unit: str, *, page: int = 1, per_page: int = _SUMMARIES_PAGE) -> wire.Summaries:
        """GET one page of the summaries of every SKU."""
        at = path("private", "product-reviews", "business-units", unit, "summaries")
        query = {"page": str(page), "perPage": str(per_page)}
        return self._token("GET", at, query=query).decode(wire.Summaries)

    def batch_summaries(self, unit: str, skus: Sequence[str]) -> wire.Summaries:
        """POST (a read): a summary per SKU; SKUs without reviews may be missing."""
        at = path("product-reviews", "business-units", unit, "batch-summaries")
        return self._key("POST", at, json={"skus": list(skus)}).decode(wire.Summaries)

    def attribute_summaries(
        self, unit: str, skus: Sequence[str], locale: str = "en-US"
    ) -> wire.AttributeSummaries:
        """POST (a read): sub-ratings per SKU."""
        at = path("product-reviews", "business-units", unit, "attribute-summaries")
        body = {"skus": list(skus), "locale": locale}
        return self._key("POST", at, json=body).decode(wire.AttributeSummaries)

    # -- conversations --

    def conversation(self, conversation: str) -> wire.Conversation:
        return self._token("GET", path("private", "conversations", conversation)).decode(wire.Conversation)

    def public_conversation(self, conversation: str) -> wire.Conversation:
        return self._key("GET", path("conversations", conversation)).decode(wire.Conversation)

    def comment(self, conversation: str, comment: str) -> wire.Comment:
        at = path("private", "conversations", conversation, "comments", comment)
        return self._token("GET", at).decode(wire.Comment)

    def create_conversation(self, review: str) -> str:
        """POST: the review's conversation id, needed before its first comment."""
        at = path("private", "product-reviews", review, "create-conversation")
        answer = self._token("POST", at, outgoing=True, as_user=True)
        return str(answer.decode(wire.CreatedConversation).conversation_id)

    def add_comment(self, conversation: str, text: str) -> wire.Comment:
        at = path("private", "conversations", conversation, "comments")
        answer = self._token("POST", at, json={"content": text}, outgoing=True, as_user=True)
        return answer.decode(wire.Comment)

    def edit_comment(self, conversation: str, comment: str, text: str) -> wire.Comment:
        at = path("private", "conversations", conversation, "comments", comment)
        answer = self._token("PUT", at, json={"content": text}, outgoing=True, as_user=True)
        return answer.decode(wire.Comment)

    def set_conversation_state(self, conversation: str, state: str) -> None:
        """POST ``public`` or ``private``; any 2xx is accepted, no answer is documented."""
        at = path("private", "conversations", conversation, "state")
        self._token("POST", at, json={"state": state}, outgoing=True, expect=Expect.ANY, as_user=True)

    # -- company reviews --

    def service_reviews(
        self,
        unit: str,
        *,
        page: int = 1,
        per_page: int = PAGE_SIZE,
        order_by: str = "createdat.desc",
        filters: Query | None = None,
    ) -> wire.ServiceReviews:
        """GET private list. ``filters`` by their documented names: stars, language, tagGroup, responded,
        startDateTime ...
        """
        query = {"orderBy": order_by, "page": str(page), "perPage": str(per_page), **(filters or {})}
        at = path("private", "business-units", unit, "reviews")
        return self._token("GET", at, query=query).decode(wire.ServiceReviews)

    def public_service_reviews(
        self, unit: str, *, page: int = 1, per_page: int = PAGE_SIZE, order_by: str = "createdat.desc"
    ) -> wire.ServiceReviews:
        """GET public list, those that somebody has reported among them; at most 100,000 deep."""
        query = {
            "orderBy": order_by,
            "page": str(page),
            "perPage": str(per_page),
            "includeReportedReviews": "true",
        }
        return self._key("GET", path("business-units", unit, "reviews"), query).decode(wire.ServiceReviews)

    def service_review(self, review: str) -> Answer:
        """GET one private company review; undecoded, since the record is kept as received."""
        return self._token("GET", path("private", "reviews", review))

    def public_service_review(self, review: str) -> Answer:
        return self._key("GET", path("reviews", review))

    def reply(self, review: str, text: str) -> None:
        """POST the single reply (a second one takes the first one's place); no answer is documented."""
        body = {"message": text} | ({"authorBusinessUserId": self._user} if self._user else {})
        self._token(
            "POST", path("private", "reviews", review, "reply"), json=body, outgoing=True, expect=Expect.ANY
        )

    def delete_reply(self, review: str) -> None:
        self._token("DELETE", path("private", "reviews", review, "reply"), outgoing=True, expect=Expect.ANY)

    def tags(self, review: str) -> list[tuple[str, str]]:
        return _pairs(self._token("GET", path("private", "reviews", review, "tags")))

    def add_tags(self, review: str, tags: Iterable[tuple[str, str]]) -> None:
        """PUT adds to what is there (the two verbs are the reverse of what is usual)."""
        self._change_tags("PUT", review, tags)

    def set_tags(self, review: str, tags: Iterable[tuple[str, str]]) -> None:
        """POST replaces all tags."""
        self._change_tags("POST", review, tags)

    def _change_tags(self, method: str, review: str, tags: Iterable[tuple[str, str]]) -> None:
        body = {"tags": [{"group": group, "value": value} for group, value in tags]}
        at = path("private", "reviews", review, "tags")
        self._token(method, at, json=body, outgoing=True, expect=Expect.ANY)

    def remove_tag(self, review: str, group: str, value: str) -> None:
        at = path("private", "reviews", review, "tags")
        self._token("DELETE", at, query={"group": group, "value": value}, outgoing=True, expect=Expect.ANY)

    def find_reviewer(self, review: str, message: str, *, notify: bool = True) -> None:
        """POST: ask an anonymous reviewer for their details. The answer is a dump; its status alone counts."""
        body = {"message": message or None, "skipNotificationEmailToBusinessUser": not notify}
        at = path("private", "reviews", review, "find-reviewer")
        self._token("POST", at, json=body, outgoing=True, expect=Expect.ANY)

    # -- the company --

    def find_business_unit(self, domain: str) -> wire.BusinessUnit:
        """GET by exact domain; ``NotFound`` when Trustpilot does not know it."""
        return self._key("GET", path("business-units", "find"), {"name": domain}).decode(wire.BusinessUnit)

    def products(self, unit: str, skus: Sequence[str], *, page: int = 1) -> list[wire.Product]:
        """GET the catalogue's products of these SKUs: invitations name products by the ids in it."""
        query = {"skus": ",".join(skus), "page": str(page), "perPage": str(PAGE_SIZE)}
        at = path("private", "business-units", unit, "products")
        return self._token("GET", at, query=query).decode(wire.Products).products

    # -- invitations --

    def product_invitation_link(self, unit: str, body: Mapping[str, Any]) -> wire.ReviewLink:
        at = path("private", "product-reviews", "business-units", unit, "invitation-links")
        return self._token("POST", at, json=body, outgoing=True, as_user=True).decode(wire.ReviewLink)

    def service_invitation_link(self, unit: str, body: Mapping[str, Any]) -> wire.ServiceLink:
        at = path("private", "business-units", unit, "invitation-links")
        answer = self._token("POST", at, json=body, outgoing=True, invitations=True, as_user=True)
        return answer.decode(wire.ServiceLink)

    def email_invitation(self, unit: str, body: Mapping[str, Any]) -> None:
        """POST; any 2xx is accepted, no answer is documented."""
        at = path("private", "business-units", unit, "email-invitations")
        self._token("POST", at, json=body, outgoing=True, invitations=True, as_user=True, expect=Expect.ANY)

    def templates(self, unit: str) -> list[wire.Template]:
        at = path("private", "business-units", unit, "templates")
        return self._token("GET", at, invitations=True, as_user=True).decode(wire.Templates).templates

    def delete_invitation_data(self, unit: str, emails: Sequence[str] = (), older_than: str = "") -> None:
        """POST, for good: what was kept for these addresses, or everything older than a moment; one of the two."""
        if bool(emails) == bool(older_than):
            raise ValueError("either addresses or a moment")
        body: dict[str, Any] = {"customerEmails": list(emails)} if emails else {"deleteOlderThan": older_than}
        at = path("private", "business-units", unit, "invitation-data", "delete")
        self._token("POST", at, json=body, outgoing=True, invitations=True, as_user=True, expect=Expect.ANY)


def _some(**values: str) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}


def _pairs(answer: Answer) -> list[tuple[str, str]]:
    return [(str(tag.group), str(tag.value)) for tag in answer.decode(wire.TagList).tags or ()]
