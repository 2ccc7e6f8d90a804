"""The operations that the matrix form of backpropagation is made of.

A vector is a list of numbers, a matrix a list of its rows. Sums run from the first element to the last, one
addition after another; the built-in `sum` is avoided because it rounds differently since Python 3.12.
"""

from collections.abc import Iterable

Vector = list[float]
Matrix = list[Vector]


def transpose(a: Matrix) -> Matrix:
    """Turn rows into columns: element (j, k) of the result is element (k, j) of `a`.

    Parameters
    ----------
    a : matrix of shape (m, n)

    Returns
    -------
    matrix of shape (n, m)

    Examples
    --------
    >>> transpose([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    [[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]]
    """
    return [list(column) for column in zip(*a, strict=True)]


def total(terms: Iterable[float]) -> float:
    """Sum of numbers.

    Parameters
    ----------
    terms : iterable of float

    Returns
    -------
    float

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
    """Sum of the products of the elements that stand in the same place.

    Parameters
    ----------
    u, v : vectors of one length

    Returns
    -------
    float

    Examples
    --------
    >>> dot([1.0, 2.0, 3.0], [4.0, 5.0, 6.0])
    32.0
    """
    partial = 0.0  # not by `total`, which takes twice as long
    for u_k, v_k in zip(u, v, strict=True):
        partial += u_k * v_k
    return partial


def matmul(a: Matrix, v: Vector) -> Vector:
    """Multiply a matrix by a column: element j of the result is row j of `a` times `v`.

    Every matrix product of the algorithm, taken one example at a time, has a column on its right.

    Parameters
    ----------
    a : matrix of shape (m, n)
    v : vector of n numbers

    Returns
    -------
    vector of m numbers

    Examples
    --------
    >>> matmul([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], [1.0, -1.0])
    [-1.0, -1.0, -1.0]
    """
    return [dot(row, v) for row in a]


def hadamard(u: Vector, v: Vector) -> Vector:
    """Multiply element by element, the ⊙ of the README.

    Parameters
    ----------
    u, v : vectors of one length

    Returns
    -------
    vector of that length

    Examples
    --------
    >>> hadamard([1.0, 2.0, 3.0], [4.0, 5.0, 6.0])
    [4.0, 10.0, 18.0]
    """
    return [u_j * v_j for u_j, v_j in zip(u, v, strict=True)]


def outer(u: Vector, v: Vector) -> Matrix:
    """Multiply a column by a row, u vᵀ: element (j, k) is u_j v_k.

    Parameters
    ----------
    u : vector of m numbers
    v : vector of n numbers

    Returns
    -------
    matrix of shape (m, n)

    Examples
    --------
    >>> outer([1.0, 2.0], [3.0, 4.0, 5.0])
    [[3.0, 4.0, 5.0], [6.0, 8.0, 10.0]]
    """
    return [[u_j * v_k for v_k in v] for u_j in u]


def add(u: Vector, v: Vector) -> Vector:
    """Add element by element.

    Parameters
    ----------
    u, v : vectors of one length

    Returns
    -------
    vector of that length

    Examples
    --------
    >>> add([1.0, 2.0], [3.0, 4.0])
    [4.0, 6.0]
    """
    return [u_j + v_j for u_j, v_j in zip(u, v, strict=True)]
