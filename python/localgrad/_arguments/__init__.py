"""Argument checks of the public interface, and the names that other libraries use for arguments."""
