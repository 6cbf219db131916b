"""A planted person: found in every place, written out whole, and gone afterwards without a trace."""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from reviewdesk.diagnostics.logs import set_up
from reviewdesk.diagnostics.redact import Redactor
from reviewdesk.domain.errors import InvalidInput
from reviewdesk.domain.messages import MessageRecord
from reviewdesk.domain.models import (
    ActionKind,
    Attachment,
    Author,
    OutboxState,
    Rejected,
    Role,
    Target,
    Version,
)
from reviewdesk.services import handouts
from reviewdesk.services.privacy import PrivacyService, readable
from reviewdesk.store import journal, messages, outbox, salvage, threads
from tests.support.core import Desk, open_scripted
from tests.support.scripted import World
from tests.support.stores import item
from tests.support.traces import traces

NAME, EMAIL, ORDER = "Zaphira Quillon-Ötzi", "zaphira.quillon@example.org", "ORD-990817"
SECOND_ORDER, USERNAME, PHONE, PICTURE = (
    "ORD-990999",
    "zquillon77",
    "+49 171 5550199",
    "https://pics.example/zq.jpg",
)
VALUES = (NAME, EMAIL, ORDER, SECOND_ORDER, USERNAME, "Quillon", "zaphira.quillon")
OTHER = "Berta Nachbar"


def service(desk: Desk) -> PrivacyService:
    core = desk.core
    return PrivacyService(core.store, core.profile, core.clock, core.accounts, core.replies, core.outbox)


def plant(world: World) -> None:
    """What the provider has: three reviews of hers, one of them without an address, and two of somebody else's."""
    for number in range(1, 6):
        world.add_review(number)

    def hers(native_id: str, order: str | None, email: str | None, **more: Any) -> None:
        world.reviews[native_id] = replace(
            world.reviews[native_id],
            author=Author(name=NAME, email=email, username=USERNAME, id="consumer-4711-zq"),
            order_id=order,
            reference=order,
            raw=json.dumps({"consumer": {"displayName": NAME, "email": email}, "ref": order}),
            private_facts=(("Phone", PHONE),),
            facts=(("Delivered to", f"{NAME}, Hauptstr. 1"),),
            **more,
        )

    hers(
        "r1", ORDER, EMAIL, title=f"Order {ORDER}", body=f"I am {NAME}. Write to {EMAIL.upper()}!",
        attachments=(Attachment(url=PICTURE),),
        previous=(Version(1_779_000_000, 1.0, "Bad", f"{NAME} is not amused. Also {SECOND_ORDER}."),),
    )  # fmt: skip
    hers("r2", SECOND_ORDER, EMAIL, body=f"Again: Zaphira here. My first order was {ORDER}.")
    hers("r3", None, None, body="No address this time.")
    world.reviews["r4"] = replace(
        world.reviews["r4"],
        author=Author(name=OTHER, email="berta@example.net"),
        order_id="ORD-111222",
        body=f"My friend {NAME.upper()} ({EMAIL}) told me of this shop.",
        raw=json.dumps({"text": f"My friend {NAME}"}),
    )
    world.comment("r1", f"Hello, it is {NAME} again.", Role.CONSUMER)
    world.comment("r1", "Dear Zaphira, we are sorry.")
    world.comment("r4", "Thank you, Berta.")
    world.rejected.append(
        Rejected(f"line 7 of {EMAIL}", "Not readable.", f'{{"mail":"{EMAIL}","order":"{ORDER}"')
    )


