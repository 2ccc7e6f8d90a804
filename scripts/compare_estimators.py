"""Compare the estimators of localgrad.sklearn with scikit-learn's, in time and score.

    python scripts/compare_estimators.py [--repeats N] [--processor-time] [WORD ...]

Prints Markdown tables: training with the defaults on several data sets, a grid search over 20 settings on the
digits, and the time of predictions of a single row. All data sets come with scikit-learn. Both libraries are
trained in turn on the same standardized data, in float64 and in float32. Times are medians over the repeats,
which differ in `random_state`; scores are means and standard deviations on a quarter of the examples.

`--processor-time` measures the time of the processor instead of the clock, for a busy machine; set
OMP_NUM_THREADS=1 as well, because the time of all threads is added. WORD selects data sets by name, or "grid"
and "row".
"""

import argparse
import statistics
import time
import warnings
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from localgrad import sklearn as ours
from sklearn import datasets, neural_network
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

LIBRARIES = {"scikit-learn": neural_network, "localgrad": ours}
TYPES = ("float64", "float32")
SYNTHETIC = {"n_samples": 20000, "n_features": 50, "n_informative": 20, "random_state": 0}
DATA: dict[str, tuple[str, Callable[[], Any]]] = {
    "digits": ("MLPClassifier", lambda: datasets.load_digits(return_X_y=True)),
    "wine": ("MLPClassifier", lambda: datasets.load_wine(return_X_y=True)),
    "breast cancer": ("MLPClassifier", lambda: datasets.load_breast_cancer(return_X_y=True)),
    "diabetes": ("MLPRegressor", lambda: datasets.load_diabetes(return_X_y=True)),
    "make_classification": ("MLPClassifier", lambda: datasets.make_classification(**SYNTHETIC, n_classes=5)),
    "make_regression": ("MLPRegressor", lambda: datasets.make_regression(**SYNTHETIC, noise=10.0)),
}
GRID = {
    "hidden_layer_sizes": [(25,), (50,), (100,), (50, 50)],
    "alpha": [1e-5, 1e-4, 1e-3, 1e-2, 1e-1],
}


def print_row(cells: Iterable[Any]) -> None:
    print("|", " | ".join(str(cell) for cell in cells), "|", flush=True)


def print_head(*names: str) -> None:
    print()
    print_row(names)
    print_row("-" * len(name) for name in names)


def ratios(seconds: dict[tuple[str, str], float]) -> list[str]:
    """Return how many times faster localgrad is, and in float32 than scikit-learn in float64."""
    pairs = [(("scikit-learn", dtype), ("localgrad", dtype)) for dtype in TYPES]
    pairs.append((("scikit-learn", "float64"), ("localgrad", "float32")))
    return [f"{seconds[slow] / seconds[fast]:.1f}" for slow, fast in pairs]


RATIOS = ("64 / 64", "32 / 32", "64 / 32")


def compare_fits(names: list[str], repeats: int, clock: Callable[[], float]) -> None:
    """Print the times of fit with the defaults, and the scores."""
    head = [f"{library} {dtype}" for dtype in TYPES for library in LIBRARIES]
    print_head("data set", "rows", "columns", *head, *RATIOS)
    for name in names:
        kind, load = DATA[name]
        X, y = load()
        X = StandardScaler().fit_transform(X)
        if kind == "MLPRegressor":
            y = (y - y.mean()) / y.std()
        times: dict[tuple[str, str], list[float]] = {}
        scores: dict[tuple[str, str], list[float]] = {}
        for seed in range(repeats):
            labels = y if kind == "MLPClassifier" else None
            parts = train_test_split(X, y, random_state=seed, stratify=labels)
            for dtype in TYPES:
                train, test = (part.astype(dtype) for part in parts[:2])
                for library, module in LIBRARIES.items():
                    estimator = getattr(module, kind)(random_state=seed)
                    start = clock()
                    estimator.fit(train, parts[2])
                    times.setdefault((library, dtype), []).append(clock() - start)
                    scores.setdefault((library, dtype), []).append(estimator.score(test, parts[3]))
        seconds = {key: statistics.median(values) for key, values in times.items()}
        cells = [
            f"{seconds[key]:.3g} s, {np.mean(scores[key]):.3f} ± {np.std(scores[key]):.3f}"
            for key in ((library, dtype) for dtype in TYPES for library in LIBRARIES)
        ]
        print_row([name, *X.shape, *cells, *ratios(seconds)])


