"""``export``: what a query finds, as a file."""

from __future__ import annotations

from pathlib import Path

import click

from reviewdesk.cli.output import Progress, warning
from reviewdesk.cli.session import DONE, Session, pass_session

__all__ = ["export"]

_QUERY_HELP = (
    "QUERY is what the window's search box takes; without one everything but removed reviews is written."
    " CSV is UTF-8 with a byte order mark; a text that a spreadsheet would run gets an apostrophe before it."
)


@click.command("export", epilog=_QUERY_HELP + " Put -- before a query that begins with a minus.")
@click.argument("query", nargs=-1)
@click.option("--format", "chosen", type=click.Choice(["csv", "xlsx", "jsonl"]), required=True)
@click.option(
    "--out",
    "target",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    metavar="FILE",
    help="Where to; a file of that name is replaced when the new one is whole.",
)
@click.option(
    "--include-private", is_flag=True, help="With e-mail, order number, reference and private messages."
)
@pass_session
def export(session: Session, query: tuple[str, ...], chosen: str, target: Path, include_private: bool) -> int:
    """Write what QUERY finds to a file, newest first."""
    from reviewdesk.services.export import ExportFormat

    with session.core(synced=True) as core:
        parsed = core.inbox.parse(" ".join(query))
        if parsed.needles:
            core.inbox.finish_index()
        progress = Progress(core.clock)
        try:
            written = core.care.exports.write(
                parsed,
                target,
                ExportFormat(chosen),
                private=include_private,
                progress=lambda done, total: progress.say("export", f"{done:,} of {total:,} reviews"),
            )
        finally:
            progress.end()
    click.echo(f"{written.rows} reviews written to {written.path}.")
    if written.sheets > 1:
        warning(f"A sheet holds 1,048,576 rows: the reviews fill {written.sheets} sheets.")
    if written.cut and chosen == "xlsx":
        warning(f"{written.cut} texts are longer than a cell may be (32,767 characters) and were cut there.")
    elif written.cut:
        warning(
            f"{written.cut} texts are whole in the file, but a spreadsheet shows 32,767 characters at most."
        )
    return DONE
