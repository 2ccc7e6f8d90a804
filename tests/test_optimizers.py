"""Optimiser objects: settings, checked once, that cannot change."""

import copy
import pickle

import localgrad as lg
import numpy as np
import pytest


def test_defaults_and_repr():
    assert repr(lg.SGD()) == "SGD(learning_rate=0.1, momentum=0.0, nesterov=False)"
    rule = lg.SGD(3, momentum=np.float32(0.5), nesterov=np.True_)
    assert (rule.learning_rate, rule.momentum, rule.nesterov) == (3.0, 0.5, True)
    assert [type(x) for x in (rule.learning_rate, rule.momentum, rule.nesterov)] == [float, float, bool]


def test_settings_cannot_change():
    rule = lg.SGD()
    with pytest.raises(AttributeError):
        rule.learning_rate = -1


def test_equality_hash_copy_pickle():
    rule = lg.SGD(0.2, momentum=0.9)
    for other in (lg.SGD(0.2, 0.9), copy.copy(rule), copy.deepcopy(rule), pickle.loads(pickle.dumps(rule))):
        assert other == rule
        assert hash(other) == hash(rule)
    assert rule != lg.SGD(0.2)
    assert rule != "SGD"
