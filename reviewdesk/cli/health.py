"""``doctor``: what the program needs, each check with its remedy."""

from __future__ import annotations

import click

from reviewdesk import __version__
from reviewdesk.cli.output import print_json, print_table
from reviewdesk.cli.session import DONE, FAILED, Session, json_option, pass_session

__all__ = ["doctor", "run_self_test"]


@click.command("doctor")
@json_option
@pass_session
def doctor(session: Session, as_json: bool) -> int:
    """Check what the program needs: keychain, database, disk, window libraries, time zones, network."""
    from reviewdesk import app

    findings = app.examine(session.folder, practice=session.demo)
    if as_json:
        print_json([finding.as_json() for finding in findings])
    else:
        print_table(
            ("check", "result", "message", "remedy"),
            [(f.check, "ok" if f.ok else "FAIL", f.message, f.remedy) for f in findings],
            stretch=3,
        )
    return DONE if all(f.ok for f in findings) else FAILED


def run_self_test(as_json: bool) -> int:
    """``--self-test``: everything this build needs, tried on this machine; the exit code."""
    from reviewdesk.self_test import self_test

    outcomes = []
    for outcome in self_test():
        outcomes.append(outcome)
        if not as_json:
            word = "ok  " if outcome.ok else "FAIL"
            said = f"{outcome.message} {outcome.remedy}".rstrip()
            click.echo(f"{word}  {outcome.check:12}  {outcome.seconds:5.2f} s  {said}")
    total = sum(outcome.seconds for outcome in outcomes)
    failed = sum(not outcome.ok for outcome in outcomes)
    if as_json:
        print_json(
            {
                "version": __version__,
                "ok": not failed,
                "seconds": round(total, 3),
                "checks": [outcome.as_json() for outcome in outcomes],
            }
        )
    else:
        click.echo(
            f"{len(outcomes) - failed} of {len(outcomes)} work; {total:.1f} s, Reviewdesk {__version__}."
        )
    return FAILED if failed else DONE
