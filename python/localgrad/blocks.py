"""Training data that is read in blocks, for data larger than memory and for data streams."""

from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from localgrad._arguments.check import integer, shown
from localgrad._arguments.names.keywords import other_names
from localgrad._arguments.settings import Settings, checked
from localgrad._arrays.remedies import is_batches
from localgrad._arrays.sparse_rows import Rows, SparseRows
from localgrad._arrays.weights import Weights
from localgrad.errors import BadExample

__all__ = ["Blocks"]

# Rows (n, m_1), labels (n,) or targets (n, width), and weights (n,) or None if all are 1.
Block: TypeAlias = tuple[Rows, NDArray[Any], Weights | None]
# Checks X, y and the sample weights of a block.
Check: TypeAlias = Callable[[ArrayLike, ArrayLike, ArrayLike | None], Block]

_PIECE = 1 << 22  # bytes copied at a time, to limit the memory needed in addition to the block


def _source(value: Any, name: str) -> Callable[[], Iterable[Any]] | Iterable[Any]:
    if not (callable(value) or is_batches(value)):
        raise TypeError(
            f"{name} must be a function that returns an iterator of blocks, or an iterable of blocks (not a "
            f"sequence) that can be iterated in every epoch, got {shown(value)}"
        )
    source: Callable[[], Iterable[Any]] | Iterable[Any] = value
    return source


def _rows(value: Any, name: str) -> int | None:
    return None if value is None else integer(value, name, at_least=1)


def _size(value: Any, name: str) -> int:
    return integer(value, name, at_least=1, below=2**32)


