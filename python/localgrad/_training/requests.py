"""The checkpoints that callbacks ask for."""

from localgrad.callbacks import best

OVER = "save_checkpoint() can only be called while fit runs"


class Requests:
    """Checkpoints that wait until all callbacks have been called."""

    def __init__(self, why_none: str = "") -> None:
        self.pending: list[best.Request] = []
        self._why_none = why_none

    def add(self, request: best.Request) -> None:
        """Take a request; a RuntimeError where there can be no checkpoint."""
        if self._why_none:
            raise RuntimeError(self._why_none)
        self.pending.append(request)

    def close(self) -> None:
        """Refuse what comes later."""
        self._why_none = OVER
