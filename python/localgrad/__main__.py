"""The command line program `localgrad`, also available as `python -m localgrad`."""

import argparse
import os
import sys
from collections.abc import Sequence

from localgrad import __version__
from localgrad.cli import bench, demo, evaluate, info, predict, train
from localgrad.cli.errors import CommandError, reason

_INTERRUPTED = 130  # 128 + SIGINT, the exit status by convention


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line program.

    Parameters
    ----------
    argv : sequence of str, optional
        Command line arguments without the program name. By default those of the process.

    Returns
    -------
    int
        Exit status: 0 on success, 1 if the command failed, 2 if the arguments are invalid, 130 after Ctrl-C.

    Examples
    --------
    >>> from localgrad.__main__ import main
    >>> main(["demo", "--data", "no-such-folder"])
    2
    """
    parser = argparse.ArgumentParser(
        prog="localgrad", description="Feedforward neural networks trained by backpropagation."
    )
    parser.add_argument("--version", action="version", version=f"localgrad {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="command", required=True)
    for module in (train, predict, evaluate, info, demo, bench):
        name = module.__name__.rpartition(".")[2]
        command = commands.add_parser(name, help=module.SUMMARY, description=module.SUMMARY)
        module.add_arguments(command)
        command.set_defaults(name=name, run=module.run)

    arguments = parser.parse_args(argv)
    try:
        status: int = arguments.run(arguments)
        sys.stdout.flush()
    except CommandError as error:
        return _fail(arguments.name, str(error), error.status)
    except KeyboardInterrupt:
        return _fail(arguments.name, "interrupted", _INTERRUPTED)
    except MemoryError as error:
        return _fail(arguments.name, str(error) or "out of memory", 1)
    except OSError as error:
        # The output cannot be written: the disk is full, or the reader has closed the pipe (`| head`), which
        # needs no message. Redirect stdout, because Python would fail again when it flushes it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1 if isinstance(error, BrokenPipeError) else _fail(arguments.name, reason(error), 1)
    return status


def _fail(command: str, message: str, status: int) -> int:
    print(f"localgrad {command}: error: {message}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
