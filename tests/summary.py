#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts test points: summary.py FILE...

A FILE is Meson's testlog.json (one JSON object per line) or plain TAP. Each
TAP point counts as one test; a test without TAP output counts as one. A test
that died, timed out or printed another number of points than it planned is
one more failure. A FILE that is not there is a failure: tests that did not
run did not pass. Skips are named with their reason. Last line:

    N passed, N failed, N skipped
"""
import json
import re
import sys

POINT = re.compile(r"^(not )?ok\b\s*\d*\s*(?:-\s*)?(.*?)(?:\s*#\s*SKIP\b:?\s*(.*))?$", re.I)


class Count:
    def __init__(self):
        self.passed, self.failures, self.skips = 0, [], []

    def tap(self, where, text):
        """Counts the points of one TAP stream; returns how many there were."""
        seen = 0
        for line in text.splitlines():
            whole = re.match(r"^1\.\.0\s*#\s*SKIP\s*(.*)", line, re.I)
            if whole:
                self.skips.append((where, whole[1]))
                seen += 1
                continue
            point = POINT.match(line)
            if not point:
                continue
            seen += 1
            name = f"{where}: {point[2]}"
            if point[3] is not None:
                self.skips.append((name, point[3] or "no reason given"))
            elif point[1]:
                self.failures.append(name)
            else:
                self.passed += 1
        return seen

    def meson(self, where, test):
        result, name = test["result"], f"{where}{test['name']}"
        failed_before = len(self.failures)
        seen = self.tap(name, test.get("stdout") or "")
        if result == "SKIP" and not seen:
            self.skips.append((name, (test.get("stdout") or "no reason given").strip()))
        elif result in ("OK", "SKIP", "EXPECTEDFAIL"):
            self.passed += not seen
        elif len(self.failures) == failed_before:
            self.failures.append(f"{name}: {result.lower()}, exit {test.get('returncode')}")


def main(paths):
    count = Count()
    for path in paths:
        try:
            text = sys.stdin.read() if path == "-" else open(path, encoding="utf-8", errors="replace").read()
        except OSError as e:
            count.failures.append(f"{path}: {e.strerror}")
            continue
        where = "asan " if "asan" in path else ""
        if path.endswith(".json"):
            for line in text.splitlines():
                count.meson(where, json.loads(line))
        else:
            count.tap(path, text)
    for name, why in count.skips:
        print(f"skipped: {name}: {why}")
    for name in count.failures:
        print(f"FAILED: {name}")
    print(f"{count.passed} passed, {len(count.failures)} failed, {len(count.skips)} skipped")
    return 1 if count.failures or count.passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
