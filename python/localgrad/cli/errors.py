"""Errors of commands."""


class CommandError(Exception):
    """Error that is reported as one line; `status` is the exit status, 2 for invalid arguments."""

    def __init__(self, message: str, status: int = 2) -> None:
        super().__init__(message)
        self.status = status


def reason(error: OSError) -> str:
    """Return the message of the operating system, preceded by the file name and without the error number."""
    text = error.strerror or str(error)
    return f"{error.filename}: {text}" if error.filename is not None else text
