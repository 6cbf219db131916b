"""The bundle names nobody: canaries in every place, a run with faults, and nothing of them in what is shown."""

from __future__ import annotations

import logging
import string
from dataclasses import replace
from pathlib import Path

from reviewdesk import app
from reviewdesk.diagnostics.bundle import Facts, bundle, safe_lines, versions
from reviewdesk.diagnostics.logs import TRAIL, set_up
from reviewdesk.diagnostics.redact import Redactor
from reviewdesk.domain.errors import ServerError
from reviewdesk.domain.models import ActionKind, Author, Rejected
from tests.support.core import TOKEN, open_scripted
from tests.support.scripted import World
from tests.support.traces import forms

NAME, EMAIL, ORDER, TEXT = "Zaphira Quillon", "zaphira.q@example.org", "ORD-998877", "flickering-lantern"


def _world() -> World:
    world = World()
    for number in range(1, 4):
        made = world.add_review(number, body=f"{TEXT} {number}")
        world.reviews[made.native_id] = replace(made, author=Author(name=NAME, email=EMAIL), order_id=ORDER)
    world.rejected.append(Rejected(f"line of {EMAIL}", f"Not readable: {NAME}", TEXT))
    return world


def test_no_name_text_or_secret_of_a_run_with_faults(tmp_path: Path) -> None:
    world = _world()
    with open_scripted(tmp_path / "profile", world=world, settings={"zone": "Europe/Paris"}) as desk:
        core = desk.core
        handler = set_up(core.profile.logs, Redactor())
        try:
            world.before_page.append(ServerError(f"The server says: {TEXT} for {EMAIL}"))
            core.sync.run(None, True)
            reply = desk.reply("r1", f"Dear {NAME}, {TEXT}")
            world.before_send.append(RuntimeError(f"inside: {NAME} {TOKEN}"))
            core.process.appear()
            core.outbox.sender.work(reply.id, desk.door())
            core.replies.publish_for_account(
                desk.account.id, ActionKind.INVITE_EMAIL, payload={"email": EMAIL, "name": NAME}
            ).result(5)
            core.inbox.add_note(desk.review("r2"), f"{NAME} called").result(5)
            core.inbox.save_view(NAME, f"from:{EMAIL}").result(5)
            core.backups.make()
            try:
                raise ValueError(f"{NAME} {TEXT}")
            except ValueError:
                logging.getLogger("reviewdesk.test").exception("a call for %s failed after %d tries", NAME, 3)
            text = app._bundle(core)
        finally:
            logging.getLogger().removeHandler(handler)
            handler.close()
    for value in (NAME, "Quillon", EMAIL, ORDER, TEXT, TOKEN, "Shop", str(tmp_path)):
        assert not [form for form in forms(value) if form in text.encode()], value
    # It is of use all the same: versions, counts, schema, times, faults.
    for said in (
        "Reviewdesk ", "Python ", "apsw ", "scripted: ", "last error", "secrets present: token", "review: 3",
        "table review (", "index review_state", "database: ", "outbox: reply verifying, unclear: 1",
        "RuntimeError", "ValueError",
        "a call for … failed after 3 tries", "test_bundle.py:", "account 1: 0 new", " ERROR reviewdesk.",
    ):  # fmt: skip
        assert said in text, said


def test_the_trail_holds_numbers_and_the_programs_own_words_only(tmp_path: Path) -> None:
    handler = set_up(tmp_path, Redactor())
    log = logging.getLogger("reviewdesk.test")
    try:
        log.info("%s %s%s: %d in %.0f ms, 100%%", "GET", "https://x.example", "/a?q=secret", 200, 12.4)
        log.warning("nothing to fill in")
        log.warning("a strange %s", {"a": NAME})
        log.error(RuntimeError(NAME))
        log.debug("not kept: %s", NAME)
    finally:
        logging.getLogger().removeHandler(handler)
        handler.close()
    trail = tmp_path / TRAIL
    lines = trail.read_text("utf-8").splitlines()
    assert trail.stat().st_mode & 0o777 == 0o600
    assert [line.split(": ", 1)[1] for line in lines] == [
        "… ……: 200 in 12 ms, 100%",
        "nothing to fill in",
        "a strange …",
        "…",
    ]
    assert NAME in (tmp_path / "reviewdesk.log").read_text("utf-8"), "the log itself has it"


def test_old_lines_first_and_not_too_many(tmp_path: Path) -> None:
    for number, name in enumerate(("trail.log.1", "trail.log")):
        (tmp_path / name).write_text("".join(f"{number}-{n}\n" for n in range(300)), "utf-8")
    found = safe_lines([tmp_path / "trail.log", tmp_path / "trail.log.1", tmp_path / "missing"])
    assert len(found) == 400 and found[0] == "0-200" and found[-1] == "1-299"


def test_secrets_are_cut_out_of_whatever_was_put_together() -> None:
    redactor = Redactor()
    secret = string.ascii_letters
    redactor.register(secret, "token")
    text = bundle(versions("1", {"x": secret}), Facts([], {}, {}, [], []), [], redactor.redact)
    assert secret not in text and "<secret:token>" in text
