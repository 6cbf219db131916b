"""Preferences of a profile: typed keys with defaults, kept in the database."""

from __future__ import annotations

import json
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Generic, TypeVar

from reviewdesk.domain.errors import InvalidInput
from reviewdesk.domain.plain import dataclass
from reviewdesk.store import settings as stored

if TYPE_CHECKING:
    from reviewdesk.store.database import Store

__all__ = [
    "ACCENT",
    "AFTER_ACTION",
    "ANSWER_WITHIN_H",
    "APPROVE_OWN",
    "ASK_APPROVAL",
    "BODY_SCALE",
    "CHECK_CONDUCT",
    "CHECK_LANGUAGE",
    "CHECK_NAME",
    "CHECK_PRIVATE",
    "CHECK_SAMENESS",
    "CHECK_SHOUTING",
    "DENSITY",
    "ENTER_KEY",
    "LAYOUT",
    "LIST_WIDTH",
    "LOAD_PICTURES",
    "MY_NAME",
    "READ_AFTER_S",
    "READ_POLICY",
    "REDUCE_MOTION",
    "SCALE",
    "SEND_AND_DONE",
    "SIDEBAR",
    "SINGLE_KEYS",
    "SORT",
    "SPELLING",
    "SYNC_MINUTES",
    "THEME",
    "TITLE_COUNT",
    "TRANSLATE_URL",
    "UNDO_DELAY_S",
    "WINDOW",
    "WORK_DAYS",
    "WORK_FROM",
    "WORK_UNTIL",
    "Preference",
    "SettingsService",
]

_T = TypeVar("_T", str, int, float, bool)


@dataclass(frozen=True, slots=True)
class Preference(Generic[_T]):
    """One preference. ``choices`` or ``low`` and ``high`` bound its values; both ends belong to the range."""

    key: str
    default: _T
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None

    def accepts(self, value: object) -> bool:
        """Whether ``value`` may be stored under this key."""
        kind = type(self.default)
        if kind is float:
            if isinstance(value, bool) or not isinstance(value, int | float):
                return False
        elif type(value) is not kind:
            return False
        if self.choices and value not in self.choices:
            return False
        if isinstance(value, int | float) and not isinstance(value, bool):
            return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)
        return True


UNDO_DELAY_S = Preference("send.undo_delay_s", 10, low=0, high=60)
SEND_AND_DONE = Preference("send.then_done", False)
ASK_APPROVAL = Preference("send.ask_approval", False)
"""Whether every text to a customer waits in the outbox until somebody has approved it."""
APPROVE_OWN = Preference("send.approve_own", False)
"""Whether the one who wrote a text may approve it too."""
TRANSLATE_URL = Preference("translate.url", "")
"""Where a review's text goes when a person presses Translate; empty: nowhere."""
MY_NAME = Preference("desk.my_name", "")
"""Who works here, for what is approved; empty: the name of the system's user."""
ENTER_KEY = Preference("writing.enter", "line", choices=("line", "publish"))
"""What Enter does in the composer; with ``publish`` Shift+Enter begins a new line."""
SPELLING = Preference("writing.spelling", True)
"""Whether misspelled words are marked while writing."""
CHECK_PRIVATE = Preference("check.private", True)
CHECK_CONDUCT = Preference("check.conduct", True)
CHECK_NAME = Preference("check.name", True)
CHECK_LANGUAGE = Preference("check.language", True)
CHECK_SHOUTING = Preference("check.shouting", True)
CHECK_SAMENESS = Preference("check.sameness", True)
"""Which rules of the check before publishing hold (``services.checks`` knows them by rule)."""
SYNC_MINUTES = Preference("sync.minutes", 5, low=1, high=24 * 60)
DENSITY = Preference("look.density", "comfortable", choices=("comfortable", "normal", "compact"))
LAYOUT = Preference("look.layout", "three-panes", choices=("three-panes", "list-above", "list-only"))
THEME = Preference("look.theme", "system", choices=("system", "light", "dark", "contrast"))
ACCENT = Preference("look.accent", "system", choices=("system", "blue", "teal", "green", "graphite"))
"""``system``: that of the system where it has one, else blue."""
SCALE = Preference("look.scale", 1.0, low=0.8, high=2.0)
BODY_SCALE = Preference("reading.scale", 1.0, low=0.8, high=2.0)
"""Size of review text beside the size of the interface."""
REDUCE_MOTION = Preference("look.reduce_motion", False)
SINGLE_KEYS = Preference("keys.single", True)
SIDEBAR = Preference("look.sidebar", True)
LIST_WIDTH = Preference("look.list_width", 0, low=0, high=10_000)
WINDOW = Preference("look.window", "")
"""Geometry of the window, as its owner encodes it."""
SORT = Preference(
    "list.sort", "newest", choices=("newest", "oldest", "score-low", "score-high", "unanswered")
)
READ_POLICY = Preference("list.read_policy", "delay", choices=("open", "delay", "hand"))
READ_AFTER_S = Preference("list.read_after_s", 2, low=0, high=60)
TITLE_COUNT = Preference("notify.title_count", "needs-reply", choices=("none", "needs-reply", "inbox"))
"""Which number stands in the window's title."""
ANSWER_WITHIN_H = Preference("target.answer_within_h", 24, low=0, high=240)
"""Hours of working time within which a review wants its answer; 0: there is no target."""
WORK_DAYS = Preference("target.days", "12345", choices=("12345", "123456", "1234567"))
WORK_FROM = Preference("target.from", 9, low=0, high=23)
WORK_UNTIL = Preference("target.until", 18, low=1, high=24)
AFTER_ACTION = Preference("list.after_action", "next", choices=("next", "previous", "list", "stay"))
LOAD_PICTURES = Preference("reading.pictures", "thumbnails", choices=("never", "thumbnails", "always"))


class SettingsService:
    """Reads are answered from memory after the first; writes are durable when their future resolves. Any thread."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._known: dict[str, str | None] = {}

    def get(self, preference: Preference[_T]) -> _T:
        """The stored value, or the default where there is none or one that no longer fits."""
        text = self.text(preference.key)
        if text is None:
            return preference.default
        try:
            value = json.loads(text)
        except ValueError:
            return preference.default
        if not preference.accepts(value):
            return preference.default
        return type(preference.default)(value)

    def set(self, preference: Preference[_T], value: _T) -> Future[None]:
        """Store ``value``. Raises ``InvalidInput`` for one that the preference does not take."""
        if not preference.accepts(value):
            raise InvalidInput(f"{value!r} is not a value of {preference.key}.")
        return self.set_text(preference.key, json.dumps(value))

    def text(self, key: str) -> str | None:
        """The raw text under ``key``; for what has no Preference (window state, per-account notes)."""
        with self._lock:
            if key in self._known:
                return self._known[key]
        with self._store.read() as reader:
            value = stored.get(reader, key)
        with self._lock:
            return self._known.setdefault(key, value)

    def set_text(self, key: str, value: str) -> Future[None]:
        """Store a raw text. Never a secret."""
        with self._lock:
            self._known[key] = value
        return self._store.write(lambda tx: stored.put(tx, key, value))
