"""Sitejabber's business reviews, comments and private messages."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from reviewdesk.domain.clock import Clock
from reviewdesk.practice.calls import Call, route
from reviewdesk.practice.journal import Journal
from reviewdesk.practice.keys import COLLEAGUES, DOMAIN
from reviewdesk.practice.shop import Sample, SampleShop
from reviewdesk.practice.sitejabber_base import (
    BIZ,
    OK,
    PAGE,
    REASONS,
    SitejabberBase,
    error,
    flag,
    moment,
    number_of,
    ordered,
    sources_of,
)
from reviewdesk.practice.sitejabber_wire import BUSINESS_USER, RATINGS, dates, review_wire, user_wire
from reviewdesk.practice.state import Shelf

__all__ = ["SitejabberReviews", "is_visible"]

Record = dict[str, Any]
_SOURCES = ("BCC", "CSV", "WEBHOOK", "CHECKOUT_WIDGET", "API", "WEB", "QUICK_REQUEST", "OTHER")


class SitejabberReviews(SitejabberBase):
    """Business reviews, comments and messages."""

    def __init__(self, clock: Clock, journal: Journal, shelf: Shelf, shop: Callable[[], SampleShop]) -> None:
        super().__init__(clock, journal, shelf)
        self._shop = shop
        self.enveloped = False
        """While set, ``/reviews`` answers with an object instead of the bare list of the sample."""
        self._broken: dict[int, Record] = {}

    def review_samples(self, shop: SampleShop) -> dict[str, Record]:
        """The sample shop's business reviews and the twins of some Trustpilot reviews."""
        samples = shop.at("sitejabber")
        records = {str(4000 + s.number): _review(4000 + s.number, s, shop.now) for s in samples}
        twins = [s for s in shop.at("trustpilot-dk", "trustpilot-fr") if s.text and s.state == "published"][
            -40::5
        ]
        twins += shop.at("trustpilot-service-dk")[-12::3]
        for number, sample in enumerate(twins, 9001):
            twin = _review(number, sample, shop.now)
            # What a text and its date look like after the way from one site to the other.
            twin |= {
                "content": sample.text.replace(". ", ".\n") if number % 2 else sample.text + " ",
                "created": min(sample.created + 7 * 3600, shop.now - 120),
                "datasource": "trustpilot",
                "source": None,
                "solicited": False,
                "order_id": None,
                "published": min(sample.created + 8 * 3600, shop.now - 60),
                "edited": None,
                "previous": None,
                "removed": None,
            }
            records[str(number)] = twin
        return records

    def comment_samples(self, shop: SampleShop, reviews: dict[str, Record]) -> dict[str, Record]:
        """What was answered to those reviews."""
        comments: dict[str, Record] = {}
        for sample in shop.at("sitejabber"):
            number = 4000 + sample.number
            for turn in sample.thread:
                key = f"{number}-{turn.at}"
                author = (
                    reviews[str(number)]["author"]
                    if turn.who == "customer"
                    else BUSINESS_USER | {"firstName": COLLEAGUES[turn.who].split()[0]}
                )
                comments[key] = _comment(number, turn.text, turn.at, author)
        return comments

    # --- what a test may do ----------------------------------------------------------------------

    def review_numbers(self) -> list[int]:
        """Numbers of the published reviews of its own, newest first."""
        with self.lock:
            return [r["no"] for r in self._sorted() if is_visible(r) and not r["datasource"]]

    def review(self, number: int) -> Record:
        """The server's own record of a review."""
        with self.lock:
            return copy.deepcopy(self.data["reviews"][str(number)])

    def comments(self, number: int) -> list[Record]:
        """The comments of a review, oldest first."""
        with self.lock:
            found = [c for c in self.data["comments"].values() if c["no"] == number and c["removed"] is None]
            return sorted(copy.deepcopy(found), key=lambda c: c["created"])

    def add_review(
        self, *, stars: int = 4, title: str = "A fresh one", content: str = "Written just now."
    ) -> int:
        """A customer writes a review."""
        with self.lock:
            number = max((r["no"] for r in self.data["reviews"].values() if r["no"] < 9000), default=4000) + 1
            now = int(self.clock.now())
            self.data["reviews"][str(number)] = {
                "no": number,
                "ratings": {"overall": stars, "service": stars},
                "title": title,
                "content": content,
                "order_id": str(30_000 + number),
                "pictures": [],
                "created": now,
                "published": now,
                "edited": None,
                "removed": None,
                "previous": None,
                "labels": [],
                "source": "WEB",
                "solicited": False,
                "datasource": None,
                "author": {"username": f"visitor{number}", "firstName": "Vera", "lastName": "T"},
            }
            self.keep("reviews", str(number))
            return number

    def edit_review(self, number: int, *, content: str | None = None, stars: int | None = None) -> None:
        """The customer writes an update; the former text becomes ``updated_for``."""
        with self.lock:
            record = self.data["reviews"][str(number)]
            record["previous"] = {
                "title": record["title"],
                "content": record["content"],
                "ratings": dict(record["ratings"]),
            }
            record["content"] = record["content"] if content is None else content
            if stars is not None:
                record["ratings"] = record["ratings"] | {"overall": stars}
            record["edited"] = int(self.clock.now())
            self.keep("reviews", str(number))

    def remove_review(self, number: int) -> None:
        """Taken down: from now on only the ``deleted`` search finds it."""
        with self.lock:
            self.data["reviews"][str(number)]["removed"] = int(self.clock.now())
            self.keep("reviews", str(number))

    def customer_comments(self, number: int, text: str) -> None:
        with self.lock:
            self._say(number, text, self.data["reviews"][str(number)]["author"])

    def colleague_replies(self, number: int, text: str) -> None:
        """Somebody of the shop answers in the back office."""
        with self.lock:
            self._say(number, text, BUSINESS_USER | {"firstName": "Jakob", "lastName": "K"})

    def customer_writes(self, username: str, subject: str, body: str) -> None:
        """A private message from a customer."""
        with self.lock:
            self._write(subject, body, None, sender=self._user(username), recipient=BUSINESS_USER)

    def break_review(self, number: int, **fields: Any) -> None:
        """From now on the record is sent with these values instead."""
        with self.lock:
            self._broken.setdefault(number, {}).update(fields)

    def mend(self) -> None:
        with self.lock:
            self._broken.clear()

    @property
    def messages(self) -> list[Record]:
        """All private messages, oldest first; those of the shop have the sender ``harbourshop``."""
        with self.lock:
            return sorted(copy.deepcopy(list(self.data["messages"].values())), key=lambda m: m["created"])

    # --- reviews ---------------------------------------------------------------------------------

    def _sorted(self) -> list[Record]:
        return sorted(self.data["reviews"].values(), key=lambda r: (r["created"], r["no"]), reverse=True)

    def _wire(self, record: Record, *, in_list: bool = True) -> Record:
        return review_wire(record, self.root_url, in_list=in_list) | self._broken.get(record["no"], {})

    def find_review(self, number: str) -> Record:
        """By its number. Raises Stop (305)."""
        record = self.data["reviews"].get(number)
        if record is None or record["removed"] is not None:
            raise error(305)
        return record

    @route("GET", f"{BIZ}/reviews")
    def reviews(self, call: Call, biz: str) -> Any:
        asked = self.asked(
            call,
            biz,
            (
                *PAGE, "q", "labels", "date_from", "date_to", "unpublished", "updated", "deleted", "solicited",
                "datasources", "order",
            ),
        )  # fmt: skip
        labels = set(filter(None, asked.get("labels", "").split(",")))
        since, until = moment(asked, "date_from"), moment(asked, "date_to")
        words = asked.get("q", "").lower()
        sources = sources_of(asked)
        found = [
            r
            for r in self._sorted()
            if (r["removed"] is not None) == flag(asked, "deleted")
            and (r["published"] is not None or flag(asked, "unpublished") or flag(asked, "deleted"))
            and (r["edited"] is not None or not flag(asked, "updated"))
            and (r["datasource"] is None or r["datasource"] in sources)
            and ("solicited" not in asked or r["solicited"] == flag(asked, "solicited"))
            and (not labels or labels & set(r["labels"]))
            and (since is None or r["created"] >= since)
            and (until is None or r["created"] <= until)
            and (not words or words in f"{r['title']} {r['content']}".lower())
        ]
        if ordered(asked) == "ASC":
            found.reverse()
        page = [self._wire(r) for r in self.page(asked, found)]
        return self.envelope("reviews", asked, page) if self.enveloped else page

    @route("GET", f"{BIZ}/review")
    def one_review(self, call: Call, biz: str) -> Record:
        asked = self.asked(call, biz, ("review_no",), required=["review_no"])
        return {"review": self._wire(self.find_review(asked["review_no"]), in_list=False), **OK}

    @route("POST", f"{BIZ}/reviews/publish")
    def publish(self, call: Call, biz: str) -> Record:
        form = self.posted(call, biz, ("review_no",), required=["review_no"])
        record = self.find_review(form["review_no"])
        if record["published"] is None:
            record["published"] = int(self.clock.now())
            self.keep("reviews", form["review_no"])
        return dict(OK)

    @route("POST", f"{BIZ}/reviews/flag")
    def flag_review(self, call: Call, biz: str) -> Record:
        names = ("review_no", "reason", "message")
        form = self.posted(call, biz, names, required=names)
        if form["reason"] not in REASONS:
            raise error(306, "reason")
        self.find_review(form["review_no"])
        key = f"{form['review_no']}-{len(self.data['flags'])}"
        self.data["flags"][key] = {**form, "at": int(self.clock.now())}
        self.keep("flags", key)
        return dict(OK)

    # --- comments --------------------------------------------------------------------------------

    def _say(self, number: int, text: str, author: Record) -> None:
        now = int(self.clock.now())
        key = f"{number}-{now}-{len(self.data['comments'])}"
        self.data["comments"][key] = _comment(number, text, now, author)
        self.keep("comments", key)

    @route("GET", f"{BIZ}/review/comments")
    def list_comments(self, call: Call, biz: str) -> Record:
        asked = self.asked(
            call,
            biz,
            (*PAGE, "review_no", "date_from", "date_to", "updated", "deleted", "datasources", "order"),
        )
        if "review_no" in asked:
            self.find_review(asked["review_no"])
        since, until = moment(asked, "date_from"), moment(asked, "date_to")
        sources_of(asked)
        found = [
            c
            for c in self.data["comments"].values()
            if asked.get("review_no", str(c["no"])) == str(c["no"])
            and (c["removed"] is not None) == flag(asked, "deleted")
            and (c["modified"] != c["created"] or not flag(asked, "updated"))
            and (since is None or c["created"] >= since)
            and (until is None or c["created"] <= until)
        ]
        found.sort(key=lambda c: c["created"], reverse=ordered(asked) == "DESC")
        page = self.page(asked, found)
        sent = [
            {
                "reviewNo": c["no"],
                "content": c["content"],
                "num_votes": 0,
                "activated": 1,
                **dates("created", c["created"]),
                **dates("modified", c["modified"]),
                **dates("published", c["created"]),
                "author": user_wire(c["author"], self.root_url),
            }
            for c in page
        ]
        return {"comments": sent, "count": len(sent), "start": number_of(asked, "start", 0), **OK}

    @route("POST", f"{BIZ}/review/comments/add")
    def add_comment(self, call: Call, biz: str) -> Record:
        form = self.posted(call, biz, ("review_no", "text"), required=["review_no", "text"])
        record = self.find_review(form["review_no"])
        self._say(record["no"], form["text"], BUSINESS_USER)
        return dict(OK)

    # --- messages --------------------------------------------------------------------------------

    def _user(self, username: str) -> Record:
        for record in self._sorted():
            if record["author"]["username"] == username:
                author: Record = record["author"]
                return author
        raise error(307)

    def _write(
        self, subject: str, body: str, review: int | None, *, sender: Record, recipient: Record
    ) -> None:
        key = f"{int(self.clock.now())}-{len(self.data['messages'])}"
        self.data["messages"][key] = {
            "subject": subject,
            "body": body,
            "review": review,
            "created": int(self.clock.now()),
            "sender": sender,
            "recipient": recipient,
        }
        self.keep("messages", key)

    def _recipient(self, form: dict[str, str]) -> tuple[Record, int | None]:
        """Whom a message goes to: by review or by user name, one of the two is needed."""
        if form.get("review_no"):
            record = self.find_review(form["review_no"])
            if form.get("username") and form["username"] != record["author"]["username"]:
                raise error(307)
            return record["author"], record["no"]
        if form.get("username"):
            return self._user(form["username"]), None
        raise error(302, "review_no or username")

    @route("POST", f"{BIZ}/resolution/send")
    def send_resolution(self, call: Call, biz: str) -> Record:
        form = self.posted(call, biz, ("review_no", "username", "body"), required=["body"])
        who, number = self._recipient(form)
        self._write(
            f"Resolution offer from {DOMAIN}", form["body"], number, sender=BUSINESS_USER, recipient=who
        )
        return dict(OK)

    @route("POST", f"{BIZ}/message/send")
    def send_message(self, call: Call, biz: str) -> Record:
        names = ("review_no", "username", "subject", "body")
        form = self.posted(call, biz, names, required=["subject", "body"])
        who, number = self._recipient(form)
        self._write(form["subject"], form["body"], number, sender=BUSINESS_USER, recipient=who)
        return dict(OK)

    @route("GET", f"{BIZ}/messages")
    def list_messages(self, call: Call, biz: str) -> Record:
        asked = self.asked(call, biz, (*PAGE, "username", "folder", "order"))
        folder = asked.get("folder", "inbox")
        if folder not in ("inbox", "sent"):
            raise error(306, "folder")
        ours, other = ("recipient", "sender") if folder == "inbox" else ("sender", "recipient")
        found = [
            m
            for m in self.data["messages"].values()
            if m[ours]["username"] == BUSINESS_USER["username"]
            and asked.get("username", m[other]["username"]) == m[other]["username"]
        ]
        found.sort(key=lambda m: m["created"], reverse=ordered(asked) == "DESC")
        return self.envelope("messages", asked, [self._message(m) for m in self.page(asked, found)])

    def _message(self, message: Record) -> Record:
        about = self.data["reviews"].get(str(message["review"])) if message["review"] else None
        reduced = None
        if about is not None:
            reduced = self._wire(about, in_list=False)
            for name in ("created", "createdRFC", "images", "labels", "positive_votes", "negative_votes"):
                reduced.pop(name, None)
        return {
            "subject": message["subject"],
            "body": message["body"],
            "review": reduced,
            **dates("created", message["created"]),
            "recipient": user_wire(message["recipient"], self.root_url),
            "sender": user_wire(message["sender"], self.root_url),
        }


