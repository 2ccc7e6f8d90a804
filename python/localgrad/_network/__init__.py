"""The parts of the class `Network`: base classes, one per subject, which share its model."""
