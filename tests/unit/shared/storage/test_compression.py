"""Zstandard frames: what was put in, or a refusal; never more than the limit."""

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from shared.storage.compression import compress_frame, decompress_frame


@given(st.binary(max_size=1000))
def test_what_was_put_in_comes_out(data):
    assert decompress_frame(compress_frame(data), 1000) == data


def test_frame_that_holds_more_is_refused():
    with pytest.raises(ValueError, match="names at most 999 bytes, got 1000"):
        decompress_frame(compress_frame(b"0" * 1000), 999)


def test_frame_that_does_not_name_its_size_is_refused():
    stream = zstandard.ZstdCompressor().compressobj()
    with pytest.raises(ValueError, match="got -1"):
        decompress_frame(stream.compress(b"0" * 1000) + stream.flush(), 2000)


@pytest.mark.parametrize("frame", [b"", b"no frame", compress_frame(b"0123456789" * 99)[:-5]])
def test_what_is_no_whole_frame_is_refused(frame):
    with pytest.raises(ValueError, match="Zstandard frame"):
        decompress_frame(frame, 2000)
