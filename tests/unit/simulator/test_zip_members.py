"""Zip files that unpack to too much are refused by name, before a byte is unpacked."""

import zipfile

import pytest

from evaluation.xlsx import UnreadableWorkbook, read_rows
from shared.errors import UserError
from simulator import zip_members
from simulator.data_folder import event_file_path
from simulator.retrosheet import RetrosheetWorld
from tests.unit.simulator.retrosheet.season_files import write_season


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    monkeypatch.setattr(zip_members, "MEMBER_LIMIT", 1000)
    monkeypatch.setattr(zip_members, "TOTAL_LIMIT", 1500)


def zipped(path, **members):
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, size in members.items():
            archive.writestr(name, b"0" * size)
    return path


@pytest.mark.parametrize(
    ("members", "refused"),
    [
        ({"a": 1000, "b": 500}, ""),
        ({"a": 1001}, "a has 1,001 bytes: expected at most 1,000"),
        ({"a": 1000, "b": 501}, "1,501 bytes in all: expected at most 1,500"),
    ],
)
def test_members_are_taken_up_to_their_limits(tmp_path, members, refused):
    with zipfile.ZipFile(zipped(tmp_path / "x.zip", **members)) as archive:
        if not refused:
            zip_members.check_unpacked_size(archive)
        else:
            with pytest.raises(zipfile.BadZipFile, match=refused):
                zip_members.check_unpacked_size(archive)


def test_season_that_unpacks_to_too_much_is_refused(tmp_path):
    write_season(tmp_path, year=2016)
    zipped(event_file_path(tmp_path, 2016), **{"2016BOS.EVA": 1001})
    with pytest.raises(
        UserError, match=r"2016eve.zip: expected a zip of event files, got 2016BOS.EVA has 1,001"
    ):
        list(RetrosheetWorld(tmp_path, [2016]).iter_games(2016))


def test_workbook_that_unpacks_to_too_much_is_refused(tmp_path):
    path = zipped(tmp_path / "odds.xlsx", **{"xl/worksheets/sheet1.xml": 1001})
    with pytest.raises(
        UnreadableWorkbook, match=r"odds.xlsx: expected an .xlsx workbook, got xl/work.* has 1,001"
    ):
        list(read_rows(path))
