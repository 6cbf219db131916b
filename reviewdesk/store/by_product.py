"""The list cut by product: which product each hit is of, straight from the indexes that name products."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from reviewdesk.store.codec import to_json
from reviewdesk.store.writer import Reader

__all__ = ["ByProduct", "cut"]

_FEW = 5_000
"""Up to here the reviews are looked at; beyond, reading the indexes whole is cheaper."""

_id = itemgetter(0)


@dataclass(frozen=True, slots=True)
class ByProduct:
    """``ids`` product after product by name, what belongs to none last; ``sections`` are (key, how many), ``names``
    says each key's. A key is the product's id; of a listing that nobody compared yet its own, negative; 0 for none."""

    ids: array[int]
    sections: list[tuple[int, int]]
    names: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Listing:
    key: int
    account_id: int
    source: str
    name: str


def cut(r: Reader, found: array[int]) -> ByProduct:
    """``found`` by product; within each, in the order it had."""
    listings = _listings(r)
    of = _looked_at(r, found) if len(found) <= _FEW else _from_indexes(r, listings)
    parts: dict[int, array[int]] = {}
    for review_id in found:
        key = of.get(review_id, 0)
        part = parts.get(key)
        if part is None:
            part = parts[key] = array("q")
        part.append(review_id)
    names: dict[int, str] = {}
    for found_here in listings.values():
        for each in found_here:
            if each.key in parts and not names.get(each.key):
                names[each.key] = each.name
    order = sorted(parts, key=lambda key: (key == 0, names.get(key, "").casefold(), key))
    ids: array[int] = array("q")
    for key in order:
        ids.extend(parts[key])
    return ByProduct(ids, [(key, len(parts[key])) for key in order], names)


def _listings(r: Reader) -> dict[tuple[str, str], list[_Listing]]:
    """By how they name the product: (``sku``, ``id`` or ``name``, the value). The most reviewed first."""
    found: dict[tuple[str, str], list[_Listing]] = {}
    for listing_id, product_id, account_id, source, sku, native_id, name in r.rows(
        "SELECT id, product_id, account_id, source, sku, native_id, name FROM listing ORDER BY n DESC, id"
    ):
        by = (
            ("sku", _lower(sku))
            if sku and sku.strip()
            else ("id", native_id)
            if native_id
            else ("name", _lower(name or ""))
        )
        key = product_id if product_id is not None else -listing_id
        found.setdefault(by, []).append(_Listing(key, account_id, source, name or sku or native_id or ""))
    return found


def _lower(text: str) -> str:
    """As the indexes compare: ASCII letters small, others as they are."""
    return "".join(c.lower() if c.isascii() else c for c in text)


def _looked_at(r: Reader, ids: Iterable[int]) -> dict[int, int]:
    return dict(
        r.rows(
            "SELECT d.id, coalesce(l.product_id, -l.id) FROM listed AS d JOIN listing AS l"
            " ON l.account_id = d.account_id AND l.key = d.key AND l.source = d.source"
            " WHERE d.id IN (SELECT value FROM json_each(?))",
            (to_json(list(ids)),),
        )
    )


_WHERE = {
    "sku": "INDEXED BY review_sku WHERE product_sku IS NOT NULL AND product_sku = ? COLLATE NOCASE",
    "id": "INDEXED BY review_product_id WHERE product_id IS NOT NULL AND product_sku IS NULL AND product_id = ?",
    "name": "INDEXED BY review_product_name WHERE product_name IS NOT NULL AND product_id IS NULL"
    " AND product_sku IS NULL AND product_name = ? COLLATE NOCASE",
}


def _from_indexes(r: Reader, listings: dict[tuple[str, str], list[_Listing]]) -> dict[int, int]:
    """Every review that has a product: value after value, so that an index is all that is read.

    Only where accounts mean different products by the same name is each review asked whose it is.
    """
    of: dict[int, int] = {}
    for (by, value), same in listings.items():
        select = f"SELECT id FROM review {_WHERE[by]}"
        if len({each.key for each in same}) == 1:
            of.update(dict.fromkeys(map(_id, r.db.execute(select, (value,))), same[0].key))
            continue
        for each in same:
            values: tuple[Any, ...] = (value, each.account_id, each.source)
            mine = f"{select} AND account_id = ? AND coalesce(source, '') = ?"
            of.update(dict.fromkeys(map(_id, r.db.execute(mine, values)), each.key))
    return of
