"""What a saved model is."""

from typing import Any

import localgrad
import localgrad._core as _core
from localgrad._arguments.check import file_path
from localgrad.cli.errors import CommandError, reason
from localgrad.cli.extra import require


def model_facts(path: str) -> dict[str, Any]:
    """Return the facts about a file with a network or an estimator of tables.

    Raises
    ------
    CommandError
        If it is neither, or scikit-learn is missing for an estimator.
    """
    try:
        network = localgrad.load(path)
        if not has_estimator(path):
            return {"file": path, "model": "Network", **_network_facts(network)}
        require("info about a model for tables")
        from localgrad.tabular import load

        return {"file": path, **_estimator_facts(load(path))}
    except OSError as error:
        raise CommandError(reason(error)) from None
    except ValueError as error:
        # The message begins with the name of the argument and repeats the path.
        raise CommandError(f"{path}: not a model: {str(error).rpartition(f'{path!r}: ')[2]}") from None


def has_estimator(path: str) -> bool:
    """Return whether a file with a network has an estimator of tables."""
    try:
        notes = _core.load_checkpoint(file_path(path))[2]
    except ValueError:
        return False  # a network without further content
    return "tabular" in notes


def _network_facts(network: Any) -> dict[str, Any]:
    return {
        "sizes": "-".join(map(str, network.sizes)),
        "parameters": network.num_parameters,
        "dtype": str(network.dtype),
        "activation": network.activation,
        "output": network.output,
        "cost": network.cost,
        "epochs": network.epochs,
        "columns": None if network.feature_names is None else list(network.feature_names),
    }


def _estimator_facts(model: Any) -> dict[str, Any]:
    networks = model.ensemble_.networks
    arguments = {name: value for name, value in model.get_params().items() if value is not None}
    classifies = hasattr(model, "classes_")
    return {
        "model": type(model).__name__,
        "target": model.target_name_,
        **({"classes": model.classes_.tolist()} if classifies else {"coverage": arguments.get("coverage")}),
        "networks": len(networks),
        "sizes": "-".join(map(str, networks[0].sizes)),
        "parameters": sum(one.num_parameters for one in networks),
        "epochs": [one.epochs for one in networks],
        "arguments": arguments,
        "columns": [{"name": one.name, "kind": one.kind, "reason": one.reason} for one in model.columns_],
    }
