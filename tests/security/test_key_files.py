"""A file of API keys loses none, whoever writes at once, and is written through nobody's link."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from hankstank.ops import api_keys
from shared.errors import UserError

ADD = "import sys, pathlib; from hankstank.ops import api_keys; api_keys.add_key(pathlib.Path(sys.argv[1]), sys.argv[2], 1, 1)"


def names(file: Path) -> set[str]:
    return {key.name for key in api_keys.read_keys(file)}


def test_forty_keys_at_once_are_forty(tmp_path: Path) -> None:
    file, wanted = tmp_path / "keys.json", {f"reader-{number}" for number in range(40)}
    start = threading.Barrier(len(wanted))

    def add(name: str) -> None:
        start.wait()
        api_keys.add_key(file, name, 1, 1)

    threads = [threading.Thread(target=add, args=(name,)) for name in wanted]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert names(file) == wanted


def test_keys_of_several_processes_all_stand(tmp_path: Path) -> None:
    file, wanted = tmp_path / "keys.json", {f"reader-{number}" for number in range(4)}
    processes = [subprocess.Popen([sys.executable, "-c", ADD, str(file), name]) for name in wanted]
    assert [process.wait() for process in processes] == [0] * 4
    assert names(file) == wanted


def test_key_that_is_revoked_beside_a_new_one_stays_revoked(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    for number in range(8):
        api_keys.add_key(file, f"old-{number}", 1, 1)
    threads = [
        threading.Thread(target=api_keys.revoke_key, args=(file, f"old-{number}")) for number in range(8)
    ]
    threads += [
        threading.Thread(target=api_keys.add_key, args=(file, f"new-{number}", 1, 1)) for number in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    valid = {key.name for key in api_keys.read_keys(file) if not key.is_revoked}
    assert valid == {f"new-{number}" for number in range(8)}


def test_own_link_stays_and_its_target_is_written(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    link, target = tmp_path / "keys.json", tmp_path / "secrets" / "keys.json"
    link.symlink_to(target)
    for name in ("newsletter", "site"):
        api_keys.add_key(link, name, 1, 1)
    assert link.is_symlink()
    assert names(target) == {"newsletter", "site"}


def test_link_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    victim = tmp_path / "victim"
    victim.write_text("[]")
    (tmp_path / "keys.json").symlink_to(victim)
    monkeypatch.setattr("os.geteuid", lambda: (tmp_path / "keys.json").lstat().st_uid + 1)
    with pytest.raises(UserError, match="another user's link"):
        api_keys.add_key(tmp_path / "keys.json", "newsletter", 1, 1)
    assert victim.read_text() == "[]"


@pytest.mark.parametrize("name", ["", " ", "\t"])
def test_key_without_a_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError, match="expected a name"):
        api_keys.add_key(tmp_path / "keys.json", name, 1, 1)
    assert not (tmp_path / "keys.json").exists()


def test_planted_lock_is_refused(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    (tmp_path / "keys.json.lock").symlink_to(victim)
    with pytest.raises(UserError, match=r"keys\.json\.lock: expected a plain file or none"):
        api_keys.add_key(tmp_path / "keys.json", "newsletter", 1, 1)
    assert not victim.exists()


def test_key_file_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    file.write_text("[]")
    file.chmod(0o644)
    api_keys.add_key(file, "newsletter", 1, 1)
    assert file.stat().st_mode & 0o777 == 0o600


def test_key_file_that_is_a_device_is_named() -> None:
    with pytest.raises(UserError, match="expected a file of keys"):
        api_keys.add_key(Path("/dev/null"), "newsletter", 1, 1)
