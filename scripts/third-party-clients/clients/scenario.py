"""Shared by all scenarios in Python. A scenario prints one JSON line per step, and exits with code 1 if a step failed.

The addresses and credentials of the simulators are in the environment variable SIMS.
"""

import json
import os
import time
import urllib.request

sims = json.loads(os.environ["SIMS"])
# The window of Disconnection Protect that the scenarios set. It is shorter than every client's ping interval.
WINDOW_SECONDS = 3
STEP_TIMEOUT_SECONDS = 25


def step(name, action):
    """Runs a step. When it fails, the scenario ends: later steps depend on it. `action` may return a text for the table."""
    _row(name, "ok", action)


def peer_fault(name, reason, proof):
    """Proves a bug in the client itself. `proof` raises when the client does not have this bug."""
    _row(name, "peer-fault", lambda: (proof(), reason)[1])


def not_offered(name, reason):
    """Says that the venue has no such thing."""
    _row(name, "not-offered", lambda: reason)


def _row(name, outcome, action):
    try:
        detail = action()
        _print(name, outcome, detail if isinstance(detail, str) else "")
    except Exception as error:
        _print(name, "failed", f"{type(error).__name__}: {error}"[:400])
        # Threads of the client must not keep the process alive.
        os._exit(1)


def _print(name, outcome, detail):
    print(json.dumps({"step": name, "outcome": outcome, "detail": detail}), flush=True)


def until(look):
    """Asks again until there is a result, at most for the time of a step."""
    deadline = time.monotonic() + STEP_TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.1)
    raise TimeoutError(f"no result within {STEP_TIMEOUT_SECONDS} s")


def equal(actual, expected):
    if actual != expected:
        raise AssertionError(f"expected {expected!r}, got {actual!r}")


def fault(venue, name):
    """Triggers a fault of a simulated venue."""
    request = urllib.request.Request(f"{sims['control']}/{venue}/{name}", method="POST")
    with urllib.request.urlopen(request, timeout=10) as reply:
        return json.load(reply)["result"]


def order_at_venue(venue, order_id):
    """The order as the venue has it."""
    with urllib.request.urlopen(f"{sims['control']}/{venue}/orders", timeout=10) as reply:
        return next(order for order in json.load(reply) if order["id"] == order_id)


def end():
    """Ends the scenario, whatever threads the client has left."""
    os._exit(0)
