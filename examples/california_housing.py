"""California housing (Pace and Barry 1997): the median price in 20,640 districts from 8 numbers each.

    python california_housing.py california_housing.npz

The file contains `X` (20640, 8) and `y` (20640,), in units of 100,000 $. The rows are permuted: 70 % are for
training, 15 % for validation, which chooses the epoch, and 15 % for the test. The network has three hidden
layers of tanh; it is trained with AdamW and one cycle of the learning rate. Inputs and prices are
standardized with the mean and standard deviation of the training rows.
"""

import argparse
import time

import localgrad as lg
import numpy as np


def main():
    """Train with each seed; print the root mean square error on the test rows, in units of 100,000 $."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", help="a .npz file with X and y")
    parser.add_argument(
        "--seeds", type=int, default=5, help="number of networks to train (default: %(default)s)"
    )
    parser.add_argument("--epochs", type=int, default=100, help="number of epochs (default: %(default)s)")
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
