"""Spelling: which languages a draft is judged by, what in it is misspelled, and the words that are right all the same."""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Callable, Hashable, Iterable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

from reviewdesk.domain.checks.manner import language_of
from reviewdesk.domain.errors import ReviewdeskError
from reviewdesk.domain.plain import dataclass
from reviewdesk.domain.spelling import LONGEST, names, parts, spelled, words
from reviewdesk.domain.text import clean
from reviewdesk.services.dictionaries import Dictionaries, Remedy, base, remedy
from reviewdesk.services.pool import Pool
from reviewdesk.services.settings import SPELLING, SettingsService

__all__ = ["MOST_MARKS", "MOST_WORDS", "Found", "Remedy", "SpellingService", "State", "names"]

_log = logging.getLogger(__name__)
_T = TypeVar("_T")

MOST_MARKS = 2000
"""More than that are of no use to anybody: the text is in another language."""
MOST_WORDS = 20_000
"""Own words that are kept."""
DRAFTS_KEY = "spelling.drafts"
_MOST_DRAFTS = 50
_MOST_SUGGESTIONS = 6


@dataclass(frozen=True, slots=True)
class State:
    """What is known about judging a draft."""

    codes: tuple[str, ...]
    """The languages it is judged by; none: its spelling is not looked at."""
    missing: tuple[str, ...] = ()
    """Those of them without a dictionary."""
    library: bool = True
    on: bool = True
    """False where Settings turn spelling off altogether."""

    @property
    def judges(self) -> bool:
        """Whether anything can be marked at all."""
        return self.on and len(self.codes) > len(self.missing)


@dataclass(frozen=True, slots=True)
class Found:
    """(start, end) of every misspelled word, in UTF-16 units as a document counts."""

    marks: tuple[tuple[int, int], ...]
    state: State


