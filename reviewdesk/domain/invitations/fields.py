"""The fields an invitation can have, and what their values must look like. Messages name the field and the fault."""

from __future__ import annotations

import calendar
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from reviewdesk.domain.invitations.model import InviteForm, InviteWay
from reviewdesk.domain.text import clean

__all__ = ["BULK_FIELDS", "FIELDS", "DateOrder", "Problem", "check", "label", "parse_date", "values_of"]

FIELDS: Mapping[str, str] = {
    "email": "E-mail",
    "phone": "Phone",
    "name": "Name",
    "first_name": "First name",
    "last_name": "Last name",
    "order_id": "Order number",
    "order_date": "Order date",
    "skus": "Products",
    "locale": "Language",
    "template_id": "Template",
    "send_at": "Send at",
    "reply_to": "Answers go to",
    "sender_name": "Sender's name",
    "sender_email": "Sender's address",
    "tags": "Tags",
    "location_id": "Location",
    "location": "Location",
    "redirect_uri": "Page to open afterwards",
    "reference": "Reference",
    "store_id": "Shop",
}
"""Key and label, in the order in which a form shows them."""

BULK_FIELDS = ("email", "name", "first_name", "last_name", "phone", "order_id", "order_date", "sku", "locale")
"""FIELD of ``invite-bulk --map`` (``sku`` fills ``skus``)."""

_EXACT = frozenset(
    {"email", "phone", "order_id", "order_date", "locale", "reply_to", "sender_email", "reference"}
)
_LISTS = frozenset({"skus", "tags"})
_LONGEST = 300
_EMAIL = re.compile(r"[^@\s,;<>\"()\[\]\\]+@[^@\s,;<>\"()\[\]\\]+")
_LOCALE = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{2}))?")
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December")  # fmt: skip
REGION_OF = {
    "en": "US", "da": "DK", "sv": "SE", "cs": "CZ", "el": "GR", "ja": "JP", "ko": "KR", "zh": "CN", "nb": "NO",
    "no": "NO", "uk": "UA", "et": "EE", "sl": "SI", "ar": "SA", "he": "IL",
}  # fmt: skip
"""The region of a language whose code differs from it, where only the language is given."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one field. ``message`` is a sentence without the value's owner."""

    field: str
    message: str


class DateOrder:
    """How a date of digits is read: ``ISO`` needs no hint, others are day first unless the column proves otherwise."""

    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"


def label(key: str) -> str:
    """The words for a field."""
    return FIELDS.get("skus" if key == "sku" else key, key.replace("_", " "))


def values_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """Plain, trimmed values by key; empty ones left out, lists split. Unknown keys stay out."""
    made: dict[str, Any] = {}
    for key, value in values.items():
        name = "skus" if key == "sku" else key
        if name not in FIELDS or value is None:
            continue
        if name in _LISTS:
            parts = re.split(r"[,;|\n]", value) if isinstance(value, str) else [str(v) for v in value]
            found = tuple(dict.fromkeys(p for part in parts if (p := _plain(part, exact=True))))
            if found:
                made[name] = found
        elif name == "send_at":
            made[name] = value
        elif text := _plain(str(value), exact=name in _EXACT):
            made[name] = text
    return made


def _plain(text: str, *, exact: bool = False) -> str:
    """In one line. ``exact``: characters that nobody sees (a copied zero-width blank) are not part of it."""
    if exact and not text.isascii():
        text = "".join(ch for ch in text if unicodedata.category(ch) != "Cf")
    return " ".join(clean(text).split())


def check(
    form: InviteForm, values: Mapping[str, Any], *, today: date, date_order: str = DateOrder.DAY_FIRST
) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """The values as the provider gets them, and everything that is wrong with them, in the form's order.

    Values of fields that the form does not know are left out.
    """
    given = values_of(values)
    made: dict[str, Any] = {}
    problems: list[Problem] = []
    for item in form.fields:
        value = given.get(item.key)
        if value is None:
            if item.required and not _covered(form, item.key, given):
                problems.append(Problem(item.key, f"{label(item.key)} is missing"))
            continue
        good, fault = _judge(item.key, value, today, date_order)
        if fault:
            problems.append(Problem(item.key, fault))
        else:
            made[item.key] = good
    problems += _groups(form, given)
    return made, tuple(problems)


def _covered(form: InviteForm, key: str, given: Mapping[str, Any]) -> bool:
    """Whether a whole name stands in for its two parts."""
    if key not in ("first_name", "last_name") or form.field("name") is None:
        return False
    return len(str(given.get("name") or "").split()) > 1


def _groups(form: InviteForm, given: Mapping[str, Any]) -> list[Problem]:
    found = []
    for group in dict.fromkeys(f.either for f in form.fields if f.either):
        members = [f.key for f in form.fields if f.either == group]
        if not any(key in given for key in members):
            words = " or ".join(label(key) if i == 0 else label(key).lower() for i, key in enumerate(members))
            found.append(Problem(members[0], f"{words} is missing"))
    return found


