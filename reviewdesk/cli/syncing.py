"""``sync``: read from the providers."""

from __future__ import annotations

import click

from reviewdesk.cli import shapes
from reviewdesk.cli.output import Progress, error, print_json, print_table, warning
from reviewdesk.cli.session import DONE, FAILED, NO_KEYCHAIN, Session, json_option, pass_session
from reviewdesk.domain.models import SyncReport
from reviewdesk.services.events import SyncPhase, SyncStatus

__all__ = ["sync"]


@click.command("sync")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--full", is_flag=True, help="Read everything again, not only what is new.")
@json_option
@pass_session
def sync(session: Session, names: tuple[str, ...], full: bool, as_json: bool) -> int:
    """Read new, changed and removed reviews of all accounts, or of those named."""
    with session.core() as core:
        chosen = [core.accounts.by_name(name) for name in dict.fromkeys(names)] or None
        progress = Progress(core.clock)
        try:
            reports = core.sync.run(
                chosen, full, lambda status, name: progress.say(status.account_id, _words(status, name))
            )
            core.inbox.finish_index()
        finally:
            progress.end()
    for report in reports:
        for record in report.skipped:
            warning(f"{report.account}: {record.where}: {record.reason}")
        if report.error is not None:
            error(f"{report.account}: {report.error.message}")
    if as_json:
        print_json([shapes.report_row(report) for report in reports])
    else:
        _print(reports)
    if any(r.error is not None and r.error.kind == "keychain" for r in reports):
        return NO_KEYCHAIN
    return DONE if all(r.ok for r in reports) else FAILED


def _words(status: SyncStatus, name: str) -> str:
    if status.phase is SyncPhase.IDLE:
        return f"{name}: done"
    count = f" {status.done}" + (f" of {status.total}" if status.total is not None else "")
    return f"{name}: {status.message or 'reading'}{count if status.done else ''}"


def _print(reports: list[SyncReport]) -> None:
    if not reports:
        click.echo("There are no accounts yet. Add one with: reviewdesk account add")
        return
    print_table(
        ("account", "new", "changed", "removed", "unchanged", "set aside", "calls", "seconds", "result"),
        [
            (
                r.account,
                r.new,
                r.changed,
                r.removed,
                r.unchanged,
                len(r.skipped),
                r.calls,
                f"{r.seconds:.1f}",
                _result(r),
            )
            for r in reports
        ],
        stretch=8,
    )


def _result(report: SyncReport) -> str:
    if report.error is not None:
        return report.error.message
    if not (report.new or report.changed or report.removed):
        return "nothing new"
    return "ok"
