"""What is wrong with a training run: the results of `History.diagnose`."""

from localgrad.diagnosis.finding import Diagnosis, Finding
from localgrad.diagnosis.setup import DataSummary, Setup, Snapshot

__all__ = ["DataSummary", "Diagnosis", "Finding", "Setup", "Snapshot"]
