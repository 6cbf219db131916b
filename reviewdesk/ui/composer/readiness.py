"""Whether what is written can be sent: its length against the source's limits, its gaps, its subject."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from reviewdesk.domain.models import ActionKind
from reviewdesk.domain.templates import gaps
from reviewdesk.ui.composer.drafts import Key

if TYPE_CHECKING:
    from reviewdesk.ui.composer.composer import Composer

__all__ = ["Readiness"]


class Readiness(QObject):
    """Belongs to one composer."""

    def __init__(self, composer: Composer) -> None:
        super().__init__(composer)
        self._composer = composer
        self._links: dict[Key, tuple[str, str]] = {}

    def note_link(self, key: Key, url: str, words: str) -> None:
        """``words``: how long the link works. They stand in the foot as long as the link stands in the text."""
        self._links[key] = (url, words)
        self.say()

    def _link_words(self, text: str) -> str:
        key = self._composer.key()
        url, words = self._links.get(key, ("", "")) if key is not None else ("", "")
        return words if url and url in text else ""

    def _limit(self) -> int | None:
        spec, destination = self._composer.spec(), self._composer.destination()
        if spec is None or destination is None or destination.look != "public":
            return None
        return spec.reply_limits.max_chars

    def why_not(self) -> str | None:
        """Why this can't be published now, or None."""
        composer = self._composer
        destination, key, spec, text = (
            composer.destination(),
            composer.key(),
            composer.spec(),
            composer.text(),
        )
        if destination is None or key is None:
            return self.tr("Nothing is open.")
        if composer.handing.is_sending(key):
            return self.tr("This is being handed over already.")
        length = len(text.strip())
        if not composer.signing.written(text).strip():
            return self.tr("There is nothing to send yet.")
        gap = next(gaps(text), None)
        if gap is not None:
            return self.tr("There is a gap to fill: {gap}. Tab goes to it.").format(gap=gap.words)
        if destination.look == "private" and destination.reason:
            return destination.reason
        wants = spec is not None and spec.messages_need_subject
        if wants and destination.kind is ActionKind.MESSAGE and not composer.subject.text().strip():
            return self.tr("A message to the customer needs a subject.")
        limit = self._limit()
        if limit is not None and length > limit:
            return self.tr("The text is too long by {count} characters.").format(
                count=composer.locale().toString(length - limit)
            )
        if spec is not None and destination.look == "public":
            least = spec.reply_limits.min_chars
            if length < least:
                return self.tr("{provider} takes {count} characters or more.").format(
                    provider=spec.title, count=composer.locale().toString(least)
                )
        return None

    def say(self) -> None:
        """Say it in the foot: the length, the gaps, and the reason."""
        composer = self._composer
        text = composer.text()
        length, limit = len(text.strip()), self._limit()
        words = composer.locale().toString(length)
        if limit is not None and length > limit * 0.8:
            words = self.tr("{count} of {limit}").format(count=words, limit=composer.locale().toString(limit))
        composer.foot.set_count(words if length else "", over=limit is not None and length > limit)
        composer.foot.set_expiry(self._link_words(text))
        composer.foot.set_gaps(sum(1 for _ in gaps(text)))
        composer.foot.set_reason(self.why_not())
