"""`localgrad train`: train a model on the table in a file."""

import argparse

from localgrad.cli.arguments import add_table, add_threads, at_least, column_kind, fraction_or_file, positive
from localgrad.cli.extra import require

SUMMARY = "Train a model that predicts a column of a table (CSV, TSV or Parquet) from the others."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_table(parser)
    parser.add_argument("--target", required=True, metavar="NAME", help="column to predict")
    parser.add_argument(
        "--out", required=True, metavar="FILE", help="file to write the model to, ending in .safetensors"
    )
    parser.add_argument(
        "--task",
        choices=("classification", "regression"),
        help="whether to predict classes or numbers (default: classes if the target is text, booleans, or "
        "integers with at most 10 different values that occur 5 times on average)",
    )
    parser.add_argument(
        "--column",
        action="append",
        default=[],
        type=column_kind,
        metavar="NAME=KIND",
        help="kind of a column: numeric, categorical, boolean, date or identifier (default: found from its "
        "values); can be repeated",
    )
    parser.add_argument(
        "--ignore", action="append", default=[], metavar="NAME", help="column to ignore; can be repeated"
    )
    parser.add_argument(
        "--test",
        type=fraction_or_file,
        default=0.2,
        metavar="FRACTION|FILE",
        help="rows to measure the model on, which training does not see: a share of all rows, drawn at "
        "random with the distribution of the target, 0 for none, or a file (default: 0.2)",
    )
    parser.add_argument(
        "--validation",
        type=fraction_or_file,
        default=0.15,
        metavar="FRACTION|FILE",
        help="rows that choose the best epoch: a share of the remaining rows, 0 for none, or a file "
        "(default: 0.15)",
    )
    order = parser.add_mutually_exclusive_group()
    order.add_argument(
        "--group",
        metavar="NAME",
        help="column of groups, such as customers, whose rows are held out together for testing and "
        "validation; it is not used to predict",
    )
    order.add_argument(
        "--time",
        metavar="NAME",
        help="column of dates or numbers; the last rows in its order are held out for testing and validation",
    )
    parser.add_argument(
        "--ensemble",
        type=at_least(1),
        default=1,
        metavar="N",
        help="number of networks whose predictions are averaged (default: 1)",
    )
    parser.add_argument("--epochs", type=at_least(1), metavar="N", help="number of epochs")
    parser.add_argument(
        "--time-limit", type=positive, metavar="SECONDS", help="time after which training stops"
    )
    parser.add_argument(
        "--coverage",
        type=positive,
        metavar="SHARE",
        help="also predict intervals for numbers, which cover this share of the targets, such as 0.9",
    )
    parser.add_argument(
        "--calibrate", action="store_true", help="calibrate the probabilities of classes on validation rows"
    )
    parser.add_argument(
        "--seed",
        type=at_least(0, 2**32),
        default=0,
        metavar="N",
        help="seed of the test rows and of training (default: 0)",
    )
    add_threads(parser)
    parser.add_argument(
        "--resume",
        action="store_true",
        help="continue a run with the same arguments that was interrupted or killed, from its checkpoints in "
        "the folder with the name of the model and .checkpoint",
    )
    parser.add_argument(
        "--plot",
        metavar="FILE",
        help="plot the learning curve, and predicted against actual numbers or the confusion matrix of "
        "classes (requires matplotlib)",
    )
    parser.add_argument(
        "--json", metavar="FILE", help="write the results as JSON, to the standard output with -"
    )


def run(arguments: argparse.Namespace) -> int:
    """Train, measure and save the model; return the exit status."""
    require("train")
    from localgrad.cli.tables.training import train

    return train(arguments)