class SpellingService:
    """``ask`` runs the blocking ones on a thread of its own, one after the other; the others answer from memory.

    ``folder`` holds the own words (``words.txt``, one to a line) and own dictionaries (``hunspell/``).
    """

    def __init__(
        self,
        settings: SettingsService,
        folder: Path | None,
        dictionaries: Dictionaries | None = None,
    ) -> None:
        self._settings, self._folder = settings, folder
        self._dictionaries = dictionaries or Dictionaries(folder)
        self._pool = Pool("spelling", 1)
        self._lock = threading.Lock()
        self._own: dict[str, str] | None = None
        self._chosen: dict[Hashable, tuple[str, ...]] = {}
        self._read_chosen = False
        self._ignored: dict[Hashable, set[str]] = {}

    def ask(self, work: Callable[..., _T], *args: Any) -> Future[_T]:
        """Run one of the blocking methods elsewhere."""
        return self._pool.submit(work, *args)

    def close(self) -> None:
        """Nothing is judged any more."""
        self._pool.close()

    # --- which languages -------------------------------------------------------------------------

    def is_on(self) -> bool:
        """Whether drafts are looked at in general."""
        return self._settings.get(SPELLING)

    def codes(self, draft: Hashable, language: str | None) -> tuple[str, ...] | None:
        """What a draft is judged by: what was chosen for it, else the language of its review.

        None where neither is known: ``marks`` goes by the small words of the text itself.
        """
        with self._lock:
            self._read()
            chosen = self._chosen.get(draft)
        if chosen is not None:
            return chosen
        return (language.replace("_", "-"),) if language and base(language) else None

    def choose(self, draft: Hashable, codes: Iterable[str] | None) -> None:
        """Judge this draft by these languages from now on; by none: not at all; None: by that of its review again.

        Kept for the last fifty reviews.
        """
        with self._lock:
            self._read()
            self._chosen.pop(draft, None)
            if codes is not None:
                self._chosen[draft] = tuple(dict.fromkeys(codes))
            kept = self._kept()
        self._settings.set_text(DRAFTS_KEY, kept)

    def forget(self, draft: Hashable) -> None:
        """The draft is gone."""
        with self._lock:
            self._read()
            self._ignored.pop(draft, None)
            if self._chosen.pop(draft, None) is None:
                return
            kept = self._kept()
        self._settings.set_text(DRAFTS_KEY, kept)

    def _kept(self) -> str:
        """Of the reviews only, by their numbers: nothing that names a person is written down."""
        lasting = {key: codes for key, codes in self._chosen.items() if isinstance(key, str)}
        return json.dumps({key: lasting[key] for key in list(lasting)[-_MOST_DRAFTS:]})

    def _read(self) -> None:
        if self._read_chosen:
            return
        self._read_chosen = True
        try:
            kept = json.loads(self._settings.text(DRAFTS_KEY) or "{}")
            self._chosen = {str(key): tuple(map(str, codes)) for key, codes in kept.items()}
        except (ValueError, TypeError, AttributeError):
            _log.info("the languages of drafts can't be read; they are those of the reviews again")

    # --- judging (blocking) ----------------------------------------------------------------------

    def state(self, codes: tuple[str, ...]) -> State:
        """Whether these languages can be judged by. Blocking."""
        if not self.is_on() or not codes:
            return State(codes, on=self.is_on())
        missing = tuple(code for code in codes if not self._dictionaries.has(code))
        return State(codes, missing, library=not missing or self._dictionaries.works())

    def languages(self) -> tuple[str, ...]:
        """Every language there is a dictionary for. Blocking."""
        return self._dictionaries.languages()

    def marks(
        self, text: str, codes: tuple[str, ...] | None, spare: frozenset[str], draft: Hashable
    ) -> Found:
        """What of the text is misspelled. ``spare``: names that are right as they are (``names``). Blocking."""
        if codes is None:
            told = language_of(text)
            codes = (told,) if told else ()
        state = self.state(codes)
        if not state.judges:
            return Found((), state)
        right = spare | self._own_words().keys() | self._ignored_in(draft)
        found: list[tuple[int, int]] = []
        for start, end in words(text):
            word = text[start:end]
            if spelled(word).casefold() in right or self._dictionaries.right(word, codes):
                continue
            found += [
                (start + first, start + last)
                for first, last in self._dictionaries.wrong_parts(word, codes)
                if spelled(word[first:last]).casefold() not in right
            ]
            if len(found) >= MOST_MARKS:
                break
        return Found(_in_utf16(text, found), state)

    def suggest(self, word: str, codes: tuple[str, ...]) -> tuple[str, ...]:
        """The nearest words. Blocking."""
        judges = len(word) <= LONGEST and self.state(codes).judges
        return self._dictionaries.suggestions(word, codes, _MOST_SUGGESTIONS) if judges else ()

    def remedy(self, code: str) -> Remedy:
        """How to get a dictionary for this language. Blocking."""
        return remedy(code, library=not self._dictionaries.works(), folder=self._dictionaries.own_folder())

    # --- words that are right --------------------------------------------------------------------

    def ignore(self, draft: Hashable, word: str) -> None:
        """Right in this draft, as long as the program runs."""
        with self._lock:
            self._ignored.setdefault(draft, set()).update(_forms(word))

    def _ignored_in(self, draft: Hashable) -> frozenset[str]:
        with self._lock:
            return frozenset(self._ignored.get(draft, ()))

    def own_words(self) -> tuple[str, ...]:
        """The words of this profile, as they were written. Blocking."""
        return tuple(self._own_words().values())

    def add(self, word: str) -> None:
        """Right in every draft. Blocking. Raises ``ReviewdeskError`` when it can't be kept."""
        self.set_own_words((*self.own_words(), word))

    def set_own_words(self, texts: Iterable[str]) -> None:
        """These words instead. Blocking. Raises ``ReviewdeskError`` when they can't be kept."""
        kept: dict[str, str] = {}
        for text in texts:
            word = "".join(clean(text).split())[:LONGEST]
            if word:
                kept.setdefault(spelled(word).casefold(), word)
        own = dict(list(kept.items())[:MOST_WORDS])
        with self._lock:
            self._write(own)
            self._own = own

    def _own_words(self) -> dict[str, str]:
        with self._lock:
            if self._own is None:
                self._own = self._read_own()
            return self._own

    def _file(self) -> Path | None:
        return self._folder / "words.txt" if self._folder is not None else None

    def _read_own(self) -> dict[str, str]:
        file = self._file()
        try:
            text = file.read_text("utf-8", "replace") if file is not None else ""
        except OSError:
            return {}
        lines = [line.strip() for line in clean(text).splitlines()[:MOST_WORDS]]
        return {spelled(line).casefold(): line for line in lines if 0 < len(line) <= LONGEST}

    def _write(self, own: dict[str, str]) -> None:
        file = self._file()
        if file is None:
            return
        part = file.with_name(f"{file.name}.part")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with part.open("w", encoding="utf-8") as stream:
                stream.writelines(f"{word}\n" for word in own.values())
                stream.flush()
                os.fsync(stream.fileno())
            part.replace(file)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise ReviewdeskError(
                f"Your words can't be kept: {error.strerror or type(error).__name__}."
            ) from None


def _forms(word: str) -> set[str]:
    whole = {spelled(word).casefold()}
    return whole | {spelled(word[first:last]).casefold() for first, last in parts(word)}


def _in_utf16(text: str, found: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    if not text or max(text) <= "\uffff":
        return tuple(found)
    # Characters beyond the first plane take two units each.
    shift, at, moved = 0, 0, []
    for start, end in found:
        shift += sum(letter > "\uffff" for letter in text[at:start])
        wide = sum(letter > "\uffff" for letter in text[start:end])
        moved.append((start + shift, end + shift + wide))
        shift, at = shift + wide, end
    return tuple(moved)
