"""Runs under the system's Python: prints the accessible tree of one application as JSON."""

import json
import sys
import time

import pyatspi

STATES = {
    "focused": pyatspi.STATE_FOCUSED,
    "showing": pyatspi.STATE_SHOWING,
    "visible": pyatspi.STATE_VISIBLE,
    "focusable": pyatspi.STATE_FOCUSABLE,
    "editable": pyatspi.STATE_EDITABLE,
    "enabled": pyatspi.STATE_ENABLED,
    "selected": pyatspi.STATE_SELECTED,
}
LONG = 60
WAIT_S = 30


def application(name):
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        for found in pyatspi.Registry.getDesktop(0):
            if found is not None and name in (found.name or "").lower() and found.childCount:
                return found
        time.sleep(0.2)
    sys.exit(f"no application {name!r} on the bus")


def asked(call, default):
    try:
        return call()
    except (NotImplementedError, LookupError):
        return default


def node(thing, depth=0):
    state = thing.getState()
    states = [name for name, constant in STATES.items() if state.contains(constant)]
    actions = asked(thing.queryAction, None)
    text = asked(thing.queryText, None)
    children = []
    if depth < 40:
        missed = 0
        for number in range(min(thing.childCount, 400)):
            child = thing.getChildAtIndex(number)
            if child is None:
                continue
            shows = child.getState().contains(pyatspi.STATE_SHOWING)
            if thing.childCount > LONG and not shows:
                missed += 1
                if missed > LONG:
                    break
                continue
            if shows or depth == 0:
                children.append(node(child, depth + 1))
    return {
        "role": thing.getRoleName(),
        "name": thing.name or "",
        "description": thing.description or "",
        "states": states,
        "actions": [actions.getName(i) for i in range(actions.nActions)] if actions else [],
        "text": text.getText(0, 200) if text else "",
        "total": thing.childCount,
        "children": children,
    }


print(json.dumps(node(application(sys.argv[1].lower()))))
