"""`Monitor`: known names, which direction is better, and invalid states."""

import math

import pytest
from localgrad.callbacks import Monitor
from localgrad.metrics.names import HIGHER_IS_BETTER, direction, near


@pytest.mark.parametrize("name", [None, "cost", "val_cost", "accuracy", "val_top_k(5)", "val_rmse"])
def test_the_direction_follows_from_the_name_or_mode(name):
    higher = name in ("accuracy", "val_top_k(5)")
    assert direction(name, None) is higher
    assert direction(name, "max") is True
    assert direction(name, "min") is False
    monitor = Monitor(name, None)
    assert monitor.improved({"cost": 1.0} | ({name: 1.0} if name else {}))
    assert monitor.improved({"cost": 2.0} | ({name: 2.0} if name else {})) is higher


def test_an_unknown_name_requires_mode():
    with pytest.raises(ValueError) as caught:
        Monitor("val_accurate", None)
    message = str(caught.value)
    assert message.startswith(
        "mode must be 'min' or 'max' for the unknown monitor 'val_accurate', got None; did you mean "
    )
    assert "'val_accuracy'" in message
    assert "a custom metric requires mode" in message
    for known in ("cost", *HIGHER_IS_BETTER):
        assert known in message
    assert Monitor("val_accurate", "max").improved({"cost": 1.0, "val_accurate": 1.0})


@pytest.mark.parametrize(
    ("name", "known", "meant"),
    [
        ("val_loss", ["cost", "val_cost", "log_loss"], ["val_cost"]),
        ("loss", ["cost", "val_cost"], ["cost"]),
        ("acuracy", ["cost", "accuracy", "val_accuracy"], ["accuracy"]),
        ("mine", ["cost"], []),
    ],
)
def test_similar_names_are_suggested(name, known, meant):
    text = near(name, known)
    assert text == (f"; did you mean {' or '.join(map(repr, meant))}?" if meant else "")


@pytest.mark.parametrize(
    ("name", "names", "hint"),
    [
        ("val_cost", ["cost", "accuracy"], "; names that begin with 'val_' require fit(validation=...)"),
        ("val_f1", ["cost", "val_cost"], "; pass metrics='f1' to fit to compute it"),
        ("val_mine", ["cost", "val_cost", "val_mime"], "; did you mean 'val_mime'?"),
        ("val_mine", ["cost", "val_cost"], ""),
    ],
)
def test_a_name_missing_from_the_logs_raises_with_a_hint(name, names, hint):
    with pytest.raises(ValueError) as caught:
        Monitor(name, "max").begin(names)
    known = ", ".join(map(repr, names))
    assert str(caught.value).startswith(f"monitor must be one of {known}, got {name!r}{hint}")
    Monitor(name, "max").begin([*names, name])
    Monitor(None, None).begin(names)


@pytest.mark.parametrize("best", [10**400, -(10**400), "1", True, math.nan, [], {}, 1j])
def test_an_invalid_state_raises_and_changes_nothing(best):
    monitor = Monitor("cost", None)
    monitor.set_state({"monitor": "cost", "best": 0.5})
    with pytest.raises(ValueError, match="best in state must be a number, got"):
        monitor.set_state({"monitor": "cost", "best": best})
    assert monitor.state() == {"monitor": "cost", "best": 0.5}
    monitor.set_state({"monitor": "cost", "best": 3})
    assert type(monitor.state()["best"]) is float


def test_arguments_are_attributes():
    monitor = Monitor("auc", "min", min_delta=0.25)
    assert (monitor.name, monitor.mode, monitor.min_delta) == ("auc", "min", 0.25)
