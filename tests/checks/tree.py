#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What every file of the tree must be: tree.py [ROOT]. TAP on stdout.

Licence line, length, nothing left open, no path of one machine, each parser's
folder complete, and every path that a document names is there.
"""
import pathlib
import re
import sys

LONGEST = 500
# Longer files, each with its reason.
LONG_FOR_A_REASON = {}

# Folders under core/evidence that read no bytes of their own, each with its reason.
NO_PARSER = {
    "core/evidence/claims": "joins what the parsers read; reads no bytes of its own",
}

SKIP = re.compile(r"^(\.git$|\.cache$|build)")
DATA = ("tests/evidence/", "tests/corpus/")
CODE = {".c", ".h"}
TEXT = CODE | {".py", ".sh", ".md", ".build", ".txt", ".1", ".yaml", ""}
# In two pieces each, so that this file does not find itself.
OPEN = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")
MACHINE = re.compile(r"(^|[^\w.$])/(wo" r"rk|fa" r"rm|tmp/w" r"t)/", re.M)
LINK = re.compile(r"\]\((?!\w+:|#)([^)#\s]+)[^)]*\)")
NAMED = re.compile(r"`((?:tests|core|include|docs|man|bench|cli|platform|attester|provider)/"
                   r"[\w./-]*[\w/])`")


def walk(root):
    """(relative path, text) of each of our own text files."""
    todo = [root]
    while todo:
        for path in sorted(todo.pop().iterdir()):
            if path.is_symlink() or path.parent == root and SKIP.match(path.name):
                continue
            name = path.relative_to(root).as_posix()
            if path.is_dir():
                if path.name != "__pycache__" and not (name + "/").startswith(DATA):
                    todo.append(path)
            elif path.suffix in TEXT and not name.startswith(DATA) and name != "LICENSE":
                yield name, path.read_text(encoding="utf-8", errors="replace")


def licence(root, files):
    return [name for name, text in files if pathlib.Path(name).suffix in CODE | {".py", ".sh"}
            and "SPDX-License-Identifier: Apache-2.0" not in "".join(text.splitlines(True)[:3])]


def length(root, files):
    return [f"{name}: {n} lines" for name, text in files
            if (n := text.count("\n")) > LONGEST and name not in LONG_FOR_A_REASON]


def left_open(root, files):
    return [f"{name}: {m[0]}" for name, text in files if (m := OPEN.search(text))]


def machine_paths(root, files):
    return [f"{name}: {m[0].strip()}" for name, text in files if (m := MACHINE.search(text))]


def parsers(root, files):
    """README, test and fuzz target beside each parser; a corpus for each target."""
    bad = []
    for folder in sorted((root / "core/evidence").glob("*/")):
        name = folder.relative_to(root).as_posix()
        if name in NO_PARSER or not list(folder.glob("*.c")):
            continue
        bad += [f"{name}: no {want}" for want in ("README.md", "*_test.c", "*_fuzz.c")
                if not list(folder.glob(want))]
    builds = "\n".join(text for name, text in files if name.endswith("meson.build"))
    for added in re.findall(r"fuzzers\s*\+=\s*\{([^}]*)\}", builds):
        bad += [f"tests/corpus/{target}: no input for the fuzz target"
                for target in re.findall(r"'([\w-]+)'\s*:", added)
                if not any(f.is_file() for f in (root / "tests/corpus" / target).glob("*"))]
    return bad


def documents(root, files):
    """Every relative link and `path/of/ours` in a document exists; each regression is in threats.md."""
    bad = []
    for name, text in files:
        if not name.endswith(".md"):
            continue
        links = [root / pathlib.Path(name).parent / link for link in LINK.findall(text)]
        paths = [root / path for path in NAMED.findall(text) if "NAME" not in path]
        bad += [f"{name}: {path.relative_to(root)} is not there" for path in links + paths
                if not path.exists()]
    threats = dict(files).get("docs/threats.md", "")
    bad += [f"docs/threats.md: does not name tests/regressions/{folder.name}"
            for folder in sorted((root / "tests/regressions").glob("*/"))
            if f"tests/regressions/{folder.name}" not in threats and folder.name != "__pycache__"]
    return bad


CHECKS = [("each source names its licence", licence),
          (f"no file is longer than {LONGEST} lines without a reason", length),
          ("nothing is left open", left_open),
          ("no path of one machine", machine_paths),
          ("each parser has README, test, fuzz target and corpus", parsers),
          ("documents and tree name the same things", documents)]


def main(argv):
    root = pathlib.Path(argv[0] if argv else ".").resolve()
    files = list(walk(root))
    failed = 0
    print(f"1..{len(CHECKS)}")
    for i, (name, check) in enumerate(CHECKS, 1):
        bad = check(root, files) if files else ["no files found"]
        failed += bool(bad)
        print(f"{'not ' if bad else ''}ok {i} - {name}")
        for line in bad:
            print(f"# {line}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
