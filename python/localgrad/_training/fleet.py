"""The body of `Fleet.fit`: parse, build, and train all members together."""

import copy
import math
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Any

from localgrad._arguments.check import boolean, real, shown, threads, verbosity
from localgrad._arguments.members import each_member
from localgrad._arguments.regularization import CHECKS
from localgrad._data.member_data import MemberData
from localgrad._training import fleet_checkpoints
from localgrad._training.callback_list import HOOKS
from localgrad._training.fit import build
from localgrad._training.fleet_member import FleetMember, WholeEpochs
from localgrad._training.fleet_progress import FleetProgress
from localgrad._training.fleet_rounds import Rounds
from localgrad._training.parse import parse
from localgrad._training.partial_state import Trainee
from localgrad._training.progress import progress_for
from localgrad._training.recipe import Recipe
from localgrad.callbacks import Callback, EarlyStopping
from localgrad.history import History
from localgrad.optimizers.argument import mini_batch_rule
from localgrad.optimizers.base import MiniBatchRule
from localgrad.schedules.argument import fit_schedules

# Arguments of `Network.fit` that are those of the whole fleet.
_NONE = {"time_limit": None, "verbose": 0}


class OfMembers:
    """Callbacks without `on_batch_end`, one for each member, as an item of the argument `callbacks`."""

    def __init__(self, callbacks: Sequence[Callback]) -> None:
        self.callbacks = callbacks


def fit(networks: Sequence[Trainee], arguments: Mapping[str, Any]) -> list[History]:
    """Train the networks of a fleet; the arguments are those of `Fleet.fit`."""
    callbacks = _callbacks(arguments["callbacks"])
    data, recipes = _parse(networks, arguments, callbacks)
    progress = progress_for(verbosity(arguments["verbose"]))
    limit = arguments["time_limit"]
    deadline = math.inf if limit is None else time.monotonic() + real(limit, "time_limit", above=0.0)
    functions = [one for one in callbacks if not isinstance(one, EarlyStopping | OfMembers)]
    n_threads = threads(arguments["n_threads"])
    if any(network._core_model.custom_cost is not None for network in networks):
        n_threads = 1  # the calling thread: a function in Python need not be safe for several threads
    with ExitStack() as stack:
        for network in networks:
            stack.enter_context(network._core_model.guard.training())
        members, look = [], None
        for k, (network, recipe) in enumerate(zip(networks, recipes, strict=True)):
            run, look = build(network, recipe, WholeEpochs, look)
            members.append(FleetMember(k, network, recipe, run))
        if any(recipe.epochs for recipe in recipes):
            data.check([member.model for member in members], n_threads)
        if arguments["checkpoint"] is not None:
            fleet_checkpoints.prepare(arguments["checkpoint"], arguments["resume"])
        if look is not None:
            stack.enter_context(look)
        for member in members:
            stack.enter_context(member)
        display = None if progress is None else FleetProgress(progress, members, deadline)
        Rounds(members, functions, display, arguments["shuffle"], n_threads, deadline).run()
    _raise_failure(members)
    return [network.history for network in networks]


def _parse(
    networks: Sequence[Trainee], given: Mapping[str, Any], callbacks: Sequence[Any]
) -> tuple[MemberData, list[Recipe]]:
    """Return the data and the checked arguments of each network."""
    count = len(networks)
    shuffle = boolean(given["shuffle"], "shuffle")
    validated, layers = given["validation"] is not None, len(networks[0]._core_model.sizes) - 1
    if boolean(given["restore_best"], "restore_best") and not validated:
        raise ValueError("restore_best must be False for a Fleet without validation data, got True")
    rules = each_member(given["optimizer"], "optimizer", count, _rule)
    schedules = each_member(
        given["schedule"], "schedule", count, partial(fit_schedules, validation=validated)
    )
    penalties = {
        name: each_member(value, name, count, partial(CHECKS[name], layers=layers))
        for name, value in given["regularization"].items()
    }
    data = MemberData(
        networks[0]._core_model, count, given["X"], given["y"], given["sample_weight"], given["rows"]
    )
    data.hold_out(given["validation"])
    early = [one for one in callbacks if isinstance(one, EarlyStopping)]
    each = [one.callbacks for one in callbacks if isinstance(one, OfMembers)]
    resume, folder = given["resume"], given["checkpoint"]
    resumed = [None] * count if resume is None else fleet_checkpoints.to_resume(resume, count)
    folder = None if folder is None else fleet_checkpoints.to_write(folder)
    recipes = []
    for k, network in enumerate(networks):
        own = {
            **given,
            **_NONE,
            "optimizer": rules[k],
            "schedule": schedules[k],
            "regularization": {name: values[k] for name, values in penalties.items()},
            "callbacks": [*copy.deepcopy(early), *(one[k] for one in each)],
            "checkpoint": None if folder is None else fleet_checkpoints.member_path(folder, k),
            "resume": resumed[k],
        }
        feed = partial(
            data.feed,
            k,
            class_weight=given["class_weight"],
            batch_size=given["batch_size"],
            shuffle=shuffle,
        )
        recipes.append(parse(network._core_model, own, feed))
    return data, recipes


def _rule(value: Any, name: str) -> MiniBatchRule:
    return mini_batch_rule(value, "for a Fleet", name)


def _callbacks(given: Any) -> list[Any]:
    if not isinstance(given, Iterable):
        raise TypeError(f"callbacks must be a sequence, got {shown(given)}")
    callbacks = list(given)
    for i, one in enumerate(callbacks):
        has_hooks = any(hasattr(one, hook) for hook in HOOKS)  # which would never be called
        if not isinstance(one, EarlyStopping | OfMembers) and (
            isinstance(one, type) or has_hooks or not callable(one)
        ):
            raise TypeError(f"callbacks[{i}] must be a function or an EarlyStopping, got {shown(one)}")
    return callbacks


def _raise_failure(members: Sequence[FleetMember]) -> None:
    """Raise the error of the first member that failed."""
    failed = [(k, member.failure) for k, member in enumerate(members) if member.failure is not None]
    if not failed:
        return
    k, error = failed[0]
    others = ", ".join(str(other) for other, _ in failed[1:])
    more = f"; member{'s' if len(failed) > 2 else ''} {others} failed too" if others else ""
    if isinstance(error, FloatingPointError):
        raise FloatingPointError(f"member {k}: {error}{more}") from None
    error.add_note(f"This error occurred in member {k} of the Fleet{more}.")
    raise error
