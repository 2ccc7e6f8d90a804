"""`localgrad predict`: predict each row of a file with a trained model."""

import argparse

from localgrad.cli.arguments import add_model, add_table, add_threads
from localgrad.cli.extra import require

SUMMARY = "Predict each row of a table (CSV, TSV or Parquet) with a model of localgrad train."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_model(parser)
    add_table(parser)
    parser.add_argument(
        "-o",
        "--out",
        metavar="FILE",
        help="file to write the predictions to: CSV, TSV or Parquet, by its extension (default: CSV on the "
        "standard output)",
    )
    parser.add_argument("--proba", action="store_true", help="also write the probability of each class")
    parser.add_argument(
        "--interval",
        action="store_true",
        help="also write the limits of an interval for each number, if the model was trained with --coverage",
    )
    parser.add_argument(
        "--keep",
        action="append",
        default=[],
        metavar="NAME",
        help="column to copy to the predictions, such as an identifier; can be repeated",
    )
    add_threads(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write the predictions; return the exit status."""
    require("predict")
    from localgrad.cli.tables.prediction import predict

    return predict(arguments)
