"""A network without its history: the core's network, views of its parameters, access to it, its pickles."""
