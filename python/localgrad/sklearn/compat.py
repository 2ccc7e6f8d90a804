"""What differs between versions of scikit-learn, and its decorators with types."""

from collections.abc import Callable
from typing import Any, TypeVar

from sklearn.utils import metaestimators

F = TypeVar("F", bound=Callable[..., Any])

__all__ = ["CallbackSupportMixin", "available_if", "validate_data", "with_callbacks"]

try:
    from sklearn.utils.validation import validate_data
except ImportError:  # before 1.6

    def validate_data(estimator: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Check X and y, and set or check the features of the estimator."""
        return estimator._validate_data(*args, **kwargs)


try:
    from sklearn.callback import CallbackSupportMixin
    from sklearn.callback import with_callbacks as _with_callbacks
except ImportError:  # before 1.9

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """No callbacks."""

    def _with_callbacks(method: Any) -> Any:
        return method


def with_callbacks(method: F) -> F:
    """End the callbacks of scikit-learn after the method, also after an error."""
    return _with_callbacks(method)  # type: ignore[no-any-return]


def available_if(check: Callable[[Any], bool]) -> Callable[[F], F]:
    """Make a method available only if a check of the estimator raises no AttributeError."""
    return metaestimators.available_if(check)  # type: ignore[no-any-return]
