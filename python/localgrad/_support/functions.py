"""The names of activations and costs, which may include parameters."""


def in_terms_of(function: str, variables: str) -> str:
    """Return the text of a function call: ``"elu(0.5)"`` of ``"z"`` is ``"elu(z; 0.5)"``."""
    bare, _, parameters = function.rstrip(")").partition("(")
    return f"{bare}({variables}; {parameters})" if parameters else f"{bare}({variables})"


def function_of(text: str) -> tuple[str, list[float]]:
    """Return the name and the parameters: ``"elu(0.5)"`` is ``("elu", [0.5])``."""
    bare, _, parameters = text.rstrip(")").partition("(")
    return bare, [float(one) for one in parameters.split(",")] if parameters else []
