"""Second derivatives of the cost."""

from __future__ import annotations  # keeps aliases such as ArrayLike short in help()

from numpy.typing import ArrayLike

from localgrad._arguments.check import choice, integer, real, threads
from localgrad._arguments.names.keywords import other_names
from localgrad._arrays.rows import FloatArray, exact, numeric, shape_of
from localgrad._data.examples import Examples
from localgrad._network.base import Base
from localgrad.curvature import Eigenvalue


class Curvature(Base):
    """Methods of `Network` about the second derivatives of the cost."""

    @other_names
    def hessian_product(
        self,
        X: ArrayLike,
        y: ArrayLike,
        v: ArrayLike,
        *,
        sample_weight: ArrayLike | None = None,
        n_threads: int | None = None,
    ) -> FloatArray:
        """Multiply the Hessian of the cost by a vector, without computing the Hessian.

        Parameters
        ----------
        X : array_like of shape (n, sizes[0]) or (sizes[0],)
            Examples, one per row, or a single example. Accepts the same types as `fit`.
        y : array_like
            Targets, as in `fit`.
        v : array_like of shape (num_parameters,)
            The vector, in the order of `parameters`.
        sample_weight : array_like of shape (n,), optional
            Weight of each example: finite, at least 0 and not all 0. By default 1.
        n_threads : int, optional
            Number of threads. By default it is chosen automatically; the result is the same for any number.

        Returns
        -------
        ndarray of shape (num_parameters,)
            H v, of the network's dtype: the derivative of the gradient of `backprop` in the direction of `v`.

        Raises
        ------
        TypeError
            If an array does not contain real numbers.
        ValueError
            If there are no examples, a shape does not match, a number is not finite, a label is out of range,
            or the cost is a function, which has no second derivative.
        MemoryError
            If the workspace does not fit into memory.

        See Also
        --------
        gauss_newton_product : The same for a matrix without negative eigenvalues.
        hessian_diagonal : The diagonal of the Hessian.

        Notes
        -----
        The R-operator (Pearlmutter 1994) differentiates every equation of backpropagation in the direction of
        `v`, which takes about as long as two gradients. Nothing is approximated, unlike a difference of two
        gradients. At a kink, as of relu at 0 or of huber, the second derivative is taken as 0; so is that of
        mae, hinge and quantile everywhere. As in `backprop`, dropout, noise and penalties are not included,
        and the cost is in the units of `y`.

        References
        ----------
        B. A. Pearlmutter, "Fast Exact Multiplication by the Hessian", Neural Computation 6, 1994.

        Examples
        --------
        >>> import localgrad as lg
        >>> net = lg.Network([1, 1], init="zeros")
        >>> net.hessian_product([[2.0]], [0.0], [1.0, 0.0])  # the Hessian is [[4, 2], [2, 1]]
        array([4., 2.], dtype=float32)
        """
        return self._product(X, y, v, sample_weight, n_threads, gauss_newton=False)

    @other_names
    def gauss_newton_product(
        self,
        X: ArrayLike,
        y: ArrayLike,
        v: ArrayLike,
        *,
        sample_weight: ArrayLike | None = None,
        n_threads: int | None = None,
    ) -> FloatArray:
        """Multiply the generalized Gauss-Newton matrix of the cost by a vector, without computing the matrix.

        Parameters
        ----------
        X : array_like of shape (n, sizes[0]) or (sizes[0],)
            Examples, one per row, or a single example. Accepts the same types as `fit`.
        y : array_like
            Targets, as in `fit`.
        v : array_like of shape (num_parameters,)
            The vector, in the order of `parameters`.
        sample_weight : array_like of shape (n,), optional
            Weight of each example: finite, at least 0 and not all 0. By default 1.
        n_threads : int, optional
            Number of threads. By default it is chosen automatically; the result is the same for any number.

        Returns
        -------
        ndarray of shape (num_parameters,)
            G v, of the network's dtype.

        Raises
        ------
        TypeError, ValueError, MemoryError
            As `hessian_product`.

        See Also
        --------
        hessian_product : The same for the Hessian.
        gauss_newton_diagonal : The diagonal of the matrix.

        Notes
        -----
        G = (1/n) Σ_i J_iᵀ B_i J_i is the Hessian of the cost after the network is replaced by its linear
        approximation. It has no negative eigenvalues. What is approximated depends on the cost:

        - Cross-entropy and poisson, whose output activations belong to them: J is the Jacobian of z^L, and
          B = ∂²c/∂z^L². This is also the Fisher information matrix.
        - gaussian_nll: the same J; B is the Fisher information of means and log variances, diag(e^-s, ½).
        - Other costs: J is the Jacobian of a^L, and B = ∂²c/∂a^L². For mse, G is the mean of JᵀJ.

        References
        ----------
        N. N. Schraudolph, "Fast Curvature Matrix-Vector Products for Second-Order Gradient Descent", Neural
        Computation 14, 2002.

        Examples
        --------
        >>> import localgrad as lg
        >>> net = lg.Network([1, 1], init="zeros")
        >>> net.gauss_newton_product([[2.0]], [0.0], [1.0, 0.0])
        array([4., 2.], dtype=float32)
        """
        return self._product(X, y, v, sample_weight, n_threads, gauss_newton=True)

    @other_names
    def hessian_diagonal(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        sample_weight: ArrayLike | None = None,
        n_threads: int | None = None,
    ) -> FloatArray:
        """Compute the diagonal of the Hessian of the cost, exactly.

        Parameters
        ----------
        X : array_like of shape (n, sizes[0]) or (sizes[0],)
            Examples, one per row, or a single example. Accepts the same types as `fit`.
        y : array_like
            Targets, as in `fit`.
        sample_weight : array_like of shape (n,), optional
            Weight of each example: finite, at least 0 and not all 0. By default 1.
        n_threads : int, optional
            Number of threads. By default it is chosen automatically; the result is the same for any number.

        Returns
        -------
        ndarray of shape (num_parameters,)
            ∂²C/∂w² and ∂²C/∂b², in the order of `parameters` and of the network's dtype.

        Raises
        ------
        TypeError, ValueError
            As `hessian_product`.
        MemoryError
            If the Hessian with respect to z of the widest layer does not fit into memory.

        See Also
        --------
        gauss_newton_diagonal : The same for a matrix without negative eigenvalues, and faster.

        Notes
        -----
        From the output to the first layer, H^l = D wᵀ H^(l+1) w D + diag(φ'' ⊙ wᵀ δ^(l+1)) with D = diag(φ')
        is the Hessian of the cost of an example with respect to z^l (Botev et al. 2017), and
        ∂²c/∂w_jk² = H_jj a_k². For each example, two adjacent layers of m and p units after the input take
        about m p (m + p) multiplications. Each thread needs memory for two matrices of the size of the widest
        layer squared.

        References
        ----------
        A. Botev, H. Ritter, D. Barber, "Practical Gauss-Newton Optimisation for Deep Learning", 2017.

        Examples
        --------
        >>> import localgrad as lg
        >>> net = lg.Network([1, 1], init="zeros")
        >>> net.hessian_diagonal([[2.0]], [0.0])
        array([4., 1.], dtype=float32)
        """
        return self._diagonal(X, y, sample_weight, n_threads, gauss_newton=False)

    @other_names
    def gauss_newton_diagonal(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        sample_weight: ArrayLike | None = None,
        n_threads: int | None = None,
    ) -> FloatArray:
        """Compute the diagonal of the generalized Gauss-Newton matrix of the cost, exactly.

        Parameters
        ----------
        X : array_like of shape (n, sizes[0]) or (sizes[0],)
            Examples, one per row, or a single example. Accepts the same types as `fit`.
        y : array_like
            Targets, as in `fit`.
        sample_weight : array_like of shape (n,), optional
            Weight of each example: finite, at least 0 and not all 0. By default 1.
        n_threads : int, optional
            Number of threads. By default it is chosen automatically; the result is the same for any number.

        Returns
        -------
        ndarray of shape (num_parameters,)
            The diagonal, at least 0, in the order of `parameters` and of the network's dtype.

        Raises
        ------
        TypeError, ValueError, MemoryError
            As `hessian_product`.

        See Also
        --------
        gauss_newton_product : Which matrix this is.

        Notes
        -----
        With a matrix F for which Fᵀ F = B, the rows of F are backpropagated like δ. The sum of the squares of
        a unit's numbers is the diagonal with respect to its z, and ∂²/∂w_jk² is a_k² times it. This takes as
        many backward passes as there are outputs.

        Examples
        --------
        >>> import localgrad as lg
        >>> net = lg.Network([1, 1], init="zeros")
        >>> net.gauss_newton_diagonal([[2.0]], [0.0])
        array([4., 1.], dtype=float32)
        """
        return self._diagonal(X, y, sample_weight, n_threads, gauss_newton=True)

    @other_names
    def hessian_eigenvalue(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        matrix: str = "hessian",
        max_products: int = 100,
        tol: float = 1e-3,
        sample_weight: ArrayLike | None = None,
        n_threads: int | None = None,
    ) -> Eigenvalue:
        """Compute the largest eigenvalue of the Hessian of the cost, its sharpness, and the eigenvector.

        Parameters
        ----------
        X : array_like of shape (n, sizes[0]) or (sizes[0],)
            Examples, one per row, or a single example. Accepts the same types as `fit`.
        y : array_like
            Targets, as in `fit`.
        matrix : {"hessian", "gauss_newton"}, default "hessian"
            The matrix: that of `hessian_product` or of `gauss_newton_product`.
        max_products : int, default 100
            Largest number of products of the matrix and a vector. The vectors are kept in memory.
        tol : float, default 1e-3
            Stop when the residual is at most `tol` times the magnitude of the eigenvalue.
        sample_weight : array_like of shape (n,), optional
            Weight of each example: finite, at least 0 and not all 0. By default 1.
        n_threads : int, optional
            Number of threads. By default it is chosen automatically; the result is the same for any number.

        Returns
        -------
        Eigenvalue
            The eigenvalue, its eigenvector, the number of products and the residual. If the residual is too
            large, `max_products` was reached. All numbers are NaN if the Hessian is not finite.

        Raises
        ------
        TypeError, ValueError
            As `hessian_product`, and if `max_products` or `tol` is out of range.
        MemoryError
            If `max_products` vectors do not fit into memory, before anything is computed.

        Notes
        -----
        The Lanczos method with full reorthogonalization, which starts from a random vector that depends on
        `seed` alone. It needs far fewer products than the power method, and finds the largest eigenvalue, not
        that of the largest magnitude. Gradient descent with a learning rate above 2/λ is unstable in the
        direction of the eigenvector.

        Examples
        --------
        >>> import localgrad as lg
        >>> import numpy as np
        >>> x = np.linspace(-1, 1, 50).reshape(-1, 1)
        >>> net = lg.Network([1, 20, 1], activation="tanh", seed=0)
        >>> history = net.fit(x, x.ravel() ** 2, epochs=50)
        >>> found = net.hessian_eigenvalue(x, x.ravel() ** 2)
        >>> along = net.hessian_product(x, x.ravel() ** 2, found.vector)
        >>> np.allclose(along, found.value * found.vector, atol=2 * found.residual)
        True
        """
        gauss_newton = choice(matrix, "matrix", ("hessian", "gauss_newton")) == "gauss_newton"
        most, limit = integer(max_products, "max_products", at_least=1), real(tol, "tol", at_least=0)
        data, team = self._weighed(X, y, sample_weight, n_threads)
        model = self._core_model
        with model.guard.computing():
            found = model.native.top_eigenvalue(
                data.rows,
                data.targets,
                data.weights,
                min(most, model.num_parameters),
                limit,
                gauss_newton,
                team,
                *data.names,
            )
        return Eigenvalue(*found)

    def _weighed(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None, n_threads: int | None
    ) -> tuple[Examples, int]:
        model = self._core_model
        model.check_columns(X, "X")
        return Examples.of(model, X, y, sample_weight=sample_weight).weighed(), threads(n_threads)

    def _product(
        self,
        X: ArrayLike,
        y: ArrayLike,
        v: ArrayLike,
        sample_weight: ArrayLike | None,
        n_threads: int | None,
        *,
        gauss_newton: bool,
    ) -> FloatArray:
        data, team = self._weighed(X, y, sample_weight, n_threads)
        model = self._core_model
        vector = numeric(v, "v")
        if vector.shape != (model.num_parameters,):
            raise ValueError(f"v must have shape ({model.num_parameters},), got {shape_of(vector)}")
        with model.guard.computing():
            return model.native.curvature_product(
                data.rows,
                data.targets,
                data.weights,
                exact(vector, model.dtype),
                gauss_newton,
                team,
                *data.names,
            )

    def _diagonal(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None,
        n_threads: int | None,
        *,
        gauss_newton: bool,
    ) -> FloatArray:
        data, team = self._weighed(X, y, sample_weight, n_threads)
        model = self._core_model
        with model.guard.computing():
            return model.native.curvature_diagonal(
                data.rows, data.targets, data.weights, gauss_newton, team, *data.names
            )
