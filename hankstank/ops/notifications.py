"""Lists the targets of notifications, masked, and sends each a test message."""

import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import Any

from shared.errors import UserError
from shared.notifications.outbox import Message, TargetSender
from shared.runtime.ports_factory import create_target_senders, load_settings, utc_now


def list_targets() -> list[dict[str, Any]]:
    """Return each target of HANKSTANK_NOTIFY: its number, kind and masked URL."""
    return [_describe(sender) for sender in create_target_senders(load_settings())]


def send_test() -> list[dict[str, Any]]:
    """Send a test message to every target at once; return for each whether it was sent, or why not.

    It is neither claimed nor counted, so it can be repeated. Raises UserError without targets.
    """
    senders = create_target_senders(load_settings())
    if not senders:
        raise UserError("expected targets in HANKSTANK_NOTIFY, got none: see docs/console.md")
    at = f"{utc_now():%Y-%m-%d %H:%M:%S} UTC"
    message = Message("test of notifications", f"Sent from {socket.gethostname()} at {at}.")
    return _send_to_all(senders, message)


def _send_to_all(senders: Sequence[TargetSender], message: Message) -> list[dict[str, Any]]:
    def send(sender: TargetSender) -> dict[str, Any]:
        started = monotonic()
        failure = sender.send(message)
        seconds = round(monotonic() - started, 1)
        reason = failure.reason if failure else None
        return {**_describe(sender), "sent": failure is None, "reason": reason, "seconds": seconds}

    with ThreadPoolExecutor(len(senders)) as pool:
        return list(pool.map(send, senders))


def _describe(sender: TargetSender) -> dict[str, Any]:
    target = sender.target
    return {"number": target.number, "kind": target.kind, "target": target.masked}
