"""From Sitejabber's records to ours. A record that can't be one of ours raises ValueError with the reason."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from reviewdesk.domain.messages import MessageRecord
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
    Version,
)
from reviewdesk.domain.text import clean
from reviewdesk.providers.decode import When, decode_record, parse_when
from reviewdesk.providers.sitejabber import wire

__all__ = [
    "SITE_ZONE",
    "CatalogueProduct",
    "SitejabberAnswer",
    "SitejabberMessage",
    "SitejabberQuestion",
    "catalogue_product",
    "comment_of",
    "message_of",
    "moment",
    "plain_tree",
    "product_review",
    "question_of",
    "record_of",
    "review_of",
    "thread_of",
]

SITE_ZONE = ZoneInfo("America/Los_Angeles")
"""Naive dates name no zone; their twins with an offset are mostly Pacific time."""
_DEEPEST_HISTORY = 20
_DEEPEST_TREE = 20


@dataclass(frozen=True, slots=True)
class SitejabberMessage:
    """A private message of inbox or sent. ``key`` is made from what doesn't change, since there is no id."""

    key: str
    subject: str
    body: str
    created_at: int | None
    sender: str | None
    recipient: str | None
    review_no: str | None


@dataclass(frozen=True, slots=True)
class SitejabberAnswer:
    text: str
    author: str | None
    created_at: int | None


@dataclass(frozen=True, slots=True)
class SitejabberQuestion:
    """A question about the business or (``product``) a product. ``id`` None where the provider gives none."""

    id: str | None
    text: str
    author: str | None
    created_at: int | None
    published_at: int | None
    removed: bool
    votes: int
    answers: tuple[SitejabberAnswer, ...]
    product: Product | None


@dataclass(frozen=True, slots=True)
class CatalogueProduct:
    """A product of Sitejabber's catalogue. ``id`` is Sitejabber's own, needed to remove it."""

    id: str
    product: Product
    title: str
    reviews: int | None
    average: float | None
    category: str | None = None


def moment(rfc: When, naive: When) -> int | None:
    """UTC seconds: the twin with an offset first, else the naive one as the site's own time."""
    at = parse_when(rfc.value) if _has_offset(rfc) else None
    return at if at is not None else naive.at(SITE_ZONE)


def _has_offset(when: When) -> bool:
    value = when.value
    return isinstance(value, str) and len(value) > 19


def review_of(
    review: wire.Review, raw: str, comments: Iterable[Comment] | None, depth: int = 0
) -> ReviewRecord:
    """A review of the business. ``comments`` None: they were not read with it."""
    overall, parts = _scores(review.rating or ())
    author = review.author or wire.User()
    pending = str(review.published.value or "").strip().lower() == "pending"
    return ReviewRecord(
        kind=ReviewKind.BUSINESS,
        native_id=str(review.reviewNo),
        score=overall,
        score_min=1,
        score_max=5,
        title=str(review.title).strip(),
        body=str(review.content).strip(),
        author=_author(author),
        created_at=moment(review.createdRFC, review.created),
        updated_at=moment(review.editedRFC, review.edited),
        order_id=review.order_id.strip() or None,
        provider_state=ProviderState.PENDING if pending else ProviderState.PUBLISHED,
        source=review.datasource.strip() or None,
        sub_scores=parts,
        attachments=_pictures(review.images or ()),
        facts=_facts(
            ("Tip", review.tip),
            ("Found helpful by", _count(review.positive_votes.value)),
            ("Found unhelpful by", _count(review.negative_votes.value)),
            ("Reviews by this person", _count(author.numReviews.value)),
            ("Helpful votes of this person", _count(author.numHelpfulVotes.value)),
            ("Profile", author.profilePage),
        ),
        private_facts=_facts(("Collected by", review.source), ("Labels", ", ".join(review.labels or ()))),
        thread=None if comments is None else Thread(id=None, state="public", comments=tuple(comments)),
        previous=_previous(review, depth),
        anonymised=(author.name or "").lower() == "anonymous",
        raw=raw,
    )


