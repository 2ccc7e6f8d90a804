"""Objects with the protocols of pandas, polars, pyarrow, PyTorch and SciPy, which need not be installed."""

import numpy as np


class Array:
    """An object that NumPy only reads by ``__array__``."""

    def __init__(self, values):
        self.values = np.asarray(values)
        self.shape = self.values.shape

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.values, dtype)


class NullableColumn(Array):
    """A pandas column with an extension type: NumPy reads objects, and `isna` marks missing values."""

    dtype = "Int64"

    def __init__(self, values, dtype="Int64"):
        super().__init__(np.array(values, object))
        self.dtype = dtype

    def isna(self):
        return np.array([one is None for one in self.values])


class CountingColumn(Array):
    """A polars Series or a pyarrow array: the number of nulls is a method or a number."""

    def __init__(self, values, dtype="Int64", method=True):
        super().__init__([np.nan if one is None else one for one in values])
        self.dtype = dtype
        self._nulls = [one is None for one in values]
        self.count = sum(self._nulls)
        self.method = method

    @property
    def null_count(self):
        return (lambda: self.count) if self.method else self.count

    def is_null(self):
        return Array(self._nulls)


class PandasFrame:
    """A data frame with columns by position, because names may occur twice."""

    columns = dtypes = None  # attributes of the class, as in pandas

    def __init__(self, columns):
        self.columns, self._values = list(columns), list(columns.values())
        self.dtypes = [one.dtype for one in self._values]

    @property
    def iloc(self):
        return self

    def __getitem__(self, key):
        return self._values[key[1]]

    def __len__(self):
        return len(np.asarray(self._values[0]))

    def __array__(self, dtype=None, copy=None):
        return np.column_stack([np.asarray(one) for one in self._values])


class PolarsFrame:
    """A data frame with columns by name."""

    columns = dtypes = None

    def __init__(self, columns):
        self._columns, self.columns = columns, list(columns)
        self.dtypes = [one.dtype for one in columns.values()]

    def __getitem__(self, name):
        return self._columns[name]

    def __len__(self):
        return len(np.asarray(next(iter(self._columns.values()))))


class LazyFrame(PolarsFrame):
    """A query that has not been run."""

    def collect(self):
        raise AssertionError("must not be called")


class Table:
    """A pyarrow Table."""

    column_names = None

    def __init__(self, columns):
        self.column_names, self._values = list(columns), list(columns.values())

    def column(self, k):
        return self._values[k]


class Tensor:
    """A PyTorch tensor, which NumPy only reads on the CPU, without a graph and with a type NumPy supports."""

    def __init__(self, values, dtype="torch.float32", *, graph=False, device="cpu", layout="torch.strided"):
        self.values, self.dtype, self.graph, self.device = np.asarray(values), dtype, graph, device
        self.layout, self.shape = layout, np.shape(values)

    def _but(self, **changes):
        settings = {"dtype": self.dtype, "graph": self.graph, "device": self.device, "layout": self.layout}
        return Tensor(self.values, **{**settings, **changes})

    def detach(self):
        return self._but(graph=False)

    def cpu(self):
        return self._but(device="cpu")

    def float(self):
        return self._but(dtype="torch.float32")

    def to_dense(self):
        return self._but(layout="torch.strided")

    def element_size(self):
        return 4

    def __len__(self):
        return len(self.values)

    def __getitem__(self, key):
        return self._but()

    def __array__(self, dtype=None, copy=None):
        known = self.dtype in ("torch.float32", "torch.int64") and self.layout == "torch.strided"
        if self.graph or self.device != "cpu" or not known:
            raise RuntimeError("Can't call numpy() on this Tensor")
        return np.asarray(self.values, dtype)


class Sparse:
    """A SciPy sparse matrix, which may claim to have another shape."""

    def __init__(self, values, shape=None):
        self._values = np.asarray(values)
        self.shape, self.dtype = shape or self._values.shape, self._values.dtype

    nnz = 1

    def toarray(self):
        return self._values


class Exchanged:
    """An object that only supports DLPack."""

    def __init__(self, values):
        self._values = values

    def __dlpack__(self, **keywords):
        return self._values.__dlpack__(**keywords)

    def __dlpack_device__(self):
        return self._values.__dlpack_device__()


class Batches:
    """A DataLoader: an iterable of batches that starts again each time, without indexing."""

    def __init__(self, *batches):
        self._batches = batches

    def __len__(self):
        return len(self._batches)

    def __iter__(self):
        return iter(self._batches)
