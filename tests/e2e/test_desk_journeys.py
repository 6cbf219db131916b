"""The agent's work beside replying, in the real window by real keys; the practice server's record judges each step."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from reviewdesk import practice
from reviewdesk.domain.clock import SystemClock
from reviewdesk.services.settings import UNDO_DELAY_S, SettingsService
from reviewdesk.store.database import Store
from tests.e2e.test_casework_journey import holding, kept, search
from tests.e2e.test_window_journey import ask, pictures_to, prepared, profile_database
from tests.support.screen import ROOT, Program, Screen, needs_screen, until, virtual_screen

pytestmark = [needs_screen, pytest.mark.timeout(240)]


class Desk:
    """A window on a practice profile of its own, and a browser that only writes down what it is given."""

    def __init__(self, screen: Screen, profile: Path, shots: Path, opened: Path) -> None:
        self.screen, self.profile, self.shots, self._opened = screen, profile, shots, opened

    def opened(self) -> list[str]:
        """Every address the program gave to the system."""
        return self._opened.read_text().splitlines() if self._opened.exists() else []

    def open(self, review: Any) -> None:
        """By the review's own link, as a browser hands it to the program that is running."""
        command = [sys.executable, "-m", "reviewdesk", "--demo", "--profile", str(self.profile)]
        environment = {**self.screen.environment, "PYTHONPATH": str(ROOT)}
        subprocess.run(
            [*command, f"reviewdesk://review/{review['id']}"], env=environment, check=True, timeout=60
        )
        self.screen.look(0.8)

    def find(self, query: str) -> None:
        search(self.screen, query)

    def state_of(self, kind: str) -> str:
        """The state of the newest item of a kind in the outbox; empty when there is none."""
        found = self.read("SELECT state FROM outbox WHERE kind = ? ORDER BY id DESC LIMIT 1", kind)
        return str(found[0][0]) if found else ""

    def talk_is(self, state: str, words: str) -> bool:
        """Whether the server has the conversation with these words in this state, and the outbox knows it."""
        there = any(record.get("state") == state for record in holding(self.profile, words))
        return there and self.state_of("conversation-state") == "sent"

    def delivered(self, kind: str) -> None:
        until(lambda: self.state_of(kind) == "sent", f"the delivery of {kind}", 40)

    def command(self, words: str) -> None:
        """What the palette finds by these words."""
        self.screen.key("ctrl+k")
        self.screen.look(0.3)
        self.screen.type(words)
        self.screen.look(0.4)
        self.screen.key("Return")
        self.screen.look(0.5)

    def picture(self, name: str) -> None:
        self.screen.picture(self.shots / f"{name}.png")

    def pick(self, where: str, fits: Callable[[Any], bool] = lambda _: True) -> Any:
        """The newest review that fits, as ``show`` prints it."""
        found = self.read(
            "SELECT r.id FROM review r JOIN account a ON a.id = r.account_id"
            f" WHERE {where} ORDER BY r.created_s DESC LIMIT 20"
        )
        shown = (ask(self.profile, "show", str(number)) for (number,) in found)
        return next(review for review in shown if fits(review))

    def read(self, sql: str, *values: object) -> list[Any]:
        """Rows of the profile's own database, beside the running window."""
        store = Store.open(profile_database(self.profile), clock=SystemClock(), on_change=lambda _: None)
        try:
            with store.read() as reader:
                return list(reader.rows(sql, values))
        finally:
            store.close()


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A profile that has been synced; each journey works on a copy."""
    return prepared(tmp_path_factory.mktemp("journeys") / "profile")


@contextmanager
def window(
    synced: Path, tmp_path: Path, prepare: Callable[[Path], object] = lambda _: None
) -> Iterator[Desk]:
    """Replies go out after a second; ends with Ctrl+Q and must end well."""
    profile = Path(shutil.copytree(synced, tmp_path / "profile"))
    store = Store.open(profile_database(profile), clock=SystemClock(), on_change=lambda _: None)
    SettingsService(store).set(UNDO_DELAY_S, 1).result(10)
    store.close()
    prepare(profile)
    tools = tmp_path / "bin"
    tools.mkdir()
    browser = tools / "xdg-open"
    browser.write_text(f'#!/bin/sh\nprintf "%s\\n" "$1" >> {tmp_path / "opened"}\n')
    browser.chmod(0o755)
    with virtual_screen() as screen:
        screen.environment["PATH"] = f"{tools}{os.pathsep}{screen.environment['PATH']}"
        log = tmp_path / "window.log"
        with Program(screen, "--demo", "--profile", str(profile), log=log) as program:
            screen.window()
            screen.look(2.0)
            yield Desk(screen, profile, pictures_to(tmp_path), tmp_path / "opened")
            screen.key("Escape")
            screen.key("ctrl+q")
            program.process.wait(20)
        assert program.process.returncode == 0, program.said()
        assert "Traceback" not in program.said()


def word_of(text: str) -> str:
    """A word of a review that can be typed on any keyboard."""
    return next(w for w in text.split() if w.isascii() and w.isalpha() and len(w) > 3)


def test_a_published_reply_is_changed_and_hidden_a_reviewer_asked_and_a_review_reported(
    synced: Path,
    tmp_path: Path,
) -> None:
    with window(synced, tmp_path) as desk:
        screen, profile = desk.screen, desk.profile
        review = desk.pick(
            "a.provider = 'trustpilot' AND r.kind = 'product' AND r.reply_mark = 'elsewhere' AND r.language = 'en'"
        )
        before = review["conversation"]["comments"][-1]["text"]
        desk.open(review)
        # Our published reply, changed: the old text stays in the history.
        desk.command("edit our reply")
        screen.key("ctrl+End")
        screen.type(" We now check every batch.")
        desk.picture("13-edit-reply")
        screen.key("ctrl+Return")
        desk.delivered("edit-reply")
        (changed,) = [r for r in holding(profile, "We now check every batch.") if isinstance(r, dict)]
        said = [comment["content"] for comment in changed["comments"]]
        assert f"{before} We now check every batch." in said and before not in said, "changed, not said twice"
        # The conversation becomes private, then public again.
        for state in ("private", "public"):
            desk.command("conversation public or private")
            until(partial(desk.talk_is, state, "every batch"), f"the conversation being {state}", 60)
        # A report where the API takes none: passage by keyboard, text on the clipboard, back office, log.
        word = word_of(review["body"])
        screen.key("ctrl+f")
        screen.type(word)
        screen.key("Escape")
        screen.key("ctrl+shift+Right", "ctrl+shift+Right")
        screen.key("exclam")
        screen.look(0.5)
        screen.type("This is about another shop.")
        desk.picture("14-report-by-hand")
        screen.key("ctrl+Return")
        until(lambda: desk.opened() == ["https://business.trustpilot.com/"], "the back office")
        assert desk.read("SELECT review_id, state FROM outbox WHERE kind = 'flag'") == [
            (review["id"], "sent")
        ]
        screen.key("N")
        screen.look(0.4)
        screen.key("ctrl+v")
        screen.key("ctrl+Return")
        until(lambda: bool(desk.read("SELECT text FROM note WHERE review_id = ?", review["id"])), "the note")
        ((pasted,),) = desk.read("SELECT text FROM note WHERE review_id = ?", review["id"])
        quote, said = pasted.split("\n\n")
        assert word in quote and quote.strip("“”") in review["body"] and said == "This is about another shop."
        # Who wrote a company review.
        asked = desk.pick(
            "a.provider = 'trustpilot' AND r.kind = 'business' AND r.order_id IS NULL",
            lambda shown: json.loads(shown["raw"])["findReviewer"]["isEligible"],
        )
        desk.open(asked)
        desk.command("ask who wrote this")
        screen.type("Which parcel was it?")
        desk.picture("15-find-reviewer")
        screen.key("ctrl+Return")
        desk.delivered("find-reviewer")
        (record,) = holding(profile, "Which parcel was it?")
        assert asked["native_id"] in json.dumps(record)


def test_pending_reviews_a_solved_case_a_quoted_report_and_words_that_become_public(
    synced: Path, tmp_path: Path
) -> None:
    with window(synced, tmp_path) as desk:
        screen, profile = desk.screen, desk.profile
        # What waits is published all at once, never by its score.
        pending = desk.read("SELECT id, native_id FROM review WHERE provider_state = 'pending'")
        assert len(pending) > 1
        desk.find("is:pending stars:>=4")
        screen.key("asterisk", "a")
        desk.command("publish at the provider")
        desk.picture("16-never-by-score")
        assert not desk.state_of("publish")
        desk.find("is:pending")
        screen.key("asterisk", "a")
        desk.command("publish at the provider")
        queued = "SELECT review_id, state FROM outbox WHERE kind = 'publish'"
        until(lambda: {s for _, s in desk.read(queued)} == {"sent"}, "the publication", 60)
        published = {review for review, _ in desk.read(queued)}
        assert len(published) > 1 and published <= {number for number, _ in pending}
        numbers = {native for number, native in pending if number in published}
        out = [r for r in kept(profile) if isinstance(r, dict) and r.get("published")]
        assert numbers <= {str(r.get("no")) for r in out}
        # A case: waiting with a date, solved, then the link with which the author edits the review.
        review = desk.pick("a.provider = 'sitejabber' AND r.kind = 'business' AND r.author_email <> ''")
        desk.open(review)
        case = "SELECT state, follow_up_s FROM review_case WHERE review_id = ?"
        screen.key("C")
        screen.look(0.4)
        screen.type("waiting")
        screen.key("Return")
        until(lambda: [s for s, _ in desk.read(case, review["id"])] == ["waiting-for-customer"], "the case")
        ((_, first),) = desk.read(case, review["id"])
        screen.look(0.8)
        screen.key("C")
        screen.look(0.4)
        screen.type("follow-up date")
        screen.key("Return")
        screen.look(0.4)
        screen.type("in 9 days")
        screen.look(0.3)
        screen.key("Return")
        until(lambda: desk.read(case, review["id"])[0][1] != first, "the follow-up date")
        ((_, second),) = desk.read(case, review["id"])
        assert second - SystemClock().now() > 7 * 86_400
        desk.picture("17-case")
        screen.key("C")
        screen.look(0.4)
        screen.type("solved")
        screen.look(0.3)
        screen.key("Return")
        until(lambda: desk.read(case, review["id"])[0][0] == "solved", "the solved case")
        desk.command("link to edit the review")
        screen.look(1.0)
        screen.key("ctrl+Home")
        screen.type("You can edit your review here whenever you like: ")
        screen.look(0.6)
        desk.picture("18-edit-link")
        screen.key("ctrl+Return")
        screen.look(0.6)
        assert not desk.state_of(
            "message"
        )  # this source takes none without a subject, and that is said before
        screen.key("shift+Tab")
        screen.type("Your order")
        screen.key("Tab")
        screen.look(0.6)
        screen.key("ctrl+Return")
        desk.delivered("message")
        (message,) = holding(profile, "whenever you like")
        assert str(message["review"]) == review["native_id"] and "http" in json.dumps(message)
        # A report in the provider's own words, with the passage that was marked by keyboard.
        word = word_of(review["body"])
        screen.key("ctrl+f")
        screen.type(word)
        screen.key("Escape")
        screen.key("ctrl+shift+Right", "ctrl+shift+Right")
        screen.key("exclam")
        screen.look(0.4)
        screen.type("attack")
        screen.look(0.3)
        screen.key("Return")
        screen.look(0.4)
        screen.type("It names our driver.")
        screen.key("ctrl+Return")
        desk.delivered("flag")
        (report,) = [r for r in holding(profile, "It names our driver.") if r.get("reason")]
        assert report["reason"] == "personal_attack" and word in json.dumps(report, ensure_ascii=False)
        # From private to public is asked once, and goes out as a public reply.
        desk.find("provider:sitejabber is:published stars:<=3 -has:reply")
        screen.key("R")
        screen.look(0.6)
        screen.type("The new lid left us this morning.")
        desk.command("move the text to the other reader")
        desk.picture("19-made-public")
        assert not desk.state_of("reply")
        screen.key("Tab", "space")
        screen.look(0.6)
        desk.picture("20-public-now")
        screen.key("ctrl+Return")
        desk.delivered("reply")
        (public,) = holding(profile, "The new lid left us this morning.")
        ((native,),) = desk.read(
            "SELECT r.native_id FROM outbox o JOIN review r ON r.id = o.review_id WHERE o.kind = 'reply'"
        )
        # A comment of the review, where everybody reads it; a message has a sender.
        assert str(public["no"]) == native and "sender" not in public


def test_saved_replies_gaps_and_the_ways_to_send(synced: Path, tmp_path: Path) -> None:
    with window(synced, tmp_path) as desk:
        screen, profile = desk.screen, desk.profile
        # Made by keyboard alone.
        screen.key("g", "y")
        screen.look(0.8)
        screen.key("Tab", "space")
        screen.look(0.3)
        screen.type("Late parcel")
        screen.key("Tab")
        screen.type("Delivery/Late")
        screen.key("Tab", "Tab")
        screen.type("Hello {{customer.first_name|there}}, your parcel comes on {{day}}.")
        screen.key("ctrl+s")
        until(
            lambda: bool(desk.read("SELECT 1 FROM saved_reply WHERE name = 'Late parcel'")), "the saved reply"
        )
        desk.picture("21-saved-reply")
        # ; at the beginning of a line, a few letters, the preview, Enter; then Tab walks the gaps.
        screen.key("ctrl+1")
        screen.look(0.4)
        desk.find("provider:trustpilot -has:reply lang:en")
        screen.key("r")
        screen.look(0.6)
        screen.key("semicolon")
        screen.look(0.5)
        screen.type("late")
        screen.look(0.4)
        desk.picture("22-picker")
        screen.key("Return")
        screen.look(0.4)
        screen.key("ctrl+Return")
        screen.look(0.6)
        desk.picture("23-gap")
        assert not desk.state_of("reply")
        screen.key("Tab")
        screen.type("Thursday")
        screen.look(0.6)
        screen.key("ctrl+shift+j")
        desk.delivered("reply")
        ((first, text),) = desk.read("SELECT review_id, text FROM outbox WHERE kind = 'reply'")
        assert text.startswith("Hello ") and text.endswith("your parcel comes on Thursday.")
        assert "{" not in text and holding(profile, "your parcel comes on Thursday.")
        assert desk.read("SELECT used FROM saved_reply WHERE name = 'Late parcel'") == [(1,)]
        # The next review is open already: publish, and be through with it.
        screen.key("r")
        screen.look(0.5)
        screen.type("Thank you, we have told the team.")
        screen.look(0.6)
        screen.key("ctrl+shift+e")
        until(lambda: len(desk.read("SELECT 1 FROM outbox WHERE state = 'sent'")) == 2, "the second", 40)
        ((second,),) = desk.read("SELECT review_id FROM outbox ORDER BY id DESC LIMIT 1")
        assert second != first and len(holding(profile, "Thank you, we have told the team.")) == 1
        assert desk.read("SELECT work_state FROM review WHERE id = ?", second) == [("done",)]
        # In a window of its own: the draft goes with it, and from there into the world.
        desk.find("provider:trustpilot -has:reply lang:en")
        screen.key("r")
        screen.look(0.5)
        screen.type("First half, ")
        screen.key("ctrl+shift+o")
        screen.look(1.2)
        screen.type("second half.")
        desk.picture("24-detached")
        screen.key("ctrl+Return")
        until(lambda: bool(holding(profile, "First half, second half.")), "the detached reply", 40)


def test_a_check_overridden_a_resolution_and_a_reply_that_goes_out_later(
    synced: Path, tmp_path: Path
) -> None:
    later, kept_words, offer = "This goes out a little later.", "We wrote to", "We send you a new one today."
    fresh = "r.reply_mark = 'none' AND r.language = 'en' AND r.author_email <> ''"
    with window(synced, tmp_path) as desk:
        screen, profile = desk.screen, desk.profile
        # Scheduled for a day, taken back with its text by one key, scheduled for a minute from now.
        first = desk.pick(f"a.provider = 'trustpilot' AND r.kind = 'product' AND {fresh}")
        planned = "SELECT scheduled_t FROM outbox WHERE kind = 'reply' AND state = 'waiting'"
        desk.open(first)
        screen.key("r")
        screen.look(0.5)
        screen.type(later)
        screen.key("ctrl+shift+Return")
        screen.look(0.5)
        screen.type("in 3 days")
        screen.look(0.4)
        screen.key("Return")
        until(lambda: len(desk.read(planned)) == 1, "the plan")
        screen.look(0.8)
        screen.key("z")
        until(lambda: not desk.read(planned), "the taking back")
        until(lambda: desk.read("SELECT text FROM draft") == [(later,)], "the text")
        screen.look(0.8)
        screen.key("ctrl+shift+Return")
        screen.look(0.5)
        screen.type("in 1 minute")
        screen.look(0.4)
        screen.key("Return")
        until(lambda: len(desk.read(planned)) == 1, "the second plan")
        ((due,),) = desk.read(planned)
        desk.picture("29-scheduled")
        # What must be settled stops the text, and one key keeps it on purpose.
        second = desk.pick(
            f"a.provider = 'trustpilot' AND r.kind = 'product' AND {fresh}",
            lambda shown: shown["id"] != first["id"],
        )
        desk.open(second)
        email = second["author"]["email"]
        screen.key("r")
        screen.look(0.5)
        screen.type(f"{kept_words} {email} about it.")
        screen.look(0.8)
        screen.key("ctrl+Return")
        screen.look(0.8)
        desk.picture("30-private-data")
        mine = "SELECT state FROM outbox WHERE review_id = ?"
        assert desk.read(mine, second["id"]) == [] and not holding(profile, kept_words)
        screen.key("Tab", "space")
        screen.look(0.5)
        screen.key("ctrl+Return")
        until(lambda: desk.read(mine, second["id"]) == [("sent",)], "the text that was kept on purpose", 40)
        (record,) = holding(profile, f"{kept_words} {email} about it.")
        assert [c["content"] for c in record["comments"]].count(f"{kept_words} {email} about it.") == 1
        noted = "SELECT answer FROM journal WHERE review_id = ? AND result = 'check overridden'"
        assert desk.read(noted, second["id"]) == [("private-email",)]
        # A resolution: private, linked to its review, its subject is the provider's.
        review = desk.pick("a.provider = 'sitejabber' AND r.kind = 'business' AND r.author_email <> ''")
        desk.open(review)
        desk.command("offer a resolution")
        screen.type(offer)
        screen.look(0.6)
        desk.picture("31-resolution")
        screen.key("ctrl+Return")
        desk.delivered("resolution")
        (message,) = holding(profile, offer)
        assert str(message["review"]) == review["native_id"] and message["body"] == offer
        assert message["subject"].startswith("Resolution offer from ")
        # The minute is over: it arrives, once, and not before its time.
        if SystemClock().now() < due - 5:
            assert not holding(profile, later)
        until(lambda: desk.read(mine, first["id"])[-1] == ("sent",), "the scheduled reply", 120)
        assert SystemClock().now() >= due
        (record,) = holding(profile, later)
        assert [c["content"] for c in record["comments"]].count(later) == 1


def test_reading_versions_pictures_people_and_an_answer_given_elsewhere(synced: Path, tmp_path: Path) -> None:
    answered: dict[str, Any] = {}
    with window(synced, tmp_path) as desk:
        screen = desk.screen
        edited = desk.pick("r.edited = 1 AND EXISTS (SELECT 1 FROM version v WHERE v.review_id = r.id)")
        desk.open(edited)
        desk.command("earlier versions")
        desk.picture("25-versions")
        # The viewer, loaded by the rule, walked and left by keyboard; nothing is opened outside.
        desk.open(desk.pick("r.photos > 1"))
        screen.look(0.8)
        screen.key("P")
        screen.look(0.8)
        screen.key("Right", "plus")
        screen.look(0.8)
        desk.picture("26-picture")
        screen.key("Escape")
        # Somebody else of the same name: one key takes them apart.
        pair = desk.pick(
            "r.author_email <> '' AND EXISTS (SELECT 1 FROM review o WHERE o.id <> r.id"
            " AND o.author_email = r.author_email)"
        )
        desk.open(pair)
        screen.look(0.8)
        desk.command("other reviews of this person")
        desk.picture("27-people")
        screen.key("Delete")
        until(lambda: bool(desk.read("SELECT 1 FROM unlinked")), "the unlinking")
        ((one, two),) = desk.read("SELECT review_id, other_id FROM unlinked")
        assert pair["id"] in (one, two)
        # A source without replies: copied, its back office opened, marked.
        answered = desk.pick("a.provider = 'guaranteed-reviews' AND r.reply_mark = 'none'")
        desk.open(answered)
        screen.key("r")
        screen.look(0.6)
        screen.type("We have sent a new one.")
        screen.look(0.6)
        screen.key("ctrl+Return")
        until(lambda: desk.opened() == ["https://www.guaranteed-reviews.com/"], "the back office")
        desk.picture("28-answered-there")
        screen.key("Tab", "space")
        noted = "SELECT text, settled_s FROM answered_elsewhere"
        until(lambda: desk.read(noted) == [("We have sent a new one.", None)], "the mark")
        profile = desk.profile
    # In the back office a colleague pastes it; the next reading settles it.
    with practice.start(next(profile.rglob("practice")), providers=["guaranteed-reviews"]) as shop:
        shop.guaranteed_reviews.colleague_replies(answered["native_id"], "We have sent a new one.")
    ask(profile, "sync")
    ((text, settled),) = desk.read(noted)
    assert text == "We have sent a new one." and settled is not None
    shown = ask(profile, "show", str(answered["id"]))
    assert [c["text"] for c in shown["conversation"]["comments"]] == ["We have sent a new one."]


def test_files_of_saved_replies_the_clipboard_the_browser_and_one_reply_for_many(
    synced: Path, tmp_path: Path
) -> None:
    text = "Dear {{customer.first_name|customer}}, the striped one is on its way."
    brought, given = tmp_path / "brought.json", tmp_path / "given.json"
    made = {"folder": "Praise", "name": "Stripes", "texts": {"en": text}}
    brought.write_text(
        json.dumps({"format": "reviewdesk-saved-replies", "version": 1, "replies": [made]}), encoding="utf-8"
    )
    with window(synced, tmp_path) as desk:
        screen, profile = desk.screen, desk.profile
        # In from a file, out to a file.
        screen.key("g", "y")
        screen.look(0.8)
        screen.key("Tab", "Tab", "space")
        screen.look(0.8)
        screen.type(str(brought))
        screen.key("Return")
        there = "SELECT id FROM saved_reply WHERE name = 'Stripes' AND folder = 'Praise'"
        until(lambda: len(desk.read(there)) == 1, "the saved reply of the file")
        screen.look(0.5)
        screen.key("Tab", "space")
        screen.look(0.8)
        screen.key("ctrl+a")
        screen.type(str(given))
        desk.picture("32-export")
        screen.key("Return")
        until(given.exists, "the file of saved replies")
        kept_there = json.loads(given.read_text(encoding="utf-8"))["replies"]
        names = {row[0] for row in desk.read("SELECT name FROM saved_reply")}
        assert made in kept_there and {reply["name"] for reply in kept_there} == names
        # The review as text on the clipboard, without what only we see; then its page in the browser.
        screen.key("ctrl+1")
        screen.look(0.5)
        review = desk.pick("a.provider = 'trustpilot' AND r.author_email <> '' AND r.language = 'en'")
        desk.open(review)
        desk.command("copy review as text")
        screen.key("N")
        screen.look(0.5)
        screen.key("ctrl+v")
        desk.picture("33-copied")
        screen.key("ctrl+Return")
        noted = "SELECT text FROM note WHERE review_id = ?"
        until(lambda: bool(desk.read(noted, review["id"])), "the note")
        ((pasted,),) = desk.read(noted, review["id"])
        assert review["body"][:40] in pasted and review["author"]["email"] not in pasted
        screen.key("v")
        until(lambda: desk.opened() == ["https://business.trustpilot.com/"], "the page at the provider")
        # One saved reply for many, each shown before it goes; the first is left out.
        wanted = "provider:trustpilot lang:en -has:reply stars:2"
        desk.find(wanted)
        left, *rest = ask(profile, "list", wanted)
        assert rest
        screen.key("asterisk", "a")
        screen.key("asterisk", "r")
        screen.look(0.6)
        screen.type("stripes")
        screen.look(0.4)
        screen.key("Return")
        screen.look(1.5)
        screen.key("space")
        screen.look(0.4)
        desk.picture("34-many")
        assert not desk.read("SELECT 1 FROM outbox")
        screen.key("Tab", "Tab", "Tab", "Tab", "Tab", "space")
        sent = "SELECT review_id, text FROM outbox WHERE kind = 'reply' AND state = 'sent'"
        until(lambda: len(desk.read(sent)) == len(rest), "the last delivery", 90)
        replies = dict(desk.read(sent))
        assert set(replies) == {found["id"] for found in rest} and left["id"] not in replies
        there = holding(profile, "the striped one is on its way.")
        assert len(there) == len(rest), "each conversation has it, and no other"
        said = [c["content"] for record in there for c in record["comments"] if "striped" in c["content"]]
        assert sorted(said) == sorted(replies.values()) and not any("{" in words for words in said)
        desk.picture("35-many-delivered")
