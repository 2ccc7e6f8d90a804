"""Attributes of networks and modules in other libraries, and their names in localgrad."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from localgrad._arguments.names.similar import by_word, near, plain

T = TypeVar("T")

NETWORK = {
    "train": "fit",
    "compile": "Network(cost=...) and fit(optimizer=..., metrics=...)",
    "summary": "print(net)",
    "score": "evaluate, which returns a dict",
    "predict_proba": "predict, which returns probabilities for softmax and sigmoid outputs",
    "decision_function": "predict",
    "backward": "backprop",
    "zero_grad": "backprop, which does not accumulate gradients",
    "train_on_batch": "partial_fit",
    "state_dict": "parameters, weights and biases, or save",
    "load_state_dict": "net.parameters = values, or localgrad.load",
    "get_weights": "weights and biases",
    "set_weights": "net.weights[i] = ..., net.biases[i] = ..., or net.parameters = ...",
    "coefs_": "weights, where weights[i] has shape (fan_out, fan_in)",
    "intercepts_": "biases",
    "n_iter_": "epochs",
    "loss_curve_": "history['cost']",
    "loss_": "history['cost'][-1]",
    "best_loss_": "min(history['cost'])",
    "validation_scores_": "history['val_accuracy']",
    "best_validation_score_": "max(history['val_accuracy'])",
    "t_": "epochs, which counts passes over the examples",
    "n_layers_": "len(sizes)",
    "n_outputs_": "sizes[-1]",
    "out_activation_": "output",
    "classes_": "range(sizes[-1]), because labels are integers from 0",
    "predict_log_proba": "numpy.log(net.predict(X))",
    "get_params": "sizes, activation, output and the other attributes of the network",
    "set_params": "localgrad.Network(sizes, ...), a new network",
    "hidden_layer_sizes": "sizes[1:-1]",
    "random_state": "seed",
    "loss": "cost",
    "layers": "sizes, weights and biases",
    "count_params": "num_parameters",
    "n_features_in_": "sizes[0]",
    "feature_names_in_": "feature_names",
    "save_weights": "save",
    "load_weights": "localgrad.load",
}

_NETWORK = "localgrad.Network"
_NOWHERE: Mapping[str, str] = {}

MODULE = by_word(
    {
        f"{_NETWORK}(sizes)": "sequential model mlp mlpregressor",
        f"{_NETWORK}(sizes), which contains all layers": "dense linear",
        f"{_NETWORK}(sizes, output='softmax')": "mlpclassifier",
        f"{_NETWORK}(dropout=...)": "dropout",
        "Network.save": "save",
        "localgrad.load": "loadmodel",
        "localgrad.callbacks.Checkpoint": "modelcheckpoint",
        "localgrad.schedules.ReduceOnPlateau": "reducelronplateau",
        "localgrad.schedules.Cosine": "cosineannealinglr cosinedecay",
        "localgrad.schedules.Cosine(restarts=True)": "cosineannealingwarmrestarts",
        "localgrad.schedules.OneCycle": "onecyclelr",
        "localgrad.schedules.Exponential": "exponentiallr exponentialdecay",
        "localgrad.schedules.Step": "steplr",
        "fit(schedule=...)": "learningratescheduler",
        "localgrad.Blocks": "dataloader",
        "localgrad.metrics.accuracy": "accuracyscore",
        "localgrad.metrics.auc": "rocaucscore",
        "localgrad.metrics.f1": "f1score",
        "localgrad.metrics.r2": "r2score",
        "localgrad.metrics.mse": "meansquarederror",
        "localgrad.metrics.mae": "meanabsoluteerror",
        "localgrad.metrics.log_loss": "logloss",
    }
)


class Elsewhere:
    """An attribute of other libraries' networks: reading it raises an AttributeError with a suggestion.

    `hasattr` returns False for it.
    """

    # A descriptor for each name: a `__getattr__` would slow down the lookup of every attribute.

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, network: object, kind: type) -> Any:
        raise AttributeError(
            f"{kind.__name__!r} object has no attribute {self._name!r}; did you mean {NETWORK[self._name]}?"
        )

    def __repr__(self) -> str:
        return f"<not in localgrad; see {NETWORK[self._name]}>"


class Missing:
    """An attribute that `Network.__init__` sets.

    Before that, as in a subclass that does not call it, reading the attribute raises a RuntimeError.
    """

    # Not a data descriptor, so the instance's attribute hides it and costs nothing to look up.

    def __set_name__(self, kind: type, name: str) -> None:
        self._name = name

    def __get__(self, network: object, kind: type) -> Any:
        if network is None:
            return self
        raise RuntimeError(
            f"{kind.__name__}.__init__ must call super().__init__(sizes, ...), got an instance without "
            f"{self._name}"
        )

    def __repr__(self) -> str:
        return "<set by __init__>"


def names_of_others(network: type[T]) -> type[T]:
    """Add attributes of other libraries' models to a class; reading one raises an error with a suggestion."""
    for name in NETWORK:
        setattr(network, name, Elsewhere(name))
    return network


def missing_from_module(
    module: str, name: str, known: Iterable[str], elsewhere: Mapping[str, str] = _NOWHERE
) -> AttributeError:
    """Return the AttributeError for a name that a module does not have.

    `known` lists the names that it has; `elsewhere` maps other names to suggestions.
    """
    error = AttributeError(f"module {module!r} has no attribute {name!r}")
    if name.startswith("_"):  # a probe, for example by inspect or doctest
        return error
    key = plain(name)
    hint = {plain(one): there for one, there in elsewhere.items()}.get(key) or MODULE.get(key)
    return AttributeError(f"{error}; did you mean {hint}?" if hint else f"{error}{near(name, known)}")


def names_of_module(module: str, known: list[str]) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return the `__getattr__` and the `__dir__` of a module with these public names."""

    def missing(name: str) -> Any:
        raise missing_from_module(module, name, known)

    return missing, lambda: known
