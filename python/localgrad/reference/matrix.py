"""The vector and matrix operations used by backpropagation.

A vector is a list of numbers, and a matrix is a list of its rows. Sums add the elements in order, from the
first to the last. The built-in `sum` is not used, because its rounding has changed in Python 3.12.
"""

from collections.abc import Iterable

Vector = list[float]
Matrix = list[Vector]


def transpose(a: Matrix) -> Matrix:
    """Return aᵀ: element (j, k) of the result is element (k, j) of `a`.

    Parameters
    ----------
    a : matrix of shape (m, n)
        The matrix.

    Returns
    -------
    matrix of shape (n, m)
        Its transpose.

    Examples
    --------
    >>> transpose([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    [[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]]
    """
    return [list(column) for column in zip(*a, strict=True)]


def total(terms: Iterable[float]) -> float:
    """Return the sum of numbers.

    Parameters
    ----------
    terms : iterable of float
        The numbers.

    Returns
    -------
    float
        Their sum, 0 if there are none.

    Examples
    --------
    >>> total([1.0, 2.0, 3.0])
    6.0
    """
    partial = 0.0
    for term in terms:
        partial += term
    return partial


def dot(u: Vector, v: Vector) -> float:
    """Return the dot product Σ_k u_k v_k.

    Parameters
    ----------
    u, v : vectors of the same length
        The vectors.

    Returns
    -------
    float
        Their dot product.

    Examples
    --------
    >>> dot([1.0, 2.0, 3.0], [4.0, 5.0, 6.0])
    32.0
    """
    partial = 0.0  # not `total`, which takes twice as long: most of the time is spent here
    for u_k, v_k in zip(u, v, strict=True):
        partial += u_k * v_k
    return partial


def matmul(a: Matrix, v: Vector) -> Vector:
    """Return the product of a matrix and a vector: element j is the dot product of row j and `v`.

    If examples are processed one at a time, the algorithm needs no other matrix product.

    Parameters
    ----------
    a : matrix of shape (m, n)
        The matrix.
    v : vector of n numbers
        The vector.

    Returns
    -------
    vector of m numbers
        The product.

    Examples
    --------
    >>> matmul([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], [1.0, -1.0])
    [-1.0, -1.0, -1.0]
    """
    return [dot(row, v) for row in a]


def hadamard(u: Vector, v: Vector) -> Vector:
    """Return the elementwise product u ⊙ v.

    Parameters
    ----------
    u, v : vectors of the same length
        The vectors.

    Returns
    -------
    vector of this length
        The product.

    Examples
    --------
    >>> hadamard([1.0, 2.0, 3.0], [4.0, 5.0, 6.0])
    [4.0, 10.0, 18.0]
    """
    return [u_j * v_j for u_j, v_j in zip(u, v, strict=True)]


def outer(u: Vector, v: Vector) -> Matrix:
    """Return the outer product u vᵀ: element (j, k) is u_j v_k.

    Parameters
    ----------
    u : vector of m numbers
        The column.
    v : vector of n numbers
        The row.

    Returns
    -------
    matrix of shape (m, n)
        The product.

    Examples
    --------
    >>> outer([1.0, 2.0], [3.0, 4.0, 5.0])
    [[3.0, 4.0, 5.0], [6.0, 8.0, 10.0]]
    """
    return [[u_j * v_k for v_k in v] for u_j in u]


def add(u: Vector, v: Vector) -> Vector:
    """Return the elementwise sum u + v.

    Parameters
    ----------
    u, v : vectors of the same length
        The vectors.

    Returns
    -------
    vector of this length
        The sum.

    Examples
    --------
    >>> add([1.0, 2.0], [3.0, 4.0])
    [4.0, 6.0]
    """
    return [u_j + v_j for u_j, v_j in zip(u, v, strict=True)]
