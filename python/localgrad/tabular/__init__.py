"""Estimators for tables with columns of any kind: `TabularClassifier` and `TabularRegressor`.

They take a data frame or an array as it is: with numbers, categories, booleans, dates and missing values.
Requires scikit-learn: ``pip install "localgrad[sklearn]"``.

Examples
--------
>>> from localgrad.tabular import TabularClassifier
>>> rows = [["red", 1.0, None], ["blue", 2.0, "2024-03-01"], [None, 3.0, "2024-04-01"]] * 20
>>> labels = ["a", "b", "b"] * 20
>>> model = TabularClassifier(random_state=0).fit(rows, labels)
>>> model.columns_
x0  categorical  text, 2 different values
x1  numeric      numbers
x2  date         dates
>>> model.score(rows, labels)
1.0
"""

try:
    import sklearn as _sklearn  # noqa: F401
except ImportError as error:
    raise ImportError(
        'localgrad.tabular requires scikit-learn; install it with: pip install "localgrad[sklearn]"'
    ) from error

from localgrad.tabular.classifier import TabularClassifier
from localgrad.tabular.columns import Column, Columns
from localgrad.tabular.loading import load
from localgrad.tabular.regressor import TabularRegressor

__all__ = ["Column", "Columns", "TabularClassifier", "TabularRegressor", "load"]
