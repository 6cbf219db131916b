"""What the window of ``window.py`` can be made to meet: the faults of the matrix, and the world of the model."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from reviewdesk.domain.clock import SystemClock
from reviewdesk.domain.errors import Delivery, NetworkError, ReviewdeskError, SignInError
from reviewdesk.domain.models import OutboxState, Target

if TYPE_CHECKING:
    from reviewdesk.services.core import Core
    from reviewdesk.ui.main_window import MainWindow
    from tests.support.scripted import World

__all__ = ["JumpingClock", "behind_relay", "model", "outgoing"]

Acts = dict[str, Callable[[dict[str, Any]], Any]]
_UNMOVED = (OutboxState.WAITING, OutboxState.SENDING)


class JumpingClock(SystemClock):
    """The machine's clock, which somebody sets."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def now(self) -> float:
        return super().now() + self.ahead_s


def outgoing(core: Core, window: MainWindow) -> Acts:
    """Replies that are sent without waiting for anything: the thread is the window's."""
    refused: dict[int, str] = {}

    def reply(asked: dict[str, Any]) -> None:
        review = asked["review"]

        def done(future: Any) -> None:
            if future.exception() is not None:
                refused[review] = str(future.exception())

        core.replies.publish(
            review, Target.PUBLIC, asked["text"], delay_s=asked.get("delay_s", 0.0)
        ).add_done_callback(done)

    def outcome(asked: dict[str, Any]) -> str:
        """Where the reply stands, by what the window has read already; empty: on its way."""
        review = asked["review"]
        if review in refused:
            return "refused"
        items = [i for i in window.outbox._items if i.review_id == review]
        if not items or (items[0].state in _UNMOVED and items[0].error is None):
            return ""
        return str(items[0].state.value)

    def press(asked: dict[str, Any]) -> str:
        """A person's act on the newest item of a review."""
        item = next((i for i in window.outbox._items if i.review_id == asked["review"]), None)
        if item is None:
            return ""
        act = core.replies.undo if asked["act"] == "undo" else getattr(core.outbox, asked["act"])
        act(item.id).add_done_callback(lambda future: future.exception())
        return str(item.state.value)

    return {"reply": reply, "outcome": outcome, "press": press}


def behind_relay(stack: ExitStack, core: Core, folder: Path) -> Acts:
    """Every account behind a relay with certificates good and bad, which strikes when it is told."""
    from tests.faults.relay import FAULTS, Relay

    accounts = core.accounts.list()
    bases = {v for a in accounts for v in a.settings.values() if v.startswith("http://127.0.0.1:")}
    port = urlsplit(next(iter(bases))).port
    assert port is not None
    relay = Relay(behind=port)
    stack.callback(relay.close)
    stack.enter_context(relay.hooks())
    ca_file = relay.authority.write(str(folder / "ca.pem"))
    for account in accounts:
        moved = {k: v.replace(f"http://127.0.0.1:{port}", relay.root) for k, v in account.settings.items()}
        core.accounts.set_settings(account, {**moved, "ca_file": ca_file, "timeout_seconds": "10"}, {})
    striking = ExitStack()
    stack.callback(striking.close)

    def strike(asked: dict[str, Any]) -> str:
        fault = FAULTS[asked["fault"]]
        for account in core.accounts.list():
            core.sync._outages.forget(account.id)
        striking.enter_context(relay.strikes(fault, asked["wants"], stores=asked.get("stores", False)))
        return str(fault)

    def calm(_: dict[str, Any]) -> int:
        struck = relay.struck
        striking.close()
        return struck

    return {"strike": strike, "calm": calm}


def model(core: Core, world: World, clock: JumpingClock) -> Acts:
    """The world's side of the model test."""
    from tests.support.scripted import remove

    scenes: dict[str, tuple[str, BaseException]] = {
        "answer lost": ("after_send", NetworkError("Cut.", delivery=Delivery.UNKNOWN)),
        "not stored": ("before_send", NetworkError("Cut.", delivery=Delivery.UNKNOWN)),
        "not sent": ("before_send", NetworkError("Refused.", delivery=Delivery.NOT_SENT)),
        "signed out": ("before_thread", SignInError("The password is wrong.")),
    }

    def scene(asked: dict[str, Any]) -> None:
        name, native = asked["name"], asked.get("native", "")
        if name in scenes:
            where, what = scenes[name]
            getattr(world, where).append(what)
        elif name == "colleague":
            world.comment(native, "A colleague's answer.")
        elif name == "removed" and native in world.reviews:
            remove(world, native)
        elif name == "well":
            for account in core.accounts.list():
                core.sync._outages.forget(account.id)
            for script in (world.before_send, world.after_send, world.before_thread):
                script.clear()
        elif name == "jump":
            clock.ahead_s += asked["seconds"]

    def save(asked: dict[str, Any]) -> None:
        try:
            core.replies.save_draft(asked["review"], Target.PUBLIC, asked["text"])
        except ReviewdeskError:
            return

    return {
        "scene": scene,
        "save": save,
        "public": lambda _: [t for native in world.threads for t in world.texts(native)],
    }
