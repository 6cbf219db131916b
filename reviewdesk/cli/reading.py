"""``list``, ``show`` and ``count``: what is stored here, without any network."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from reviewdesk.cli import shapes
from reviewdesk.cli.output import print_json, print_table
from reviewdesk.cli.session import DONE, Session, account_names, json_option, pass_session, review_id
from reviewdesk.domain.errors import InvalidInput
from reviewdesk.domain.models import Account, ReviewDetail, ReviewRow

if TYPE_CHECKING:
    from reviewdesk.domain.query import Query
    from reviewdesk.services.core import Core
    from reviewdesk.services.reading import Reading

__all__ = ["count", "list_reviews", "print_rows", "show"]

_QUERY_HELP = (
    "QUERY is what the window's search box takes: words, stars:<=2, is:needs-reply, lang:fr, -term, ( OR )."
)


def _parse(core: Core | Reading, words: tuple[str, ...]) -> Query:
    query = core.inbox.parse(" ".join(words))
    if query.needles:
        core.inbox.finish_index()
    return query


@click.command("list", epilog=_QUERY_HELP + " Put -- before a query that begins with a minus.")
@click.argument("query", nargs=-1)
@click.option(
    "--limit", type=click.IntRange(min=0), default=50, show_default=True, help="How many rows at most."
)
@json_option
@pass_session
def list_reviews(session: Session, query: tuple[str, ...], limit: int, as_json: bool) -> int:
    """List reviews, newest first."""
    with session.reading() as core:
        parsed = _parse(core, query)
        accounts = account_names(core)
        rows = core.inbox.page(parsed, limit=limit) if limit else []
        if as_json:
            details = core.inbox.details([row.id for row in rows])
            print_json([shapes.review_row(d, accounts.get(d.row.account_id)) for d in details])
        else:
            print_rows(rows, accounts)
    return DONE


def print_rows(rows: list[ReviewRow], accounts: dict[int, Account]) -> None:
    """The inbox as a table."""
    if not rows:
        click.echo("Nothing found.")
        return
    print_table(
        ("id", "date", "score", "state", "account", "author", "review"),
        [
            (
                row.id,
                _day(row.created_at),
                _score(row),
                row.work_state.value,
                accounts[row.account_id].name if row.account_id in accounts else "",
                (row.author_name or "")[:24],
                row.snippet,
            )
            for row in rows
        ],
        stretch=6,
    )


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d")


def _time(seconds: int | None) -> str:
    return "" if seconds is None else datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M")


def _score(row: ReviewRow) -> str:
    if row.score is None:
        return "-"
    return f"{row.score:g}/{row.score_max:g}"


@click.command("show")
@click.argument("review")
@json_option
@pass_session
def show(session: Session, review: str, as_json: bool) -> int:
    """Show one review with everything known of it."""
    wanted = review_id(review)
    with session.reading() as core:
        detail = core.inbox.detail(wanted)
        if detail is None:
            raise InvalidInput(f"There is no review {wanted}.")
        account = account_names(core).get(detail.row.account_id)
        if as_json:
            print_json(shapes.review_whole(detail, account, core.invitations.for_review(wanted)))
        else:
            _print_whole(detail, account)
    return DONE


def _print_whole(detail: ReviewDetail, account: Account | None) -> None:
    row = detail.row
    facts = [
        ("Review", row.id),
        ("Account", account.name if account else None),
        ("Score", _score(row)),
        ("Author", detail.author.name),
        ("Date", _time(row.created_at)),
        ("State", f"{row.work_state.value}, {row.provider_state.value} at the provider"),
        ("Product", row.product_name),
        ("Order", row.order_id),
        ("Language", row.language),
        ("Tags", ", ".join(row.tags)),
        *((s.name, f"{s.score:g}" if s.score is not None else "-") for s in detail.sub_scores),
        *detail.facts,
    ]
    for label, value in facts:
        if value not in (None, ""):
            click.echo(f"{label}: {value}")
    for text in (detail.title, detail.body):
        if text:
            click.echo("")
            click.echo(text)
    for comment in detail.comments:
        click.echo("")
        who = comment.author or comment.role.value
        click.echo(f"[{comment.role.value}] {who}, {_time(comment.created_at)} ({comment.id or 'no id'})")
        click.echo(comment.text)
    for item in detail.outbox:
        click.echo("")
        click.echo(f"[outbox {item.id}] {item.kind.value}: {item.state.value}")
        click.echo(item.text)
    for _, at, text in detail.notes:
        click.echo("")
        click.echo(f"[note] {_time(at)}")
        click.echo(text)


@click.command("count", epilog=_QUERY_HELP)
@click.argument("query", nargs=-1)
@pass_session
def count(session: Session, query: tuple[str, ...]) -> int:
    """Print how many reviews a query finds."""
    with session.reading() as core:
        click.echo(str(core.inbox.count(_parse(core, query))))
    return DONE
