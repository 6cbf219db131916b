"""Trustpilot's documents, as they are on the wire (docs/providers/trustpilot.md). Field names are Trustpilot's own."""

from __future__ import annotations

import msgspec

from reviewdesk.providers.decode import Flag, Key, Number, Text, When, Whole, Wire

__all__ = [
    "Attachment",
    "AttributeSummaries",
    "AttributeSummary",
    "BusinessUnit",
    "Comment",
    "CompanyReply",
    "Conversation",
    "CreatedConversation",
    "Distribution",
    "ImportedReview",
    "ProductReview",
    "ProductReviews",
    "Products",
    "ReviewLink",
    "ServiceLink",
    "ServiceReview",
    "ServiceReviews",
    "Summaries",
    "Summary",
    "TagList",
    "Template",
    "Templates",
    "Token",
]


class Token(Wire, rename=None):
    access_token: Key
    expires_in: Whole = Whole()
    refresh_token: Text = Text()
    refresh_token_expires_in: Whole = Whole()


# --- product reviews -----------------------------------------------------------------------------------


class ProductReviews(Wire):
    """Both the private and the public list; ``total`` exists in the private one only and need not be exact."""

    product_reviews: list[msgspec.Raw]
    total: Whole = Whole()


class ProductImage(Wire):
    url: Text = Text()


class Product(Wire):
    id: Text = Text()
    product_url: Text = Text()
    product_images: list[ProductImage] | None = None
    name: Text = Text()
    sku: Text = Text()
    gtin: Text = Text()
    mpn: Text = Text()
    brand: Text = Text()


class Products(Wire):
    """One page of the catalogue."""

    products: list[Product]


class Consumer(Wire):
    """``name`` in private records, ``displayName`` in public ones and in service reviews."""

    id: Text = Text()
    email: Text = Text()
    name: Text = Text()
    display_name: Text = Text()
    display_location: Text = Text()
    number_of_reviews: Whole = Whole()


class AttributeRating(Wire):
    attribute_id: Text = Text()
    attribute_name: Text = Text()
    rating: Number = Number()


class ProcessedFile(Wire):
    dimension: Text = Text()
    mime_type: Text = Text()
    url: Text = Text()


class Attachment(Wire):
    id: Text = Text()
    state: Text = Text()
    processed_files: list[ProcessedFile] | None = None


class ProductReview(Wire):
    """Private and public; the public one has neither product nor state nor conversation."""

    id: Key
    created_at: When = When()
    updated_at: When = When()
    stars: Number = Number()
    content: Text = Text()
    product: Product | None = None
    consumer: Consumer | None = None
    reference_id: Text = Text()
    locale: Text = Text()
    language: Text = Text()
    redirect_uri: Text = Text()
    state: Text = Text()
    has_moderation_history: Flag = Flag()
    conversation_id: Text = Text()
    attribute_ratings: list[AttributeRating] | None = None
    attachments: list[Attachment] | None = None


class ImportedReview(Wire):
    """Has no id of its own."""

    created_at: When = When()
    stars: Number = Number()
    content: Text = Text()
    consumer: Consumer | None = None
    language: Text = Text()


# --- conversations -------------------------------------------------------------------------------------


class CommentAuthor(Wire):
    id: Text = Text()
    type: Text = Text()


class Comment(Wire):
    comment_id: Text = Text()
    id: Text = Text()
    created_at: When = When()
    author: CommentAuthor | None = None
    content: Text = Text()


class Conversation(Wire):
    id: Key
    state: Text = Text()
    comments: list[Comment] | None = None


class CreatedConversation(Wire):
    conversation_id: Key


# --- service reviews -----------------------------------------------------------------------------------


class CompanyReply(Wire):
    text: Text = Text()
    author_business_user_id: Text = Text()
    author_business_user_name: Text = Text()
    created_at: When = When()
    updated_at: When = When()


class Tag(Wire):
    group: Text = Text()
    value: Text = Text()


class TagList(Wire):
    tags: list[Tag] | None = None


class Location(Wire):
    name: Text = Text()


class FoundReviewer(Wire):
    """What the reviewer answered when they were asked who they are."""

    reference_id: Text = Text()
    name: Text = Text()
    phone_number: Text = Text()
    address: Text = Text()
    email: Text = Text()
    message: Text = Text()


class FindRequest(Wire):
    status: Text = Text()
    business_user_message: Text = Text()
    consumer_response: FoundReviewer | None = None


class FindReviewer(Wire):
    is_eligible: Flag = Flag()
    requests: list[FindRequest] | None = None


class ReportData(Wire):
    source: Text = Text()
    public_comment: Text = Text()
    reasons: list[Text] | None = None
    reason: Text = Text()


class ServiceReview(Wire):
    id: Key
    consumer: Consumer | None = None
    location: Location | None = None
    stars: Number = Number()
    title: Text = Text()
    text: Text = Text()
    language: Text = Text()
    created_at: When = When()
    updated_at: When = When()
    experienced_at: When = When()
    referral_email: Text = Text()
    reference_id: Text = Text()
    source: Text = Text()
    company_reply: CompanyReply | None = None
    tags: list[Tag] | None = None
    find_reviewer: FindReviewer | None = None
    report_data: ReportData | None = None
    is_verified: Flag = Flag()
    review_verification_level: Text = Text()
    number_of_likes: Whole = Whole()
    status: Text = Text()
    compliance_labels: list[Text] | None = None
    counts_towards_trust_score: Flag = Flag()


class ServiceReviews(Wire):
    reviews: list[msgspec.Raw]


# --- summaries, links, business units ------------------------------------------------------------------


class Distribution(Wire):
    total: Whole = Whole()
    one_star: Whole = Whole()
    two_stars: Whole = Whole()
    three_stars: Whole = Whole()
    four_stars: Whole = Whole()
    five_stars: Whole = Whole()


class Summary(Wire):
    """``sku`` is there in lists only."""

    sku: Text = Text()
    stars_average: Number = Number()
    number_of_reviews: Distribution | None = None


class Summaries(Wire):
    summaries: list[Summary]


class Occurrences(Wire):
    one: Whole = Whole()
    two: Whole = Whole()
    three: Whole = Whole()
    four: Whole = Whole()
    five: Whole = Whole()


class AttributeSummary(Wire):
    id: Text = Text()
    name: Text = Text()
    type: Text = Text()
    options: list[Text] | None = None
    total_occurrences: Whole = Whole()
    occurrences: Occurrences | None = None
    average: Number = Number()


class AttributesOfSku(Wire):
    sku: Text = Text()
    attributes: list[AttributeSummary] | None = None


class AttributeSummaries(Wire):
    summaries: list[AttributesOfSku]


class ReviewLink(Wire):
    review_url: Key
    review_link_id: Text = Text()


class ServiceLink(Wire):
    url: Key
    id: Text = Text()


class Template(Wire):
    id: Key
    name: Text = Text()
    is_default_template: Flag = Flag()
    locale: Text = Text()
    language: Text = Text()
    type: Text = Text()


class Templates(Wire):
    templates: list[Template]


class UnitName(Wire):
    identifying: Text = Text()


class BusinessUnit(Wire):
    id: Key
    display_name: Text = Text()
    name: UnitName | None = None
    website_url: Text = Text()
    country: Text = Text()
    number_of_reviews: Distribution | None = None
