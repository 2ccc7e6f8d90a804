"""What a network is: the core's, its facts, views of its parameters, who may change it, its pickles."""
