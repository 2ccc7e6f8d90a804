"""`localgrad info`: describe the build and the machine."""

import argparse
import json

from localgrad.cli.machine import describe

SUMMARY = "Show the version, instruction set, number of threads, and machine."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("--json", action="store_true", help="print as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print the description; return the exit status."""
    facts = describe()
    if arguments.json:
        print(json.dumps(facts, indent=2))
        return 0
    width = max(map(len, facts))
    for name, value in facts.items():
        print(f"{name:<{width}}  {', '.join(value) if isinstance(value, list) else value}")
    return 0
