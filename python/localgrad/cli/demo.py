"""`localgrad demo`: train a network on handwritten digits."""

import argparse
import csv
import io
import time
from typing import TypeAlias

import localgrad as lg
from localgrad.bench.agreement import agreement
from localgrad.bench.contenders import rows_in
from localgrad.bench.contenders.core import Core
from localgrad.bench.workload import Workload
from localgrad.cli.arguments import add_threads, at_least, layer_sizes
from localgrad.cli.data import Images, images_in, sklearn_digits
from localgrad.cli.errors import CommandError
from localgrad.cli.outputs import check_writable, write
from localgrad.cli.plots import check_plot, digits_figure, save_figure

SUMMARY = "Train a network on handwritten digits and compare its speed with the pure-Python reference."

# Chosen to reach a test accuracy of 97 % on scikit-learn's digits with any seed, and to suit MNIST.
_LAYERS = (256, 128)
_ACTIVATION = "relu"
_BATCH_SIZE = 10
EPOCHS = {"digits": 60, "files": 10}
_OUTPUTS = {"mse": "sigmoid", "cross_entropy": "softmax"}
_LEARNING_RATES = {"mse": 0.4, "cross_entropy": 0.1}
_REFERENCE_STEPS = 3
_REFERENCE_SECONDS = 1.5  # approximate maximum time of a step of the reference


# Values of each epoch. "seconds" is the time since training started, without the time for testing.
Curve: TypeAlias = dict[str, list[float]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "--data",
        metavar="DIR",
        help="folder with the four IDX files of MNIST or Fashion-MNIST, compressed or not "
        "(default: the 1,797 digits that come with scikit-learn)",
    )
    parser.add_argument(
        "--layers",
        type=_hidden_layers,
        default=_LAYERS,
        metavar="WIDTHS",
        help="widths of the hidden layers, such as 128-64, or none (default: 256-128)",
    )
    parser.add_argument(
        "--activation",
        default=_ACTIVATION,
        metavar="NAME[,NAME...]",
        help=f"activation of the hidden layers, one for all or one for each (default: {_ACTIVATION})",
    )
    parser.add_argument(
        "--cost",
        choices=list(_OUTPUTS),
        default="mse",
        help="cost: mse with sigmoid outputs, or cross_entropy with softmax outputs (default: mse)",
    )
    parser.add_argument(
        "--epochs",
        type=at_least(1),
        metavar="N",
        help=f"number of epochs (default: {EPOCHS['digits']}, or {EPOCHS['files']} with --data)",
    )
    parser.add_argument(
        "--batch-size",
        type=at_least(1),
        default=_BATCH_SIZE,
        metavar="N",
        help=f"number of examples per mini-batch (default: {_BATCH_SIZE})",
    )
    parser.add_argument(
        "--learning-rate",
        type=float,
        metavar="RATE",
        help="learning rate of SGD (default: "
        + ", ".join(f"{rate} for {cost}" for cost, rate in _LEARNING_RATES.items())
        + ")",
    )
    parser.add_argument(
        "--seed",
        type=at_least(0, 2**64),
        default=0,
        metavar="N",
        help="seed of the train-test split, initial parameters and order of examples (default: 0)",
    )
    add_threads(parser)
    parser.add_argument(
        "--plot",
        metavar="FILE",
        help="plot the learning curves and test images with their predictions (requires matplotlib)",
    )
    parser.add_argument(
        "--save-curve", metavar="CSV", help="write the cost and accuracy of each epoch to a CSV file"
    )


def run(arguments: argparse.Namespace) -> int:
    """Train, test, compare with the reference, and write the requested files; return the exit status."""
    check_plot(arguments.plot)
    check_writable(arguments.plot, arguments.save_curve)
    images = sklearn_digits(arguments.seed) if arguments.data is None else images_in(arguments.data)
    net, rule = untrained_network(arguments, images)
    epochs = arguments.epochs or EPOCHS["digits" if arguments.data is None else "files"]
    print(f"{images.name}: {len(images.y):,} training images, {len(images.y_test):,} test images")
    print(net)
    print(f"SGD, learning rate {rule.learning_rate:g}, batch size {arguments.batch_size}", flush=True)

    initial = net.copy()
    curve = _train(net, rule, images, epochs, arguments)
    accuracy, seconds = curve["test_accuracy"][-1], curve["seconds"][-1]
    rate = epochs * len(images.y) / seconds
    print(
        f"test accuracy  {accuracy:.2%} ({round(accuracy * len(images.y_test)):,} of {len(images.y_test):,})"
    )
    print(f"training       {seconds:.2f} s, {rate:,.0f} examples per second", flush=True)
    work = Workload(initial, images.X, images.y, min(arguments.batch_size, len(images.y)), rule)
    _compare_with_reference(work, rate)

    if arguments.save_curve is not None:
        write(arguments.save_curve, lambda stream: stream.write(_csv(curve)))
    if arguments.plot is not None:
        predictions = net.predict(images.X_test).argmax(axis=1)
        pixels = images.X_test.reshape(-1, *images.shape)
        save_figure(digits_figure(curve, pixels, images.y_test, predictions), arguments.plot)
    return 0


