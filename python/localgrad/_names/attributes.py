"""Attributes of networks and modules as other libraries call them."""

from collections.abc import Mapping
from typing import Any

from localgrad._names.similar import plain

NETWORK = {
    "train": "fit, which trains",
    "learn": "fit",
    "compile": "Network(cost=...) and fit(optimizer=..., metrics=...)",
    "summary": "print(net)",
    "score": "evaluate, which returns a dict",
    "test": "evaluate",
    "forward": "predict",
    "call": "predict",
    "predict_proba": "predict, whose softmax and sigmoid outputs are probabilities",
    "predict_log_proba": "predict",
    "predict_classes": "predict(X).argmax(axis=1)",
    "decision_function": "predict",
    "transform": "predict",
    "backward": "backprop",
    "zero_grad": "backprop, whose gradients do not add up",
    "train_on_batch": "partial_fit",
    "test_on_batch": "evaluate",
    "predict_on_batch": "predict",
    "state_dict": "parameters, weights and biases, or save",
    "load_state_dict": "net.parameters = values, or localgrad.load",
    "get_weights": "weights and biases",
    "set_weights": "net.weights[i] = ..., net.biases[i] = ..., or net.parameters = ...",
    "get_params": "sizes, activation, output, cost and the other attributes",
    "coefs_": "weights, weights[i] being of shape (fan_out, fan_in)",
    "coef_": "weights",
    "intercepts_": "biases",
    "intercept_": "biases",
    "n_iter_": "epochs",
    "loss_curve_": "history['cost']",
    "loss_": "history['cost'][-1]",
    "loss": "cost",
    "layers": "sizes, weights and biases",
    "count_params": "num_parameters",
    "n_features_in_": "sizes[0]",
    "feature_names_in_": "feature_names",
    "save_weights": "save",
    "load_weights": "localgrad.load",
    "random_state": "seed",
}

_NETWORK = "localgrad.Network"
_NOWHERE: Mapping[str, str] = {}

MODULE = {
    "sequential": f"{_NETWORK}(sizes)",
    "model": f"{_NETWORK}(sizes)",
    "dense": f"{_NETWORK}(sizes), which holds all layers",
    "linear": f"{_NETWORK}(sizes), which holds all layers",
    "mlp": f"{_NETWORK}(sizes)",
    "mlpclassifier": f"{_NETWORK}(sizes, output='softmax')",
    "mlpregressor": f"{_NETWORK}(sizes)",
    "save": "Network.save",
    "loadmodel": "localgrad.load",
    "modelcheckpoint": "localgrad.callbacks.Checkpoint",
    "reducelronplateau": "localgrad.schedules.ReduceOnPlateau",
    "cosineannealinglr": "localgrad.schedules.Cosine",
    "cosinedecay": "localgrad.schedules.Cosine",
    "cosineannealingwarmrestarts": "localgrad.schedules.Cosine(restarts=True)",
    "onecyclelr": "localgrad.schedules.OneCycle",
    "exponentiallr": "localgrad.schedules.Exponential",
    "exponentialdecay": "localgrad.schedules.Exponential",
    "steplr": "localgrad.schedules.Step",
    "learningratescheduler": "fit(schedule=...)",
    "dataloader": "localgrad.Blocks",
    "accuracyscore": "localgrad.metrics.accuracy",
    "rocaucscore": "localgrad.metrics.auc",
    "f1score": "localgrad.metrics.f1",
    "r2score": "localgrad.metrics.r2",
    "meansquarederror": "localgrad.metrics.mse",
    "meanabsoluteerror": "localgrad.metrics.mae",
    "logloss": "localgrad.metrics.log_loss",
    "dropout": f"{_NETWORK}(dropout=...)",
}


def missing_from_network(network: object, name: str) -> Any:
    """Raise the AttributeError for an attribute that a network has not; to be called by `__getattr__`."""
    if hasattr(type(network), name):  # a property whose own code failed
        return object.__getattribute__(network, name)
    hint = NETWORK.get(name)
    raise AttributeError(
        f"{type(network).__name__!r} object has no attribute {name!r}"
        f"{f'; did you mean {hint}?' if hint else ''}"
    )


def missing_from_module(module: str, name: str, elsewhere: Mapping[str, str] = _NOWHERE) -> AttributeError:
    """Return the AttributeError for a name that a module has not; `elsewhere` says where names are."""
    error = AttributeError(f"module {module!r} has no attribute {name!r}")
    if name.startswith("_"):  # asked for by machinery
        return error
    key = plain(name)
    hint = {plain(one): there for one, there in elsewhere.items()}.get(key) or MODULE.get(key)
    return AttributeError(f"{error}; did you mean {hint}?") if hint else error
