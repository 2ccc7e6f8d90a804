"""Examples for a model, and the mini-batches that they come in."""
