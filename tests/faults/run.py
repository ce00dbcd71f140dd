#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The matrix of faults, against real processes: run.py [--short] [--rounds N] [CASE...]. TAP, then a table.

From meson: ASSAY, ASSAYD, FAULT_PROBE, FAULT_CLOCK_SO; without them they are those of build/."""
import argparse
import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
os.chdir(ROOT)
for variable, built in {"ASSAY": "cli/assay", "ASSAYD": "verifier/assayd", "FAULT_PROBE": "tests/faults/fault-probe",
                        "FAULT_CLOCK_SO": "tests/faults/fault-clock.so"}.items():
    os.environ.setdefault(variable, str(ROOT / "build" / built))

import abuse  # noqa: E402
import kill  # noqa: E402
import lies  # noqa: E402
import outage  # noqa: E402
from lab import Table  # noqa: E402

CASES = {"kill-sqlite": kill.sqlite, "kill-postgresql": kill.postgresql, **lies.CASES, **outage.CASES, **abuse.CASES}

# What waits for long lives and time-outs is for the long form.
LONG = {"sqlite-locked", "sqlite-gone", "clock", "slowloris", "trickle", "half-open"}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--short", action="store_true", help="few rounds, for every run of the tests")
    parser.add_argument("--rounds", type=int, default=0, help="of each case that has rounds (200; short: 5)")
    parser.add_argument("case", nargs="*", help="of " + " ".join(CASES))
    o = parser.parse_args()
    table = Table()
    for name in o.case or [c for c in CASES if not o.short or c not in LONG]:
        CASES[name](table, o.rounds or (5 if o.short else 200))
    return table.end()


sys.exit(main())
