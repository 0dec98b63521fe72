"""What a worker does once a release is served."""

import gc


def freeze_release() -> None:
    """Take a release out of the garbage collector's sight: walking it would stop every answer for a while."""
    gc.unfreeze()  # what the release before it left is walked once more
    gc.collect()
    gc.freeze()
