"""Figures of a database that name nobody: rows per table, pages, the schema itself."""

from __future__ import annotations

from reviewdesk.store.writer import Reader

__all__ = ["rows", "schema", "state"]


def rows(r: Reader) -> dict[str, int]:
    """Table to number of rows, without the search index's own tables."""
    names = r.rows(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        " AND name NOT LIKE 'review_fts%' ORDER BY name"
    )
    return {name: int(r.value(f'SELECT count(*) FROM "{name}"')) for (name,) in names}


def state(r: Reader) -> dict[str, int]:
    """Schema number, pages and how many of them are free."""
    return {name: int(r.value(f"PRAGMA {name}")) for name in ("user_version", "page_count", "freelist_count")}


def schema(r: Reader) -> list[str]:
    """The names of what the database is made of, each with its columns where it is a table."""
    found = []
    for kind, name in r.rows(
        "SELECT type, name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' AND name NOT LIKE 'review_fts_%'"
        " ORDER BY type, name"
    ):
        columns = (
            ", ".join(row[1] for row in r.rows(f'PRAGMA table_info("{name}")')) if kind == "table" else ""
        )
        found.append(f"{kind} {name}" + (f" ({columns})" if columns else ""))
    return found
