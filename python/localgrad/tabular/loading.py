"""Loading estimators from files."""

import os

from localgrad._arguments.check import file_path
from localgrad.tabular import files
from localgrad.tabular.classifier import TabularClassifier
from localgrad.tabular.regressor import TabularRegressor

_ESTIMATORS = {kind.__name__: kind for kind in (TabularClassifier, TabularRegressor)}


def load(path: str | os.PathLike[str]) -> TabularClassifier | TabularRegressor:
    """Load an estimator from a file written by its method `save`.

    Parameters
    ----------
    path : str or os.PathLike
        File to read. It cannot execute code, so it may come from an untrusted source.

    Returns
    -------
    TabularClassifier or TabularRegressor
        The fitted estimator. The networks have no history.

    Raises
    ------
    OSError
        If the file cannot be read; FileNotFoundError if it does not exist.
    ValueError
        If the file does not contain an estimator, or is damaged.
    TypeError
        If `path` has the wrong type.

    Examples
    --------
    >>> import os, tempfile
    >>> from localgrad.tabular import TabularClassifier, load
    >>> model = TabularClassifier(epochs=2, random_state=0).fit([["a"], ["b"]] * 9, ["yes", "no"] * 9)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "model.safetensors")
    ...     model.save(path)
    ...     load(path).predict([["b"]])
    array(['no'], dtype='<U3')
    """
    file_path(path)
    try:
        return unwrapped(path)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(
            f"path must be a file written by a tabular estimator, got {path!r}: {error}"
        ) from None


def unwrapped(path: str | os.PathLike[str]) -> TabularClassifier | TabularRegressor:
    """Load an estimator; errors do not name the file."""
    content = files.load(path)
    if content.estimator not in _ESTIMATORS:
        raise ValueError(f"estimator must be one of {', '.join(_ESTIMATORS)}, got {content.estimator!r}")
    return _ESTIMATORS[content.estimator]._restored(content)
