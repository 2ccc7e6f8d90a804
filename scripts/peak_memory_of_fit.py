"""Train for one epoch on a large array, and print the memory of the process before and at the peak.

    python scripts/peak_memory_of_fit.py DTYPE ORDER ROWS WIDTH TARGETS OPTIONS

DTYPE is the dtype of X, and ORDER its layout: "C", "F", "step" for every second row of a larger array, or
"csr" for a sparse matrix with 10 numbers per row. TARGETS is the dtype of labels, or "real" with a dtype,
such as "real f8". OPTIONS may contain "shuffle", "validation" and, to compute outputs afterwards, "predict".
"""

import sys

import localgrad as lg
import numpy as np

OUT = 3


def status(name):
    """Return an entry of the kernel's status of this process, in bytes."""
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name + ":"))


def filled(shape, dtype, order, top):
    """Return an array of small numbers, filled in parts so that no temporary array raises the peak."""
    if order == "step":
        return filled((2 * shape[0], *shape[1:]), dtype, "C", top)[::2]
    array = np.empty(shape, dtype, order)
    flat = array.reshape(-1, order="A")
    block = np.arange(1 << 16) * 7 % top
    for begin in range(0, flat.size, len(block)):
        part = flat[begin : begin + len(block)]
        part[:] = block[: len(part)]
    return array


def sparse(n, width, dtype):
    """Return a matrix in CSR format with 10 numbers in each row."""
    from scipy.sparse import csr_array

    columns = np.arange(10 * n, dtype=np.int32).reshape(n, 10) * 7919 % (width // 10)
    columns += np.arange(10, dtype=np.int32) * (width // 10)
    starts = np.arange(0, 10 * n + 1, 10, dtype=np.int32)
    return csr_array((filled((10 * n,), dtype, "C", 2), columns.ravel(), starts), shape=(n, width))


def main():
    dtype, order, rows, width, wanted, options = sys.argv[1:]
    n = int(rows)
    net = lg.Network([int(width), 4, OUT], output="softmax", seed=1)

    def data(n):
        if order == "csr":
            x = sparse(n, int(width), dtype)
            return x, filled((n,), wanted, "C", OUT)
        x = filled((n, int(width)), dtype, order, 2)
        if wanted.startswith("real"):
            return x, filled((n, OUT), wanted.split()[1], order, 2)
        return x, filled((n,), wanted, "C" if order == "F" else order, OUT)

    def fit(x, y):
        held_out = (x, y) if "validation" in options else None
        net.fit(
            x,
            y,
            epochs=1,
            batch_size=100,
            shuffle="shuffle" in options,
            validation=held_out,
            metrics=(),  # metrics would keep the outputs in memory
            n_threads=2,
        )
        if "predict" in options:
            net.predict(x, n_threads=2)

    fit(*data(1000))  # the first call loads modules, which have nothing to do with the data
    x, y = data(n)
    before, peak_before = status("VmRSS"), status("VmHWM")
    fit(x, y)
    print(before, peak_before, status("VmHWM"))


if __name__ == "__main__":
    main()
