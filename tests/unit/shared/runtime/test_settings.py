"""A setting that cannot mean what was written is refused, by the name under which it was set."""

import pytest

from shared.errors import InvalidSetting
from shared.runtime.ports_factory import load_settings
from shared.runtime.settings import RENAMED, Settings


@pytest.mark.parametrize(("old", "new"), RENAMED.items())
@pytest.mark.parametrize("value", ["", "key"])
def test_setting_under_earlier_name_is_refused(
    old: str, new: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(old, value)
    with pytest.raises(InvalidSetting, match=f"^{old}: .* set {new} instead$"):
        load_settings()


def test_name_of_setting_may_be_in_small_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("hankstank_cors_origins", "https://fans.example")
    assert Settings().cors_origins == "https://fans.example"
    monkeypatch.setenv("hankstank_api_callers", "platform")
    with pytest.raises(InvalidSetting, match="set HANKSTANK_API_AUTH instead"):
        Settings()


def test_every_new_name_is_a_setting() -> None:
    names = {f"HANKSTANK_{name.upper()}" for name in Settings.model_fields}
    assert set(RENAMED.values()) <= names
    assert not set(RENAMED) & names


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("HANKSTANK_API_AUTH", "key", "'api_key' or 'iam', got 'key'"),
        ("HANKSTANK_API_AUTH", "platform", "'api_key' or 'iam', got 'platform'"),
        ("HANKSTANK_TRUSTED_PROXY_HOPS", "6", "less than or equal to 5, got '6'"),
        ("HANKSTANK_LOOKBACK_DAYS", "a week", "valid integer, .* got 'a week'"),
    ],
)
def test_value_out_of_bounds_is_refused(
    name: str, value: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(InvalidSetting, match=f"^{name}: .*{expected}$"):
        Settings()
