"""How often `History.diagnose` finds the right cause, and how often it raises a false alarm.

    python scripts/diagnose_faults.py [--seed 0] [--count 25] [--healthy 100] [--further 0]

draws networks for each of eight faults, and healthy ones, from the package training_runs, trains them, and
prints a table. Data, network, optimizer, batch size and the severity of the fault are random. A fault counts
only if it does harm. With --further, the four less clear-cut causes are drawn as well. Thresholds were chosen
with --seed 1 and 2.
"""

import argparse
import warnings
from collections import Counter

from training_runs.draw import faulty, sound
from training_runs.faults import FAULTS
from training_runs.further import FURTHER


def main() -> None:
    """Draw, train, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=25, help="runs per fault")
    parser.add_argument("--healthy", type=int, default=100, help="healthy runs")
    parser.add_argument("--further", type=int, default=0, help="runs per further cause")
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # of the scale of the data, which is among the faults
    right = 0
    for fault in FAULTS:
        right += report(fault, options.seed, options.count)
    runs = len(FAULTS) * options.count
    print(f"{'all':24} {right:3} of {runs:3}   {right / max(runs, 1):.1%}")
    for fault in FURTHER if options.further else ():
        report(fault, options.seed, options.further)
    alarms = 0
    for number in range(options.healthy):
        case, history = sound(options.seed, number)
        if found := history.diagnose():
            alarms += 1
            print(f"  false alarm {', '.join(found.causes)}: {case}")
    print(f"{'false alarms':24} {alarms:3} of {options.healthy:3}")


def report(fault, seed: int, count: int) -> int:
    """Print how often the right cause came first, and the other runs; return how often."""
    first, others = Counter(), []
    for number in range(count):
        case, history = faulty(fault, seed, number)
        causes = history.diagnose().causes
        first[causes[0] if causes else "none"] += 1
        if causes[:1] != (fault.__name__,):
            others.append(f"  {', '.join(causes) or 'none'}: {case}")
    print(f"{fault.__name__:24} {first[fault.__name__]:3} of {count:3}", *others, sep="\n", flush=True)
    return first[fault.__name__]


if __name__ == "__main__":
    main()
