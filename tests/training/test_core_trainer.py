"""The native trainer as used by the package: parts of epochs, states, outputs, deadlines, ticks, orders."""

import signal
import threading
import time

import localgrad as lg
import numpy as np
import pytest
from localgrad import _core
from localgrad._arguments.regularization import penalties_of
from network_cases import OPTIMIZERS

TRAINERS = {"float32": _core.Trainer32, "float64": _core.Trainer64}
N, SIZE = 203, 16
RNG = np.random.default_rng(0)
X = RNG.normal(size=(N, 6))
Y = RNG.integers(0, 3, N)
WEIGHTS = RNG.uniform(0, 2, N)
RULES = [name for name, rule in OPTIMIZERS.items() if not isinstance(rule, lg.LBFGS)]


def network(dtype="float32"):
    return lg.Network([6, 17, 3], output="softmax", dtype=dtype, seed=5, dropout=0.2, input_noise=0.1)


def penalties(net, l2=1e-3):
    return penalties_of(len(net.sizes) - 1, {"regularization": {"l2": l2}})


def trainer_of(net, rule=None, *, x=X, y=Y, weights=None, size=SIZE, n_threads=0, l2=1e-3):
    rule = (rule or lg.Adam())._native()
    trainer = TRAINERS[net.dtype.name](
        net._core_model.native, rule, penalties(net, l2), size, n_threads, weights is not None
    )
    trainer.set_data(x, y, weights, "X", "y")
    return trainer


def order_of(net, n=N):
    return _core.epoch_order(n, 1, True, net.seed, net.epochs)


