"""The update rules of the reference, two steps of each worked out by hand, and schedules."""

import math
from typing import Any

import pytest
from localgrad.reference import (
    OPTIMIZERS,
    SGD,
    Adagrad,
    Adam,
    AdamW,
    Lion,
    NAdam,
    Network,
    RMSprop,
    Rprop,
)

LINE: dict[str, Any] = {"init": ([[[1.0]]], [[0.0]])}  # a = w x + b with w = 1, b = 0


def two_steps(rule: Any, slopes: tuple[float, float], w: float = 1.0) -> list[float]:
    """Return w after two steps of the rule with these slopes."""
    kept = rule.start()
    found = []
    for t, g in enumerate(slopes, start=1):
        w, *kept = rule.update(1.0, t, w, g, *kept)
        found.append(w)
    return found


@pytest.mark.parametrize(
    ("rule", "slopes", "expected"),
    [
        # m = 2 and 1 + 1 = 1.5 (half of 2 and half of 1); v = 8 and 4 + 0.5 = 4.5.
        # step 1: 0.1/(1/2) * 2/(sqrt(8)/sqrt(1/2) + 1) = 0.4/5
        # step 2: 0.1/(3/4) * 1.5/(sqrt(4.5)/sqrt(3/4) + 1) = 0.2/(sqrt(6) + 1)
        (
            Adam(0.1, beta1=0.5, beta2=0.5, epsilon=1.0),
            (4.0, 1.0),
            [1 - 0.08, 1 - 0.08 - 0.2 / (math.sqrt(6) + 1)],
        ),
        # AMSGrad: the 8 of the first step is kept: 0.2/(sqrt(8)/sqrt(3/4) + 1)... m = 1 + 0.5
        (
            Adam(0.1, beta1=0.5, beta2=0.5, epsilon=1.0, amsgrad=True),
            (4.0, 1.0),
            [1 - 0.08, 1 - 0.08 - 0.2 / (math.sqrt(32 / 3) + 1)],
        ),
        # AdamW makes the same steps as Adam; `fit` applies its weight decay.
        (
            AdamW(0.1, beta1=0.5, beta2=0.5, epsilon=1.0, weight_decay=0.5),
            (4.0, 1.0),
            [1 - 0.08, 1 - 0.08 - 0.2 / (math.sqrt(6) + 1)],
        ),
        # mu = 1/4 always. Step 1: P = 1/4, m = 2, v = 8, d = 5:
        #   0.1 (3/4)/(3/4) 4/5 + 0.1 (1/4)/(1 - 1/16) 2/5 = 0.08 + 0.04/3.75
        # step 2: P = 1/16, m = 1.5, v = 4.5, d = sqrt(6) + 1:
        #   [0.1 (3/4)/(15/16) + 0.1 (1/4)/(1 - 1/64) 1.5]/d = [0.08 + 2.4/63]/d
        (
            NAdam(0.1, beta1=0.5, beta2=0.5, epsilon=1.0, momentum_decay=0.0),
            (4.0, 1.0),
            [
                1 - 0.08 - 0.04 / 3.75,
                1 - 0.08 - 0.04 / 3.75 - (0.08 + 2.4 / 63) / (math.sqrt(6) + 1),
            ],
        ),
        # v = 4, then 3 + 1 = 4: d = 3 both times
        (RMSprop(0.1, alpha=0.75, epsilon=1.0), (4.0, 2.0), [1 - 0.4 / 3, 1 - 0.6 / 3]),
        # buf = 4/3, then 2/3 + 2/3
        (
            RMSprop(0.1, alpha=0.75, epsilon=1.0, momentum=0.5),
            (4.0, 2.0),
            [1 - 0.4 / 3, 1 - 0.4 / 3 - 0.4 / 3],
        ),
        # mean = 1, then 0.75 + 0.5 = 1.25: d = sqrt(4 - 1) + 1, then sqrt(4 - 25/16) + 1
        (
            RMSprop(0.1, alpha=0.75, epsilon=1.0, centered=True),
            (4.0, 2.0),
            [1 - 0.4 / (math.sqrt(3) + 1), 1 - 0.4 / (math.sqrt(3) + 1) - 0.2 / (math.sqrt(39) / 4 + 1)],
        ),
        # s = 16, then 25
        (Adagrad(0.1, epsilon=1.0), (4.0, 3.0), [1 - 0.4 / 5, 1 - 0.4 / 5 - 0.3 / 6]),
        # s = 9 + 16, then 25 + 144; the second rate is 0.1/2
        (
            Adagrad(0.1, lr_decay=1.0, initial_accumulator=9.0, epsilon=1.0),
            (4.0, 12.0),
            [1 - 0.4 / 6, 1 - 0.4 / 6 - 0.6 / 14],
        ),
        (Rprop(0.25), (4.0, 8.0), [0.75, 0.75 - 0.3]),
        (Rprop(0.25), (4.0, -8.0), [0.75, 0.75]),  # no step after a change of sign
        (Rprop(0.25, max_step=0.26), (4.0, 8.0), [0.75, 0.49]),
        (Rprop(0.25, min_step=0.5), (4.0, 8.0), [0.5, -0.1]),
        # m = 0: sign(2); m = 1: sign(0.5 - 1)
        (Lion(0.1, beta1=0.5, beta2=0.75), (4.0, -2.0), [0.9, 1.0]),
        (Lion(0.1, beta1=0.5, beta2=0.75), (4.0, -1.0), [0.9, 0.9]),  # 0.5 - 0.5 = 0 has no sign
    ],
)
def test_two_steps_worked_out_by_hand(rule: Any, slopes: tuple[float, float], expected: list[float]) -> None:
    assert two_steps(rule, slopes) == pytest.approx(expected, rel=1e-14)


