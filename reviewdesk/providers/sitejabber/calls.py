"""Every call of Sitejabber in one place: its mix of singular and plural is the provider's own."""

from __future__ import annotations

from typing import NamedTuple

from reviewdesk.providers.addresses import path

__all__ = ["Call", "every_call"]


class Call(NamedTuple):
    """``template`` is below the base address; ``{biz}`` stands for the business's bare domain."""

    method: str
    template: str

    def path(self, business: str) -> str:
        return self.template.replace("/{biz}", path(business))


LOGIN = Call("POST", "/login")
BUSINESS = Call("GET", "/businesses/{biz}")
BUSINESSES = Call("GET", "/businesses/bulk")
REVIEW = Call("GET", "/businesses/{biz}/review")
REVIEWS = Call("GET", "/businesses/{biz}/reviews")
PUBLISH = Call("POST", "/businesses/{biz}/reviews/publish")
FLAG = Call("POST", "/businesses/{biz}/reviews/flag")
COMMENTS = Call("GET", "/businesses/{biz}/review/comments")
COMMENT_ADD = Call("POST", "/businesses/{biz}/review/comments/add")
RESOLUTION = Call("POST", "/businesses/{biz}/resolution/send")
MESSAGES = Call("GET", "/businesses/{biz}/messages")
MESSAGE_SEND = Call("POST", "/businesses/{biz}/message/send")
REQUEST_ADD = Call("POST", "/businesses/{biz}/review/request/add")
REQUEST_REMOVE = Call("POST", "/businesses/{biz}/review/request/remove")
WRITE_LINK = Call("GET", "/partners/{biz}/write-link/get")
EDIT_LINK = Call("GET", "/partners/{biz}/edit-link/get")
PRODUCTS = Call("GET", "/businesses/{biz}/products")
PRODUCT_ADD = Call("POST", "/businesses/{biz}/products/add")
PRODUCT_REMOVE = Call("POST", "/businesses/{biz}/products/remove")
PRODUCT_IMAGE_ADD = Call("POST", "/businesses/{biz}/product/images/add")
PRODUCT_REVIEWS = Call("GET", "/businesses/{biz}/product/reviews")
PRODUCT_REVIEW_ADD = Call("POST", "/businesses/{biz}/product/reviews/add")
PRODUCT_REVIEW_VOTE = Call("POST", "/businesses/{biz}/product/reviews/vote")
TOP_RATED = Call("GET", "/businesses/{biz}/product/reviews/top-rated")
STATS = Call("GET", "/businesses/{biz}/product/reviews/stats")
PRODUCT_REQUEST_ADD = Call("POST", "/businesses/{biz}/product/review/request/add")
PRODUCT_REQUEST_REMOVE = Call("POST", "/businesses/{biz}/product/review/request/remove")
PRIVACY_ACCESS = Call("GET", "/businesses/{biz}/privacy/access")
PRIVACY_REMOVE = Call("POST", "/businesses/{biz}/privacy/remove")
QUESTIONS = Call("GET", "/businesses/{biz}/questions")
PRODUCT_QUESTIONS = Call("GET", "/businesses/{biz}/product/questions")


def every_call() -> dict[str, Call]:
    """Name -> call."""
    return {name: value for name, value in globals().items() if isinstance(value, Call)}
