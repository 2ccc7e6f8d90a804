"""A network without its history: the core's network, parameter views, the write guard, pickles."""
