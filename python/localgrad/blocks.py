"""Data that come in blocks, because they do not fit into memory or are not there at once."""

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
from localgrad._arrays.weights import Weights
from localgrad.errors import BadExample

__all__ = ["Blocks"]

# Rows (n, m_1), labels (n,) or targets (n, width), and weights (n,), None where all are 1.
Block: TypeAlias = tuple[NDArray[Any], NDArray[Any], Weights | None]
# Checks X, y, and the weights if there are any.
Check: TypeAlias = Callable[[ArrayLike, ArrayLike, ArrayLike | None], Block]

_PIECE = 1 << 22  # bytes of rows that are copied at a time


def _source(value: Any, name: str) -> Callable[[], Iterable[Any]] | Iterable[Any]:
    if not (callable(value) or is_batches(value)):
        raise TypeError(
            f"{name} must be a function that returns an iterator of blocks, got {shown(value)}; an "
            "iterable that begins anew for each epoch will do as well, if it is no sequence"
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
    """Examples that `localgrad.Network.fit` reads block by block, anew for each epoch.

    Parameters
    ----------
    source : callable or iterable
        Called without arguments when an epoch begins; returns an iterator, or any iterable, of blocks: tuples
        ``(X, y)`` or ``(X, y, sample_weight)`` of what `fit` takes, with any number of rows each. Most simply
        a generator function. Or an iterable of such blocks that begins anew each time, such as a
        ``DataLoader`` of PyTorch or a ``Dataset`` of TensorFlow. A thread reads it, one block ahead of the
        training. No two threads read the same function, iterable or iterator at once: fits that share one
        take turns, epoch by epoch.
    rows : int, optional
        How many rows an epoch has, if that is known; it is an error then if there are more or fewer.
    shuffle_buffer : int, default 65536
        How many rows are held in memory and mixed: all rows, and their order is entirely random; fewer, and
        no row is trained much earlier than it was read. At least two mini-batches are held. Without shuffling
        no more than needed are. Memory is taken as rows come.

    Raises
    ------
    TypeError, ValueError
        If an argument is not what it should be.

    Notes
    -----
    A function, or such an iterable, in the place of `X` stands for ``Blocks(function)``. Where a block ends
    makes no difference: mini-batches go on over blocks. A few thousand rows are a good size for one: each
    costs about 0.1 ms. Weights of examples are used as they are, not divided by their mean as those of
    arrays. Blocks are copied, piece by piece, so that an iterator may fill its arrays again for the next one.
    What the first block holds (its dtype, labels or targets, weights or none) the others must hold too, or
    what converts to it: any number to floating ones, else only what loses nothing.

    Examples
    --------
    >>> import localgrad as lg
    >>> import numpy as np
    >>> def products():  # from a file, a data base, a simulation
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
        """Read one epoch: its blocks, checked and cut into copies of at most `_PIECE` bytes.

        `hold` is called with each thing of the user's before it is touched, `begin` with the number that the
        first row of each block has in the epoch.
        """
        hold(self.source)
        source = self.source() if callable(self.source) else self.source
        hold(source)
        try:
            blocks = iter(source)
        except TypeError:
            raise TypeError(
                f"source must return an iterator of blocks, got {shown(source)} by {self._name}"
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
                        continue
                    checked = check(block[0], block[1], block[2] if len(block) == 3 else None)
                    first = first or _like(checked)
                    check_alike(checked, first)
                rows, targets, weights = checked
                count += len(rows)
                if self.rows is not None and count > self.rows:
                    raise ValueError(f"source must yield {self.rows} rows an epoch, got {count} or more")
                step = max(1, _PIECE // max(1, rows[:1].nbytes))
                for first_row in range(0, len(rows), step):
                    piece = slice(first_row, first_row + step)
                    yield (
                        np.array(rows[piece], order="C"),
                        np.array(targets[piece], order="C"),
                        None if weights is None else np.array(weights[piece]),
                    )
        finally:
            del source, blocks  # a generator ends here, not when a traceback lets go of this frame
        if not count:
            raise ValueError(
                "source must yield at least 1 row an epoch, got 0; it must return a new iterator each time"
            )
        if self.rows is not None and count < self.rows:
            raise ValueError(f"source must yield {self.rows} rows an epoch, got {count}")


def blocks_like(value: Any) -> Blocks | None:
    """Return what stands in the place of X if it is no array: blocks, or a function that returns some."""
    if isinstance(value, Blocks):
        return value
    if is_batches(value) or (callable(value) and not hasattr(value, "__array__")):
        return Blocks(value)
    return None


def check_alike(block: Block, first: Block) -> None:
    """Refuse a block that does not fit what the first one was."""
    for name, given, kept in (("X", block[0], first[0]), ("y", block[1], first[1])):
        if given.ndim != kept.ndim:
            raise ValueError(
                f"{name} must hold {_kind(kept)} in every block, as in the first, got {_kind(given)}"
            )
        if kept.dtype.kind != "f" and not np.can_cast(given.dtype, kept.dtype, "safe"):
            raise ValueError(
                f"{name} must convert to {kept.dtype}, the dtype of the first block, without loss, "
                f"got {given.dtype}"
            )
    if (block[2] is None) != (first[2] is None):
        words = [f"{'none' if one is None else 'some'}" for one in (first[2], block[2])]
        raise ValueError(
            f"sample_weight must be in all blocks or none: {words[0]} in the first, got {words[1]}"
        )


def _is_empty(part: Any) -> bool:
    """Tell X or y of a block without rows; sparse matrices have a shape, but no length."""
    shape = getattr(part, "shape", None)
    if isinstance(shape, Sequence) and shape:
        return bool(shape[0] == 0)
    return isinstance(part, Sized) and not len(part)


def _like(block: Block) -> Block:
    """Return arrays of the kinds of a block's, without its rows, which need not be kept."""
    rows, targets, weights = block
    return (
        np.empty((0,) * rows.ndim, rows.dtype),
        np.empty((0,) * targets.ndim, targets.dtype),
        None if weights is None else weights[:0].copy(),
    )


def _kind(targets: NDArray[Any]) -> str:
    return f"{'labels' if targets.ndim == 1 else 'targets'} of dtype {targets.dtype}"


@contextmanager
def _named(number: int) -> Iterator[None]:
    """Let errors say which block they are about."""
    try:
        yield
    except BadExample as error:
        raise BadExample(error.argument, error.row, error.reason, column=error.column, block=number) from None
    except (TypeError, ValueError) as error:
        if type(error) in (TypeError, ValueError):  # others may show something else than what they are given
            error.args = (f"block {number} of the source: {error}",)
        raise