def test_rprop_discards_a_slope_whose_sign_changed() -> None:
    """After the pause, the step size is unchanged, whatever the sign of the slope."""
    rule = Rprop(1.0)
    w, *kept = rule.update(1.0, 1, 0.0, 1.0, *rule.start())
    w, *kept = rule.update(1.0, 2, w, -1.0, *kept)
    assert (w, kept) == (-1.0, [0.0, 0.5])
    assert rule.update(1.0, 3, w, -1.0, *kept) == (-0.5, -1.0, 0.5)


def test_the_momentum_of_nadam_increases() -> None:
    """mu_1 = 0.9 (1 - 0.96^1/2) and so on; the first step with psi = 1, number by number."""
    mu = [0.9 * (1 - 0.5 * 0.96**t) for t in (1, 2)]
    g, d = 4.0, 4.0 + 1e-8  # m/(1 - b1) = g, v/(1 - b2) = g^2
    step = (1 - mu[0]) / (1 - mu[0]) * g / d + mu[1] / (1 - mu[0] * mu[1]) * 0.1 * g / d
    assert two_steps(NAdam(0.5, momentum_decay=1.0), (g, g))[0] == pytest.approx(1 - 0.5 * step, rel=1e-14)


def test_defaults_are_those_of_the_papers_and_pytorch() -> None:
    assert Adam() == Adam(0.001, beta1=0.9, beta2=0.999, epsilon=1e-8, amsgrad=False)
    assert AdamW() == AdamW(0.001, beta1=0.9, beta2=0.999, epsilon=1e-8, amsgrad=False, weight_decay=0.01)
    assert NAdam() == NAdam(0.002, beta1=0.9, beta2=0.999, epsilon=1e-8, momentum_decay=0.004)
    assert RMSprop() == RMSprop(0.01, alpha=0.99, epsilon=1e-8, momentum=0.0, centered=False)
    assert Adagrad() == Adagrad(0.01, lr_decay=0.0, initial_accumulator=0.0, epsilon=1e-10)
    assert Rprop() == Rprop(0.01, eta_minus=0.5, eta_plus=1.2, min_step=1e-6, max_step=50.0)
    assert Lion() == Lion(1e-4, beta1=0.9, beta2=0.99, weight_decay=0.0)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_schedule_factor_scales_the_step_but_not_the_state(name: str) -> None:
    rule = OPTIMIZERS[name]()
    w, *kept = rule.update(1.0, 1, 0.0, 2.0, *rule.start())
    half, *also_kept = rule.update(0.5, 1, 0.0, 2.0, *rule.start())
    assert half == pytest.approx(w / 2, rel=1e-15)
    assert kept == also_kept


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_each_optimizer_lowers_the_cost_and_starts_fresh_in_each_fit(name: str) -> None:
    x = [[k / 10] for k in range(-10, 11)]
    y = [[2 * v + 1] for (v,) in x]
    rule = OPTIMIZERS[name](0.02)
    net = Network([1, 1], **LINE)
    before = net.evaluate(x, y)["cost"]
    net.fit(x, y, epochs=200, batch_size=None, optimizer=rule)
    assert net.evaluate(x, y)["cost"] < before / 3

    once, again = (Network([1, 1], **LINE) for _ in range(2))
    once.fit(x, y, epochs=1, optimizer=rule)
    again.fit(x, y, epochs=5, optimizer=rule)
    again.parameters = [1.0, 0.0]
    again.fit(x, y, epochs=1, optimizer=rule)
    assert again.parameters == once.parameters


