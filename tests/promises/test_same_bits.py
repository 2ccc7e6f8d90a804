"""Results do not depend on the number of threads or on the instruction set, if it has FMA."""

import os
from pathlib import Path

import localgrad as lg
import numpy as np
import pytest
from bits_of_training import CONDITIONS, COUNT, DISTURBANCES, random_case, results
from lengths import mostly_slow
from network_cases import ACTIVATIONS, OPTIMIZERS, OUTPUTS, PAIRS, relative_error, some_data
from programs import run

PROGRAM = Path(__file__).parents[1] / "support" / "bits_of_training.py"
CASES = range(COUNT)


def test_the_cases_cover_all_functions():
    cases = [random_case(number) for number in CASES]
    assert {(c.settings["output"], c.settings["cost"]) for c in cases} == set(PAIRS)
    assert {phi for c in cases for phi in c.settings["activation"]} == set(ACTIVATIONS)

    def holds(c, settings, arguments, dtype):
        return (
            c.settings | settings == c.settings
            and c.arguments | arguments == c.arguments
            and c.settings["dtype"] == dtype
        )

    for name in ("learning_rate", "dropout", "weight_decay", "label_smoothing"):
        assert any(name in c.arguments.get("schedule", {}) for c in cases)
    for rule in OPTIMIZERS.values():
        for dtype in ("float32", "float64"):
            assert any(holds(c, {}, {"optimizer": rule}, dtype) for c in cases)
        for settings in DISTURBANCES.values():
            assert any(holds(c, settings, {"optimizer": rule}, c.settings["dtype"]) for c in cases)
        for arguments in CONDITIONS.values():
            assert any(holds(c, {}, {"optimizer": rule, **arguments}, c.settings["dtype"]) for c in cases)


def different(one, other):
    """Return the names of the arrays whose bytes differ."""
    assert one.keys() == other.keys()
    return [name for name in one if one[name].tobytes() != other[name].tobytes()]


@pytest.mark.parametrize("number", mostly_slow(CASES, 8))
def test_the_result_does_not_depend_on_the_number_of_threads(number):
    expected = results(number, 1)
    assert np.isfinite(expected["parameters"]).all()
    for n_threads in (2, 3, 7, None):
        assert different(results(number, n_threads), expected) == []


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("sizes", "batch_size"), mostly_slow([([64, 128, 64, 5], 64), ([50, 200, 1], 32), ([4, 32, 3], 5000)])
)
@pytest.mark.parametrize(
    ("rule", "settings", "more"),
    [
        ("momentum", {}, {}),
        ("adam", {"dropout": 0.3, "input_noise": 0.1}, {"max_norm": 0.7, "clip_norm": 0.2}),
    ],
    ids=["plain", "all options"],
)
def test_the_default_number_of_threads_gives_the_same_result(rule, settings, more, sizes, batch_size, dtype):
    """Long enough that one thread and several threads are tried in turn."""
    x, y = some_data(5000, sizes)
    nets = [lg.Network(sizes, activation="tanh", dtype=dtype, seed=1, **settings) for _ in range(2)]
    options = {"epochs": 10, "batch_size": batch_size, "optimizer": OPTIMIZERS[rule], **more}
    one, other = (net.fit(x, y, n_threads=n, **options) for net, n in zip(nets, (None, 1), strict=True))
    assert one == other
    assert nets[0].parameters.tobytes() == nets[1].parameters.tobytes()


@pytest.mark.parametrize("isa", ["sse9", "", "AVX2"])
def test_an_unknown_instruction_set_raises(isa):
    status = 0 if isa == "" else 1  # as if it were not set
    done = run("import localgrad", status=status, environment=os.environ | {"LOCALGRAD_ISA": isa})
    assert all(word in done.stderr for word in ("LOCALGRAD_ISA", "portable")) == (isa != "")


@pytest.fixture(scope="module")
def results_on(tmp_path_factory):
    """Return a function from an instruction set to the results computed with it, in a separate process."""
    known = {}

    def results(isa):
        if isa not in lg.info()["isa_available"]:
            pytest.skip(f"this machine or build has no {isa}")
        if isa not in known:
            path = tmp_path_factory.mktemp(isa) / "results.npz"
            run(PROGRAM, path, environment=os.environ | {"LOCALGRAD_ISA": isa})
            with np.load(path) as arrays:
                known[isa] = dict(arrays)
            assert known[isa].pop("isa") == isa
        return known[isa]

    return results


def test_avx2_and_avx512_give_the_same_result(results_on):
    assert different(results_on("avx2"), results_on("avx512")) == []


def test_portable_kernels_differ_only_by_rounding(results_on):
    other = lg.info()["isa_available"][-1]
    if other == "portable":
        pytest.skip("this machine or build only has the portable kernels")
    ours, expected = results_on("portable"), results_on(other)
    for number in CASES:
        case = random_case(number)
        # A sum of k products may have an error of k eps times its terms. (Training may amplify it.)
        tolerance = (sum(case.sizes) + case.n) * np.finfo(case.settings["dtype"]).eps
        for name in ("cost", "delta", "gradient"):
            assert relative_error(ours[f"{number} {name}"], expected[f"{number} {name}"]) <= tolerance
        name = f"{number} standardization"
        assert ours[name].tobytes() == expected[name].tobytes()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("hidden", "output"),
    mostly_slow([(ACTIVATIONS[k % len(ACTIVATIONS)], output) for k, output in enumerate(OUTPUTS, 5)]),
)
def test_the_prediction_of_a_row_does_not_depend_on_other_rows(hidden, output, dtype):
    """Up to 32 rows read the parameters in place; more rows use a packed copy, in blocks of 96."""
    widths = [17, 33, 7], [3, 70, 130, 2], [4, 64, 64, 16], [3, 2], [3, 5000, 2], *[[k, 1] for k in (1, 17)]
    for sizes in (sizes for sizes in widths if output != "softmax" or sizes[-1] > 1):
        net = lg.Network(sizes, activation=hidden, output=output, dtype=dtype, seed=3)
        x = some_data(200, sizes)[0].astype(dtype)
        single = np.array([net.predict(row) for row in x])  # on the stack if the widest layer fits there
        for n in (1, 2, 31, 32, 33, 95, 96, 97, 200):
            for n_threads in (1, 2, 3, 7):
                assert net.predict(x[:n], n_threads=n_threads).tobytes() == single[:n].tobytes()
        assert net.predict(x[::-1]).tobytes() == single[::-1].tobytes()
        assert net.backprop(x, some_data(200, sizes)[1]).activations[-1].tobytes() == single.tobytes()
