#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""README's first five minutes, run as they stand: readme_test.py ASSAY. TAP on stdout.

Each indented command must end with 0, or with the N of the "Exit code N" in the sentence above it.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def commands(text):
    """(command, exit code) of each one in the section that can be run on any machine."""
    section = text.split("## The first five minutes\n")[1].split("\n## ")[0]
    code = 0
    for block in re.sub(r"\\\n\s*", "", section).split("\n\n"):
        if not block.startswith("    "):
            said = re.search(r"[Ee]xit code (\d)", block)
            code = int(said[1]) if said else 0
            continue
        for line in block.splitlines():
            line = line.strip()
            if not line.startswith(("./dev", "export", "cd ")):
                yield line, code


def main(assay):
    env = {**os.environ, "PATH": f"{pathlib.Path(assay).resolve().parent}:{os.environ['PATH']}"}
    found = list(commands((ROOT / "README.md").read_text()))
    bad = 0 if found else 1
    print(f"1..{len(found)}")
    with tempfile.TemporaryDirectory() as top:
        for i, (command, want) in enumerate(found, 1):
            got = subprocess.run(["sh", "-c", command.replace("/tmp/", top + "/")], env=env,
                                 cwd=ROOT / "tests/evidence", text=True, capture_output=True)
            bad += got.returncode != want
            print(f"{'' if got.returncode == want else 'not '}ok {i} - {command}")
            if got.returncode != want:
                print(f"# exit {got.returncode}, README says {want}")
                print("".join(f"# {line}\n" for line in got.stderr.splitlines()), end="")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
