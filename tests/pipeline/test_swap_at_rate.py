"""Two workers of the API, asked a thousand times a second while releases are swapped, refused and rolled back."""

import sys
from collections.abc import Iterator

import pytest

from tests.bench import load, serving
from tests.bench.swaps import Swapped, swapped

SECONDS = 3

pytestmark = pytest.mark.skipif(not load.is_here(), reason="wrk, the load generator, is not installed")


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Swapped]:
    home = tmp_path_factory.mktemp("swaps")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("HANKSTANK_HOME", str(home))
        body = serving.stores(home / "none", home)
        with serving.started([sys.executable, *serving.SERVERS["ours"][0]], home) as (url, _):
            yield swapped(url, home, body, SECONDS)


def test_every_question_is_answered(seen: Swapped) -> None:
    assert seen.errors == 0
    assert sum(seen.answers.values()) > 0


def test_every_answer_is_what_its_release_says(seen: Swapped) -> None:
    assert [*seen.wrong][:3] == []
    assert {seen.served[0], seen.served[-1]} <= {*seen.answers} <= {*seen.served}


def test_a_tampered_model_is_refused_and_rings(seen: Swapped) -> None:
    assert {alert["title"] for alert in seen.alerts} == {"release refused"}
    assert all("expected SHA-256" in alert["detail"]["why"] for alert in seen.alerts)
