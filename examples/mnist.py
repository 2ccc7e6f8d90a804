"""MNIST (LeCun et al. 1998): three recipes for handwritten digits, without augmentation.

    python mnist.py RECIPE DIR

DIR contains the four files of MNIST as distributed. Recipes:

    quick     784-256-10: a test accuracy of 98 % in the shortest time
    wide      784-800-10 with dropout (Simard et al. 2003: 1.6 % errors)
    dropout   784-1024-1024-1024-10 with dropout (Srivastava et al. 2014: 1.25 % errors)
"""

import argparse
import time

import localgrad as lg
import numpy as np
from localgrad.cli.data import images_in

RECIPES = {
    "quick": {
        "hidden": [256],
        "network": {},
        "fit": {"epochs": 3, "batch_size": 128, "optimizer": lg.SGD(0.3, momentum=0.9, nesterov=True)},
        "warmup": 0.2,
    },
    "wide": {
        "hidden": [800],
        "network": {"dropout": 0.5, "input_dropout": 0.1},
        "fit": {"epochs": 20, "batch_size": 128, "optimizer": lg.SGD(0.1, momentum=0.9)},
        "warmup": 0.3,
    },
    "dropout": {
        "hidden": [1024, 1024, 1024],
        "network": {"dropout": 0.5, "input_dropout": 0.2},
        "fit": {"epochs": 40, "batch_size": 256, "optimizer": lg.Adam(1e-3)},
        "warmup": 0.3,
    },
}


def main():
    """Train with each seed; print the error rate on the test images and the training time."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("recipe", choices=RECIPES)
    parser.add_argument("folder", help="folder with the four files of MNIST")
    parser.add_argument(
        "--seeds", type=int, default=3, help="number of networks to train (default: %(default)s)"
    )
    arguments = parser.parse_args()

    recipe, images = RECIPES[arguments.recipe], images_in(arguments.folder)
    errors = []
    for seed in range(arguments.seeds):
        sizes = [images.X.shape[1], *recipe["hidden"], images.classes]
        net = lg.Network(sizes, activation="relu", output="softmax", seed=seed, **recipe["network"])
        start = time.perf_counter()
        net.fit(images.X, images.y, schedule=lg.schedules.OneCycle(warmup=recipe["warmup"]), **recipe["fit"])
        seconds = time.perf_counter() - start
        errors.append(1 - net.evaluate(images.X_test, images.y_test)["accuracy"])
        print(f"seed {seed}: {errors[-1]:.2%} errors, {seconds:.2f} s of training", flush=True)
    print(f"mean of {len(errors)}: {np.mean(errors):.2%} errors")


if __name__ == "__main__":
    main()
