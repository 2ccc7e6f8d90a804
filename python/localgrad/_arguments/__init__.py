"""Checks of the arguments of everything public, and the names that other libraries use for them."""
