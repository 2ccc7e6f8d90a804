"""The Levenberg-Marquardt method for full batches."""

from localgrad._arguments.settings import number, settings
from localgrad.optimizers.base import FullBatchRule

__all__ = ["LevenbergMarquardt"]  # also the name that the package exports


@settings
class LevenbergMarquardt(FullBatchRule):
    """Levenberg-Marquardt method, for regression with small networks and the cost "mse".

    With the residuals e = a^L - y of all examples, and the Jacobian matrix J of the outputs with respect to
    the parameters, the cost of n examples is eᵀe / (2n). Each iteration computes J by backpropagation, one
    pass for each output, solves

        (JᵀJ / n + μI) d = -Jᵀe / n

    by a Cholesky decomposition, and adds d to the parameters if this decreases the cost. Then μ is multiplied
    by `damping_decrease`. Otherwise μ is multiplied by `damping_increase`, and the equation is solved again,
    until the cost decreases. For large μ the step is that of gradient descent with a learning rate of 1/μ;
    for small μ it is that of the Gauss-Newton method, which converges much faster close to a minimum.

    The defaults, and the rules for μ, are those of MATLAB's trainlm.

    Parameters
    ----------
    damping : float, default 1e-3
        Initial μ; finite and above 0.
    damping_decrease : float, default 0.1
        Factor of μ after each step; above 0 and below 1.
    damping_increase : float, default 10.0
        Factor of μ after a step that would not decrease the cost; finite and above 1.
    max_damping : float, default 1e10
        Training ends when μ exceeds this value, because no step decreases the cost; finite and at least
        `damping`.
    tolerance : float, default 1e-7
        Training ends when no component of the gradient exceeds this value; finite and at least 0.

    Raises
    ------
    TypeError
        If an argument is not a number.
    ValueError
        If an argument is out of range.

    Notes
    -----
    In `Network.fit`, the argument `epochs` is the maximum number of iterations. `Network.epochs` counts
    iterations, and ``"cost"`` in the history is the cost after each iteration. `batch_size` and `shuffle`
    are ignored.

    At most 5,000 parameters can be trained, because the time of an iteration grows with the third power of
    their number P: about n m_L P² + P³/3 operations for n examples and m_L outputs. It needs 16 P² bytes of
    memory, 400 MB for 5,000 parameters. Frozen parameters, those with a factor of 0 in `weight_lr_factor` or
    `bias_lr_factor`, are not counted.

    Supported arguments are `l2`, `penalize_biases`, `sample_weight`, `validation`, ``callbacks``,
    ``checkpoint`` and ``resume``. Because the method requires a deterministic sum of squares over all
    examples, other costs, `l1`, dropout, noise, `schedule`, `sampler`, `weight_decay`, `clip_value`,
    `clip_norm`, `clip_per_example` and `max_norm` are not supported.

    Everything is computed in float64. A float32 network is copied to float64, and each new parameter is
    rounded to float32 before the cost is computed; close to a minimum, no rounded step may decrease the cost.
    Use float64 for accurate minima. The result is bit-identical for any number of threads.

    References
    ----------
    Marquardt, "An algorithm for least-squares estimation of nonlinear parameters", 1963.

    Hagan & Menhaj, "Training feedforward networks with the Marquardt algorithm", 1994.

    Examples
    --------
    >>> import localgrad as lg, numpy as np
    >>> x = np.linspace(-3, 3, 100)[:, np.newaxis]
    >>> net = lg.Network([1, 8, 1], activation="tanh", dtype="float64", seed=0)
    >>> history = net.fit(x, np.sin(x), epochs=100, optimizer=lg.LevenbergMarquardt())
    >>> history["cost"][-1] < 1e-4
    True
    """

    damping: float = number(1e-3, above=0.0)
    damping_decrease: float = number(0.1, above=0.0, below=1.0)
    damping_increase: float = number(10.0, above=1.0)
    max_damping: float = number(1e10, above=0.0)
    tolerance: float = number(1e-7, at_least=0.0)

    def _check(self) -> None:
        if self.max_damping < self.damping:
            raise ValueError(f"max_damping must be at least damping, {self.damping}, got {self.max_damping}")
