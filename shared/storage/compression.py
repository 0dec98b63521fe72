"""Zstandard frames with a size limit: a damaged or hostile header may claim any size."""

import zstandard

_FAST = 1  # level: a season's bodies shrink to about a sixth, at 3 ms a game


def compress_frame(data: bytes) -> bytes:
    """Return one frame that names its size."""
    return zstandard.ZstdCompressor(_FAST).compress(data)


def decompress_frame(frame: bytes, limit: int) -> bytes:
    """Return the content of a frame; raises ValueError if it is invalid or larger than `limit` bytes."""
    try:
        size = zstandard.frame_content_size(frame)
        if not 0 <= size <= limit:  # -1: not named
            raise ValueError(f"expected a frame that names at most {limit} bytes, got {size}")
        return zstandard.ZstdDecompressor().decompress(frame, max_output_size=limit)
    except zstandard.ZstdError as error:
        raise ValueError(f"expected a Zstandard frame: {error}") from None