def work(desk: Desk) -> None:
    """What a person did here with it."""
    core, mine, other = desk.core, desk.review("r1"), desk.review("r4")
    core.replies.save_draft(mine, Target.PUBLIC, f"Dear Zaphira, about {ORDER}").result(5)
    core.replies.save_draft(mine, Target.PUBLIC, "Something else entirely, written anew " * 3).result(5)
    core.replies.save_draft(other, Target.PUBLIC, f"Greet {NAME} from us").result(5)
    core.inbox.add_note(mine, f"Called {PHONE}, {NAME} was friendly").result(5)
    core.inbox.add_note(other, f"Knows {EMAIL}").result(5)
    core.inbox.save_view(f"About {NAME}", f"from:{EMAIL}").result(5)
    core.inbox.add_tag([other], f"Friend of {NAME}").result(5)
    desk.reply("r2", "Dear Zaphira, thank you.", delay_s=60)
    core.replies.publish_for_account(
        desk.account.id, ActionKind.INVITE_EMAIL,
        payload={"email": EMAIL.title(), "name": NAME, "order_id": SECOND_ORDER}, delay_s=60,
    ).result(5)  # fmt: skip

    def more(tx: Any) -> None:
        sent = outbox.insert(
            tx, item(mine, f"A private word to {NAME}", kind=ActionKind.MESSAGE, target=Target.PRIVATE,
                     account_id=desk.account.id, state=OutboxState.SENT, payload={"subject": f"Order {ORDER}"}),
        )  # fmt: skip
        journal.add(tx, action="message", result="sent", answer=f"accepted for {EMAIL}", outbox_id=sent.id)
        coded = base64.b64encode(f"x:{EMAIL}:{ORDER}".encode()).decode()
        link = f"https://invite.example/?email={quote(EMAIL, safe='')}&b={coded}"
        tx.run(
            "INSERT INTO invitation(account_id, way, kind, person, email, name, order_id, created_s, changed_s, state, link)"
            " VALUES (?, 'link', 'product', ?, ?, ?, ?, 1, 1, 'invited', ?)",
            (desk.account.id, EMAIL, EMAIL, NAME, ORDER, link),
        )
        tx.run(
            "INSERT INTO message(account_id, native_key, review_id, person, ours, subject, body)"
            " VALUES (?, 'k1', ?, ?, 0, 'Hello', ?)",
            (desk.account.id, mine, USERNAME, f"Call me at {PHONE}. {NAME}"),
        )
        tx.run(
            "INSERT INTO setting(key, value) VALUES ('some.state', ?)",
            (json.dumps({"last": NAME, "hex": EMAIL.encode().hex(), "number": 1}),),
        )

    core.store.write_now(more)
    core.profile.pictures.mkdir(parents=True)
    cached = core.profile.pictures / hashlib.sha256(PICTURE.encode()).hexdigest()
    cached.write_bytes(b"\xff\xd8 her face")
    (core.profile.pictures / "other").write_bytes(b"\xff\xd8 a lamp")


@pytest.fixture
def world() -> World:
    made = World()
    plant(made)
    return made


@pytest.fixture
def desk(tmp_path: Path, world: World) -> Iterator[Desk]:
    with open_scripted(tmp_path / "profile", world=world) as made:
        work(made)
        yield made


def _copies(desk: Desk) -> tuple[Path, Path, Path]:
    """A backup, a damaged database that was set aside, and the copy that a migration left."""
    profile = desk.core.profile
    backup = desk.core.backups.make()
    assert backup is not None
    damaged = profile.data / "damaged" / "20260101T000000Z" / "reviewdesk.db"
    damaged.parent.mkdir(parents=True)
    whole = backup.read_bytes()
    damaged.write_bytes(whole[:4096] + b"\0" * 30_000 + whole[34_096:])
    before = profile.data / "reviewdesk.db.before-2-20260101T000000Z.backup"
    shutil.copyfile(backup, before)
    return backup, damaged, before


def test_every_place_that_holds_the_person_is_named(desk: Desk) -> None:
    _copies(desk)
    log = desk.core.profile.logs / "reviewdesk.log"
    log.parent.mkdir(exist_ok=True)
    log.write_text(f"something with {EMAIL}\n", "utf-8")
    places = service(desk).find(EMAIL.upper())
    assert {p.where for p in places} == {
        "reviews", "versions", "raw records", "conversations", "drafts", "outbox", "messages",
        "invitations", "notes", "journal", "search index", "set-aside records", "picture cache", "backups",
        "set-aside databases", "undo steps", "saved views", "settings", "tags", "logs",
    }  # fmt: skip
    mine = {str(desk.review(n)) for n in ("r1", "r2", "r3")}
    assert mine <= {p.id for p in places if p.where == "reviews"}
    assert mine == {p.id for p in places if p.where == "search index"}
    assert not [p for p in places if p.id == str(desk.review("r5"))]
    assert service(desk).find("nobody@example.org") == []


