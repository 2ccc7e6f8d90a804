"""Names from Keras, PyTorch and scikit-learn.

A name with the same meaning here is accepted as the other library spells it; networks, histories and files
then show localgrad's name. A name with another meaning, or a typing error, raises an error with a suggestion.
"""
