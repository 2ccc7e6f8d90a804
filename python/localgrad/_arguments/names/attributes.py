"""Attributes of networks and modules as other libraries call them."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from localgrad._arguments.names.similar import by_word, near, plain

T = TypeVar("T")

NETWORK = {
    "train": "fit, which trains",
    "compile": "Network(cost=...) and fit(optimizer=..., metrics=...)",
    "summary": "print(net)",
    "score": "evaluate, which returns a dict",
    "forward": "predict",
    "predict_proba": "predict, whose softmax and sigmoid outputs are probabilities",
    "decision_function": "predict",
    "backward": "backprop",
    "zero_grad": "backprop, whose gradients do not add up",
    "train_on_batch": "partial_fit",
    "state_dict": "parameters, weights and biases, or save",
    "load_state_dict": "net.parameters = values, or localgrad.load",
    "get_weights": "weights and biases",
    "set_weights": "net.weights[i] = ..., net.biases[i] = ..., or net.parameters = ...",
    "coefs_": "weights, weights[i] being of shape (fan_out, fan_in)",
    "intercepts_": "biases",
    "n_iter_": "epochs",
    "loss_curve_": "history['cost']",
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
        f"{_NETWORK}(sizes), which holds all layers": "dense linear",
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
    """An attribute that other libraries have and a network has not: who asks for it learns what it has.

    For `hasattr` it is missing. (With a `__getattr__` every attribute of a network would take longer to get.)
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, network: object, kind: type) -> Any:
        raise AttributeError(
            f"{kind.__name__!r} object has no attribute {self._name!r}; did you mean {NETWORK[self._name]}?"
        )

    def __repr__(self) -> str:
        return f"<not here; see {NETWORK[self._name]}>"


class Missing:
    """An attribute that `Network.__init__` makes: who asks for it before learns what a subclass forgot.

    The attribute of the instance hides it. (With a `__getattr__` every attribute would take longer to get.)
    """

    def __set_name__(self, kind: type, name: str) -> None:
        self._name = name

    def __get__(self, network: object, kind: type) -> Any:
        if network is None:
            return self
        raise RuntimeError(
            f"{self._name} of the {kind.__name__} is missing: "
            "its __init__ must call super().__init__(sizes, ...)"
        )

    def __repr__(self) -> str:
        return "<made by __init__>"


def names_of_others(network: type[T]) -> type[T]:
    """Let a class of networks know the attributes that other libraries' models have."""
    for name in NETWORK:
        setattr(network, name, Elsewhere(name))
    return network


def missing_from_module(
    module: str, name: str, known: Iterable[str], elsewhere: Mapping[str, str] = _NOWHERE
) -> AttributeError:
    """Return the AttributeError for a name that a module has not.

    `known` are those that it has, and `elsewhere` says where others are.
    """
    error = AttributeError(f"module {module!r} has no attribute {name!r}")
    if name.startswith("_"):  # asked for by machinery
        return error
    key = plain(name)
    hint = {plain(one): there for one, there in elsewhere.items()}.get(key) or MODULE.get(key)
    return AttributeError(f"{error}; did you mean {hint}?" if hint else f"{error}{near(name, known)}")


def names_of_module(module: str, known: list[str]) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return the `__getattr__` and the `__dir__` of a module with these public names."""

    def missing(name: str) -> Any:
        raise missing_from_module(module, name, known)

    return missing, lambda: known
