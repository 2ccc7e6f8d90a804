"""The checkpoints that callbacks request."""

from localgrad.callbacks import checkpoint_request

OVER = "save_checkpoint() can only be called while fit runs"


class Requests:
    """Requested checkpoints, which are written after all callbacks have been called."""

    def __init__(self, why_none: str = "") -> None:
        self.pending: list[checkpoint_request.Request] = []
        self._why_none = why_none

    def add(self, request: checkpoint_request.Request) -> None:
        """Add a request; raise a RuntimeError if no checkpoint can be written."""
        if self._why_none:
            raise RuntimeError(self._why_none)
        self.pending.append(request)

    def close(self) -> None:
        """Reject further requests."""
        self._why_none = OVER
