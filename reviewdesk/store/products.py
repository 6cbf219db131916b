"""Products over all sources: listings with their kept figures, what is the same, what the sources say themselves.

The figures of a listing are kept by triggers (migrations/0001), so nothing here counts reviews. ``match_slice`` reads
the names of new listings and puts those that are the same under one product; what a person decided stays.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reviewdesk.domain.errors import InvalidInput
from reviewdesk.domain.models import Product
from reviewdesk.domain.products import (
    AttributeFigure,
    Figures,
    Identity,
    Listing,
    MatchReason,
    Origin,
    ProductRow,
    ServerFigures,
    Told,
    contradict,
    keys_of,
    merged,
)
from reviewdesk.store.packing import details_of
from reviewdesk.store.writer import Reader, Tx

__all__ = [
    "attributes",
    "join",
    "listings",
    "match_slice",
    "months",
    "recount",
    "release",
    "rows",
    "split",
    "tell",
    "untell",
]

_CANDIDATES = 50
_FIGURES = "n, scored, sum100, s1, s2, s3, s4, s5"
_SECOND = 1 << 20
_MAX_TEXT = 500


# --- reading ---------------------------------------------------------------------------------------------


def rows(r: Reader) -> list[ProductRow]:
    """Every product, the most reviewed first. Some rows per product, whatever the number of reviews."""
    found: dict[int, list[tuple[Any, ...]]] = {}
    for row in r.rows(
        f"SELECT product_id, account_id, sku, name, by_hand, {_FIGURES} FROM listing"
        " WHERE product_id IS NOT NULL ORDER BY product_id, scored DESC, id"
    ):
        found.setdefault(row[0], []).append(row)
    made = [
        ProductRow(
            id=product_id,
            name=next((part[3] for part in parts if part[3]), "") or next((p[2] for p in parts if p[2]), ""),
            sku=next((part[2] for part in parts if part[2]), ""),
            figures=merged([_figures(part[5:]) for part in parts]),
            accounts=tuple(dict.fromkeys(part[1] for part in parts)),
            by_hand=any(part[4] for part in parts),
        )
        for product_id, parts in found.items()
    ]
    made.sort(key=lambda p: (-p.figures.n, p.name.casefold(), p.id))
    return made


def listings(r: Reader, product_id: int) -> list[Listing]:
    """The listings of a product with what the sources say, the most reviewed first."""
    return _listings(r, "product_id = ?", product_id)


def listing(r: Reader, listing_id: int) -> Listing | None:
    """One listing, or None."""
    return next(iter(_listings(r, "id = ?", listing_id)), None)


def _listings(r: Reader, where: str, value: int) -> list[Listing]:
    told: dict[int, list[ServerFigures]] = {}
    for listing_id, origin, n, mean, spread, parts, read_s in r.rows(
        "SELECT s.listing_id, s.origin, s.n, s.mean, s.spread, s.attributes, s.read_s FROM listing l"
        f" JOIN product_summary s ON s.listing_id = l.id WHERE l.{where}",
        (value,),
    ):
        told.setdefault(listing_id, []).append(
            ServerFigures(
                origin=Origin(origin),
                n=n,
                mean=mean,
                spread=tuple(json.loads(spread)),
                attributes=tuple(AttributeFigure(*part) for part in json.loads(parts)),
                read_at=read_s,
            )
        )
    found = r.rows(
        "SELECT id, account_id, source, product_id, name, sku, gtin, mpn, brand, url, native_id, image_url, category,"
        f" reason, matched, by_hand, catalogue_s, {_FIGURES} FROM listing WHERE {where} ORDER BY n DESC, id",
        (value,),
    )
    return [
        Listing(
            id=row[0],
            account_id=row[1],
            source=row[2],
            product_id=row[3],
            name=row[4],
            identity=Identity(sku=row[5], gtin=row[6], mpn=row[7], brand=row[8], url=row[9]),
            native_id=row[10],
            image_url=row[11],
            category=row[12],
            reason=MatchReason(row[13]),
            matched_value=row[14],
            by_hand=bool(row[15]),
            in_catalogue=row[16] is not None,
            figures=_figures(row[17:]),
            server=tuple(told.get(row[0], ())),
        )
        for row in found
    ]


def _figures(row: Sequence[int]) -> Figures:
    n, scored, sum100, s1, s2, s3, s4, s5 = row
    return Figures(n, scored, sum100, (s1, s2, s3, s4, s5))


_OF_LISTING = {
    "s:": "r.product_sku = ? COLLATE NOCASE",
    "i:": "r.product_id = ?",
    "n:": "r.product_name = ?",
}


def _reviews_of(found: Iterable[Listing]) -> tuple[str, list[Any]]:
    """The reviews of listings as a condition on ``review r``."""
    parts: list[str] = []
    values: list[Any] = []
    for each in found:
        if each.identity.sku and each.identity.sku.strip():
            condition, value = _OF_LISTING["s:"], each.identity.sku
        elif each.native_id:
            condition, value = _OF_LISTING["i:"], each.native_id
        else:
            condition, value = _OF_LISTING["n:"], each.name or ""
        parts.append(f"({condition} AND r.account_id = ? AND coalesce(r.source, '') = ?)")
        values += [value, each.account_id, each.source]
    return " OR ".join(parts) or "0", values


_SHOWN = "r.provider_state = 'published' AND r.work_state <> 'removed' AND r.twin_of IS NULL"


def months(r: Reader, product_id: int, since: int) -> list[tuple[str, int, float | None]]:
    """From ``since`` (UTC seconds) on, per month ("2026-09"): how many reviews, and their mean of five."""
    where, values = _reviews_of(listings(r, product_id))
    # The id begins with the second of creation: the newest part of an index is read, not all of it.
    return [
        (month, n, mean)
        for month, n, mean in r.rows(
            "SELECT strftime('%Y-%m', r.created_s, 'unixepoch') AS month, count(*), avg(r.stars)"
            f" FROM review r WHERE ({where}) AND r.id >= ? AND {_SHOWN} GROUP BY month ORDER BY month",
            (*values, max(0, since) * _SECOND),
        )
    ]


def attributes(r: Reader, product_id: int, limit: int = 2000) -> tuple[tuple[AttributeFigure, ...], int]:
    """The means of what was rated by itself, of the newest ``limit`` reviews; and of how many reviews that is."""
    where, values = _reviews_of(listings(r, product_id))
    sums: dict[str, tuple[int, float]] = {}
    looked = 0
    for (text,) in r.rows(
        "SELECT t.details FROM (SELECT r.id FROM review r"
        f" WHERE ({where}) AND {_SHOWN} ORDER BY r.id DESC LIMIT ?) AS newest"
        " JOIN review_text t ON t.review_id = newest.id",
        (*values, limit),
    ):
        looked += 1
        for part in details_of(text).sub_scores if '"sub_scores"' in text else ():
            if part.score is not None:
                n, total = sums.get(part.name, (0, 0.0))
                sums[part.name] = (n + 1, total + part.score)
    made = sorted((AttributeFigure(name, n, total / n) for name, (n, total) in sums.items()), key=_by_count)
    return tuple(made), looked


def _by_count(figure: AttributeFigure) -> tuple[int, str]:
    return -figure.n, figure.name.casefold()


# --- what is the same --------------------------------------------------------------------------------------


def match_slice(tx: Tx, limit: int = 50) -> bool:
    """Read the names of up to ``limit`` new listings and match them; whether more are left. Idle work of the writer."""
    new = tx.rows(
        "SELECT id, account_id, key, source, example_id FROM listing WHERE seen = 0 ORDER BY id LIMIT ?",
        (limit + 1,),
    )
    for listing_id, account_id, key, source, example_id in new[:limit]:
        details = tx.value("SELECT details FROM review_text WHERE review_id = ?", (example_id,))
        product = details_of(details).product if details else None
        more = product or {}
        tx.run(
            "UPDATE listing SET seen = 1, url = coalesce(url, ?), image_url = coalesce(image_url, ?),"
            " gtin = coalesce(gtin, ?), mpn = coalesce(mpn, ?), brand = coalesce(brand, ?) WHERE id = ?",
            (*(_short(more.get(name)) for name in ("url", "image_url", "gtin", "mpn", "brand")), listing_id),
        )
        _match(tx, listing_id, account_id, key, source)
    if new:
        tx.changes.note_products()
    return len(new) > limit


def _short(value: object) -> str | None:
    return str(value)[:_MAX_TEXT] if value else None


@dataclass(frozen=True, slots=True)
class _Other:
    """``shares``: its product has a listing of the account already. ``identity``: what may contradict."""

    id: int
    product_id: int
    account_id: int
    by_hand: bool
    shares: bool
    identity: Identity


def _match(tx: Tx, listing_id: int, account_id: int, key: str, source: str) -> None:
    """Put a listing (whose product nobody chose by hand) where it belongs."""
    identity = _identity(tx, listing_id)
    keys = keys_of(identity)
    tx.run("DELETE FROM listing_key WHERE listing_id = ?", (listing_id,))
    tx.db.executemany(
        "INSERT INTO listing_key(kind, value, listing_id) VALUES (?, ?, ?)",
        [(kind.value, value, listing_id) for kind, value in keys.items()],
    )
    twin = tx.one(
        "SELECT product_id FROM listing WHERE account_id = ? AND key = ? AND source <> ? AND product_id IS NOT NULL"
        " ORDER BY by_hand, id LIMIT 1",
        (account_id, key, source),
    )
    if twin is not None:
        _move(tx, listing_id, twin[0], MatchReason.SAME, keys.get(MatchReason.SKU, ""))
        return
    chosen: int | None = None
    there: set[int] = set()
    for kind, value in keys.items():
        for other in _candidates(tx, kind, value, listing_id, account_id):
            if other.product_id == chosen or contradict(identity, other.identity):
                continue
            if chosen is None:
                # As read: until one is chosen nothing is moved.
                if not other.shares:
                    chosen = other.product_id
                    _move(tx, listing_id, chosen, kind, value)
                    there = _accounts_of(tx, chosen)
            elif not other.by_hand and other.account_id not in there:
                # This listing shows that two products are one: the other comes along, unless a person has a say.
                _bring(tx, other.product_id, chosen, kind, value)
                there = _accounts_of(tx, chosen)
    if chosen is None:
        tx.run("INSERT INTO product DEFAULT VALUES")
        _move(tx, listing_id, tx.db.last_insert_rowid(), MatchReason.ALONE, "")


def _candidates(tx: Tx, kind: MatchReason, value: str, listing_id: int, account_id: int) -> list[_Other]:
    return [
        _Other(other, product_id, theirs, bool(by_hand), bool(shares), Identity(gtin=gtin, brand=brand))
        for other, product_id, theirs, by_hand, gtin, brand, shares in tx.rows(
            "SELECT l.id, l.product_id, l.account_id, l.by_hand, l.gtin, l.brand,"
            " EXISTS (SELECT 1 FROM listing m WHERE m.product_id = l.product_id AND m.account_id = ?4)"
            " FROM listing_key k JOIN listing l ON l.id = k.listing_id"
            " WHERE k.kind = ?1 AND k.value = ?2 AND l.id <> ?3 AND l.account_id <> ?4 AND l.product_id IS NOT NULL"
            " ORDER BY l.by_hand, l.id LIMIT ?5",
            (kind.value, value, listing_id, account_id, _CANDIDATES),
        )
    ]


def _shares_account(tx: Tx, product_id: int, accounts: Sequence[int]) -> bool:
    """A source keeps its own products apart: two of its listings are never put together by themselves."""
    return bool(_accounts_of(tx, product_id) & set(accounts))


def _accounts_of(tx: Tx, product_id: int) -> set[int]:
    return {row[0] for row in tx.rows("SELECT account_id FROM listing WHERE product_id = ?", (product_id,))}


def _bring(tx: Tx, product_id: int, into: int, kind: MatchReason, value: str) -> None:
    theirs = tx.rows("SELECT id, account_id, by_hand FROM listing WHERE product_id = ?", (product_id,))
    if any(row[2] for row in theirs) or _shares_account(tx, into, [row[1] for row in theirs]):
        return
    target = [
        _identity(tx, row[0]) for row in tx.rows("SELECT id FROM listing WHERE product_id = ?", (into,))
    ]
    if any(contradict(_identity(tx, row[0]), other) for row in theirs for other in target):
        return
    for row in theirs:
        _move(tx, row[0], into, kind, value)


def _move(tx: Tx, listing_id: int, product_id: int, reason: MatchReason, value: str) -> None:
    tx.run(
        "UPDATE listing SET product_id = ?, reason = ?, matched = ? WHERE id = ?",
        (product_id, reason.value, value, listing_id),
    )


def _identity(r: Reader, listing_id: int) -> Identity:
    row = r.one("SELECT sku, gtin, mpn, brand, url FROM listing WHERE id = ?", (listing_id,))
    sku, gtin, mpn, brand, url = row or (None,) * 5
    return Identity(sku=sku, gtin=gtin, mpn=mpn, brand=brand, url=url)


def join(tx: Tx, listing_id: int, product_id: int) -> None:
    """A person says that a listing is this product; it stays so. Raises InvalidInput when one of them is gone."""
    _there(tx, listing_id)
    if tx.one("SELECT 1 FROM product WHERE id = ?", (product_id,)) is None:
        raise InvalidInput("The product is no longer there.")
    _by_hand(tx, listing_id, product_id)


def split(tx: Tx, listing_id: int) -> int:
    """A person says that a listing is a product of its own; it stays so. The new product. Raises InvalidInput."""
    _there(tx, listing_id)
    tx.run("INSERT INTO product DEFAULT VALUES")
    product_id = tx.db.last_insert_rowid()
    _by_hand(tx, listing_id, product_id)
    return product_id


def release(tx: Tx, listing_id: int) -> None:
    """Forget what a person decided about a listing and match it again. Raises InvalidInput when it is gone."""
    account_id, key, source = _there(tx, listing_id)
    tx.run("UPDATE listing SET by_hand = 0, product_id = NULL WHERE id = ?", (listing_id,))
    _match(tx, listing_id, account_id, key, source)
    tx.changes.note_products()


def _there(tx: Tx, listing_id: int) -> tuple[int, str, str]:
    row = tx.one("SELECT account_id, key, source FROM listing WHERE id = ?", (listing_id,))
    if row is None:
        raise InvalidInput("This source no longer has the product.")
    return row[0], row[1], row[2]


def _by_hand(tx: Tx, listing_id: int, product_id: int) -> None:
    tx.run(
        "UPDATE listing SET product_id = ?, reason = ?, matched = '', by_hand = 1, seen = 1 WHERE id = ?",
        (product_id, MatchReason.HAND.value, listing_id),
    )
    tx.changes.note_products()


# --- what the sources say ------------------------------------------------------------------------------------


def tell(tx: Tx, account_id: int, told: Iterable[Told]) -> list[int]:
    """Store what a source says of its products, making listings for those without reviews; their ids."""
    made: list[int] = []
    for each in told:
        key = _key(each.product)
        if not key:
            continue
        listing_id = _listing_for(tx, account_id, key, each)
        made.append(listing_id)
        for figures in each.figures:
            tx.run(
                "INSERT INTO product_summary(listing_id, origin, n, mean, spread, attributes, read_s)"
                " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET n = excluded.n, mean = excluded.mean,"
                " spread = excluded.spread, attributes = excluded.attributes, read_s = excluded.read_s",
                (
                    listing_id,
                    figures.origin.value,
                    figures.n,
                    figures.mean,
                    json.dumps(list(figures.spread)),
                    json.dumps([(a.name, a.n, a.mean) for a in figures.attributes]),
                    figures.read_at or int(tx.now),
                ),
            )
    if made:
        tx.changes.note_products()
    return made


def _key(product: Product) -> str:
    """As the triggers make it (view ``listed``): ASCII letters small, others as they are."""
    if product.sku and product.sku.strip(" "):
        return f"s:{_lower(product.sku.strip(' '))}"
    if product.id:
        return f"i:{product.id}"
    return f"n:{_lower(product.name)}" if product.name else ""


def _lower(text: str) -> str:
    return "".join(c.lower() if c.isascii() else c for c in text)


def _listing_for(tx: Tx, account_id: int, key: str, told: Told) -> int:
    """The listing of a product, made when there is none; matched again when it brought a name that is new."""
    product = told.product
    known = tx.one(
        "SELECT id, gtin, mpn, brand, url, by_hand FROM listing WHERE account_id = ? AND key = ? AND source = ''",
        (account_id, key),
    )
    names = [_short(v) for v in (product.gtin, product.mpn, product.brand, product.url)]
    if known is None:
        tx.run(
            "INSERT INTO listing(account_id, key, sku, native_id, name, url, image_url, gtin, mpn, brand, category, seen)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)",
            (
                account_id, key, product.sku, product.id, product.name, names[3], _short(product.image_url),
                names[0], names[1], names[2], told.category,
            ),
        )  # fmt: skip
        listing_id = tx.db.last_insert_rowid()
        _match(tx, listing_id, account_id, key, "")
    else:
        listing_id = known[0]
        tx.run(
            "UPDATE listing SET native_id = coalesce(?, native_id), name = coalesce(?, name), url = coalesce(?, url),"
            " image_url = coalesce(?, image_url), gtin = coalesce(?, gtin), mpn = coalesce(?, mpn),"
            " brand = coalesce(?, brand), category = coalesce(?, category) WHERE id = ?",
            (
                product.id, product.name, names[3], _short(product.image_url), names[0], names[1], names[2],
                told.category, listing_id,
            ),
        )  # fmt: skip
        fresh = any(new and new != old for new, old in zip(names, known[1:5], strict=True))
        if fresh and not known[5]:
            tx.run("UPDATE listing SET product_id = NULL WHERE id = ?", (listing_id,))
            _match(tx, listing_id, account_id, key, "")
    if told.catalogue:
        tx.run("UPDATE listing SET catalogue_s = ? WHERE id = ?", (int(tx.now), listing_id))
    return listing_id


def untell(tx: Tx, account_id: int, still: Iterable[int]) -> int:
    """The catalogue was read whole: the listings ``still`` are in it, and no others. How many left it."""
    gone = tx.run(
        "UPDATE listing SET catalogue_s = NULL WHERE account_id = ? AND catalogue_s IS NOT NULL"
        " AND id NOT IN (SELECT value FROM json_each(?))",
        (account_id, json.dumps(list(still))),
    )
    tx.run(
        "DELETE FROM product_summary WHERE origin = ? AND listing_id IN"
        " (SELECT id FROM listing WHERE account_id = ? AND catalogue_s IS NULL)",
        (Origin.CATALOGUE.value, account_id),
    )
    tx.run("DELETE FROM listing WHERE reviews <= 0 AND by_hand = 0 AND catalogue_s IS NULL")
    if gone:
        tx.changes.note_products()
    return gone


def recount(tx: Tx) -> None:
    """Count every listing anew, after rows were replaced without their triggers (a rescued database)."""
    tx.run(
        "UPDATE listing SET reviews = 0, n = 0, scored = 0, sum100 = 0, s1 = 0, s2 = 0, s3 = 0, s4 = 0, s5 = 0"
    )
    sums: Mapping[str, str] = {f"s{i}": f"sum(scored AND whole = {i})" for i in range(1, 6)}
    tx.run(
        "INSERT INTO listing(account_id, key, source, sku, native_id, name, example_id, reviews, n, scored, sum100,"
        f" {', '.join(sums)}) SELECT account_id, key, source, product_sku, product_id, product_name, max(id), count(*),"
        f" sum(shown), sum(scored), sum(scored * stars100), {', '.join(sums.values())} FROM listed WHERE true"
        " GROUP BY account_id, key, source ON CONFLICT DO UPDATE SET reviews = excluded.reviews, n = excluded.n,"
        " scored = excluded.scored, sum100 = excluded.sum100, s1 = excluded.s1, s2 = excluded.s2, s3 = excluded.s3,"
        " s4 = excluded.s4, s5 = excluded.s5"
    )
    tx.run("DELETE FROM listing WHERE reviews <= 0 AND by_hand = 0 AND catalogue_s IS NULL")
    tx.run("UPDATE listing SET seen = 0 WHERE product_id IS NULL")