def is_visible(record: Record) -> bool:
    return record["published"] is not None and record["removed"] is None


def _comment(number: int, text: str, at: int, author: Record) -> Record:
    return {
        "no": number,
        "content": text,
        "created": at,
        "modified": at,
        "removed": None,
        "author": dict(author),
    }


def _review(number: int, sample: Sample, now: int) -> Record:
    person = sample.person
    overall = sample.stars or 1
    ratings: Record = {"overall": overall}
    for place, kind in enumerate(RATINGS[1:]):
        given = sample.ratings.get(kind)
        if given is None and sample.ratings and (number + place) % 4:
            given = max(1, min(5, overall + (number + place) % 3 - 1))
        ratings[kind] = given
    before = sample.earlier[-1] if sample.earlier else None
    hour_old = now - sample.created > 3_600
    solicited = number % 3 != 0
    return {
        "no": number,
        "ratings": ratings,
        "title": sample.title,
        "content": sample.text,
        "order_id": str(sample.order) if solicited else None,
        "pictures": list(sample.pictures),
        "created": sample.created,
        "published": None if number % 19 == 0 else sample.created + (900 if hour_old else 60),
        "edited": sample.updated,
        "removed": sample.created + 5 * 86_400
        if number % 29 == 0 and now - sample.created > 6 * 86_400
        else None,
        "previous": None
        if before is None
        else {"title": before.title, "content": before.text, "ratings": ratings | {"overall": before.stars}},
        "labels": ["vip"] if number % 13 == 0 else [],
        "source": _SOURCES[number % len(_SOURCES)] if solicited else None,
        "solicited": solicited,
        "datasource": None,
        "author": {
            "username": person.username,
            "firstName": person.given,
            "lastName": person.family if person.language in ("ar", "ja") else person.family[:1],
            "email": person.email,
            "numReviews": 1 + number % 6,
            "numHelpfulVotes": number % 4,
        },
        "votes": number % 5,
    }
