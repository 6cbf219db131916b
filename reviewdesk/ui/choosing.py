"""What an action still has to ask: which tag, whose, until when. Always through the one picker, always by keyboard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from reviewdesk.domain.models import ReviewRow, WorkState
from reviewdesk.domain.text import fold
from reviewdesk.ui.doing import Doing
from reviewdesk.ui.picker import Choice, Picker, ranked
from reviewdesk.ui.snooze import moments
from reviewdesk.ui.when import moment_words, parse_when

if TYPE_CHECKING:
    from reviewdesk.services.core import Core
    from reviewdesk.services.inbox import Tag
    from reviewdesk.ui.bridge import Bridge

__all__ = ["Choosing"]

_LAST_SNOOZE = "snooze.last"
_ME = "owner.me"
_LOOKED_AT = 1000


@dataclass(slots=True)
class _Asked:
    ids: list[int]
    rows: dict[int, ReviewRow]


class Choosing(QObject):
    """Opens the picker for the reviews it is given and passes the answer on to ``Doing``."""

    def __init__(self, bridge: Bridge, picker: Picker, doing: Doing, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge, self._picker, self._doing = bridge, picker, doing
        self._tags: list[Tag] = []
        self._early: tuple[list[int], list[int]] = ([], [])
        """Of which reviews it is known until when they were to sleep, and the moments, the earliest first."""

    @property
    def _core(self) -> Core:
        return self._bridge.core

    def tags(self) -> list[Tag]:
        """As last read."""
        return self._tags

    def set_tags(self, tags: list[Tag]) -> None:
        self._tags = tags

    def _for(self, ids: Sequence[int]) -> str:
        count = len(ids)
        return self.tr("%n reviews", "", count) if count > 1 else ""

    # --- tags ------------------------------------------------------------------------------------

    def tag(self, ids: Sequence[int]) -> None:
        """Give or take tags; a name that is not there yet is made."""
        wanted = list(ids)

        def read() -> tuple[list[Tag], dict[int, ReviewRow]]:
            return self._core.inbox.tags(), self._core.inbox.rows(wanted[:500])

        def known(answer: tuple[list[Tag], dict[int, ReviewRow]]) -> None:
            self._tags = answer[0]
            self._picker.ask(
                "tag",
                partial(self._offer_tags, _Asked(wanted, answer[1])),
                title=self.tr("Tag"),
                placeholder=self.tr("Tag, or a new name"),
                context=self._for(wanted),
                filtered=False,
            )

        self._bridge.run(read, done=known, owner=self, key="ask")

    def _offer_tags(self, asked: _Asked, typed: str) -> list[Choice]:
        rows = list(asked.rows.values())
        choices = []
        for tag in self._tags:
            has = bool(rows) and all(tag.name in row.tags for row in rows)
            choices.append(
                Choice(
                    f"tag:{tag.id}",
                    tag.name,
                    partial(self._toggle_tag, asked.ids, tag.name, has),
                    swatch=tag.colour,
                    checked=has,
                    hint=self.tr("%n reviews", "", tag.reviews)
                    + (f", {self.tr('public')}" if tag.public else ""),
                )
            )
        # By name, not in sections: the new name comes last, or alone.
        found = [line.choice for line in ranked(choices, typed) if line.choice is not None]
        name = " ".join(typed.split())
        if name and fold(name) not in {fold(tag.name) for tag in self._tags}:
            title = self.tr("New tag {name}").format(name=name)
            found.append(Choice("new", title, partial(self._toggle_tag, asked.ids, name, False), icon="plus"))
        return found

    def _toggle_tag(self, ids: list[int], name: str, has: bool) -> None:
        inbox = self._core.inbox
        if has:
            self._doing.act("untag", inbox.remove_tag(ids, name), ids, detail=name)
        else:
            self._doing.act("tag", inbox.add_tag(ids, name), ids, detail=name)

    def manage_tags(self) -> None:
        """Rename, recolour, merge or delete a tag: first which one, then what."""

        def known(tags: list[Tag]) -> None:
            self._tags = tags
            self._picker.ask(
                "tags", self._offer_manage, title=self.tr("Tags"), placeholder=self.tr("Which tag")
            )

        self._bridge.run(self._core.inbox.tags, done=known, owner=self, key="ask")

    def _offer_manage(self, _typed: str) -> list[Choice]:
        return [
            Choice(
                f"tag:{tag.id}",
                tag.name,
                partial(self._manage, tag),
                swatch=tag.colour,
                hint=self.tr("%n reviews", "", tag.reviews),
            )
            for tag in self._tags
        ] or [
            Choice(
                "none", self.tr("There is no tag yet"), _nothing, reason=self.tr("L on a review makes one")
            )
        ]

    def _manage(self, tag: Tag) -> None:
        self._picker.ask(
            "tag-acts",
            partial(self._offer_tag_acts, tag),
            title=self.tr("Tag {name}").format(name=tag.name),
            placeholder=self.tr("A new name, or choose"),
            context=tag.name,
            filtered=False,
        )

    def _offer_tag_acts(self, tag: Tag, typed: str) -> list[Choice]:
        inbox, doing = self._core.inbox, self._doing
        name = " ".join(typed.split())
        found: list[Choice] = []
        other = next((t for t in self._tags if t.id != tag.id and fold(t.name) == fold(name)), None)
        if name and other is None and name != tag.name:

            def rename() -> None:
                doing.act("tag-rename", inbox.rename_tag(tag.id, name), detail=name)

            found.append(
                Choice("rename", self.tr("Rename to {name}").format(name=name), rename, icon="pencil-simple")
            )
        choices = [
            Choice(
                f"merge:{t.id}",
                self.tr("Merge into {name}").format(name=t.name),
                partial(self._merge, tag, t),
                swatch=t.colour,
                section=self.tr("Merge"),
            )
            for t in self._tags
            if t.id != tag.id
        ]
        colours = (
            self.tr("Green"),
            self.tr("Blue"),
            self.tr("Amber"),
            self.tr("Pink"),
            self.tr("Grey"),
            self.tr("Brown"),
        )
        choices += [
            Choice(
                f"colour:{number}",
                words,
                partial(self._colour, tag, number),
                swatch=number,
                section=self.tr("Colour"),
                checked=tag.colour == number,
            )
            for number, words in enumerate(colours, 1)
        ]
        choices.append(
            Choice(
                "delete",
                self.tr("Delete this tag"),
                partial(self._delete_tag, tag),
                icon="trash-simple",
                hint=self.tr("from %n reviews", "", tag.reviews),
                section=self.tr("Delete"),
            )
        )
        return found + [line.choice for line in ranked(choices, typed) if line.choice is not None]

    def _merge(self, tag: Tag, into: Tag) -> None:
        self._doing.act("tag-merge", self._core.inbox.merge_tags(tag.id, into.id))

    def _colour(self, tag: Tag, colour: int) -> None:
        self._doing.act("tag-colour", self._core.inbox.colour_tag(tag.id, colour))

    def _delete_tag(self, tag: Tag) -> None:
        self._doing.act("tag-delete", self._core.inbox.delete_tag(tag.id))

    # --- owner -----------------------------------------------------------------------------------

    def owner(self, ids: Sequence[int]) -> None:
        """Give reviews to somebody; names that were used before are offered."""
        wanted = list(ids)

        def known(names: list[str]) -> None:
            me = self.me()
            everybody = ([me] if me else []) + [name for name in names if name != me]
            self._picker.ask(
                "owner",
                partial(self._offer_owners, wanted, everybody),
                title=self.tr("Owner"),
                placeholder=self.tr("Who takes care of it"),
                context=self._for(wanted),
                filtered=False,
            )

        self._bridge.run(self._core.inbox.owners, done=known, owner=self, key="ask")

    def me(self) -> str:
        """The person's own name in this profile; empty when it was never given."""
        return self._core.settings.text(_ME) or ""

    def _offer_owners(self, ids: list[int], names: list[str], typed: str) -> list[Choice]:
        me = self.me()
        choices = [
            Choice(
                f"owner:{name}",
                name,
                partial(self._give, ids, name),
                icon="user-plus",
                hint=self.tr("you") if name == me else "",
            )
            for name in names
        ]
        choices.append(Choice("nobody", self.tr("Nobody"), partial(self._give, ids, None), icon="x"))
        found = [line.choice for line in ranked(choices, typed) if line.choice is not None]
        name = " ".join(typed.split())
        if name and name not in names:
            found.append(
                Choice(
                    "new",
                    self.tr("Give to {name}").format(name=name),
                    partial(self._give, ids, name),
                    icon="plus",
                )
            )
        return found

    def _give(self, ids: list[int], name: str | None) -> None:
        self._doing.act("owner", self._core.inbox.set_owner(ids, name), ids, detail=name or "")

    # --- snooze ----------------------------------------------------------------------------------

    def snooze(self, ids: Sequence[int], text: str = "") -> None:
        """Until when: a few moments that people mean, one's own words for another, or until something happens.

        What a customer woke early may first of all go back to sleep until the same moment.
        """
        wanted = list(ids)
        self._early = (wanted, [])
        self._bridge.run(
            self._core.inbox.rows,
            wanted[:_LOOKED_AT],
            done=partial(self._on_early, wanted),
            owner=self,
            key="early",
        )
        self._picker.ask(
            "snooze",
            partial(self.offer_snooze, wanted),
            title=self.tr("Snooze until"),
            placeholder=self.tr("Snooze until: tomorrow, mon 9, in 3 days, 24 dec 14:00"),
            context=self._for(wanted),
            text=text,
            filtered=False,
        )

    def _on_early(self, ids: list[int], rows: dict[int, ReviewRow]) -> None:
        moments_kept = sorted(moment for row in rows.values() if (moment := self.woken_early(row)))
        if moments_kept and self._early[0] == ids:
            self._early = (ids, moments_kept)
            if self._picker.isVisible() and self._picker.name == "snooze":
                self._picker.refresh(keep=False)

    def woken_early(self, row: ReviewRow) -> int:
        """Until when this review was to sleep, where the customer woke it and that is still to come; else 0."""
        until = row.snooze_until or 0
        return until if row.work_state is not WorkState.SNOOZED and until > self._core.clock.now() else 0

    def snooze_again(self, ids: Sequence[int]) -> None:
        """Back to sleep, each until the moment it was to wake."""
        wanted = list(ids)
        self._doing.act("snooze", self._core.inbox.snooze_again(wanted), wanted)

    def _again(self, ids: list[int], now: float) -> list[Choice]:
        asked, kept = self._early
        if not kept or asked != ids:
            return []
        shown = moment_words(kept[0], now)
        if kept[0] != kept[-1]:
            shown = self.tr("{first} to {last}").format(first=shown, last=moment_words(kept[-1], now))
        again = partial(self.snooze_again, ids)
        title = self.tr("Again until the same time")
        return [Choice("again", title, again, icon="arrow-counter-clockwise", hint=shown)]

    def offer_snooze(self, ids: list[int], typed: str) -> list[Choice]:
        """What there is to choose for these words."""
        now = self._core.clock.now()
        last = self._core.settings.text(_LAST_SNOOZE) or ""
        choices = [
            Choice(
                f"until:{moment.title}",
                moment.title,
                partial(self._sleep, ids, moment.until_s, moment.title),
                icon="moon",
                hint=moment.shown,
            )
            for moment in moments(now)
        ]
        choices.append(
            Choice(
                "until-event",
                self.tr("Until edited or answered"),
                partial(self._sleep, ids, None, "event"),
                icon="chat-circle-dots",
            )
        )
        choices = self._again(ids, now) + choices
        found = [line.choice for line in ranked(choices, typed) if line.choice is not None]
        if not typed.strip():
            # What was taken last time stands first: two keys are enough.
            usual = "until-event" if last == "event" else f"until:{last}"
            found.sort(key=lambda c: {"again": 0, usual: 1}.get(c.key, 2))
        until = parse_when(typed, now)
        if until is not None:
            own = self.tr("Until {time}").format(time=moment_words(until, now))
            found.insert(0, Choice("own", own, partial(self._sleep, ids, until, ""), icon="calendar"))
        return found

    def _sleep(self, ids: list[int], until_s: int | None, name: str) -> None:
        if name:
            self._core.settings.set_text(_LAST_SNOOZE, name)
        self._doing.act("snooze", self._core.inbox.snooze(ids, until_s), ids)

    # --- names -----------------------------------------------------------------------------------

    def name(
        self,
        title: str,
        button: str,
        then: Callable[[str], Future[Any]],
        *,
        kind: str,
        text: str = "",
        after: Callable[[Any], object] | None = None,
    ) -> None:
        """Ask for a name. ``button`` with ``{name}`` says what Enter does."""

        def offer(typed: str) -> list[Choice]:
            name = " ".join(typed.split())
            if not name:
                return [Choice("empty", title, _nothing, reason=self.tr("Type a name"))]

            def run() -> None:
                self._doing.act(kind, then(name), detail=name, then=after)

            return [Choice("name", button.format(name=name), run, icon="bookmark-simple")]

        self._picker.ask(kind, offer, title=title, placeholder=title, text=text, filtered=False)


def _nothing() -> None:
    """An entry that only says something."""
