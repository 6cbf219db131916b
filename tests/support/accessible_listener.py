"""Runs under the system's Python: prints every announcement that programs make on the accessibility bus."""

import sys

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402 - its version has to be asked for first


def heard(event):
    try:
        words = event.any_data
    except (AttributeError, GLib.Error):
        return
    print(words, flush=True)


Atspi.init()
listener = Atspi.EventListener.new(heard)
for kind in ("object:announcement", "object:announcement:polite", "object:announcement:assertive"):
    listener.register(kind)
print("listening", flush=True)
GLib.timeout_add_seconds(int(sys.argv[1]), Atspi.event_quit)
Atspi.event_main()
