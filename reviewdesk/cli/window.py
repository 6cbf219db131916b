"""``gui`` and no command: open the window."""

from __future__ import annotations

import click

from reviewdesk.cli.session import Session, pass_session

__all__ = ["gui", "open_window"]


def open_window(session: Session) -> int:
    """Open the window of the profile; the exit code."""
    from reviewdesk import app

    return app.open_window(session.folder, practice=session.demo)


@click.command("gui")
@pass_session
def gui(session: Session) -> int:
    """Open the window."""
    return open_window(session)