def test_the_workspace_grows_by_powers_of_2_and_does_not_shrink():
    """From 379 rows on, so small a network is trained in chunks, whose sums differ in the last bits."""
    net, rooms = network(), []
    trainer = trainer_of(net, size=10**6)
    for rows in (3, 203, 300, 260, 310, 290, 400, 700, 390, 1000, 900, 600, 5000):
        trainer.set_data(np.resize(X, (rows, 6)), np.resize(Y, rows), None, "X", "y")
        trainer.run(1, [], False)
        rooms.append(trainer.room)
    assert rooms == [256, 256, 300, 300, 310, 310, 512, 1024, 1024, 1024, 1024, 1024, 8192]
    wide = lg.Network([6, 400, 400, 3], output="softmax", seed=5)
    trainer, rooms = trainer_of(wide, size=1000), []
    for rows in (3, 300, 260, 400, 500, 513, 20, 1000, 2000):
        trainer.set_data(np.resize(X, (rows, 6)), np.resize(Y, rows), None, "X", "y")
        trainer.run(1, [], False)
        rooms.append(trainer.room)
    assert rooms == [256, 512, 512, 512, 512, 1000, 1000, 1000, 1000]


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["equal", "weighted"])
@pytest.mark.parametrize("dtype", TRAINERS)
@pytest.mark.parametrize("rule", RULES)
def test_parts_give_the_same_result_as_run(rule, dtype, weights):
    whole, pieces, costs = network(dtype), network(dtype), []
    rule = OPTIMIZERS[rule]
    trainer = trainer_of(whole, rule, weights=weights)
    trainer.run(2, costs, True)
    one, sums = trainer_of(pieces, rule, weights=weights), []
    for _ in range(2):
        order, total = order_of(pieces), 0.0
        for part in np.split(order, [48, 64, 160]):
            state = one.state()
            one = trainer_of(pieces, rule, weights=weights)
            one.set_state(*state)
            one.part(part)
            assert len(one.step_costs) == -(-len(part) // SIZE)
            total = one.cost_sum(total)
        assert one.position == N
        one.end_epoch()
        assert one.position == 0
        sums.append(total / N)
    assert sums == costs
    assert pieces.epochs == whole.epochs == 2
    assert pieces.parameters.tobytes() == whole.parameters.tobytes()
    assert one.state()[:4] == trainer.state()[:4]
    for a, b in zip(one.state()[4], trainer.state()[4], strict=True):
        assert a.dtype == pieces.dtype
        assert a.tobytes() == b.tobytes()


def test_without_shuffling_run_uses_the_order_of_the_rows():
    one, other = network(), network()
    trainer_of(one).run(1, [], False)
    trainer_of(other).part(np.arange(N, dtype=np.uint32))
    assert one.parameters.tobytes() == other.parameters.tobytes()


@pytest.mark.parametrize("dtype", TRAINERS)
def test_outputs_are_those_before_the_update(dtype):
    net = lg.Network([6, 3], output="softmax", dtype=dtype, seed=5)
    trainer = trainer_of(net, lg.SGD(0.5))
    outputs = np.full((N, 3), np.nan, dtype)
    order = order_of(net)
    for start in range(0, 48, SIZE):
        rows = order[start : start + SIZE]
        expected = net.predict(X)[rows]
        trainer.part(rows, {}, outputs)
        assert outputs[rows].tobytes() == expected.tobytes()
        assert np.isfinite(outputs).all(axis=1).sum() == start + SIZE
    before = outputs.copy()
    trainer.part(order[48:])  # without outputs
    np.testing.assert_array_equal(outputs, before)


def test_factors_belong_to_the_mini_batches_of_the_part():
    one, other = network(), network()
    order, factors = order_of(one), np.geomspace(1, 0.01, 13)
    trainer_of(one).part(order, {"learning_rate": factors})
    trainer = trainer_of(other)
    for k in range(13):
        trainer.part(order[k * SIZE : (k + 1) * SIZE], {"learning_rate": factors[k : k + 1]})
    assert one.parameters.tobytes() == other.parameters.tobytes()
    trainer.part(order)
    trainer_of(one).run(1, [], True)  # the factors of the previous part are not used again


def test_data_can_change_between_parts():
    one, other = network(), network()
    together, separate = trainer_of(one), trainer_of(other)
    together.part(np.arange(N, dtype=np.uint32)[:96])
    for start in range(0, 96, 32):
        separate.set_data(X[start : start + 32].copy(), Y[start : start + 32].copy(), None, "X", "y")
        separate.part(np.arange(32, dtype=np.uint32))
    assert one.parameters.tobytes() == other.parameters.tobytes()


ROWS = np.arange(40, dtype=np.uint32)
READ_ONLY = np.zeros((N, 3), np.float32)
READ_ONLY.flags.writeable = False


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((np.arange(3),), TypeError, r"order must be a C-contiguous, aligned uint32 array.*int64.*\(3,\)"),
        ((ROWS[::2],), TypeError, "order must be a C-contiguous"),
        ((np.frombuffer(b"\0" * 9, np.uint8)[1:].view(np.uint32),), TypeError, "C-contiguous, aligned"),
        ((ROWS.reshape(2, 20),), TypeError, "of 1 dimension"),
        (([1, 2],), TypeError, "got list"),
        ((ROWS[:0],), ValueError, "order must have at least 1 row"),
        ((np.array([1, N], np.uint32),), ValueError, r"order\[1\] must be below 203, .* X, got 203"),
        ((ROWS, {"learning_rate": np.ones(2)}), ValueError, "factors of learning_rate must have 3 elements"),
        ((ROWS, {"learning_rate": np.ones(3, np.float32)}), TypeError, "factors of .* have dtype float64"),
        ((ROWS, {"learning_rate": np.array([1, -1, 1.0])}), ValueError, "factor .* at least 0, got -1"),
        ((ROWS, {"rate": np.ones(3)}), TypeError, "factors must only have scheduled settings, got {'rate'"),
        ((ROWS, {"dropout": np.full(3, 1e3)}), ValueError, "dropout must be below 1, got .* times 1000, the"),
        (
            (ROWS, {"weight_decay": np.ones(3)}),
            ValueError,
            "schedule of weight_decay requires a weight decay",
        ),
        ((ROWS, {"label_smoothing": np.ones(3)}), ValueError, "requires a cost with label smoothing"),
        ((ROWS, {}, np.zeros((N, 2), np.float32)), ValueError, "outputs must have 609 elements"),
        ((ROWS, {}, np.zeros((N, 3))), TypeError, "outputs must have dtype float32"),
        ((ROWS, {}, np.zeros((3, N), np.float32).T), ValueError, "outputs must be a C-contiguous"),
        ((ROWS, {"learning_rate": np.ones(3)}, READ_ONLY), ValueError, "outputs must be writable"),
    ],
)
def test_invalid_arguments_of_part_raise_and_change_nothing(arguments, error, message):
    net, twin = network(), network()
    trainer, undisturbed = trainer_of(net), trainer_of(twin)
    with pytest.raises(error, match=message):
        trainer.part(*arguments)
    assert trainer.position == 0
    assert len(trainer.step_costs) == 0
    trainer.part(ROWS)
    undisturbed.part(ROWS)
    with pytest.raises(error, match=message):
        trainer.part(*arguments)
    assert len(trainer.step_costs) == 0
    assert trainer.cost_sum(3.0) == 3.0
    assert net.parameters.tobytes() == twin.parameters.tobytes()


