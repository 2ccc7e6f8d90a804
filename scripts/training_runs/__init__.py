"""Training runs with a known fault, and healthy ones, drawn at random."""