def _previous(review: wire.Review, depth: int) -> tuple[Version, ...]:
    """The versions before this one, oldest first; ``updated_for`` may nest."""
    if depth >= _DEEPEST_HISTORY or bytes(review.updated_for) in (b"null", b'""', b"[]"):
        return ()
    try:
        old = decode_record(review.updated_for, wire.Review)
    except ValueError:
        return ()  # a broken former version is no reason to set the present one aside; it stays in the raw record
    overall, _ = _scores(old.rating or ())
    at = moment(old.editedRFC, old.edited) or moment(old.createdRFC, old.created)
    return (
        *_previous(old, depth + 1),
        Version(at, overall, str(old.title).strip(), str(old.content).strip()),
    )


def product_review(review: wire.ProductReview, raw: str) -> ReviewRecord:
    """A product review. It has no comments: an empty thread, not an unread one."""
    user = review.user or wire.User()
    product = review.product or wire.Product()
    score = review.rating.value
    return ReviewRecord(
        kind=ReviewKind.PRODUCT,
        native_id=str(review.id),
        score=score if score is not None and score >= 1 else None,
        score_min=1,
        score_max=5,
        title=str(review.title).strip(),
        body=str(review.content).strip(),
        author=_author(user),
        created_at=moment(review.createdRFC, review.created),
        product=_product(product),
        order_id=review.order_id.strip() or None,
        provider_state=_published(review),
        attachments=_pictures(review.images or ()),
        facts=_facts(
            ("Place", review.user_location),
            ("Attributes", _attributes(review.attributes)),
            ("Found helpful by", _count(review.num_positive_votes.value)),
            ("Found unhelpful by", _count(review.num_negative_votes.value)),
            ("Profile", user.profilePage),
        ),
        private_facts=_facts(("Asked for", {True: "Yes", False: "No", None: ""}[review.solicited.value])),
        thread=Thread(id=None, state=None),
        anonymised=(user.name or "").lower() == "anonymous",
        raw=raw,
    )


def _published(review: wire.ProductReview) -> ProviderState:
    pending = str(review.published.value or "").strip().lower() == "pending"
    return ProviderState.PENDING if pending else ProviderState.PUBLISHED


def comment_of(comment: wire.Comment, *, our_username: str, author_of_review: str | None) -> Comment:
    """A comment with its role: ours by the signed-in user's name, the reviewer's own, anybody else's."""
    author = comment.author or wire.User()
    mine = bool(our_username) and author.username.lower() == our_username.lower()
    by_reviewer = bool(author.username) and author.username == author_of_review
    return Comment(
        id=None,
        author=author.name or author.username or None,
        author_id=author.username or None,
        role=Role.BUSINESS if mine and not by_reviewer else Role.CONSUMER,
        text=str(comment.content).strip(),
        created_at=moment(comment.createdRFC, comment.created),
        updated_at=_changed(comment),
        state="published" if comment.activated.value is not False else "pending",
    )


def _changed(comment: wire.Comment) -> int | None:
    """When it was edited; None where the moment is that of its making."""
    modified = moment(comment.modifiedRFC, comment.modified)
    created = moment(comment.createdRFC, comment.created)
    return modified if modified is not None and modified != created else None


def thread_of(comments: Iterable[Comment]) -> Thread:
    return Thread(id=None, state="public", comments=tuple(sorted(comments, key=lambda c: c.created_at or 0)))


def message_of(message: wire.Message) -> SitejabberMessage:
    sender = message.sender.username if message.sender else ""
    recipient = message.recipient.username if message.recipient else ""
    at = moment(message.createdRFC, message.created)
    mark = "\0".join((str(at), sender, recipient, str(message.body)))
    return SitejabberMessage(
        key=hashlib.sha256(mark.encode("utf-8", "replace")).hexdigest()[:24],
        subject=str(message.subject).strip(),
        body=str(message.body).strip(),
        created_at=at,
        sender=str(sender) or None,
        recipient=str(recipient) or None,
        review_no=(str(message.review.reviewNo) or None) if message.review else None,
    )


