"""The optional packages of the commands for tables."""

from importlib.util import find_spec

from localgrad.cli.errors import CommandError

_PACKAGES = {"sklearn": "scikit-learn", "scipy": "scipy", "pyarrow": "pyarrow"}


def require(command: str) -> None:
    """Raise CommandError if a package of the extra `table` is missing."""
    missing = [name for module, name in _PACKAGES.items() if find_spec(module) is None]
    if missing:
        raise CommandError(
            f'{command} requires {" and ".join(missing)}; install with: pip install "localgrad[table]"',
            status=1,
        )
