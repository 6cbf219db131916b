"""``doctor``: what the program needs, each check with its remedy."""

from __future__ import annotations

import click

from reviewdesk.cli.output import print_json, print_table
from reviewdesk.cli.session import DONE, FAILED, Session, json_option, pass_session

__all__ = ["doctor"]


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