@other_names
@dataclass(frozen=True, repr=False)
class Blocks(Settings):
    """Examples that `Network.fit` reads block by block in each epoch.

    Use it for data that does not fit into memory, or that is generated or downloaded during training.

    Parameters
    ----------
    source : callable or iterable
        Function that is called without arguments at the start of each epoch and returns an iterator of
        blocks, typically a generator function. A block is a tuple ``(X, y)`` or ``(X, y, sample_weight)`` of
        arrays as in `fit`, with any number of rows. Alternatively an iterable of blocks that can be iterated
        once per epoch, such as a PyTorch ``DataLoader`` or a TensorFlow ``Dataset``.
    rows : int, optional
        Number of rows per epoch, if known. ValueError is raised if an epoch has more or fewer rows.
    shuffle_buffer : int, default 65536
        Number of rows held in memory for shuffling. If it is at least the number of rows, the order is
        uniformly random. A smaller buffer shuffles only locally: a row moves forward by at most about
        `shuffle_buffer` positions. Ignored if `fit` does not shuffle.

    Raises
    ------
    TypeError, ValueError
        If an argument is invalid.

    Notes
    -----
    `fit` also accepts the function or iterable directly and then uses the default settings of `Blocks`.

    A background thread reads one block ahead of training. Concurrent calls of `fit` that share a source
    take turns, epoch by epoch.

    Block boundaries do not affect the result, because mini-batches extend across blocks. (Only the rounding
    of the means and standard deviations of ``standardize=True`` depends on them.) A few thousand rows per
    block work well: each block has an overhead of about 0.1 ms. Blocks are copied, so an iterator can reuse
    its arrays. Sparse matrices remain sparse in the buffer. The buffer holds at least two mini-batches; its
    memory is allocated as rows arrive.

    Sample weights are not divided by their mean, which is unknown before all blocks have been read. Their
    mean should be about 1.

    All blocks must have the same structure as the first one: labels or real targets, with or without sample
    weights, sparse or dense `X`. Their arrays are converted to the dtypes of the first block. If such a dtype
    is an integer type, the conversion must be possible without loss.

    Examples
    --------
    >>> import localgrad as lg
    >>> import numpy as np
    >>> def products():  # in practice from files, a database or a simulation
    ...     rng = np.random.default_rng(0)
    ...     for _ in range(10):
    ...         X = rng.uniform(-1, 1, (100, 2))
    ...         yield X, X[:, 0] * X[:, 1]
    >>> lg.Blocks(products, rows=1000)
    Blocks(products, rows=1000, shuffle_buffer=65536)
    """

    source: Callable[[], Iterable[Any]] | Iterable[Any] = checked(_source)  # noqa: RUF009
    rows: int | None = checked(_rows, None, kw_only=True)
    shuffle_buffer: int = checked(_size, 65536, kw_only=True)

    def __repr__(self) -> str:
        return f"Blocks({self._name}, rows={self.rows}, shuffle_buffer={self.shuffle_buffer})"

    @property
    def _name(self) -> str:
        return getattr(self.source, "__name__", None) or f"{self.source!r:.60}"

    def _epoch(
        self,
        check: Check,
        hold: Callable[[Any], None] = lambda thing: None,
        begin: Callable[[int], None] = lambda row: None,
    ) -> Iterator[Block]:
        """Iterate over the checked blocks of one epoch, in copied pieces of at most `_PIECE` bytes.

        Sparse rows, which `check` copies, are in a single piece. `hold` is called with the source and
        everything obtained from it before it is used, to keep other threads from reading it. `begin` is
        called with the number, within the epoch, of the first row of each block.
        """
        hold(self.source)
        source = self.source() if callable(self.source) else self.source
        hold(source)
        try:
            blocks = iter(source)
        except TypeError:
            raise TypeError(
                f"source must return an iterator of blocks, got {shown(source)} from {self._name}"
            ) from None
        hold(blocks)
        count = 0
        first: Block | None = None
        try:
            for number, block in enumerate(blocks, 1):
                begin(count)
                if not isinstance(block, tuple | list):
                    raise TypeError(f"block {number} must be a tuple (X, y), got {shown(block)}")
                if len(block) not in (2, 3):
                    raise ValueError(
                        f"block {number} must be (X, y) or (X, y, sample_weight), got length {len(block)}"
                    )
                with _named(number):
                    if all(_is_empty(one) for one in block[:2]):
                        continue  # not an error: a filter may leave no rows of a block
                    checked = check(block[0], block[1], block[2] if len(block) == 3 else None)
                    first = first or _like(checked)  # without the rows, to free their memory
                    check_alike(checked, first)
                rows, targets, weights = checked
                count += len(rows)
                if self.rows is not None and count > self.rows:
                    raise ValueError(f"source must yield {self.rows} rows per epoch, got {count} or more")
                step = len(rows)
                if isinstance(rows, np.ndarray):
                    step = max(1, _PIECE // max(1, rows[:1].nbytes))
                for first_row in range(0, len(rows), step):
                    piece = slice(first_row, first_row + step)
                    yield (  # copies, because the iterator may reuse its arrays for the next block
                        np.array(rows[piece], order="C") if isinstance(rows, np.ndarray) else rows,
                        np.array(targets[piece], order="C"),
                        None if weights is None else np.array(weights[piece]),
                    )
        finally:
            del source, blocks  # to close a generator now, even if a traceback keeps this frame alive
        if not count:
            raise ValueError(
                "source must yield at least 1 row per epoch, got 0; it must return a new iterator each time"
            )
        if self.rows is not None and count < self.rows:
            raise ValueError(f"source must yield {self.rows} rows per epoch, got {count}")


def blocks_like(value: Any) -> Blocks | None:
    """Return the argument X of fit as Blocks if it is a source of blocks, and None if it is data."""
    if isinstance(value, Blocks):
        return value
    if is_batches(value) or (callable(value) and not hasattr(value, "__array__")):
        return Blocks(value)
    return None


def check_alike(block: Block, first: Block) -> None:
    """Raise ValueError if a block differs in kind from the first block."""
    sparse = [isinstance(rows, SparseRows) for rows, _, _ in (first, block)]
    if sparse[0] != sparse[1]:
        words = ["sparse" if one else "dense" for one in sparse]
        raise ValueError(
            f"X must be {words[0]} in every block, as in the first, got a {words[1]} block after it"
        )
    for name, given, kept in (("X", block[0], first[0]), ("y", block[1], first[1])):
        if given.ndim != kept.ndim:
            raise ValueError(
                f"{name} must hold {_kind(kept)} in every block, as in the first, got {_kind(given)}"
            )
        if kept.dtype.kind != "f" and not np.can_cast(given.dtype, kept.dtype, "safe"):
            raise ValueError(
                f"{name} must be convertible to {kept.dtype}, the dtype of the first block, without loss, "
                f"got {given.dtype}"
            )
    if (block[2] is None) != (first[2] is None):
        words = ["without" if one is None else "with" for one in (first[2], block[2])]
        raise ValueError(
            f"sample_weight must be in all blocks or in none, got a block {words[1]} it after one "
            f"{words[0]} it"
        )


def _is_empty(part: Any) -> bool:
    """Return whether X or y of a block has no rows."""
    shape = getattr(part, "shape", None)  # sparse matrices have a shape, but no length
    if isinstance(shape, Sequence) and shape:
        return bool(shape[0] == 0)
    return isinstance(part, Sized) and not len(part)


def _like(block: Block) -> Block:
    """Return empty arrays of the same dtypes and dimensions as those of a block."""
    rows, targets, weights = block
    return (
        rows[:0].compact() if isinstance(rows, SparseRows) else np.empty((0,) * rows.ndim, rows.dtype),
        np.empty((0,) * targets.ndim, targets.dtype),
        None if weights is None else weights[:0].copy(),
    )


def _kind(targets: Rows) -> str:
    return f"{'labels' if targets.ndim == 1 else 'targets'} of dtype {targets.dtype}"


@contextmanager
def _named(number: int) -> Iterator[None]:
    """Add the number of the block to error messages."""
    try:
        yield
    except BadExample as error:
        raise BadExample(error.argument, error.row, error.reason, column=error.column, block=number) from None
    except (TypeError, ValueError) as error:
        # Subclasses such as UnicodeDecodeError do not show their args as the message.
        if type(error) in (TypeError, ValueError):
            error.args = (f"block {number} of the source: {error}",)
        raise