def test_training_without_data_raises():
    net = network()
    trainer = _core.Trainer32(net._core_model.native, lg.SGD()._native(), penalties(net), 4, 0, False)
    for call in (lambda: trainer.run(1, [], True), lambda: trainer.part(ROWS)):
        with pytest.raises(ValueError, match="data must be set"):
            call()


def test_invalid_states_raise_and_change_nothing():
    net = network()
    trainer = trainer_of(net)
    trainer.part(ROWS)
    *head, arrays, _ = trainer.state()
    assert head == ["adam", 3, 1.0, 40]
    for a in arrays:
        assert a.shape == (net.num_parameters,)
    bad = np.array(arrays[0])
    bad[7] = np.inf
    below = np.array(arrays[1])
    below[3] = -1e-30
    for given, error, message in [
        (arrays[:1], ValueError, "arrays must have 2 elements for this optimizer, got 1"),
        ([bad, arrays[1]], ValueError, r"arrays\[0\]\[7\] must be finite, got inf"),
        ([arrays[0], below], ValueError, r"arrays\[1\]\[3\] must be finite and at least 0, got -1e-30"),
        ([arrays[0], arrays[1][:-1].copy()], ValueError, r"arrays\[1\] must have \d+ numbers"),
        ([arrays[0], arrays[1].astype("float64")], TypeError, r"arrays\[1\] must have dtype float32"),
        ([arrays[0], None], TypeError, r"arrays\[1\] must be a NumPy array"),
    ]:
        with pytest.raises(error, match=message):
            trainer.set_state("adam", 9, 0.5, 0, given)
    for given, message in [
        (("nadam", 9, 0.5, 0), "rule must be 'adam' for this optimizer, got 'nadam'"),
        (("adam", 2**53 + 1, 0.5, 0), "t must be at most 9007199254740992, got 9007199254740993"),
        (("adam", 9, 0.5, 2**64 - 1), "position must be at most 9007199254740992, got 18446744073"),
        (("adam", 9, 2.0, 0), "mu_product must be at least 0 and at most 1, got 2"),
    ]:
        with pytest.raises(ValueError, match=message):
            trainer.set_state(*given, arrays)
    *now, same, _ = trainer.state()
    assert now == head
    assert [a.tobytes() for a in same] == [a.tobytes() for a in arrays]


LONG = np.tile(np.arange(N, dtype=np.uint32)[: SIZE * 12], 40000)  # takes several seconds


@pytest.mark.parametrize("n_threads", [1, 2])
def test_a_deadline_ends_parts_between_mini_batches(n_threads):
    net = network()
    trainer = trainer_of(net, lg.SGD(0.01), n_threads=n_threads)
    trainer.watch(0.1, None)
    start = time.monotonic()
    trainer.part(LONG)
    assert time.monotonic() - start >= 0.1
    count = len(trainer.step_costs)
    assert 0 < count < len(LONG) // SIZE
    assert trainer.position == count * SIZE
    assert trainer.cost_sum() == pytest.approx(trainer.step_costs.sum() * SIZE)
    # A part with no time left is not started.
    before = net.parameters.copy()
    trainer.part(ROWS)
    assert trainer.cost_sum(3.0) == 3.0
    assert len(trainer.step_costs) == 0
    np.testing.assert_array_equal(net.parameters, before)
    for seconds in (-1.0, -1e300):
        trainer.watch(seconds, None)
        trainer.part(ROWS)
        assert len(trainer.step_costs) == 0
    trainer.run(1, [], True)  # `run` ignores the deadline
    trainer.watch(None, None)
    trainer.part(ROWS)
    assert len(trainer.step_costs) == 3