def _judge(key: str, value: Any, today: date, date_order: str) -> tuple[Any, str]:
    """(the value to use, what is wrong with it)."""
    if key in _LISTS:
        long = next((v for v in value if len(v) > 100), None)
        return value, f"'{long[:20]}...' is too long" if long else ""
    if key == "send_at":
        return (float(value), "") if isinstance(value, int | float) else (value, "That is no moment in time")
    if len(value) > _LONGEST:
        return value, f"{label(key)} is too long"
    if key in ("email", "reply_to", "sender_email"):
        return value, _email_fault(label(key), value)
    if key == "phone":
        digits = sum(ch.isdigit() for ch in value)
        bad = not re.fullmatch(r"\+?[\d\s()./-]+", value) or not 6 <= digits <= 15
        return value, f"'{value[:30]}' is no phone number" if bad else ""
    if key == "order_date":
        return _date(value, today, date_order)
    if key == "locale":
        return _locale(value)
    if key == "redirect_uri" and not re.fullmatch(r"https?://[^\s/]+\S*", value):
        return value, "The page's address must begin with https://"
    return value, ""


def _email_fault(name: str, value: str) -> str:
    local, at, host = value.rpartition("@")
    if not at:
        return f"{name} has no @"
    if not local:
        return f"{name} has nothing before the @"
    if not host:
        return f"{name} has nothing after the @"
    if not _EMAIL.fullmatch(value) or ".." in value or local.startswith(".") or local.endswith("."):
        return f"'{value[:60]}' is no e-mail address"
    if "." not in host.strip("."):
        return f"{name} has no ending, such as .org"
    parts = host.split(".")
    if any(not part or part.startswith("-") or part.endswith("-") for part in parts) or len(value) > 254:
        return f"'{value[:60]}' is no e-mail address"
    if len(parts[-1]) < 2 or parts[-1].isdigit():
        return f"{name} has no ending, such as .org"
    return ""


def _date(value: str, today: date, date_order: str) -> tuple[str, str]:
    try:
        day = parse_date(value, date_order)
    except ValueError as error:
        return value, str(error)
    if day > today + timedelta(days=1):
        return value, "The order date lies in the future"
    if day.year < 1995:
        return value, "The order date lies too far back"
    return day.isoformat(), ""


def parse_date(text: str, order: str = DateOrder.DAY_FIRST) -> date:
    """A day from ``2026-11-09`` (also with a time behind it), ``9.11.2026``, ``11/09/2026`` or ``20261109``.

    Raises ValueError with the sentence for a person.
    """
    first = text.strip().split("T")[0].split(" ")[0]
    if re.fullmatch(r"\d{8}", first):
        first = f"{first[:4]}-{first[4:6]}-{first[6:]}"
    numbers = re.fullmatch(
        r"(\d{4})[-./](\d{1,2})[-./](\d{1,2})|(\d{1,2})[-./](\d{1,2})[-./](\d{4}|\d{2})", first
    )
    if numbers is None:
        raise ValueError(f"'{text[:30]}' is no date")
    a, b, c = (int(n) for n in numbers.groups() if n is not None)
    if numbers[1] is not None:
        year, month, day = a, b, c
    elif order == DateOrder.MONTH_FIRST and "." not in first:
        year, month, day = c, a, b
    else:
        year, month, day = c, b, a
    if year < 100:
        year += 2000
    if not 1 <= month <= 12:
        raise ValueError(f"There is no month {month}")
    if not 1 <= day <= calendar.monthrange(max(1, min(year, 9999)), month)[1]:
        raise ValueError(f"No such date, {day} {_MONTHS[month - 1]}")
    return date(year, month, day)


def _locale(value: str) -> tuple[str, str]:
    found = _LOCALE.fullmatch(value)
    if found is None or len(found[1]) != 2:
        return value, f"'{value[:20]}' is no language, such as fr or fr-FR"
    language = found[1].lower()
    region = (found[2] or REGION_OF.get(language, language)).upper()
    return f"{language}-{region}", ""


def missing_for(form: InviteForm, mapped: Sequence[str]) -> list[str]:
    """Fields of the form that no column fills although every row would need them."""
    known = set(mapped)
    out = []
    for item in form.fields:
        named = "name" in known and item.key in ("first_name", "last_name") and form.field("name") is not None
        if item.required and item.key not in known and not named:
            out.append(item.key)
    for group in dict.fromkeys(f.either for f in form.fields if f.either):
        members = [f.key for f in form.fields if f.either == group]
        if not any(key in known for key in members):
            out.append(members[0])
    return out


def works_without_person(form: InviteForm) -> bool:
    """Whether the form asks nobody in particular."""
    return form.way is InviteWay.WRITE_LINK
