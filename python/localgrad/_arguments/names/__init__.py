"""Names that users bring from Keras, PyTorch and scikit-learn.

What means the same here is accepted, written as they know it; a network, a history or a file then shows our
name. What means something else, or is a typing error, is refused with what may be meant.
"""
