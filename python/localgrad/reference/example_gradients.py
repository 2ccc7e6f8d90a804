"""The methods of `Network` for the gradients of single examples."""

import math
from typing import Any

from .data import targets
from .jacobian import Jacobians
from .layout import flatten
from .matrix import Matrix, Vector
from .per_example import GradientNoise, GradientNorms, gradient_noise, gradient_norms, inner_product
from .steps import Example, backprop, batch_means, input_gradient


class ExampleGradients(Jacobians):
    """Base class of `Network`: quantities of the gradients of single examples, (N) and (K)."""

    def gradient_norms(self, X: Any, y: Any, *, n_threads: int | None = None) -> GradientNorms:
        """Compute the norms of the gradients of single examples, (N).

        Parameters
        ----------
        X : list of shape (n, sizes[0]) or (sizes[0],)
            Examples, one per row, or a single one.
        y : list
            Targets, as in `fit`.
        n_threads : int, optional
            Ignored.

        Returns
        -------
        GradientNorms
            The norms by layer and of the whole gradients, one row per example.

        Examples
        --------
        >>> from localgrad.reference import Network
        >>> Network([2, 1], init=([[[1.0, -1.0]]], [[0.0]])).gradient_norms([[2.0, 2.0]], [5.0]).total
        [15.0]
        """
        done, _, _ = self._examples(X, y)
        layers = [gradient_norms(e, self.input_scales) for e in done]
        return GradientNorms(layers, [math.hypot(*norms) for norms in layers])

    def gradient_dots(
        self, X: Any, y: Any, X2: Any = None, y2: Any = None, *, n_threads: int | None = None
    ) -> Matrix:
        """Compute the inner products of the gradients of single examples, (K).

        Parameters
        ----------
        X : list of shape (n, sizes[0]) or (sizes[0],)
            Examples, one per row, or a single one.
        y : list
            Targets, as in `fit`.
        X2, y2 : list, optional
            A second set of examples; by default the same.
        n_threads : int, optional
            Ignored.

        Returns
        -------
        matrix of shape (n, n2)
            The inner products.

        Examples
        --------
        >>> from localgrad.reference import Network
        >>> net = Network([2, 1], init=([[[1.0, -1.0]]], [[0.0]]))
        >>> net.gradient_dots([[2.0, 2.0], [2.0, 1.0]], [5.0, 0.0])
        [[225.0, -35.0], [-35.0, 6.0]]
        """
        if (X2 is None) != (y2 is None):
            raise ValueError("X2 and y2 must be passed together")
        done, _, _ = self._examples(X, y)
        others = done if X2 is None else self._examples(X2, y2, ("X2", "y2"))[0]
        return [[inner_product(e, other, self.input_scales) for other in others] for e in done]

    def gradient_noise_scale(self, X: Any, y: Any, *, n_threads: int | None = None) -> GradientNoise:
        """Estimate the simple gradient noise scale tr Σ / ‖G‖² of McCandlish et al. 2018.

        Parameters
        ----------
        X : list of shape (n, sizes[0])
            At least two examples, one per row.
        y : list
            Targets, as in `fit`.
        n_threads : int, optional
            Ignored.

        Returns
        -------
        GradientNoise
            The noise scale, and the two estimates whose ratio it is.

        Examples
        --------
        >>> from localgrad.reference import Network
        >>> net = Network([1, 1], init="zeros")
        >>> net.gradient_noise_scale([[0.0], [0.0]], [1.0, 3.0])  # gradients (0, -1) and (0, -3)
        GradientNoise(scale=0.6666666666666666, variance=2.0, squared_norm=3.0)
        """
        done, _, _ = self._examples(X, y)
        if len(done) < 2:
            raise ValueError(f"X must have at least 2 rows, got {len(done)}")
        norms = [math.hypot(*gradient_norms(e, self.input_scales)) for e in done]
        _, mean = batch_means(done)
        return gradient_noise(norms, math.hypot(*flatten(mean)))

    def _examples(
        self, x: Any, y: Any, names: tuple[str, str] = ("X", "y")
    ) -> tuple[list[Example], list[Vector], bool]:
        """Run backpropagation on each example, in the units of the targets; also return the targets."""
        rows, wanted, single = self._data(x, y, *names)
        layers, output = self._layers(), self._original_output()
        done = [
            backprop(layers, self._hidden, output, self._cost, row, target, scales=self.input_scales)
            for row, target in zip(self._standard(rows), wanted, strict=True)
        ]
        return done, wanted, single

    def _input_gradient(self, e: Example) -> Vector:
        """Return (X) with respect to the input as it was passed, before `input_scale` and standardization."""
        gradient = input_gradient(self._layers()[0].w, e.local_gradients[0], self.input_scales)
        return self._of_original_inputs(gradient)

    def _data(self, x: Any, y: Any, x_name: str, y_name: str) -> tuple[list[Vector], list[Vector], bool]:
        rows, single = self._inputs(x, x_name)
        if not rows:
            raise ValueError(f"{x_name} must have at least 1 row, got 0")
        wanted = targets(y, y_name, len(rows), self._target_width, self._cost, single=single, x_name=x_name)
        return rows, wanted, single