@pytest.mark.parametrize("elsewhere", [False, True])
def test_ticks_report_progress_and_can_end_a_part(elsewhere):
    ticks, threads = [], []

    def tick(count, cost):
        ticks.append((count, cost, threading.get_ident(), time.monotonic()))
        if len(ticks) == 3:
            raise RuntimeError("enough")

    def train():
        threads.append(threading.get_ident())
        with pytest.raises(RuntimeError, match="enough"):
            trainer.part(LONG)

    net, twin = network(), network()
    trainer = trainer_of(net, lg.SGD(0.01))
    trainer.watch(None, tick)
    if elsewhere:
        thread = threading.Thread(target=train)
        thread.start()
        thread.join()
    else:
        train()
    counts, costs, where, times = zip(*ticks, strict=True)
    assert list(counts) == sorted(set(counts))
    assert costs == pytest.approx([trainer.step_costs[:count].mean() for count in counts])
    assert set(where) == set(threads)
    assert times[2] - times[0] > 0.15  # at least a tenth of a second between two ticks
    count = len(trainer.step_costs)
    assert trainer.position == count * SIZE
    trainer_of(twin, lg.SGD(0.01)).part(LONG[: count * SIZE])
    assert net.parameters.tobytes() == twin.parameters.tobytes()


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs signal.setitimer")
def test_ctrl_c_ends_a_part_at_a_mini_batch():
    def interrupt(number, frame):
        raise KeyboardInterrupt

    trainer = trainer_of(network(), lg.SGD(0.01))
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        with pytest.raises(KeyboardInterrupt):
            trainer.part(LONG)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert 0 < trainer.position < len(LONG)
    assert trainer.position == len(trainer.step_costs) * SIZE
    assert trainer.cost_sum() == pytest.approx(trainer.step_costs.sum() * SIZE)


def test_an_error_in_a_tick_is_raised_even_if_parameters_became_infinite():
    def tick(count, cost):
        raise RuntimeError("enough")

    net = lg.Network([1, 1], output="sigmoid", cost="mse", init="zeros")
    ones = np.ones((4_000_000, 1), np.float32)
    trainer = trainer_of(net, lg.SGD(1e38, momentum=0.999), x=ones, y=ones, size=1, l2=0.0)
    trainer.watch(None, tick)
    order = np.arange(len(ones), dtype=np.uint32)
    with pytest.raises(RuntimeError, match="enough"):
        trainer.part(order)
    assert np.isfinite(net.parameters).all()
    assert 0 < trainer.position == len(trainer.step_costs) < 1000  # soon after the parameters became infinite
    # The error is raised once.
    net.parameters[:] = 0
    trainer.watch(0.05, None)
    trainer.part(order, {"learning_rate": np.zeros(len(order))})


def test_arguments_of_a_part_are_discarded_however_it_ends(monkeypatch):
    fails = []

    def main_thread(actual=threading.main_thread):
        if fails:
            raise KeyboardInterrupt
        return actual()

    monkeypatch.setattr(threading, "main_thread", main_thread)
    trainer, outputs = trainer_of(network()), np.zeros((N, 3), np.float32)
    fails.append(True)
    with pytest.raises(KeyboardInterrupt):
        trainer.part(ROWS, {"learning_rate": np.zeros(3)}, outputs)
    fails.clear()
    outputs[:] = 0
    trainer.run(1, [], False)
    assert not outputs.any()


def reentrant_calls(trainer):
    """Return the calls that are not allowed while the trainer is training, by name."""
    *head, arrays, _ = trainer.state()
    return {
        "part": lambda: trainer.part(ROWS),
        "run": lambda: trainer.run(1, [], False),
        "set_data": lambda: trainer.set_data(X, Y, None, "X", "y"),
        "release_data": trainer.release_data,
        "state": trainer.state,
        "set_state": lambda: trainer.set_state(*head, arrays),
        "end_epoch": trainer.end_epoch,
        "watch": lambda: trainer.watch(None, None),
        "cost_sum": trainer.cost_sum,
        "step_costs": lambda: trainer.step_costs,
    }


def check_reentrant_calls(calls):
    for name, call in calls.items():
        with pytest.raises(RuntimeError, match=f"^{name} must not be called while the same trainer"):
            call()


def test_reentrant_calls_in_a_tick_or_another_thread_raise():
    trainer, ticks = trainer_of(network(), lg.SGD(0.01)), []
    calls = reentrant_calls(trainer)

    def tick(count, cost):
        check_reentrant_calls(calls)
        thread = threading.Thread(target=lambda: ticks.append(check_reentrant_calls(calls)))
        thread.start()
        thread.join()
        assert 0 == trainer.position < count
        assert trainer.batch_size == SIZE

    trainer.watch(0.25, tick)
    trainer.part(LONG)
    assert ticks
    for call in calls.values():  # now they are allowed
        call()
    trainer.set_data(X, Y, None, "X", "y")


