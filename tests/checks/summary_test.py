#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The count that decides: one row per way in which a test can fail to pass. TAP on stdout."""
import json
import pathlib
import subprocess
import sys
import tempfile

SUMMARY = pathlib.Path(__file__).resolve().parent.parent / "summary.py"


def test(name="t", result="OK", stdout=""):
    return json.dumps({"name": name, "result": result, "stdout": stdout, "returncode": 0})


# name, lines of testlog.json (None: no such file), last line, exit code
ROWS = [
    ("points are counted one by one", [test(stdout="ok 1 - a\nok 2 - b\n1..2\n")],
     "2 passed, 0 failed, 0 skipped", 0),
    ("a failed point", [test(result="FAIL", stdout="ok 1 - a\nnot ok 2 - b\n1..2\n")],
     "1 passed, 1 failed, 0 skipped", 1),
    ("a skipped point is neither", [test(stdout="ok 1 - a\nok 2 - b # SKIP no TPM\n1..2\n")],
     "1 passed, 0 failed, 1 skipped", 0),
    ("a test skipped as a whole", [test(), test(result="SKIP", stdout="1..0 # SKIP no TPM\n")],
     "1 passed, 0 failed, 1 skipped", 0),
    ("a test without TAP counts as one", [test(stdout="32 inputs replayed\n")],
     "1 passed, 0 failed, 0 skipped", 0),
    ("a test that died after points that passed", [test(result="ERROR", stdout="ok 1 - a\n")],
     "1 passed, 1 failed, 0 skipped", 1),
    ("a test that took too long", [test(result="TIMEOUT")], "0 passed, 1 failed, 0 skipped", 1),
    ("a result that nobody knows", [test(result="NEW", stdout="ok 1\n")],
     "1 passed, 1 failed, 0 skipped", 1),
    ("only skips is not a pass", [test(result="SKIP")], "0 passed, 0 failed, 1 skipped", 1),
    ("nothing ran", [], "0 passed, 0 failed, 0 skipped", 1),
    ("no log", None, "0 passed, 1 failed, 0 skipped", 1),
]


def main():
    bad = 0
    print(f"1..{len(ROWS)}")
    for i, (name, lines, last, code) in enumerate(ROWS, 1):
        with tempfile.TemporaryDirectory() as top:
            log = pathlib.Path(top, "testlog.json")
            if lines is not None:
                log.write_text("".join(line + "\n" for line in lines))
            got = subprocess.run([sys.executable, SUMMARY, log], text=True, capture_output=True)
        good = got.returncode == code and got.stdout.splitlines()[-1:] == [last]
        bad += not good
        print(f"{'' if good else 'not '}ok {i} - {name}")
        if not good:
            print("".join(f"# {line}\n" for line in (got.stdout + got.stderr).splitlines()), end="")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
