"""House prices in California (Pace and Barry 1997): 20,640 districts, 8 numbers each, the median price.

    python california_housing.py california_housing.npz

The file holds `X` (20640, 8) and `y` (20640,), in 100,000 $. Rows are permuted, 70 % of them train, 15 %
choose the epoch, 15 % test. Three hidden layers of tanh, AdamW, one cycle of the learning rate; inputs and
prices are standardised on what trains.
"""

import argparse
import time

import localgrad as lg
import numpy as np


def main():
    """Train with each seed and print the root mean square error on the test part, in 100,000 $."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", help="a .npz file with X and y")
    parser.add_argument("--seeds", type=int, default=5, help="networks to train (default: %(default)s)")
    parser.add_argument("--epochs", type=int, default=100, help="default: %(default)s")
    arguments = parser.parse_args()

    with np.load(arguments.file) as data:
        X, y = data["X"], data["y"]
    order = np.random.default_rng(0).permutation(len(X))
    train, choose, test = np.split(order, [int(0.7 * len(X)), int(0.85 * len(X))])
    X = ((X - X[train].mean(axis=0)) / X[train].std(axis=0)).astype(np.float32)
    mean, deviation = y[train].mean(), y[train].std()
    prices = ((y - mean) / deviation).astype(np.float32)

    errors = []
    for seed in range(arguments.seeds):
        net = lg.Network([X.shape[1], 128, 128, 128, 1], activation="tanh", dropout=0.02, seed=seed)
        start = time.perf_counter()
        history = net.fit(
            X[train],
            prices[train],
            epochs=arguments.epochs,
            batch_size=128,
            optimizer=lg.AdamW(4e-3, weight_decay=0.02),
            schedule=lg.schedules.OneCycle(),
            validation=(X[choose], prices[choose]),
            restore_best=True,
        )
        seconds = time.perf_counter() - start
        predicted = net.predict(X[test])[:, 0] * deviation + mean
        errors.append(np.sqrt(np.mean((predicted - y[test]) ** 2)))
        print(f"seed {seed}: RMSE {errors[-1]:.4f} (epoch {history.best_epoch}, {seconds:.1f} s)", flush=True)
    print(f"mean of {len(errors)}: RMSE {np.mean(errors):.4f}")


if __name__ == "__main__":
    main()