def compare_grids(repeats: int, clock: Callable[[], float]) -> None:
    """Print the times of a grid search on the digits, with 1 and 2 processes."""
    X, y = datasets.load_digits(return_X_y=True)
    X = X / 16.0
    print_head("grid search", *(f"{library} {dtype}" for dtype in TYPES for library in LIBRARIES), *RATIOS)
    # The time of a processor does not include other processes.
    for n_jobs in (1,) if clock is time.process_time else (1, 2):
        times: dict[tuple[str, str], list[float]] = {}
        scores: dict[tuple[str, str], list[float]] = {}
        for seed in range(repeats):
            for dtype in TYPES:
                for library, module in LIBRARIES.items():
                    search = GridSearchCV(module.MLPClassifier(random_state=seed), GRID, cv=3, n_jobs=n_jobs)
                    start = clock()
                    search.fit(X.astype(dtype), y)
                    times.setdefault((library, dtype), []).append(clock() - start)
                    scores.setdefault((library, dtype), []).append(search.best_score_)
        seconds = {key: statistics.median(values) for key, values in times.items()}
        cells = [
            f"{seconds[library, dtype]:.3g} s, {np.mean(scores[library, dtype]):.4f}"
            for dtype in TYPES
            for library in LIBRARIES
        ]
        print_row([f"n_jobs={n_jobs}", *cells, *ratios(seconds)])


def compare_rows(calls: int, clock: Callable[[], float]) -> None:
    """Print the times of predictions of one row."""
    X, y = datasets.load_digits(return_X_y=True)
    print_head("one row, µs", *LIBRARIES, "Network.predict")
    for dtype in TYPES:
        data = (X / 16.0).astype(dtype)
        fitted = {n: m.MLPClassifier(random_state=0, max_iter=20).fit(data, y) for n, m in LIBRARIES.items()}
        lines = {n: make_pipeline(StandardScaler(), one).fit(data, y) for n, one in fitted.items()}
        network = fitted["localgrad"].network_
        for text, models, method in (
            ("predict", fitted, "predict"),
            ("predict_proba", fitted, "predict_proba"),
            ("pipeline with StandardScaler, predict", lines, "predict"),
        ):
            functions = [getattr(models[library], method) for library in LIBRARIES] + [network.predict]
            times = np.empty((calls, len(functions)))
            for i in range(calls):  # in turn, so that a busy machine slows all of them
                row = data[i % len(data)][np.newaxis]
                for k, function in enumerate(functions):
                    start = clock()
                    function(row)
                    times[i, k] = clock() - start
            print_row([f"{text}, {dtype}", *(f"{1e6 * t:.1f}" for t in np.median(times, axis=0))])


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare localgrad's estimators with scikit-learn's.")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--processor-time", action="store_true")
    parser.add_argument("words", nargs="*", metavar="WORD")
    arguments = parser.parse_args()
    clock = time.process_time if arguments.processor_time else time.perf_counter
    wanted = arguments.words or [*DATA, "grid", "row"]
    warnings.simplefilter("ignore", ConvergenceWarning)
    names = [name for name in DATA if any(word in name for word in wanted)]
    if names:
        compare_fits(names, arguments.repeats, clock)
    if "grid" in wanted:
        compare_grids(arguments.repeats, clock)
    if "row" in wanted:
        compare_rows(2000, time.perf_counter)


if __name__ == "__main__":
    main()
