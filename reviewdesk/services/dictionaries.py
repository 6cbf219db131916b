"""The dictionaries of this machine, through Enchant (docs/adr/0011): those of the system, and files in the profile.

Nothing here fetches anything. A missing library or dictionary is an answer and never an error.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from reviewdesk.domain.plain import dataclass
from reviewdesk.domain.spelling import parts, script_of, spelled, written_in

__all__ = ["COLLECTION", "Dictionaries", "Remedy", "base", "remedy"]

_log = logging.getLogger(__name__)

COLLECTION = "https://github.com/LibreOffice/dictionaries"
"""Where the same dictionaries lie as files, for systems without packages of them."""
_MOST_KEPT = 50_000
# Where a language is written in two ways, either is right: a reply in British English has no American mistakes.
_BOTH = {"en": ("en_US", "en_GB"), "pt": ("pt_PT", "pt_BR"), "no": ("nb_NO", "nn_NO")}
_PACKAGES = {
    "en": "hunspell-en-us",
    "de": "hunspell-de-de",
    "pt": "hunspell-pt-pt",
    "nb": "hunspell-no",
    "nn": "hunspell-no",
    "eo": "myspell-eo",
    "et": "myspell-et",
    "fa": "myspell-fa",
    "ga": "myspell-ga",
    "hy": "myspell-hy",
    "sq": "myspell-sq",
}
# Enchant has one folder of its own per process and reads where it is whenever a dictionary is opened.
_guard = threading.RLock()


def base(code: str) -> str:
    """``fr`` of ``fr-CH`` and ``fr_FR``."""
    return code.replace("_", "-").split("-")[0].strip().lower()


class Dictionaries:
    """Loaded at the first question. Blocking (a dictionary takes a tenth of a second once); any thread.

    ``folder``: dictionaries as ``folder/hunspell/fr_FR.aff`` and ``.dic`` are found beside those of the system, and
    what Enchant keeps for itself is kept there instead of in the person's own configuration.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._broker: Any = None
        self._failed = False
        self._tags: tuple[str, ...] = ()
        self._open: dict[str, Any] = {}
        self._known: dict[tuple[str, str], bool] = {}

    def own_folder(self) -> Path | None:
        """Where a person may put dictionaries."""
        return self._folder / "hunspell" if self._folder is not None else None

    def works(self) -> bool:
        """Whether there is a library at all."""
        with _guard:
            return self._load() is not None

    def languages(self) -> tuple[str, ...]:
        """The languages that there is a dictionary for, as ISO 639 codes, read anew."""
        with _guard:
            self._read_tags()
            return tuple(dict.fromkeys(base(tag) for tag in self._tags))

    def has(self, code: str) -> bool:
        """Whether a text in this language can be judged."""
        with _guard:
            if not self._tags_for(code):
                self._read_tags()
            return bool(self._tags_for(code))

    def right(self, word: str, codes: Iterable[str]) -> bool:
        """Whether one of these languages has the word, or one of its parts that apostrophes and hyphens divide.

        True where none of them can judge it: there is no dictionary, or it is written in other letters.
        """
        judges = [tag for code in codes if written_in(word, script_of(code)) for tag in self._tags_for(code)]
        return not judges or self._has_word(spelled(word), judges)

    def wrong_parts(self, word: str, codes: Iterable[str]) -> tuple[tuple[int, int], ...]:
        """(start, end) of what is wrong in a word that is not ``right``: the whole, or some of its parts."""
        judges = [tag for code in codes for tag in self._tags_for(code)]
        found = list(parts(word))
        if len(found) == 1 and found[0] == (0, len(word)):
            return ((0, len(word)),)
        return tuple((a, b) for a, b in found if not self._has_word(spelled(word[a:b]), judges))

    def suggestions(self, word: str, codes: Iterable[str], limit: int) -> tuple[str, ...]:
        """The nearest words, those of the first language first. May take half a second."""
        found: dict[str, None] = {}
        with _guard:
            for tag in dict.fromkeys(tag for code in codes for tag in self._tags_for(code)):
                opened = self._dictionary(tag)
                if opened is not None:
                    found.update(dict.fromkeys(self._ask(opened.suggest, spelled(word), [])[:limit]))
        return tuple(found)[:limit]

    # --- the library -----------------------------------------------------------------------------

    def _load(self) -> Any:
        if self._broker is None and not self._failed:
            try:
                self._settle()
                import enchant

                self._broker = enchant.Broker()
            except (ImportError, OSError, AttributeError, AssertionError) as error:
                # Not there, or not whole: whatever it is, a reply can be written without.
                _log.info(
                    "no spelling: %s", str(error).splitlines()[0] if str(error) else type(error).__name__
                )
                self._failed = True
        return self._broker

    def _settle(self) -> None:
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
            os.environ["ENCHANT_CONFIG_DIR"] = str(self._folder)

    def _read_tags(self) -> None:
        broker = self._load()
        if broker is not None:
            self._settle()
            self._tags = tuple(sorted(self._ask(broker.list_languages, None, [])))

    def _tags_for(self, code: str) -> tuple[str, ...]:
        """The dictionaries for a language: its own country's, else that of its main country, else any."""
        language, exact = base(code), code.replace("-", "_")
        there = [tag for tag in self._tags if base(tag) == language] if language else []
        if language == "no":
            there = [tag for tag in self._tags if base(tag) in ("nb", "nn", "no")]
        if not there:
            return ()
        if "_" in exact and (same := [tag for tag in there if tag.lower() == exact.lower()]):
            return (same[0],)
        if both := tuple(tag for tag in _BOTH.get(language, ()) if tag in there):
            return both
        main = f"{language}_{language.upper()}"
        return (main if main in there else language if language in there else there[0],)

    def _has_word(self, word: str, tags: Iterable[str]) -> bool:
        for tag in tags:
            known = self._known.get((tag, word))
            if known is None:
                with _guard:
                    opened = self._dictionary(tag)
                    known = opened is None or bool(self._ask(opened.check, word, True))
                    if len(self._known) >= _MOST_KEPT:
                        self._known.clear()
                    self._known[tag, word] = known
            if known:
                return True
        return False

    def _dictionary(self, tag: str) -> Any:
        broker = self._load()
        if broker is not None and tag not in self._open:
            self._settle()
            self._open[tag] = self._ask(broker.request_dict, tag, None)
        return self._open.get(tag)

    def _ask(self, question: Any, argument: str | None, otherwise: Any) -> Any:
        from enchant.errors import Error

        try:
            return question() if argument is None else question(argument)
        except (Error, ValueError, OSError) as error:
            _log.info("a dictionary does not answer: %s", type(error).__name__)
            return otherwise


@dataclass(frozen=True, slots=True)
class Remedy:
    """How to get what is missing. ``command`` for a shell where the system has packages, else empty."""

    command: str
    folder: str
    """Where files from ``COLLECTION`` would be found; empty where there is no such folder."""


def remedy(code: str, *, library: bool, folder: Path | None) -> Remedy:
    """What gives this machine a dictionary for ``code``, or with ``library`` the library as well."""
    language = base(code) or "en"
    command = ""
    if sys.platform.startswith("linux"):
        if shutil.which("apt"):
            wanted = [
                _PACKAGES.get(language, f"hunspell-{language}"),
                *(["libenchant-2-2"] if library else []),
            ]
            command = f"sudo apt install {' '.join(reversed(wanted))}"
        elif shutil.which("dnf"):
            wanted = [f"hunspell-{language}", *(["enchant2"] if library else [])]
            command = f"sudo dnf install {' '.join(reversed(wanted))}"
    elif sys.platform == "darwin" and library:
        command = "brew install enchant"
    return Remedy(command, str(folder) if folder is not None else "")
