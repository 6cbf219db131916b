"""What a screen reader gets: the accessible tree of the real program, read by another process over AT-SPI."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.e2e.test_window_journey import ask, prepared
from tests.support.accessible import Node, listening, needs_accessibility, read_tree, with_bus
from tests.support.screen import Program, Screen, needs_screen, until, virtual_screen

pytestmark = [needs_screen, needs_accessibility, pytest.mark.timeout(240)]

ROW = re.compile(
    r"^(\d+(\.\d)? of \d+( stars)?|no score), .+, (just now|.+ ago), "
    r"(new|needs reply|waiting|snoozed|done|removed)(, .+)?; item (?P<place>[\d,]+) of ([\d,]+)$",
    re.DOTALL,
)
"""Score, author, age, state, first words, place."""
CONTROLS = {
    *(
        "push button",
        "button",
        "toggle button",
        "check box",
        "radio button",
        "combo box",
        "slider",
        "spin button",
    ),
    *(
        "text",
        "entry",
        "password text",
        "menu",
        "menu item",
        "check menu item",
        "radio menu item",
        "page tab",
    ),
    *("list", "table", "tree", "tree table", "link"),
}


ROOMS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    # its keys, or what is typed into the palette; the beginning of the name that has the focus then
    ("outbox", ("g", "o"), "Outbox"),
    ("messages", ("g", "m"), "Threads"),
    ("products", ("g", "p"), "Products"),
    ("moderation", ("g", "f"), "Reports"),
    ("saved replies", ("g", "y"), "Saved replies"),
    ("insights", ("g", "n"), "Needs reply"),
    ("invitations", (), "Invite a customer"),
    ("journal", (), "Journal"),
)


@pytest.fixture
def screen() -> Iterator[Screen]:
    with virtual_screen() as made, with_bus(made):
        yield made


def nameless(tree: Node) -> list[str]:
    """Controls on the screen that a screen reader could only call by their kind."""
    return [
        f"{node.role} {node.description!r} {node.text[:40]!r}"
        for node in tree.walk()
        if node.role in CONTROLS and "showing" in node.states and not node.name.strip()
    ]


def listed(tree: Node, name: str) -> Node:
    return next(
        n
        for n in tree.walk()
        if n.name.startswith(name) and n.role in ("table", "list", "tree", "tree table")
    )


def tree_with(screen: Screen, wanted: Callable[[Node], bool]) -> Node:
    """The tree as soon as something is in it; a busy machine takes a moment."""
    for _ in range(8):
        tree = read_tree(screen)
        if any(wanted(node) for node in tree.walk()):
            return tree
        screen.look(1.0)
    raise AssertionError(sorted({f"{n.role}: {n.name}" for n in tree.walk()}))


def has_focus(name: str, node: Node) -> bool:
    return node.name.startswith(name) and "focused" in node.states


def test_rows_are_sentences_and_every_control_has_a_name(screen: Screen, tmp_path: Path) -> None:
    profile = prepared(tmp_path / "profile")
    # Something for the outbox, the reports and the journal to show.
    review = str(ask(profile, "list", "provider:sitejabber is:published")[0]["id"])
    ask(profile, "flag", review, "--reason", "language", "--message", "Look at it.")
    ask(profile, "message", review, "--subject", "Your order", "--text", "Where may we send it?")
    with Program(screen, "--demo", "--profile", str(profile), log=tmp_path / "window.log") as program:
        screen.window()
        tree = tree_with(screen, lambda n: "; item 1 of" in n.name)
        assert nameless(tree) == []
        reviews = listed(tree, "Reviews: Inbox")
        spoken = [n.name for n in reviews.children if n.role in ("table cell", "list item")]
        rows = [text for text in spoken if "; item " in text]
        heads = [text for text in spoken if "; item " not in text]
        assert len(rows) >= 8, spoken
        assert [text for text in rows if not ROW.match(text)] == []
        places = [int(ROW.match(text)["place"].replace(",", "")) for text in rows]  # type: ignore[index]
        assert places == list(range(places[0], places[0] + len(places))) and places[0] == 1
        assert heads and all(re.match(r".+, [\d,]+ reviews?, (open|folded)$", text) for text in heads)
        sidebar = [n.name for n in listed(tree, "Views and accounts").children]
        assert any(re.match(r"Inbox, [\d,]+$", text) for text in sidebar), sidebar

        screen.key("slash")
        screen.type("provider:trustpilot has:photo")
        screen.key("Return")
        tree_with(screen, lambda n: n.name == "Reviews: Inbox")
        screen.key("j")
        tree = tree_with(screen, lambda n: n.name == "Reply publicly")
        assert nameless(tree) == []
        spoken_review = [n for n in tree.walk() if n.name == "Review text" and "showing" in n.states]
        current = next(
            n for n in listed(tree, "Reviews: ").children if "focused" in n.states or "selected" in n.states
        )
        assert spoken_review or "no text" in current.name
        assert ROW.match(current.name)

        screen.key("r")
        tree = tree_with(screen, lambda n: "editable" in n.states and "ublic reply" in n.name)
        assert nameless(tree) == []
        composer = next(n for n in tree.walk() if "editable" in n.states and "ublic reply" in n.name)
        assert "focused" in composer.states
        assert "veryone" in composer.name + composer.description

        screen.key("Escape", "Escape")
        screen.key("ctrl+k")
        tree = tree_with(screen, lambda n: n.name == "Commands" and "editable" in n.states)
        assert nameless(tree) == []
        field = next(n for n in tree.walk() if n.name == "Commands" and "editable" in n.states)
        assert "focused" in field.states
        entries = [n.name for n in listed(tree, "Commands").children]
        assert entries and all(text.strip() for text in entries)
        screen.key("Escape")

        screen.key("ctrl+comma")
        tree = tree_with(screen, lambda n: n.name == "Sections")
        assert nameless(tree) == []
        sections = [n.name for n in listed(tree, "Sections").children]
        assert {"General", "Writing", "Appearance"} <= set(sections)
        screen.key("Escape")
        unnamed = {}
        for room, keys, focused in ROOMS:
            if keys:
                screen.key(*keys)
            else:
                screen.key("ctrl+k")
                screen.look(0.4)
                screen.type(room)
                screen.look(0.4)
                screen.key("Return")
            screen.look(0.8)
            tree = tree_with(screen, partial(has_focus, focused))
            missing = nameless(tree) + [
                f"focus on a nameless {n.role}" for n in tree.walk() if "focused" in n.states and not n.name
            ]
            if missing:
                unnamed[room] = missing
            screen.key("Escape")
        assert unnamed == {}
        program.process.terminate()


def test_what_a_toast_says_is_announced(screen: Screen, tmp_path: Path) -> None:
    profile = prepared(tmp_path / "profile")
    heard = tmp_path / "heard.txt"
    with (
        listening(screen, heard),
        Program(screen, "--demo", "--profile", str(profile), log=tmp_path / "window.log") as program,
    ):
        screen.window()
        tree_with(screen, lambda n: "; item 1 of" in n.name)
        screen.key("j", "e")
        until(lambda: "Done" in heard.read_text(encoding="utf-8").split("\n"), "the announcement")
        screen.key("z")
        until(lambda: "Taken back: Done" in heard.read_text(encoding="utf-8"), "the second announcement")
        program.process.terminate()
