"""Optimizers: settings that are validated and immutable, with the defaults of PyTorch."""

import copy
import inspect
import pickle

import localgrad as lg
import numpy as np
import pytest
from localgrad import _core

RULES = {
    name: rule
    for name, rule in vars(lg).items()
    if isinstance(rule, type) and issubclass(rule, lg.Optimizer) and rule is not lg.Optimizer
}
FULL_BATCH = ("LBFGS", "LevenbergMarquardt")
BY_MINI_BATCH = [rule for name, rule in RULES.items() if name not in FULL_BATCH]


def other(rule):
    """Return an optimizer whose first setting is not the default."""
    (name, parameter), *_ = inspect.signature(rule).parameters.items()
    return rule(**{name: 2 * parameter.default})


def test_every_optimizer_of_the_core_is_exported():
    assert set(RULES) == {*_core.names()["optimizers"], *FULL_BATCH}
    assert {*RULES, "Optimizer"} == set(lg.optimizers.__all__)


def test_repr_shows_converted_settings():
    assert repr(lg.SGD()) == "SGD(learning_rate=0.1, momentum=0.0, nesterov=False)"
    rule = lg.SGD(3, momentum=np.float32(0.5), nesterov=np.True_)
    assert (rule.learning_rate, rule.momentum, rule.nesterov) == (3.0, 0.5, True)
    assert [type(x) for x in (rule.learning_rate, rule.momentum, rule.nesterov)] == [float, float, bool]


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_repr_is_the_call(rule):
    one = other(rule)
    assert eval(repr(one), vars(lg)) == one


@pytest.mark.parametrize("rule", BY_MINI_BATCH)
def test_the_learning_rate_is_the_first_argument(rule):
    assert next(iter(inspect.signature(rule).parameters)) == "learning_rate"
    assert rule(0.25).learning_rate == 0.25


# Name in localgrad -> name in PyTorch
NAMES = {
    "learning_rate": "lr",
    "epsilon": "eps",
    "initial_accumulator": "initial_accumulator_value",
}


@pytest.mark.parametrize("name", ["Adam", "AdamW", "NAdam", "RMSprop", "Adagrad", "Rprop"])
def test_defaults_equal_those_of_pytorch(name):
    torch = pytest.importorskip("torch")
    theirs = {k: p.default for k, p in inspect.signature(getattr(torch.optim, name)).parameters.items()}
    if "betas" in theirs:
        theirs["beta1"], theirs["beta2"] = theirs["betas"]
    if "etas" in theirs:
        theirs["eta_minus"], theirs["eta_plus"] = theirs["etas"]
        theirs["min_step"], theirs["max_step"] = theirs["step_sizes"]
    for ours, parameter in inspect.signature(RULES[name]).parameters.items():
        assert parameter.default == theirs[NAMES.get(ours, ours)], ours


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_settings_are_immutable(rule):
    one = rule()
    for name in inspect.signature(rule).parameters:
        with pytest.raises(AttributeError):
            setattr(one, name, getattr(one, name))


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_equality_hash_copy_and_pickle_use_the_settings(rule):
    one = other(rule)
    twins = (
        other(rule),
        copy.copy(one),
        copy.deepcopy(one),
        pickle.loads(pickle.dumps(one)),
    )
    for twin in twins:
        assert twin == one
        assert hash(twin) == hash(one)
    assert one != rule()
    assert one != rule.__name__


def test_classes_with_equal_settings_differ():
    assert lg.Adam() != lg.AdamW()
    assert len({rule() for rule in RULES.values()}) == len(RULES)


X = np.linspace(-1, 1, 30).reshape(10, 3)
Y = np.sin(X[:, :2])


@pytest.mark.parametrize("rule", [lg.AdamW, lg.Lion])
def test_weight_decay_of_fit_replaces_that_of_the_optimizer(rule):
    def trained(rule, **options):
        net = lg.Network([3, 5, 2], seed=1)
        net.fit(X, Y, epochs=3, optimizer=rule, **options)
        return net.parameters.tobytes()

    own = trained(rule(0.1, weight_decay=0.5))
    assert own == trained(rule(0.1, weight_decay=0.25), weight_decay=0.5)
    assert own == trained(rule(0.1, weight_decay=0), weight_decay=[0.5, 0.5])
    assert own != trained(rule(0.1, weight_decay=0.5), weight_decay=0)
