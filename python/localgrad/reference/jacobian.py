"""The methods of `Network` that differentiate its outputs."""

from typing import Any

from .base import Base
from .data import examples
from .derivatives import pull_back, push_forward
from .matrix import Matrix, Vector
from .steps import feed_forward


class Jacobians(Base):
    """Base class of `Network`: the Jacobian of the outputs, (J), and its products with vectors."""

    def jacobian(self, X: Any, *, n_threads: int | None = None) -> list[Any]:
        """Compute the Jacobian of the outputs with respect to the inputs, (J).

        Parameters
        ----------
        X : list of shape (n, sizes[0]) or (sizes[0],)
            Examples, one per row, or a single one. n may be 0.
        n_threads : int, optional
            Ignored.

        Returns
        -------
        list of shape (n, sizes[-1], sizes[0]) or (sizes[-1], sizes[0])
            Element [r][j][k] is the derivative of output j with respect to input k for row r.

        Examples
        --------
        >>> from localgrad.reference import Network
        >>> Network([2, 2], output="relu", init=([[[1, 2], [3, -4]]], [[0, 0]])).jacobian([1.0, 1.0])
        [[1.0, 2.0], [0.0, 0.0]]
        """
        rows, single = self._inputs(X, "X")
        units = [[float(j == k) for k in range(self.sizes[-1])] for j in range(self.sizes[-1])]
        found = [[self._pull_back(x, unit) for unit in units] for x in self._standard(rows)]
        return found[0] if single else found

    def jvp(self, X: Any, U: Any, *, n_threads: int | None = None) -> list[Any]:
        """Compute products J u of the Jacobian and a vector.

        Parameters
        ----------
        X : list of shape (n, sizes[0]) or (sizes[0],)
            Examples, one per row, or a single one.
        U : list, of the shape of `X`
            One vector for each example.
        n_threads : int, optional
            Ignored.

        Returns
        -------
        list of shape (n, sizes[-1]) or (sizes[-1],)
            The products.

        Examples
        --------
        >>> from localgrad.reference import Network
        >>> net = Network([2, 2], output="relu", init=([[[1, 2], [3, -4]]], [[0, 0]]))
        >>> net.jvp([1.0, 1.0], [0.0, 1.0])
        [2.0, -0.0]
        """
        rows, single = self._inputs(X, "X")
        vectors = self._vectors(U, "U", self.sizes[0], len(rows), single)
        found = [self._push_forward(x, u) for x, u in zip(self._standard(rows), vectors, strict=True)]
        return found[0] if single else found

    def vjp(self, X: Any, V: Any, *, n_threads: int | None = None) -> list[Any]:
        """Compute products vᵀ J of a vector and the Jacobian.

        Parameters
        ----------
        X : list of shape (n, sizes[0]) or (sizes[0],)
            Examples, one per row, or a single one.
        V : list of shape (n, sizes[-1]) or (sizes[-1],)
            One vector for each example.
        n_threads : int, optional
            Ignored.

        Returns
        -------
        list of shape (n, sizes[0]) or (sizes[0],)
            The products.

        Examples
        --------
        >>> from localgrad.reference import Network
        >>> net = Network([2, 2], output="relu", init=([[[1, 2], [3, -4]]], [[0, 0]]))
        >>> net.vjp([1.0, 1.0], [10.0, 1.0])
        [10.0, 20.0]
        """
        rows, single = self._inputs(X, "X")
        vectors = self._vectors(V, "V", self.sizes[-1], len(rows), single)
        found = [self._pull_back(x, v) for x, v in zip(self._standard(rows), vectors, strict=True)]
        return found[0] if single else found

    def input_gradient(self, X: Any, output: int | None = None, *, n_threads: int | None = None) -> list[Any]:
        """Compute the gradient of one output with respect to the inputs, a row of the Jacobian.

        Parameters
        ----------
        X : list of shape (n, sizes[0]) or (sizes[0],)
            Examples, one per row, or a single one.
        output : int, optional
            The output, between 0 and sizes[-1] - 1. Required if there are several.
        n_threads : int, optional
            Ignored.

        Returns
        -------
        list of shape (n, sizes[0]) or (sizes[0],)
            The gradients.

        Examples
        --------
        >>> from localgrad.reference import Network
        >>> net = Network([2, 2], output="relu", init=([[[1, 2], [3, -4]]], [[0, 0]]))
        >>> net.input_gradient([1.0, 1.0], output=0)
        [1.0, 2.0]
        """
        number = 0 if output is None and self.sizes[-1] == 1 else output
        if number not in range(self.sizes[-1]):
            raise ValueError(f"output must be an integer between 0 and {self.sizes[-1] - 1}, got {output}")
        rows, single = self._inputs(X, "X")
        unit = [float(j == number) for j in range(self.sizes[-1])]
        found = [self._pull_back(x, unit) for x in self._standard(rows)]
        return found[0] if single else found

    def _vectors(self, value: Any, name: str, width: int, n: int, single: bool) -> Matrix:
        vectors, alone = examples(value, name, width)
        if alone != single or len(vectors) != n:
            raise ValueError(f"{name} must have {n} rows of {width} numbers, one for each row of X")
        return vectors

    def _pull_back(self, x: Vector, v: Vector) -> Vector:
        layers, phis = self._layers(), [*self._hidden, self._original_output()]
        z, a = feed_forward(layers, phis, self._scaled(x))
        return self._of_original_inputs(self._scaled(pull_back(layers, phis, z, a, v)))

    def _push_forward(self, x: Vector, u: Vector) -> Vector:
        layers, phis = self._layers(), [*self._hidden, self._original_output()]
        z, a = feed_forward(layers, phis, self._scaled(x))
        return push_forward(layers, phis, z, a, self._scaled(self._of_original_inputs(u)))
