"""From Trustpilot's records to ours. A record that can't be one of ours raises ValueError with the reason."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from functools import lru_cache

from reviewdesk.domain.models import (
    Attachment,
    Author,
    Comment,
    Product,
    ProviderState,
    ReviewKind,
    ReviewRecord,
    Role,
    SubScore,
    Thread,
)
from reviewdesk.providers.decode import Flag
from reviewdesk.providers.trustpilot import wire

__all__ = [
    "REPLY_ID",
    "STATES",
    "imported_review",
    "product_review",
    "service_review",
    "thread_of",
]

REPLY_ID = "reply"
"""The comment id of a company review's single reply (cli.md, Acting)."""

STATES = {
    "published": ProviderState.PUBLISHED,
    "unpublished": ProviderState.UNPUBLISHED,
    "underModeration": ProviderState.UNDER_MODERATION,
    "archived": ProviderState.ARCHIVED,
}
_STATES = {name.lower(): state for name, state in STATES.items()}

_Facts = list[tuple[str, str]]


def product_review(review: wire.ProductReview, raw: str) -> ReviewRecord:
    """A product review, private or public (the public one lacks product, state and conversation)."""
    state = _STATES.get(review.state.strip().lower(), ProviderState.PUBLISHED)
    facts: _Facts = []
    if review.has_moderation_history.value:
        _add(facts, "Moderated before", _yes_no(review.has_moderation_history))
    _add(facts, "Locale", review.locale)
    _add(facts, "Led on to", review.redirect_uri)
    if review.state and review.state.strip().lower() not in _STATES:
        _add(facts, "State at Trustpilot", review.state)
    return ReviewRecord(
        kind=ReviewKind.PRODUCT,
        native_id=str(review.id),
        score=review.stars.value,
        score_min=1,
        score_max=5,
        body=str(review.content),
        language=_or_none(review.language),
        author=_author(review.consumer),
        created_at=review.created_at.at(),
        updated_at=review.updated_at.at(),
        product=_product(review.product),
        order_id=_or_none(review.reference_id),
        reference=_or_none(review.reference_id),
        provider_state=state,
        sub_scores=tuple(
            SubScore(str(r.attribute_name or r.attribute_id), r.rating.value)
            for r in review.attribute_ratings or ()
            if r.attribute_name or r.attribute_id
        ),
        attachments=_attachments(review.attachments or ()),
        facts=tuple(facts),
        thread_id=_or_none(review.conversation_id),
        raw=raw,
    )


def imported_review(review: wire.ImportedReview, raw: str, sku: str) -> ReviewRecord:
    """A review imported from elsewhere. It has no id, so one is made from what doesn't change."""
    name = review.consumer.name or review.consumer.display_name if review.consumer else ""
    created = review.created_at.at()
    if created is None and not review.content:
        raise ValueError("neither a date nor a text to know it by")
    mark = "\0".join((str(created), str(name), str(review.content), sku))
    return ReviewRecord(
        kind=ReviewKind.PRODUCT,
        native_id="imported-" + hashlib.sha256(mark.encode("utf-8", "replace")).hexdigest()[:24],
        score=review.stars.value,
        score_min=1,
        score_max=5,
        body=str(review.content),
        language=_or_none(review.language),
        author=_author(review.consumer),
        created_at=created,
        product=Product(sku=sku),
        source="imported",
        raw=raw,
    )


def service_review(review: wire.ServiceReview, raw: str) -> ReviewRecord:
    """A review of the company itself, private or public, with its one reply."""
    facts: _Facts = []
    _add(facts, "Verified", _yes_no(review.is_verified))
    _add(facts, "Verification", review.review_verification_level)
    _add(facts, "Location", review.location.name if review.location else "")
    _add(facts, "Experienced on", str(review.experienced_at.value or "")[:10])
    _add(facts, "Likes", _number(review.number_of_likes.value))
    _add(facts, "Labels", ", ".join(review.compliance_labels or ()))
    if review.consumer is not None:
        _add(facts, "Reviewer's place", review.consumer.display_location)
        _add(facts, "Reviews by this person", _number(review.consumer.number_of_reviews.value))
    if review.report_data is not None:
        report = review.report_data
        _add(facts, "Reported by", report.source)
        _add(facts, "Reported for", ", ".join(report.reasons or ()) or report.reason)
        _add(facts, "Reported with the words", report.public_comment)
    private: _Facts = []
    _add(private, "Came through", review.source)
    _add(private, "Status at Trustpilot", review.status)
    _add(private, "Counts towards the TrustScore", _yes_no(review.counts_towards_trust_score))
    _add(private, "Tags at Trustpilot", ", ".join(f"{t.group}: {t.value}" for t in review.tags or ()))
    if review.find_reviewer is not None:
        _add(private, "Reviewer can be searched", _yes_no(review.find_reviewer.is_eligible))
        _add(
            private,
            "Search for the reviewer",
            ", ".join(r.status for r in review.find_reviewer.requests or ()),
        )
        for request in review.find_reviewer.requests or ():
            _found(private, request)
    author = _author(review.consumer)
    if review.referral_email:
        author = Author(name=author.name, email=str(review.referral_email), id=author.id)
    return ReviewRecord(
        kind=ReviewKind.BUSINESS,
        native_id=str(review.id),
        score=review.stars.value,
        score_min=1,
        score_max=5,
        title=str(review.title),
        body=str(review.text),
        language=_or_none(review.language),
        author=author,
        created_at=review.created_at.at(),
        updated_at=review.updated_at.at(),
        order_id=_or_none(review.reference_id),
        reference=_or_none(review.reference_id),
        facts=tuple(facts),
        private_facts=tuple(private),
        thread=_reply_thread(review.company_reply),
        raw=raw,
    )


