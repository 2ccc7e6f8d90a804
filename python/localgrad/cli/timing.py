"""A watch that can be paused."""

import time


class Stopwatch:
    """Adds up time, not counting what happens while it is paused."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._since = time.perf_counter()

    def pause(self) -> None:
        """Stop counting."""
        self.seconds += time.perf_counter() - self._since

    def resume(self) -> None:
        """Count on."""
        self._since = time.perf_counter()
