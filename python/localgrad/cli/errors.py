"""How a command fails."""


class CommandError(Exception):
    """A failure that one line explains; status 2 means that the user asked for something impossible."""

    def __init__(self, message: str, status: int = 2) -> None:
        super().__init__(message)
        self.status = status


def reason(error: OSError) -> str:
    """Say what the system said, without its number and with the file's name first."""
    text = error.strerror or str(error)
    return f"{error.filename}: {text}" if error.filename is not None else text
