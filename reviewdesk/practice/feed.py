"""Writes the nightly feed of Verified Reviews: CSV and XML files with NEW, UPDATE and DELETE, day by day."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

__all__ = ["ANONYMOUS", "csv_text", "feed_date", "feed_name", "write_feed", "xml_text"]

Record = dict[str, Any]
Action = tuple[str, Record]
"""``NEW``, ``UPDATE`` or ``DELETE``, and the review."""

ANONYMOUS = "Anonymous"
_ZONE = "Europe/Paris"
_AUTHORS = {"business": "ecommercant", "consumer": "internaute", "moderator": "moderateur"}
_HEADER = (
    "action", "review_id", "product_review_id", "order_ref", "product_ref", "review_date", "publish_date", "review", "rate",
    "lastname", "firstname", "email",
)  # fmt: skip


def feed_date(at: float) -> date:
    """The vendor's day of a moment."""
    return datetime.fromtimestamp(int(at), UTC).astimezone(ZoneInfo(_ZONE)).date()


def feed_text(at: float) -> str:
    """``2026-01-31 08:14:00``, the vendor's time."""
    return datetime.fromtimestamp(int(at), UTC).astimezone(ZoneInfo(_ZONE)).strftime("%Y-%m-%d %H:%M:%S")


def feed_name(
    kind: str, website: str, day: date, ending: str, *, compact: bool = False, full: bool = False
) -> str:
    """``reviews_product_<website>_2026-01-31.csv``; ``compact`` writes the date without hyphens."""
    when = day.strftime("%Y%m%d") if compact else day.isoformat()
    return f"{'all_' if full else ''}reviews_{kind}_{website}_{when}.{ending}"


def write_feed(folder: Path, name: str, text: str) -> Path:
    """Write a file the way a careful sender does: under another name first, then renamed. UTF-8 without BOM."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_bytes(text.encode("utf-8"))
    unfinished.replace(path)
    return path


def xml_text(actions: Iterable[Action], *, product: bool) -> str:
    """The XML feed. A DELETE carries the ids only."""
    parts = ['<?xml version="1.0" encoding="UTF-8"?>\n<reviews>\n']
    for action, review in actions:
        fields = {"review_id": review["review_id"]}
        if product:
            fields["product_review_id"] = review["id"]
        if action != "DELETE":
            fields |= {
                "email": review["email"],
                "lastname": review["family"],
                "firstname": review["given"],
                "review_date": feed_text(review["at"]),
                "publish_date": feed_text(review["at"] + 86_400),
                "review": review["text"],
                "rate": str(review["stars"]),
                "order_ref": review["order"],
            }
            if product:
                fields["product_ref"] = review["product"]
        parts.append(f'  <review action="{action}">\n')
        parts += [f"    <{name}>{_cdata(value)}</{name}>\n" for name, value in fields.items()]
        if action != "DELETE" and review["exchanges"]:
            parts.append("    <moderation>\n")
            for turn in review["exchanges"]:
                parts.append(
                    f"      <exchange><date>{feed_text(turn['at'])}</date><author>{_AUTHORS[turn['role']]}</author>"
                    f"<comment>{_cdata(turn['text'])}</comment></exchange>\n"
                )
            parts.append("    </moderation>\n")
        parts.append("  </review>\n")
    parts.append("</reviews>\n")
    return "".join(parts)


def csv_text(actions: Iterable[Action], *, product: bool, layout: str) -> str:
    """The tab-separated feed. ``layout`` is ``12`` (12+3n columns), ``16`` (16+3n) or ``header`` (named columns)."""
    lines = []
    if layout == "header":
        lines.append("\t".join(name for name in _HEADER if product or not name.startswith("product")))
    for action, review in actions:
        lines.append("\t".join(_flat(value) for value in _columns(action, review, product, layout)))
    return "".join(line + "\n" for line in lines)


def _columns(action: str, review: Record, product: bool, layout: str) -> list[str]:
    gone = action == "DELETE"
    when = "" if gone else feed_text(review["at"])
    words = "" if gone else review["text"]
    stars = "" if gone else str(review["stars"])
    last, first, email = ("", "", "") if gone else (review["family"], review["given"], review["email"])
    order = "" if gone else review["order"]
    number = review["id"] if product else ""
    ref = review["product"] if product else ""
    if layout == "header":
        published = "" if gone else feed_text(review["at"] + 86_400)
        named = [
            action,
            review["review_id"],
            number,
            order,
            ref,
            when,
            published,
            words,
            stars,
            last,
            first,
            email,
        ]
        return [
            value
            for name, value in zip(_HEADER, named, strict=True)
            if product or not name.startswith("product")
        ]
    start = [action, review["review_id"], number, order, ref, when, words, stars, last, first]
    turns = [] if gone else review["exchanges"]
    tail = [str(len(turns))]
    for turn in turns:
        tail += [feed_text(turn["at"]), _AUTHORS[turn["role"]], turn["text"]]
    if layout == "12":
        return [*start, email, *tail]
    media = "" if gone else _media(review["pictures"])
    ordered = "" if gone else feed_text(review["at"] - 10 * 86_400)
    return [*start, email, ordered, "0" if gone else str(review["helpful"]), "0", media, *tail]


def _media(pictures: list[str]) -> str:
    """Pictures as the plug-in's column has them: base64 of URL-encoded JSON."""
    if not pictures:
        return ""
    return base64.b64encode(
        quote(json.dumps([{"type": "image", "large": url} for url in pictures])).encode()
    ).decode()


def _flat(value: str) -> str:
    return " ".join(value.split())


def _cdata(value: str) -> str:
    if not value or "]]>" in value:
        return escape(value)
    return f"<![CDATA[{value}]]>"