def test_the_export_is_complete_and_readable(desk: Desk, tmp_path: Path) -> None:
    target = tmp_path / "person.txt"
    made = service(desk).export(EMAIL, target)
    text = target.read_text("utf-8")
    assert target.stat().st_mode & 0o777 == 0o600
    for said in (
        NAME, EMAIL, ORDER, PHONE, "is not amused", "No address this time.", "Dear Zaphira, we are sorry.",
        "Something else entirely", f"Dear Zaphira, about {ORDER}", "A private word", "was friendly",
        "Call me at", "Greet", "accepted for", "invite.example", "line 7 of", "Also", "some.state",
    ):  # fmt: skip
        assert said in text, said
    assert "a lamp" not in text and "ORD-111222" in text, "a review that names her is hers to see"
    service(desk).export(EMAIL, tmp_path / "person.json")
    again = json.loads((tmp_path / "person.json").read_text("utf-8"))
    assert again["here"] == json.loads(json.dumps(made["here"]))
    assert readable(service(desk).document("nobody@example.org")).endswith("Nothing.\n")


def test_no_trace_is_left_and_a_second_sync_brings_nothing_back(
    desk: Desk, tmp_path: Path, world: World
) -> None:
    profile, core = desk.core.profile, desk.core
    handler = set_up(profile.logs, Redactor())
    try:
        logging.getLogger("reviewdesk.test").warning("a line with %s and %s", EMAIL, NAME)
        backup, damaged, before = _copies(desk)
        outside = tmp_path / "elsewhere.db"
        core.backups.write_to(outside)
        assert traces(profile.data.parent, VALUES, tmp_path), "the search has teeth"
        ids = {n: desk.review(n) for n in ("r1", "r2", "r3", "r4", "r5")}
        report = service(desk).erase(EMAIL)
        logging.getLogger("reviewdesk.test").warning("the log goes on")
    finally:
        logging.getLogger().removeHandler(handler)
        handler.close()
    assert traces(profile.data.parent, VALUES, tmp_path) == []
    assert set(report.erased) >= {
        "reviews", "versions", "raw records", "conversations", "drafts", "outbox", "messages", "invitations", "notes",
        "journal", "search index", "set-aside records", "picture cache", "backups", "set-aside databases",
        "undo steps", "saved views", "settings", "tags", "logs",
    }  # fmt: skip
    # What is left is named: the provider, which can't be asked, and the copy outside.
    assert [(x.where, "still holds" in x.reason) for x in report.left] == [
        ("Shop", True),
        (str(outside), False),
    ]
    assert "The scripted provider has no customer_data." in report.left[0].reason
    assert "the log goes on" in (profile.logs / "reviewdesk.log").read_text("utf-8")
    assert (profile.pictures / "other").exists() and len(list(profile.pictures.iterdir())) == 1
    # Backups stay, whole, with everything but her; what could not be read is gone.
    for kept in (backup, before):
        assert salvage.is_good(kept)
    assert not damaged.exists()

    for full in (False, True):
        states = {n: core.inbox.rows([i])[i].work_state for n, i in ids.items()}
        (told,) = core.sync.run(None, full)
        assert told.ok and told.new == 0
        assert traces(profile.data.parent, VALUES, tmp_path) == []
        assert {n: core.inbox.rows([i])[i].work_state for n, i in ids.items()} == states, (
            "nobody wrote anything"
        )
        assert desk.review("r1") == ids["r1"]
    for native in ("r1", "r2", "r3"):
        detail = core.inbox.detail(ids[native])
        assert detail is not None and detail.author == Author(name="Anonymous")
        assert detail.row.order_id is None and detail.reference is None and detail.raw == ""
    other = core.inbox.detail(ids["r4"])
    assert other is not None and other.author.name == OTHER and other.row.order_id == "ORD-111222"
    assert other.body.startswith("My friend Anonymous (Anonymous) told")
    (told,) = core.sync.run(None, True)
    assert (told.new, told.changed) == (0, 0), "from now on it is what it was"


