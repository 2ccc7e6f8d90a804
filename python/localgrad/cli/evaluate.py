"""`localgrad evaluate`: compare the predictions of a trained model with the targets in a file."""

import argparse

from localgrad.cli.arguments import add_model, add_table, add_threads
from localgrad.cli.extra import require

SUMMARY = "Measure a model of localgrad train on a table (CSV, TSV or Parquet) with the targets."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_model(parser)
    add_table(parser)
    parser.add_argument(
        "--target", metavar="NAME", help="column with the targets (default: the name stored in the model)"
    )
    add_threads(parser)
    parser.add_argument(
        "--json", metavar="FILE", help="write the results as JSON, to the standard output with -"
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the scores; return the exit status."""
    require("evaluate")
    from localgrad.cli.tables.evaluation import evaluate

    return evaluate(arguments)
