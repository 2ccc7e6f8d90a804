"""What the gradients of single examples say, computed without those gradients."""

from __future__ import annotations  # keeps aliases such as ArrayLike short in help()

from numpy.typing import ArrayLike

from localgrad._arguments.names.keywords import other_names
from localgrad._arrays.rows import FloatArray
from localgrad._data.examples import Examples
from localgrad._network.base import Base
from localgrad.per_example import GradientNoise, GradientNorms


class PerExample(Base):
    """Methods of `Network` about the gradients of single examples."""

    @other_names
    def gradient_norms(self, X: ArrayLike, y: ArrayLike, *, n_threads: int | None = None) -> GradientNorms:
        """Compute the norm of the gradient of each example's own cost, without computing the gradients.

        Parameters
        ----------
        X : array_like of shape (n, sizes[0]) or (sizes[0],)
            Examples, one per row, or a single example. Accepts the same types as `fit`.
        y : array_like
            Targets, as in `fit`.
        n_threads : int, optional
            Number of threads. By default it is chosen automatically; the result is the same for any number.

        Returns
        -------
        GradientNorms
            The norms by layer and of the whole gradients, one row per example, also for a single example.

        Raises
        ------
        TypeError
            If `X` or `y` does not contain real numbers.
        ValueError
            If there are no examples, a shape does not match, a number is not finite or a label is out of
            range.

        See Also
        --------
        gradient_dots : Inner products of the gradients.
        backprop : With ``per_example=True``, the gradients themselves.

        Notes
        -----
        By (G1) and (G2), the gradient of a layer is the outer product of its δ and the activations of the
        layer before it, followed by 1. Its norm is the product of two norms, (N):

        ‖∂c/∂(w^l, b^l)‖² = ‖δ^l‖² (1 + ‖a^(l-1)‖²)

        so that the norms take little more time than the forward and the backward pass, and memory for a few
        rows. Squares neither overflow nor underflow. As in `backprop`, dropout, noise and penalties are not
        included, and costs are in the units of `y`.

        Examples
        --------
        The example with the largest gradient is an outlier:

        >>> import localgrad as lg
        >>> import numpy as np
        >>> x = np.linspace(-1, 1, 101).reshape(-1, 1)
        >>> y = x.ravel() ** 2
        >>> y[70] += 2
        >>> net = lg.Network([1, 16, 1], activation="tanh", seed=0)
        >>> history = net.fit(x, y, epochs=200)
        >>> int(net.gradient_norms(x, y).total.argmax())
        70
        """
        model, data, team = self._to_differentiate(X, y, n_threads)
        with model.guard.computing():
            return GradientNorms(*model.native.gradient_norms(data.rows, data.targets, team, *data.names))

    @other_names
    def gradient_dots(
        self,
        X: ArrayLike,
        y: ArrayLike,
        X2: ArrayLike | None = None,
        y2: ArrayLike | None = None,
        *,
        n_threads: int | None = None,
    ) -> FloatArray:
        """Compute the inner products of the gradients of examples, without computing the gradients.

        Parameters
        ----------
        X : array_like of shape (n, sizes[0]) or (sizes[0],)
            Examples, one per row, or a single example. Accepts the same types as `fit`.
        y : array_like
            Targets, as in `fit`.
        X2, y2 : array_like, optional
            A second set of n2 examples with their targets. By default the same as `X` and `y`.
        n_threads : int, optional
            Number of threads. By default it is chosen automatically; the result is the same for any number.

        Returns
        -------
        ndarray of shape (n, n2)
            Inner product of the gradient of example i of `X` and that of example j of `X2`, of the network's
            dtype. Without `X2`, the symmetric Gram matrix of the gradients, of shape (n, n).

        Raises
        ------
        TypeError
            If an array does not contain real numbers.
        ValueError
            If there are no examples, a shape does not match, a number is not finite, a label is out of range,
            or only one of `X2` and `y2` is passed.
        MemoryError
            If the result, or the activations and local gradients of all examples, do not fit into memory.

        See Also
        --------
        gradient_norms : The square roots of the diagonal.

        Notes
        -----
        The inner product of two outer products is a product of inner products, (K):

        g_i · g_j = Σ_l (δ_i^l · δ_j^l) (1 + a_i^(l-1) · a_j^(l-1))

        With learned input scales, the products of their gradients are added. A positive number means that a
        step of gradient descent on one example also lowers the cost of the other. The matrix is the kernel of
        the cost's gradients (for a single output with mse, the neural tangent kernel times both errors).

        Examples
        --------
        >>> import localgrad as lg
        >>> net = lg.Network([2, 1], init=([[[1, -1]]], [[0]]))
        >>> net.gradient_dots([[2, 2], [2, 1]], [5, 0])
        array([[225., -35.],
               [-35.,   6.]], dtype=float32)
        """
        model, data, team = self._to_differentiate(X, y, n_threads)
        if (X2 is None) != (y2 is None):
            given, other = ("X2", "y2") if y2 is None else ("y2", "X2")
            raise ValueError(f"{other} must be passed together with {given}, got None")
        rows, answers = None, None
        if X2 is not None and y2 is not None:
            model.check_columns(X2, "X2")
            second = Examples.of(model, X2, y2, names=("X2", "y2"))
            rows, answers = second.rows, second.targets
        with model.guard.computing():
            return model.native.gradient_dots(data.rows, data.targets, rows, answers, team)

    @other_names
    def gradient_noise_scale(
        self, X: ArrayLike, y: ArrayLike, *, n_threads: int | None = None
    ) -> GradientNoise:
        """Estimate the simple gradient noise scale: how large a mini-batch is worth while.

        Parameters
        ----------
        X : array_like of shape (n, sizes[0])
            At least two examples, one per row. Accepts the same types as `fit`.
        y : array_like
            Targets, as in `fit`.
        n_threads : int, optional
            Number of threads. By default it is chosen automatically; the result is the same for any number.

        Returns
        -------
        GradientNoise
            The noise scale and the two estimates whose ratio it is.

        Raises
        ------
        TypeError
            If `X` or `y` does not contain real numbers.
        ValueError
            If there are fewer than two examples, a shape does not match, a number is not finite or a label is
            out of range.

        Notes
        -----
        The gradient of a mini-batch of b examples is the expected gradient G plus noise of total variance
        tr Σ / b, where Σ is the covariance matrix of the gradients of single examples. The simple noise scale
        B = tr Σ / ‖G‖² is the b for which the two are equally large. For mini-batches much smaller than B,
        twice as many examples allow a learning rate almost twice as large, and take almost half as many
        steps; for much larger ones, they only make the gradient more precise. B is good for the order of
        magnitude of `batch_size`; it ignores the curvature of the cost and the optimizer. It grows as the
        cost falls, so estimate it during training, for example in a callback.

        From the n gradients g_i and their mean ḡ, the estimates are

        tr Σ ≈ n / (n - 1) (mean of ‖g_i‖² - ‖ḡ‖²),   ‖G‖² ≈ ‖ḡ‖² - tr Σ / n

        and are unbiased if the examples are a random sample. The norms are those of `gradient_norms`.

        References
        ----------
        S. McCandlish, J. Kaplan, D. Amodei et al., "An Empirical Model of Large-Batch Training", 2018,
        section 2.2 and appendix A.1.

        Examples
        --------
        >>> import localgrad as lg
        >>> import numpy as np
        >>> rng = np.random.default_rng(0)
        >>> x = rng.normal(size=(1000, 3))
        >>> y = x.sum(axis=1) + rng.normal(size=1000)
        >>> net = lg.Network([3, 1], seed=0)
        >>> untrained = float(net.gradient_noise_scale(x, y))
        >>> history = net.fit(x, y, epochs=40)
        >>> untrained < 10 < float(net.gradient_noise_scale(x, y))
        True
        """
        model, data, team = self._to_differentiate(X, y, n_threads)
        with model.guard.computing():
            found = model.native.gradient_noise_scale(data.rows, data.targets, team, *data.names)
        return GradientNoise(*found)
