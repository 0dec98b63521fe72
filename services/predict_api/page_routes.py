"""Pages for people."""

from collections.abc import Callable
from datetime import datetime

from flask import Flask

from services.predict_api.memory import Memory
from services.predict_api.questions import Questions
from services.predict_api.shelf import Shelf

FOR_PEOPLE: tuple[str, ...] = ()


def add(
    app: Flask, shelf: Shelf, questions: Questions, memory: Memory, clock: Callable[[], datetime]
) -> None:
    """Add the pages."""
