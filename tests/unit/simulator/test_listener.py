"""What the simulator's server prints of connections that fail."""

import pytest

from simulator.listener import create_listener


@pytest.mark.parametrize(
    ("error", "is_printed"),
    [(ConnectionResetError(), False), (BrokenPipeError(), False), (ValueError(), True)],
)
def test_client_that_went_away_prints_no_traceback(
    error: Exception, is_printed: bool, capsys: pytest.CaptureFixture[str]
):
    with create_listener(lambda _environ, _start: [b""]) as listener:
        try:
            raise error
        except type(error):
            listener.handle_error(None, ("127.0.0.1", 1))
    assert ("Traceback" in capsys.readouterr().err) == is_printed
