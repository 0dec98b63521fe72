"""Object names: what passes is safe on any store."""

from hypothesis import given
from hypothesis import strategies as st

from shared.errors import InvalidObjectName
from shared.storage.object_names import check_name


@given(name=st.text(alphabet=st.sampled_from("ab./\\\n é"), max_size=12))
def test_bad_names_never_pass(name):
    try:
        parts = check_name(name).split("/")
    except InvalidObjectName:
        return
    assert all(part and not part.startswith(".") and "\\" not in part and "\n" not in part for part in parts)


def test_names_of_the_day_pass():
    name = "raw/mlb_stats_api/2026-04-01/feed 824001/ab12.json.zst"
    assert check_name(name) == name
