"""Estimators for scikit-learn: `MLPClassifier` and `MLPRegressor`.

They take the arguments of scikit-learn's estimators of the same names, with the same meaning, and those of
`localgrad.Network` and its `fit`. Requires scikit-learn: ``pip install "localgrad[sklearn]"``.

Examples
--------
>>> from localgrad.sklearn import MLPClassifier
>>> from sklearn.datasets import make_moons
>>> X, y = make_moons(200, noise=0.1, random_state=0)
>>> MLPClassifier((32, 32), solver="lbfgs", random_state=0).fit(X, y).score(X, y) > 0.95
True
"""

try:
    import sklearn as _sklearn  # noqa: F401
except ImportError as error:
    raise ImportError(
        'localgrad.sklearn requires scikit-learn; install it with: pip install "localgrad[sklearn]"'
    ) from error

from localgrad.sklearn.classifier import MLPClassifier
from localgrad.sklearn.regressor import MLPRegressor

__all__ = ["MLPClassifier", "MLPRegressor"]
