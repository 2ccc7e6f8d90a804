"""`localgrad info`: describe the build and the machine, or a saved model."""

import argparse
import json
from collections.abc import Mapping
from typing import Any

from localgrad.cli.machine import describe
from localgrad.cli.model_facts import model_facts

SUMMARY = "Show the version, instruction set, number of threads, and machine, or what a saved model is."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "model", nargs="?", metavar="MODEL", help="file written by localgrad train or a method save"
    )
    parser.add_argument("--json", action="store_true", help="print as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print the description; return the exit status."""
    facts = describe() if arguments.model is None else model_facts(arguments.model)
    print(json.dumps(facts, indent=2, ensure_ascii=False) if arguments.json else _text(facts))
    return 0


def _text(facts: Mapping[str, Any]) -> str:
    width = max(map(len, facts))
    return "\n".join(f"{name:<{width}}  {_value(value, width + 2)}" for name, value in facts.items())


def _value(value: Any, indent: int) -> str:
    """Return a value on one line, or one line for each object of a list."""
    if isinstance(value, list) and value and isinstance(value[0], Mapping):
        rows = [[str(one) for one in row.values()] for row in value]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
        return f"\n{' ' * indent}".join(lines)
    if isinstance(value, Mapping):
        return ", ".join(f"{name}={one!r}" for name, one in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
