"""The body of `Fleet.fit`: parse, build, and train all members together."""

import copy
import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Any

import numpy as np

import localgrad._core as _core
from localgrad._arguments.check import boolean, real, shown, threads
from localgrad._arguments.members import each_member
from localgrad._data.member_data import MemberData
from localgrad._training.callback_list import HOOKS
from localgrad._training.fit import build
from localgrad._training.fleet_member import FleetMember, WholeEpochs
from localgrad._training.parse import parse
from localgrad._training.partial_state import Trainee
from localgrad._training.recipe import Recipe
from localgrad.callbacks import EarlyStopping
from localgrad.history import History
from localgrad.optimizers.argument import mini_batch_rule

_TRAIN = {"float32": _core.train_fleet32, "float64": _core.train_fleet64}
# Arguments of `Network.fit` that a fleet does not have.
_NONE = {"resume": None, "checkpoint": None, "checkpoint_every": 1, "time_limit": None, "verbose": 0}


def fit(networks: Sequence[Trainee], arguments: Mapping[str, Any]) -> list[History]:
    """Train the networks of a fleet; the arguments are those of `Fleet.fit`."""
    callbacks = _callbacks(arguments["callbacks"])
    early = [one for one in callbacks if isinstance(one, EarlyStopping)]
    data, recipes = _parse(networks, arguments, early)
    limit = arguments["time_limit"]
    deadline = math.inf if limit is None else time.monotonic() + real(limit, "time_limit", above=0.0)
    functions = [one for one in callbacks if not isinstance(one, EarlyStopping)]
    n_threads = threads(arguments["n_threads"])
    if any(network._core_model.custom_cost is not None for network in networks):
        n_threads = 1  # the calling thread: a function in Python need not be safe for several threads
    with ExitStack() as stack:
        for network in networks:
            stack.enter_context(network._core_model.guard.training())
        members, look = [], None
        for network, recipe in zip(networks, recipes, strict=True):
            run, look = build(network, recipe, WholeEpochs, look)
            members.append(FleetMember(network, recipe, run))
        if look is not None:
            stack.enter_context(look)
        for member in members:
            stack.enter_context(member)
        if any(recipe.epochs for recipe in recipes):
            data.check(n_threads)
        _Rounds(members, functions, arguments["shuffle"], n_threads, deadline).run()
    _raise_failure(members)
    return [network.history for network in networks]


def _parse(
    networks: Sequence[Trainee], given: Mapping[str, Any], early: list[EarlyStopping]
) -> tuple[MemberData, list[Recipe]]:
    """Return the data and the checked arguments of each network."""
    count = len(networks)
    shuffle = boolean(given["shuffle"], "shuffle")
    each = {name: each_member(given[name], name, count) for name in ("optimizer", "schedule")}
    penalties = {name: each_member(value, name, count) for name, value in given["regularization"].items()}
    data = MemberData(
        networks[0]._core_model, count, given["X"], given["y"], given["sample_weight"], given["rows"]
    )
    data.hold_out(given["validation"])
    recipes = []
    for k, network in enumerate(networks):
        own = {
            **given,
            **_NONE,
            "optimizer": mini_batch_rule(each["optimizer"][k], "for a Fleet"),
            "schedule": each["schedule"][k],
            "regularization": {name: values[k] for name, values in penalties.items()},
            "callbacks": copy.deepcopy(early),
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


def _callbacks(given: Any) -> list[Any]:
    if not isinstance(given, Iterable):
        raise TypeError(f"callbacks must be a sequence, got {shown(given)}")
    callbacks = list(given)
    for i, one in enumerate(callbacks):
        has_hooks = any(hasattr(one, hook) for hook in HOOKS)  # which would never be called
        if not isinstance(one, EarlyStopping) and (isinstance(one, type) or has_hooks or not callable(one)):
            raise TypeError(f"callbacks[{i}] must be a function or an EarlyStopping, got {shown(one)}")
    return callbacks


class _Rounds:
    """Calls of the core that train all members which are not over, for one epoch or for all of them."""

    def __init__(
        self,
        members: Sequence[FleetMember],
        functions: Sequence[Callable[[int, dict[str, Any]], object]],
        shuffle: bool,
        n_threads: int,
        deadline: float,
    ) -> None:
        self._members, self._functions = members, functions
        self._shuffle, self._threads, self._deadline = shuffle, n_threads, deadline

    def run(self) -> None:
        """Train until all members are over."""
        while active := self._active():
            quiet = not self._functions and all(member.is_quiet for member in active)
            for member in active:
                member.prepare(quiet)
            try:
                self._train(active)
            finally:
                for member in active:
                    member.record(quiet)
            for member in active:
                member.finish(quiet)
            trained = [member for member in active if member.costs]
            if self._functions and trained:
                self._call_functions(trained)

    def _active(self) -> list[FleetMember]:
        """Return the members that are not over, after closing those that are."""
        late = time.monotonic() > self._deadline
        for member in self._members:
            if member.closed:
                continue
            if late:
                member.run.training.stopped = member.run.training.stopped or "time_limit"
            if member.is_over:
                member.close()
        return [member for member in self._members if not member.closed]

    def _train(self, active: Sequence[FleetMember]) -> None:
        with ExitStack() as stack:
            for member in active:
                stack.enter_context(member.model.guard.computing())
            train: Any = _TRAIN[active[0].model.dtype.name]  # its trainers have the same dtype
            train(
                [member.algorithm.trainer for member in active],
                [member.algorithm.rows for member in active],
                [member.factors for member in active],
                [member.outputs for member in active],
                [member.epochs for member in active],
                [member.costs for member in active],
                self._shuffle,
                self._threads,
                self._deadline - time.monotonic(),
            )

    def _call_functions(self, trained: Sequence[FleetMember]) -> None:
        """Call the functions with the numbers of the members that were trained in this round."""
        logs = {}
        for name in trained[0].run.training.names:
            numbers = np.full(len(self._members), np.nan)
            for k, member in enumerate(self._members):
                if member in trained:
                    numbers[k] = member.run.training.logs.get(name, np.nan)
            logs[name] = numbers
        epoch = max(member.run.training.epoch for member in self._members)
        # Call all of them before stopping, because each must see every epoch.
        reasons = [reason for function in self._functions if (reason := function(epoch, dict(logs)))]
        for member in trained if reasons else ():
            training = member.run.training
            training.stopped = training.stopped or (reasons[0] if isinstance(reasons[0], str) else "callback")


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
