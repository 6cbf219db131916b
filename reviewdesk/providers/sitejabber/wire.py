"""Sitejabber's documents as they are on the wire. Names are its own; types are as sloppy as its samples show."""

from __future__ import annotations

from typing import Any

import msgspec

from reviewdesk.providers.decode import Flag, Key, Number, Text, When, Whole, Wire

__all__ = [
    "NOTHING",
    "Comment",
    "Dated",
    "Envelope",
    "Image",
    "Message",
    "Product",
    "ProductReview",
    "Question",
    "Rating",
    "Review",
    "User",
]

NOTHING = msgspec.Raw(b"null")
"""What a record is that is absent or null: a Raw can't be optional, it takes any value as it stands."""


class Envelope(Wire, rename=None):
    """What any answer may carry. Which of the lists is there depends on the call."""

    success: Flag = Flag()
    status: Text = Text()
    errorCode: Whole = Whole()
    errorReason: Text = Text()
    reviews: list[msgspec.Raw] | None = None
    review: msgspec.Raw = NOTHING
    comments: list[msgspec.Raw] | None = None
    messages: list[msgspec.Raw] | None = None
    products: list[msgspec.Raw] | None = None
    product_reviews: list[msgspec.Raw] | None = None
    product_review: msgspec.Raw = NOTHING
    product_reviews_stats: Any = None
    questions: list[msgspec.Raw] | None = None
    urls: list[Any] | None = None
    categories: Any = None
    removed_order_ids: list[Any] | None = None
    link: Text = Text()
    links: Any = None
    url: Any = None
    hash: Text = Text()
    expire: When = When()
    token: Text = Text()
    user: Any = None


class User(Wire, rename=None):
    username: Text = Text()
    firstName: Text = Text()
    lastName: Text = Text()
    profilePage: Text = Text()
    numReviews: Whole = Whole()
    numHelpfulVotes: Whole = Whole()
    email: Text = Text()

    @property
    def name(self) -> str | None:
        return " ".join(filter(None, (self.firstName.strip(), self.lastName.strip()))) or None


class Rating(Wire, rename=None):
    type: Text = Text()
    rating: Number = Number()


class Image(Wire, rename=None):
    caption: Text = Text()
    original: Text = Text()
    normal: Text = Text()
    large: Text = Text()
    small: Text = Text()


class Review(Wire, rename=None):
    """``published`` is ``pending`` while it is not; ``edited`` is ``""`` when it never was."""

    reviewNo: Key
    rating: list[Rating] | None = None
    title: Text = Text()
    content: Text = Text()
    tip: Text = Text()
    order_id: Text = Text()
    images: list[Image] | None = None
    positive_votes: Whole = Whole()
    negative_votes: Whole = Whole()
    created: When = When()
    createdRFC: When = When()
    published: When = When()
    publishedRFC: When = When()
    edited: When = When()
    editedRFC: When = When()
    removedRFC: When = When()
    updated_for: msgspec.Raw = NOTHING
    source: Text = Text()
    datasource: Text = Text()
    labels: list[Text] | None = None
    author: User | None = None


class Dated(Wire, rename=None):
    """All that is needed of a record to know how far back a page reaches."""

    created: When = When()
    createdRFC: When = When()


class Comment(Wire, rename=None):
    """There is no comment id: it is known by review, author and moment."""

    reviewNo: Key
    content: Text = Text()
    num_votes: Whole = Whole()
    activated: Flag = Flag()
    created: When = When()
    createdRFC: When = When()
    modified: When = When()
    modifiedRFC: When = When()
    datasource: Text = Text()
    author: User | None = None


class MessageReview(Wire, rename=None):
    reviewNo: Text = Text()


class Message(Wire, rename=None):
    """There is no message id: it is known by moment, sender, recipient and text."""

    subject: Text = Text()
    body: Text = Text()
    review: MessageReview | None = None
    created: When = When()
    createdRFC: When = When()
    recipient: User | None = None
    sender: User | None = None


class ProductImage(Wire, rename=None):
    url: Text = Text()


class Product(Wire, rename=None):
    id: Text = Text()
    sku: Text = Text()
    item_group: Text = Text()
    gtin: Text = Text()
    mpn: Text = Text()
    brand: Text = Text()
    title: Text = Text()
    description: Text = Text()
    category_name: Text = Text()
    price: Number = Number()
    currency: Text = Text()
    product_link: Text = Text()
    images: list[ProductImage] | None = None
    num_reviews: Whole = Whole()
    average_rating: Number = Number()


class ProductReview(Wire, rename=None):
    """The person is ``user`` here, not ``author``; ``solicited`` is ``Yes`` or ``No``."""

    id: Key
    title: Text = Text()
    content: Text = Text()
    rating: Number = Number()
    order_id: Text = Text()
    user: User | None = None
    user_location: Text = Text()
    attributes: Any = None
    images: list[Image] | None = None
    solicited: Flag = Flag()
    num_positive_votes: Whole = Whole()
    num_negative_votes: Whole = Whole()
    created: When = When()
    createdRFC: When = When()
    published: When = When()
    publishedRFC: When = When()
    removedRFC: When = When()
    product: Product | None = None


class Answer(Wire, rename=None):
    content: Text = Text()
    created: When = When()
    createdRFC: When = When()
    author: User | None = None


class Question(Wire, rename=None):
    """About the business or, with ``product``, about one of its products; those have no ``id`` in the samples."""

    id: Text = Text()
    content: Text = Text()
    created: When = When()
    createdRFC: When = When()
    published: When = When()
    publishedRFC: When = When()
    removed: Flag = Flag()
    sum_votes: Whole = Whole()
    answers: list[Answer] | None = None
    author: User | None = None
    product: Product | None = None
