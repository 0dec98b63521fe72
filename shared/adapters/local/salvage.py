"""Copies the readable rows of a damaged queue to a new one."""

import sqlite3
from contextlib import closing
from pathlib import Path

_TABLES = ("announced", "deliveries", "dead_letters")


def salvage_queue(damaged: Path, fresh: Path) -> str:
    """Copy the rows that can be read, table by table, and return what could not be; "" where all could."""
    lost = []
    with closing(sqlite3.connect(damaged)) as old, closing(sqlite3.connect(fresh)) as new:
        for table in _TABLES:
            try:
                _copy_rows(old, new, table)
            except sqlite3.Error as error:
                lost.append(f"{table} ({error})")
            new.commit()
    return f"not all could be read of {', '.join(lost)}" if lost else ""


def _copy_rows(old: sqlite3.Connection, new: sqlite3.Connection, table: str) -> None:
    rows = old.execute(f"select * from {table} order by id")  # noqa: S608 - one of _TABLES
    places = ", ".join("?" for _ in rows.description)
    for row in rows:
        new.execute(f"insert into {table} values ({places})", row)  # noqa: S608
