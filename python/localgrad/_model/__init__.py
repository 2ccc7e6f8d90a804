"""A network without its history: the core's network, parameter views, the guard of changes, pickles."""