def test_reentrant_calls_in_a_custom_cost_raise_and_it_can_be_replaced():
    calls = {}

    def cost(a, y):
        net._core_model.native.set_custom_cost(lambda a, y: (np.zeros(len(a)), a - y))
        check_reentrant_calls(calls)
        return ((a - y) ** 2).sum(axis=1) / 2, a - y

    net = lg.Network([6, 3], cost=cost, seed=5)
    trainer = trainer_of(net, lg.SGD(0.01), y=X[:, :3].copy())
    calls.update(reentrant_calls(trainer))
    trainer.part(ROWS)
    assert len(trainer.step_costs) == 3
    assert trainer.cost_sum() == pytest.approx(trainer.step_costs[0] * SIZE)
    assert trainer.step_costs[0] > 0
    assert list(trainer.step_costs[1:]) == [0, 0]
    native = net._core_model.native
    native.set_custom_cost(lambda a, y: (native.set_custom_cost(None), np.zeros(len(a)), a - y)[1:])
    with pytest.raises(ValueError, match="cost function must be set for a network with a custom cost"):
        trainer.part(ROWS)
    assert list(trainer.step_costs) == [0]


@pytest.mark.parametrize("dtype", TRAINERS)
def test_outputs_must_not_share_memory_with_inputs(dtype):
    net = lg.Network([3, 3], dtype=dtype, seed=5)
    memory, numbers = np.zeros(48, dtype), np.ones(12)
    x, y, weights = memory[12:24].reshape(4, 3)[::-1, ::-1], memory[36:].reshape(4, 3), numbers[:4]
    apart, order = memory[24:36].reshape(4, 3), np.arange(4, dtype=np.uint32)
    trainer = trainer_of(net, lg.SGD(0.01), x=x, y=y, weights=weights, size=2)
    cases = [
        (memory[1:13], "X"),
        (memory[23:35], "X"),
        (memory[25:37], "y"),
        (numbers.view(dtype)[:12], "sample_weight"),
        (net.parameters, "the parameters"),
    ]
    for outputs, name in cases:
        message = f"^outputs must not share memory with {name}$"
        with pytest.raises(ValueError, match=message):
            trainer.part(order, {}, outputs)
        with pytest.raises(ValueError, match=message):
            net._core_model.native.evaluate(x, y, weights, 1, "X", "y", outputs)
    trainer.part(order, {}, apart)
    net._core_model.native.evaluate(x, y, weights, 1, "X", "y", apart)


def test_divergence_names_the_mini_batch_within_the_epoch():
    net = lg.Network([6, 8, 1], activation="relu", seed=1)
    trainer = trainer_of(net, lg.SGD(0.01), y=X[:, :1].copy())
    trainer.part(ROWS[:32])
    with pytest.raises(FloatingPointError, match=r"epoch 1, mini-batch [45]: .* became"):
        trainer.part(ROWS.repeat(2)[:48], {"learning_rate": np.array([1e30] * 3)})
    assert trainer.position in (32, 48)
    assert np.isfinite(net.parameters).all()


def test_orders_are_different_permutations():
    for n in (0, 1, 2, 1000, 20000):
        orders = [
            _core.epoch_order(n, 1, True, 7, 0),
            _core.epoch_order(n, 1, True, 7, 1),
            _core.epoch_order(n, 1, True, 8, 0),
            _core.split_order(n, 7),
            _core.split_order(n, 8),
            *(_core.buffer_order(n, 7, epoch, draw) for epoch in (0, 1) for draw in (0, 1, 2**32 - 1)),
        ]
        for order in orders:
            assert order.dtype == np.uint32
            np.testing.assert_array_equal(np.sort(order), np.arange(n))
        if n >= 1000:
            assert len({order.tobytes() for order in orders}) == len(orders)
    assert _core.epoch_order(1000, 1, True, 7, 0)[:3].tolist() == [764, 633, 370]
    for whole in (_core.epoch_order(1000, 1000, True, 7, 0), _core.epoch_order(1000, 1, False, 7, 0)):
        assert whole.tolist() == list(range(1000))
    with pytest.raises(ValueError, match="n must be at most 4294967295, got 4294967296"):
        _core.epoch_order(2**32, 1, True, 0, 0)