def record_of(message: wire.Message, *, ours: bool) -> MessageRecord:
    """A message as the program keeps it. Raises ValueError for one without any text."""
    found = message_of(message)
    if not found.body and not found.subject:
        raise ValueError("the message is empty")
    return MessageRecord(
        key=found.key,
        subject=found.subject,
        body=found.body,
        created_at=found.created_at,
        ours=ours,
        person=found.recipient if ours else found.sender,
        review_no=found.review_no,
    )


def question_of(question: wire.Question) -> SitejabberQuestion:
    return SitejabberQuestion(
        id=str(question.id) or None,
        text=str(question.content).strip(),
        author=_who(question.author),
        created_at=moment(question.createdRFC, question.created),
        published_at=moment(question.publishedRFC, question.published),
        removed=bool(question.removed.value),
        votes=question.sum_votes.value or 0,
        answers=tuple(
            SitejabberAnswer(str(a.content).strip(), _who(a.author), moment(a.createdRFC, a.created))
            for a in question.answers or ()
        ),
        product=_product(question.product) if question.product is not None else None,
    )


def _who(user: wire.User | None) -> str | None:
    return (user.name or user.username or None) if user is not None else None


def plain_tree(value: object, depth: int = 0) -> Any:
    """Loosely shaped answers as plain values with cleaned texts; what is nested too deeply is left out."""
    if isinstance(value, str):
        return clean(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if depth >= _DEEPEST_TREE:
        return None
    if isinstance(value, Mapping):
        return {clean(str(k)): plain_tree(v, depth + 1) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain_tree(v, depth + 1) for v in value]
    return None


def catalogue_product(product: wire.Product) -> CatalogueProduct:
    return CatalogueProduct(
        id=str(product.id),
        product=_product(product) or Product(),
        title=str(product.title),
        reviews=product.num_reviews.value,
        average=product.average_rating.value,
        category=str(product.category_name) or None,
    )


# --- parts ---------------------------------------------------------------------------------------------


def _scores(ratings: Iterable[wire.Rating]) -> tuple[float | None, tuple[SubScore, ...]]:
    """The overall score and the others; a score of zero means that none was given."""
    overall: float | None = None
    parts = []
    for rating in ratings:
        value = rating.rating.value
        given = value if value is not None and 1 <= value <= 5 else None
        if rating.type.strip().lower() in ("overall", ""):
            overall = given
        elif given is not None:
            parts.append(SubScore(str(rating.type).strip().capitalize(), given))
    return overall, tuple(parts)


def _author(user: wire.User) -> Author:
    return Author(
        name=user.name, username=user.username.strip() or None, email=user.email.strip() or None, id=None
    )


def _product(product: wire.Product) -> Product | None:
    if not product.id and not product.sku and not product.title:
        return None
    image = next((str(i.url) for i in product.images or () if i.url), None)
    return Product(
        id=str(product.id) or None,
        sku=str(product.sku) or None,
        name=str(product.title) or None,
        url=str(product.product_link) or None,
        image_url=image,
        gtin=str(product.gtin) or None,
        mpn=str(product.mpn) or None,
        brand=str(product.brand) or None,
    )


def _pictures(images: Iterable[wire.Image]) -> tuple[Attachment, ...]:
    return tuple(
        Attachment(
            url=str(i.normal or i.original or i.large),
            thumbnail_url=str(i.large or i.small) or None,
            caption=str(i.caption) or None,
        )
        for i in images
        if i.normal or i.original or i.large
    )


def _facts(*pairs: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((label, str(value).strip()) for label, value in pairs if str(value).strip())


def _count(value: int | None) -> str:
    return str(value) if value else ""


def _attributes(value: object) -> str:
    """Attributes are not described anywhere: whatever pairs there are, as words."""
    if isinstance(value, Mapping):
        return ", ".join(f"{clean(str(k))}: {clean(str(v))}" for k, v in list(value.items())[:20])
    if isinstance(value, list):
        return ", ".join(filter(None, (_attribute(part) for part in value[:20])))
    return ""


def _attribute(part: object) -> str:
    if isinstance(part, Mapping):
        return clean(": ".join(str(v) for v in list(part.values())[:2]))
    return clean(str(part)) if isinstance(part, str | int | float) else ""