def _found(private: _Facts, request: wire.FindRequest) -> None:
    """What was asked of the reviewer and what they answered."""
    _add(private, "Asked the reviewer", request.business_user_message)
    answer = request.consumer_response
    if answer is not None:
        _add(private, "Reviewer's name", answer.name)
        _add(private, "Reviewer's e-mail", answer.email)
        _add(private, "Reviewer's phone", answer.phone_number)
        _add(private, "Reviewer's address", answer.address)
        _add(private, "Reviewer's order reference", answer.reference_id)
        _add(private, "Reviewer's answer", answer.message)


def _reply_thread(reply: wire.CompanyReply | None) -> Thread:
    if reply is None or not reply.text:
        return Thread(id=None, state=None)
    comment = Comment(
        id=REPLY_ID,
        author=_or_none(reply.author_business_user_name),
        author_id=_or_none(reply.author_business_user_id),
        role=Role.BUSINESS,
        text=str(reply.text),
        created_at=reply.created_at.at(),
        updated_at=reply.updated_at.at(),
    )
    return Thread(id=None, state=None, comments=(comment,))


def thread_of(conversation: wire.Conversation, consumer_id: str | None = None) -> Thread:
    """A conversation, private or public (the public one has no state: it is public)."""
    return Thread(
        id=str(conversation.id),
        state=str(conversation.state).lower() or "public",
        comments=tuple(_comment(c, consumer_id) for c in conversation.comments or ()),
    )


def _comment(comment: wire.Comment, consumer_id: str | None) -> Comment:
    author = comment.author or wire.CommentAuthor()
    kind = author.type.lower()
    if kind == "consumer" or (not kind and consumer_id and author.id == consumer_id):
        role = Role.CONSUMER
    else:
        role = Role.MODERATOR if kind in ("moderator", "trustpilot", "admin") else Role.BUSINESS
    return Comment(
        id=_or_none(comment.comment_id) or _or_none(comment.id),
        author=None,
        author_id=_or_none(author.id),
        role=role,
        text=str(comment.content),
        created_at=comment.created_at.at(),
    )


# --- parts --------------------------------------------------------------------------------------------


def _or_none(text: str) -> str | None:
    return str(text).strip() or None if text else None


def _add(facts: _Facts, label: str, value: str) -> None:
    if value.strip():
        facts.append((label, str(value).strip()))


def _yes_no(flag: Flag) -> str:
    return "" if flag.value is None else "yes" if flag.value else "no"


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def _author(consumer: wire.Consumer | None) -> Author:
    if consumer is None:
        return Author()
    return Author(
        name=_or_none(consumer.name) or _or_none(consumer.display_name),
        email=_or_none(consumer.email),
        id=_or_none(consumer.id),
    )


def _product(product: wire.Product | None) -> Product | None:
    if product is None:
        return None
    images = [str(image.url) for image in product.product_images or () if _is_web(image.url)]
    return _same_product(
        _or_none(product.sku),
        _or_none(product.name),
        _or_none(product.id),
        _or_none(product.product_url) if _is_web(product.product_url) else None,
        images[0] if images else None,
        _or_none(product.gtin),
        _or_none(product.mpn),
        _or_none(product.brand),
    )


@lru_cache(maxsize=1024)
def _same_product(*values: str | None) -> Product | None:
    # Many reviews are of one product: the value is made once.
    sku, name, number, url, image_url, gtin, mpn, brand = values
    if not any(values):
        return None
    return Product(
        sku=sku, name=name, id=number, url=url, image_url=image_url, gtin=gtin, mpn=mpn, brand=brand
    )


def _attachments(found: Iterable[wire.Attachment]) -> tuple[Attachment, ...]:
    """Published ones; each with its largest picture and, as thumbnail, its smallest."""
    made = []
    for attachment in found:
        files = [f for f in attachment.processed_files or () if _is_web(f.url)]
        if not files or attachment.state.lower() not in ("published", ""):
            continue
        files.sort(key=_width)
        made.append(
            Attachment(
                url=str(files[-1].url),
                thumbnail_url=str(files[0].url),
                mime=_or_none(files[-1].mime_type),
            )
        )
    return tuple(made)


def _width(file: wire.ProcessedFile) -> int:
    digits = re.match(r"\d{1,6}", file.dimension)
    return int(digits[0]) if digits else 0


def _is_web(url: str) -> bool:
    return url.startswith(("https://", "http://"))
