"""Names from Keras, PyTorch and scikit-learn.

A name that means the same in localgrad is accepted; networks, histories and files then show localgrad's name.
A name with another meaning, or a typo, raises an error with a suggestion.
"""
