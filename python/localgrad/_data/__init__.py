"""Training and validation examples, and the mini-batches that they are split into."""
