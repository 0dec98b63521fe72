"""Reading commands find the stores that the settings name: a folder's, or a Google Cloud project's."""

from pathlib import Path

import pytest

from hankstank.local import stores
from shared.errors import UserError
from tests.fakes import InMemoryObjectStore


def test_a_folder_without_stores_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no stores here"):
        stores.list_models(tmp_path / "nowhere")


def test_a_project_needs_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANKSTANK_PROJECT", "nowhere")
    monkeypatch.setattr(stores, "create_object_store", lambda _settings: InMemoryObjectStore())
    assert stores.list_models(tmp_path / "nowhere") == []
