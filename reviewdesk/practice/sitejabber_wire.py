"""Sitejabber's objects as they travel: with its sloppy types, twin dates and missing keys."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

__all__ = ["BUSINESS_USER", "RATINGS", "dates", "review_wire", "slashed", "user_wire"]

Record = dict[str, Any]
RATINGS = ("overall", "service", "value", "shipping", "returns", "quality")
BUSINESS_USER = {"username": "harbourshop", "firstName": "Anna", "lastName": "N"}
_ZONE = timezone(timedelta(hours=-7))
"""The site's own time in nearly all of the documentation's samples."""


def _local(at: float) -> datetime:
    return datetime.fromtimestamp(int(at), UTC).astimezone(_ZONE)


def slashed(at: float) -> str:
    """``2016/04/25 04:07:38``, the site's time."""
    return _local(at).strftime("%Y/%m/%d %H:%M:%S")


def dates(name: str, at: float | None, *, slashes: bool = True) -> Record:
    """A date and its RFC twin, which keeps the slashes of its sibling."""
    if at is None:
        return {name: "", f"{name}RFC": ""}
    day = "%Y/%m/%d" if slashes else "%Y-%m-%d"
    local = _local(at)
    return {
        name: local.strftime(f"{day} %H:%M:%S"),
        f"{name}RFC": local.strftime(f"{day}T%H:%M:%S") + "-07:00",
    }


def user_wire(person: Record, root: str, *, private: bool = False) -> Record:
    """A user; the address only where this business supplied it."""
    sent = {
        "username": person["username"],
        "firstName": person["firstName"],
        "lastName": person["lastName"],
        "thumbnail": "default_profile_photo.png",
        "profilePage": f"{root}/links/user-{person['username']}",
        "numReviews": str(person.get("numReviews", 1)),
        "numHelpfulVotes": person.get("numHelpfulVotes", 0),
    }
    if private and person.get("email"):
        sent["email"] = person["email"]
    return sent


def image_wire(name: str, url: str, at: float) -> Record:
    """A picture in its four sizes."""
    return {
        "caption": "",
        "original": url.format(name=name, size=1024),
        "normal": url.format(name=name, size=600),
        "large": url.format(name=name, size=160),
        "small": url.format(name=name, size=96),
        **dates("created", at),
    }


def review_wire(record: Record, root: str, *, in_list: bool) -> Record:
    """A review. In lists the number and the scores are text, elsewhere they are numbers, as in the documentation."""

    def score(value: int | None) -> Any:
        return str(value) if in_list and value is not None else value

    pictures = f"{root}/pictures/{{name}}_{record['no']}_{{size}}.png"
    sent: Record = {
        "reviewNo": str(record["no"]) if in_list else record["no"],
        "rating": [{"type": kind, "rating": score(record["ratings"].get(kind))} for kind in RATINGS],
        "title": record["title"],
        "content": record["content"],
        "tip": record.get("tip"),
        "order_id": record["order_id"],
        "images": [image_wire(name, pictures, record["created"]) for name in record["pictures"]],
        "positive_votes": record.get("votes", 0),
        "negative_votes": 0,
        **dates("created", record["created"], slashes=False),
        **(
            {"published": "pending", "publishedRFC": "pending"}
            if record["published"] is None
            else dates("published", record["published"], slashes=False)
        ),
        "labels": list(record["labels"]),
        "author": user_wire(record["author"], root, private=record["solicited"]),
    }
    if record["edited"] is not None:
        sent |= dates("edited", record["edited"])
    elif record["no"] % 3:
        sent["edited"] = ""
    if record["source"]:
        sent["source"] = record["source"]
    if record["datasource"]:
        sent["datasource"] = record["datasource"]
    if record["removed"] is not None:
        sent["removedRFC"] = dates("removed", record["removed"], slashes=False)["removedRFC"]
    if record["previous"] is not None:
        before = record | record["previous"] | {"previous": None, "edited": None, "removed": None}
        sent["updated_for"] = review_wire(before, root, in_list=False)
    return sent
