"""The body of `Network.partial_fit`."""

import math

from numpy.typing import ArrayLike

from localgrad._arguments.check import boolean, mini_batch_size, threads
from localgrad._arguments.regularization import Regularization, penalties_of
from localgrad._arrays import column_names
from localgrad._arrays.weights import has_weight
from localgrad._data.examples import Examples
from localgrad._training.first_look import Look
from localgrad._training.stream import Stream, Trainee
from localgrad.optimizers import Optimizer
from localgrad.optimizers.argument import mini_batch_rule

__all__ = ["partial_fit"]


def partial_fit(
    network: Trainee,
    X: ArrayLike,
    y: ArrayLike,
    *,
    batch_size: int | None,
    optimizer: Optimizer | str | None,
    shuffle: bool,
    sample_weight: ArrayLike | None,
    regularization: Regularization,
    n_threads: int | None,
) -> float:
    """Train an epoch of its own; the arguments are those of `Network.partial_fit`."""
    model = network._model
    model.check_columns(X, "X")
    data = Examples.of(model, X, y, sample_weight=sample_weight)
    if data.weights is not None and not has_weight(data.weights, model.dtype):
        raise ValueError(
            f"sample_weight must be above 0 as {model.dtype} for at least 1 example, "
            f"got {data.weights.max()} at most"
        )
    size = len(data) if batch_size is None else mini_batch_size(batch_size)
    if optimizer is None and network._stream is not None:
        optimizer = network._stream.rule
    rule = mini_batch_rule(optimizer, "for partial_fit")
    penalties = penalties_of(
        len(model.sizes) - 1,
        **regularization,
    )
    in_new_order = boolean(shuffle, "shuffle")
    team = threads(n_threads)
    with model.guard.training():
        look = Look(fewest=math.inf) if network._stream is None else network._stream.look
        look_again = None
        if not look.settled:
            look(model, data.rows, data.targets)
            look_again, look.again = look.again, None
        stream = Stream.of(
            model,
            network._stream,
            rule,
            penalties,
            size,
            team,
            weighted=data.weights is not None,
            rows=len(data),
            look=look,
        )
        costs: list[float] = []
        stream.trainer.set_data(data.rows, data.targets, data.weights, *data.names)
        try:
            with model.guard.computing():
                stream.trainer.run(1, costs, in_new_order)
        except (TypeError, ValueError):
            if stream.trainer.position:  # else nothing has happened, and what there was goes on
                network._stream = stream
            raise
        except BaseException:
            network._stream = stream
            raise
        finally:
            stream.trainer.release_data()
        network._stream = stream
        if model.feature_names is None:
            model.native.feature_names = list(column_names(X) or ())
        if look_again is not None:
            look_again()
    return costs[0]
