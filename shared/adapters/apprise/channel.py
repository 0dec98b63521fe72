"""Delivers messages to e-mail, Slack, Discord, Telegram, webhooks and desktops through Apprise."""

import logging

import apprise

from shared.errors import InvalidSetting
from shared.notifications.outbox import ANSWER_WITHIN_S, Message
from shared.notifications.targets import Target

SENDER = "Hank's Tank"
_NEEDS = {
    "dbus": "the Python packages dbus-python and PyGObject",
    "glib": "the Python package PyGObject",
    "gnome": "the Python package PyGObject and the library libnotify",
    "macosx": "macOS with terminal-notifier",
    "windows": "Windows with the Python package pywin32",
}
_TYPES = {
    "info": apprise.NotifyType.INFO,
    "warning": apprise.NotifyType.WARNING,
    "critical": apprise.NotifyType.FAILURE,
}


class _Redaction(logging.Filter):
    """Masks the URLs of all targets in what Apprise logs, before any handler gets it."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: set[Target] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask the record, drop its traceback, and let it pass."""
        text = record.getMessage()
        for target in tuple(self.targets):
            text = target.redact(text)
        record.msg, record.args, record.exc_info = text, (), None
        return True


_redaction = _Redaction()


def _silence_libraries() -> None:
    """Keep tokens out of the log: Apprise's warnings are read from its results, DEBUG shows addresses."""
    log = logging.getLogger("apprise")
    log.setLevel(logging.WARNING)
    log.propagate = False
    log.addHandler(logging.NullHandler())
    log.addFilter(_redaction)
    logging.getLogger("urllib3").setLevel(logging.INFO)


_silence_libraries()


class AppriseChannel:
    """The Channel of one target. One try: a second could show a message twice that a slow target took."""

    def __init__(self, target: Target) -> None:
        """Raises InvalidSetting if Apprise cannot use the target, without its text, which has tokens."""
        _redaction.targets.add(target)
        asset = apprise.AppriseAsset(
            app_id=SENDER,
            app_desc="baseball forecasts",
            async_mode=False,
            image_url_mask="",
            image_url_logo="",
            service_timeout=0,  # TargetSender limits the time, in threads that end with the process
            storage_mode=apprise.PersistentStoreMode.MEMORY,
        )
        service = apprise.Apprise.instantiate(target.url, asset=asset)
        if service is None:
            needs = f", and on this machine {_NEEDS[target.scheme]}" if target.scheme in _NEEDS else ""
            raise InvalidSetting(
                f"HANKSTANK_NOTIFY: target {target.number} ({target.masked}) cannot be used: "
                f"expected the form {target.form}{needs}"
            )
        service.overflow_mode = apprise.OverflowMode.TRUNCATE  # a longer text would be refused
        if service.socket_read_timeout == type(service).socket_read_timeout:
            # Above TargetSender's limit, which knows that the message may have arrived; Apprise's 4 s do not.
            service.socket_read_timeout = 2 * ANSWER_WITHIN_S
        self.target = target
        self._apprise = apprise.Apprise(service, asset=asset)

    def deliver(self, message: Message) -> str | None:
        """Deliver a message; return why it was not accepted, without secrets, or None."""
        has_html = message.html is not None and self.target.kind == "e-mail"
        result = self._apprise.notify(
            body=message.html if has_html and message.html else message.text,
            title=f"{SENDER}: {message.title}",
            notify_type=_TYPES[message.severity],
            body_format=apprise.NotifyFormat.HTML if has_html else apprise.NotifyFormat.TEXT,
        )
        if result:
            return None
        reasons = dict.fromkeys(entry.message for entry in result.logs())
        return "; ".join(reasons) or "refused"
