"""``gui`` and no command: open the window."""

from __future__ import annotations

import click

from reviewdesk.cli.session import Session, pass_session
from reviewdesk.domain.links import review_of

__all__ = ["gui", "open_link", "open_window"]


def open_window(session: Session, review_id: int = 0) -> int:
    """Open the window of the profile, at a review if one is given; the exit code."""
    from reviewdesk import app

    return app.open_window(session.folder, practice=session.demo, review_id=review_id)


@click.command("gui")
@pass_session
def gui(session: Session) -> int:
    """Open the window."""
    return open_window(session)


@click.command("open")
@click.argument("address", default="")
@pass_session
def open_link(session: Session, address: str) -> int:
    """Open the window at an address such as reviewdesk://review/ID."""
    return open_window(session, review_of(address) if address else 0)