def test_what_arrives_later_from_the_person_is_anonymous_at_once(
    desk: Desk, tmp_path: Path, world: World
) -> None:
    service(desk).erase(EMAIL)
    fresh = world.add_review(9)
    world.reviews["r9"] = replace(
        fresh, author=Author(name=NAME, email=EMAIL), order_id="ORD-555123", body=f"{NAME}: still here, {ORDER}",
        raw=json.dumps({"mail": EMAIL}),
    )  # fmt: skip
    world.comment("r1", f"One more word from {NAME}", Role.CONSUMER)
    world.comment("r1", f"Dear {NAME}")
    world.rejected.append(Rejected(f"line 8 of {EMAIL}", "Not readable.", f"{ORDER};{EMAIL};{NAME}"))
    desk.sync()
    row = desk.core.inbox.rows([desk.review("r9")])[desk.review("r9")]
    assert row.author_name == "Anonymous" and row.order_id is None
    assert row.snippet == "Anonymous: still here, Anonymous"
    # A conversation read by itself, before something is sent, goes through the same door.
    first = desk.core.inbox.detail(desk.review("r1"))
    assert first is not None and first.comments[-1].text == "Dear Anonymous"
    read = desk.core.store.write_now(
        lambda tx: threads.store_thread(
            tx, desk.review("r1"),
            threads.Thread(id=None, state=None, comments=(*world.threads["r1"], world.comment("r1", f"Hi {NAME}"))),
        )
    )  # fmt: skip
    assert read
    said = MessageRecord(
        key="k9",
        subject=f"From {NAME}",
        body=f"Write to {EMAIL}",
        created_at=None,
        ours=False,
        person=USERNAME,
    )
    assert desk.core.store.write_now(lambda tx: messages.store_messages(tx, desk.account.id, [said])) == 1
    with desk.core.store.read() as reader:
        (stored,) = messages.of_person(reader, desk.account.id, "Anonymous")
    assert (stored.subject, stored.body) == ("From Anonymous", "Write to Anonymous")
    service(desk)._scrub()
    assert traces(desk.core.profile.data.parent, (NAME, EMAIL, ORDER), tmp_path) == []


def test_nothing_that_names_them_goes_out_by_itself(desk: Desk, world: World) -> None:
    before = {i.kind: i.id for i in desk.core.outbox.items() if i.state is OutboxState.WAITING}
    service(desk).erase(EMAIL)
    reply, invite = (desk.item(before[kind]) for kind in (ActionKind.REPLY, ActionKind.INVITE_EMAIL))
    assert reply.state is OutboxState.HELD and reply.text == "Dear Anonymous, thank you."
    assert reply.error is not None and "erased" in reply.error.message
    assert invite.state is OutboxState.DISCARDED
    assert not world.sent


def test_a_name_that_others_bear_too_stays_theirs(tmp_path: Path) -> None:
    world = World()
    for number in range(1, 4):
        world.add_review(number)
    world.reviews["r1"] = replace(
        world.reviews["r1"], author=Author(name="Anna Schmidt", email="a1@example.org"), body="Anna was here"
    )
    world.reviews["r2"] = replace(
        world.reviews["r2"], author=Author(name="Anna Schmidt", email="a2@example.org"), body="Other Anna"
    )
    with open_scripted(tmp_path, world=world) as desk:
        report = service(desk).erase("a1@example.org")
        mine, other = (desk.core.inbox.detail(desk.review(n)) for n in ("r1", "r2"))
        assert mine is not None and other is not None
        assert mine.author.name == "Anonymous" and mine.body == "Anonymous was here"
        assert (
            other.author == Author(name="Anna Schmidt", email="a2@example.org") and other.body == "Other Anna"
        )
        assert "other people's reviews" in [x.where for x in report.left]
        desk.sync()
        assert desk.core.inbox.rows([desk.review("r2")])[desk.review("r2")].author_name == "Anna Schmidt"


def test_what_is_no_address_is_refused(desk: Desk) -> None:
    for text in ("", "zaphira", "a@b", "x y@example.org"):
        with pytest.raises(InvalidInput):
            service(desk).find(text)


def test_a_restored_backup_knows_them_too(desk: Desk, tmp_path: Path, world: World) -> None:
    backup = desk.core.backups.make()
    assert backup is not None
    service(desk).erase(EMAIL)
    profile, clock = desk.core.profile, desk.core.clock
    desk.core.stop()
    from reviewdesk.services.backups import restore

    restore(profile, backup, clock)
    with open_scripted(tmp_path / "profile", world=world) as again:
        again.sync()
        assert again.core.inbox.rows([again.review("r1")])[again.review("r1")].author_name == "Anonymous"
        assert traces(profile.data.parent, (EMAIL,), tmp_path) == []
        assert handouts.copies(again.core.store, profile.data) == []
