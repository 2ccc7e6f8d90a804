"""The methods of `Network` for the curvature of the cost."""

from typing import Any

from .curvature import Output, curvature_diagonal, curvature_product, second
from .example_gradients import ExampleGradients
from .layout import flatten, unflatten
from .matrix import Vector
from .steps import batch_means
from .weights import relative, sample_weights


class Hessians(ExampleGradients):
    """Base class of `Network`: products with the Hessian and the Gauss-Newton matrix, and their diagonals."""

    def hessian_product(
        self, X: Any, y: Any, v: Vector, *, sample_weight: Any = None, n_threads: int | None = None
    ) -> Vector:
        """Compute the product of the Hessian of the cost and a vector. Pearlmutter 1994.

        Parameters
        ----------
        X : list of shape (n, sizes[0]) or (sizes[0],)
            Examples, one per row, or a single one.
        y : list
            Targets, as in `fit`.
        v : vector
            One number for each of `parameters`.
        sample_weight : list of n numbers, optional
            Sample weights. By default, all are 1.
        n_threads : int, optional
            Ignored.

        Returns
        -------
        vector
            The product, in the order of `parameters`.

        Examples
        --------
        >>> from localgrad.reference import Network
        >>> Network([1, 1], init=([[[3.0]]], [[1.0]])).hessian_product([[2.0]], [0.0], [1.0, 0.0])
        [4.0, 2.0]
        """
        return self._curvature(X, y, sample_weight, v=v)

    def gauss_newton_product(
        self, X: Any, y: Any, v: Vector, *, sample_weight: Any = None, n_threads: int | None = None
    ) -> Vector:
        """Compute the product of the Gauss-Newton matrix and a vector. Schraudolph 2002.

        Parameters
        ----------
        X, y, v, sample_weight, n_threads
            As for `hessian_product`.

        Returns
        -------
        vector
            The product, in the order of `parameters`.

        Examples
        --------
        >>> from localgrad.reference import Network
        >>> Network([1, 1], init=([[[3.0]]], [[1.0]])).gauss_newton_product([[2.0]], [0.0], [1.0, 0.0])
        [4.0, 2.0]
        """
        return self._curvature(X, y, sample_weight, v=v, gauss_newton=True)

    def hessian_diagonal(
        self, X: Any, y: Any, *, sample_weight: Any = None, n_threads: int | None = None
    ) -> Vector:
        """Compute the diagonal of the Hessian of the cost.

        Parameters
        ----------
        X, y, sample_weight, n_threads
            As for `hessian_product`.

        Returns
        -------
        vector
            The diagonal, in the order of `parameters`.

        Examples
        --------
        >>> from localgrad.reference import Network
        >>> Network([1, 1], init=([[[3.0]]], [[1.0]])).hessian_diagonal([[2.0]], [0.0])
        [4.0, 1.0]
        """
        return self._curvature(X, y, sample_weight)

    def gauss_newton_diagonal(
        self, X: Any, y: Any, *, sample_weight: Any = None, n_threads: int | None = None
    ) -> Vector:
        """Compute the diagonal of the Gauss-Newton matrix.

        Parameters
        ----------
        X, y, sample_weight, n_threads
            As for `hessian_product`.

        Returns
        -------
        vector
            The diagonal, in the order of `parameters`.

        Examples
        --------
        >>> from localgrad.reference import Network
        >>> Network([1, 1], init=([[[3.0]]], [[1.0]])).gauss_newton_diagonal([[2.0]], [0.0])
        [4.0, 1.0]
        """
        return self._curvature(X, y, sample_weight, gauss_newton=True)

    def _curvature(
        self, X: Any, y: Any, sample_weight: Any, *, v: Vector | None = None, gauss_newton: bool = False
    ) -> Vector:
        """Return the mean over the examples of the products with `v` or, if it is None, of the diagonals."""
        done, wanted, _ = self._examples(X, y)
        weights = relative(sample_weights(sample_weight, len(done)))
        layers, scales = self._layers(), self.input_scales
        hidden = list(zip(self._hidden, map(second, self.activation), strict=True))
        output = Output(self.output, self.cost, self._original_output(), self._cost)
        matrix = output.gauss_newton if gauss_newton else output.hessian
        found = []
        for e, target in zip(done, wanted, strict=True):
            b = matrix(e.weighted_inputs[-1], e.activations[-1], target)
            if v is None:
                own = curvature_diagonal(e, layers, hidden, b, scales, gauss_newton=gauss_newton)
            else:
                direction = unflatten(v, self.sizes)
                own = curvature_product(e, layers, hidden, b, direction, scales, gauss_newton=gauss_newton)
            found.append(e._replace(gradients=own))
        return flatten(batch_means(found, weights)[1])