BAD: list[tuple[type, dict[str, Any], str]] = [
    (SGD, {"momentum": 1.0}, r"momentum must be in \[0, 1\), got 1.0"),
    (Adam, {"beta1": 1.0}, r"beta1 must be in \[0, 1\), got 1.0"),
    (Adam, {"beta2": -0.1}, r"beta2 must be in \[0, 1\), got -0.1"),
    (Adam, {"epsilon": 0.0}, "epsilon must be finite and above 0, got 0.0"),
    (Adam, {"learning_rate": math.inf}, "learning_rate must be finite and at least 0, got inf"),
    (AdamW, {"weight_decay": -1.0}, "weight_decay must be finite and at least 0, got -1.0"),
    (AdamW, {"beta2": 1.0}, r"beta2 must be in \[0, 1\), got 1.0"),
    (NAdam, {"momentum_decay": -1.0}, "momentum_decay must be finite and at least 0, got -1.0"),
    (RMSprop, {"alpha": 1.0}, r"alpha must be in \[0, 1\), got 1.0"),
    (Adagrad, {"lr_decay": -1.0}, "lr_decay must be finite and at least 0, got -1.0"),
    (Adagrad, {"initial_accumulator": -1.0}, "initial_accumulator must be finite and at least 0, got -1.0"),
    (Rprop, {"eta_minus": 1.0}, r"eta_minus must be in \(0, 1\), got 1.0"),
    (Rprop, {"eta_plus": 1.0}, "eta_plus must be finite and above 1, got 1.0"),
    (Rprop, {"min_step": 0.0}, "min_step must be finite and above 0, got 0.0"),
    (Rprop, {"min_step": 60.0}, "min_step must be at most max_step 50.0, got 60.0"),
    (Lion, {"beta1": 1.0}, r"beta1 must be in \[0, 1\), got 1.0"),
]


@pytest.mark.parametrize(("kind", "settings", "message"), BAD)
def test_invalid_settings_raise(kind: type, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        kind(**settings)


def test_an_unknown_optimizer_raises() -> None:
    with pytest.raises(TypeError, match=r"^optimizer must be one of SGD, .*Adam, .*, got 0\.1$"):
        Network([1, 1]).fit([[1.0]], [1.0], optimizer=0.1)


def fit_line(**arguments: Any) -> tuple[list[float], dict[str, list[float]]]:
    """Train for two epochs of two mini-batches with x = 0 and y = 1, so that only the bias changes."""
    net = Network([1, 1], init=([[[0.0]]], [[0.0]]))
    history = net.fit([[0.0]] * 4, [[1.0]] * 4, epochs=2, batch_size=2, optimizer=SGD(0.5), **arguments)
    return net.parameters, history


def test_a_schedule_is_called_before_each_mini_batch() -> None:
    asked: list[float] = []

    def schedule(epoch: float) -> float:
        asked.append(epoch)
        return 0.5 if epoch < 1 else 0.0

    parameters, history = fit_line(schedule=schedule)
    assert asked == [0.0, 0.5, 1.0, 1.5]
    # b = 0 + 0.25 (1 - 0), then + 0.25 (1 - 0.25)
    assert parameters == [0.0, 0.4375]
    assert history["learning_rate"] == [0.25, 0.0]
    assert "learning_rate" not in fit_line()[1]


def test_a_schedule_can_depend_on_the_number_of_epochs() -> None:
    class Falling:
        def __init__(self, epochs: float = math.nan) -> None:
            self.epochs = epochs

        def over(self, epochs: int) -> "Falling":
            return Falling(epochs)

        def __call__(self, epoch: float) -> float:
            return 1 - epoch / self.epochs

    assert fit_line(schedule=Falling())[1]["learning_rate"] == [0.5 * 0.75, 0.5 * 0.25]


def test_a_schedule_can_observe_the_logs() -> None:
    seen: list[dict[str, float]] = []

    class Tracker:
        factor = 1.0

        def observe(self, logs: dict[str, float]) -> None:
            seen.append(logs)
            self.factor /= 4

    class Listening:
        def start(self) -> Tracker:
            return Tracker()

    history = fit_line(schedule=Listening(), validation=([[0.0]], [[1.0]]))[1]
    assert history["learning_rate"] == [0.5, 0.125]
    assert [set(logs) for logs in seen] == [{"cost", "val_cost", "learning_rate"}] * 2


def test_invalid_schedules_raise() -> None:
    with pytest.raises(ValueError, match=r"^schedule must return factors finite and at least 0, got -1\.0$"):
        fit_line(schedule=lambda epoch: -1)
    with pytest.raises(TypeError, match=r"^schedule must be a callable or have a method start, got 0\.5$"):
        fit_line(schedule=0.5)