def _hidden_layers(word: str) -> tuple[int, ...]:
    return () if word == "none" else layer_sizes(word)


def untrained_network(arguments: argparse.Namespace, images: Images) -> tuple[lg.Network, lg.SGD]:
    """Return the network and the optimizer that the arguments describe."""
    names = arguments.activation.split(",")
    rate = arguments.learning_rate
    try:
        net = lg.Network(
            (images.X.shape[1], *arguments.layers, images.classes),
            activation=names[0] if len(names) == 1 else names,
            output=_OUTPUTS[arguments.cost],
            cost=arguments.cost,
            seed=arguments.seed,
        )
        return net, lg.SGD(_LEARNING_RATES[arguments.cost] if rate is None else rate)
    except (ValueError, MemoryError) as error:
        raise CommandError(str(error)) from None


def _train(
    net: lg.Network, rule: lg.SGD, images: Images, epochs: int, arguments: argparse.Namespace
) -> Curve:
    """Train with one call of fit. A callback evaluates the network after each epoch, which is not timed."""
    curve: Curve = {name: [] for name in ("cost", "test_cost", "test_accuracy", "seconds")}
    digits, tested = len(str(epochs)), 0.0  # `tested` are the seconds spent in the callback

    def after_epoch(epoch: int, logs: dict[str, float]) -> None:
        nonlocal tested
        end = time.perf_counter()
        test = net.evaluate(images.X_test, images.y_test, n_threads=arguments.threads)
        numbers = (logs["cost"], test["cost"], test["accuracy"], end - start - tested)
        for column, number in zip(curve.values(), numbers, strict=True):
            column.append(number)
        print(
            f"epoch {epoch:>{digits}}/{epochs}  cost {logs['cost']:.5f}  test cost {test['cost']:.5f}"
            f"  test accuracy {test['accuracy']:.2%}",
            flush=True,
        )
        tested += time.perf_counter() - end

    start = time.perf_counter()
    try:
        net.fit(
            images.X,
            images.y,
            epochs=epochs,
            batch_size=arguments.batch_size,
            optimizer=rule,
            callbacks=[after_epoch],
            n_threads=arguments.threads,
        )
    except FloatingPointError as error:
        raise CommandError(str(error), status=1) from None
    return curve


def _compare_with_reference(work: Workload, rate: float) -> None:
    """Compare the parameters and the speed with those of the pure-Python reference on the same network.

    Raises
    ------
    CommandError
        If the parameters differ by more than rounding explains.
    """
    from localgrad.bench.contenders.reference import Reference

    # Pure Python is too slow for whole epochs: a few small mini-batches are enough to compare and to time it.
    size = rows_in(_REFERENCE_SECONDS, Reference, work)
    steps = min(_REFERENCE_STEPS, len(work.X) // size)
    part = work.first(steps, size)
    slow, core = Reference(part), Core(part)
    start = time.perf_counter()
    slow.train(1, shuffle=False)
    slow_rate = steps * size / (time.perf_counter() - start)
    core.train(1, shuffle=False)
    agreed = agreement(work.initial, size, steps, core.parameters(), slow.parameters())
    distance = f"{agreed.difference:.0e} of the largest change"
    if not agreed:
        raise CommandError(
            f"the C++ core and the pure-Python reference disagree: after {steps} steps, their parameters "
            f"differ by {distance} of a parameter, but rounding explains at most {agreed.allowed:.0e}",
            status=1,
        )
    print(
        f"reference      {slow_rate:,.0f} examples per second in pure Python, on {steps} mini-batches of "
        f"{size}\n"
        f"agreement      parameters differ from the reference by at most {distance}"
    )
    print(f"speedup        {rate / slow_rate:,.0f} times as fast as the reference")


def _csv(curve: Curve) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["epoch", *curve])
    writer.writerows((epoch, *row) for epoch, row in enumerate(zip(*curve.values(), strict=True), start=1))
    return text.getvalue().encode()
