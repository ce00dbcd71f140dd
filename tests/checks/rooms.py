#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Which room includes from which: rooms.py [ROOT]. TAP on stdout.

The rule of ARCHITECTURE.md, read from the #include lines:

    base <- codec, crypto <- evidence, endorsement, reference, result, merkle,
         receipt, message <- appraisal <- everything that is not the core
    endorsement also uses assay/evidence/tpm.h: an EK is a TPM's key

A core room includes itself and rooms of a lower level. A room outside the
core includes itself, platform/ and the public headers; cli/ also the header of
any room outside the core. platform/ knows assay/base.h alone. Tests and fuzz
targets may include anything.
"""
import os
import pathlib
import re
import sys

CORE = {"base": 0, "codec": 1, "crypto": 1, "evidence": 2, "endorsement": 2, "reference": 2,
        "result": 2, "merkle": 2, "receipt": 2, "message": 2, "appraisal": 3}

# Beyond the levels: an endorsement and an evidence speak of a TPM's key in the same words.
SHARED = {("endorsement", "include/assay/evidence/tpm.h")}

# Headers of the C library that a pure room has a use for; libcrypto's are for core/crypto alone.
PURE_HEADERS = {"limits.h", "stdalign.h", "stdarg.h", "stdbool.h", "stddef.h", "stdint.h",
                "stdnoreturn.h", "string.h"}

OUTSIDE = {"attester", "verifier", "provider", "relying-party", "ledger", "cli", "web"}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)


def room_of(path):
    """('core', room), ('out', room), ('platform', ''), ('free', '') or None."""
    parts = path.parts
    if parts[0] in ("tests", "bench", "proofs") or re.search(r"_(test|fuzz)\.c$", path.name):
        return "free", ""
    # a public header is the contract of the room whose name it has, or whose folder it lies in
    if parts[:2] == ("include", "assay") and len(parts) > 2 and parts[2].removesuffix(".h") in CORE:
        return "core", parts[2].removesuffix(".h")
    if parts[0] == "core" and len(parts) > 2 and parts[1] in CORE:
        return "core", parts[1]
    if parts[0] == "platform":
        return "platform", ""
    if parts[0] in OUTSIDE:
        return "out", parts[0]
    return None


def target_of(root, file, mark, name):
    """The path in the tree that an include means; None for a system header."""
    if name.startswith("assay/"):
        return pathlib.Path("include") / name
    if mark == '"':
        beside = pathlib.Path(os.path.normpath(file.parent / name))
        return beside if (root / beside).exists() else pathlib.Path(name)
    return None


def refusal(source, target, path):
    """Why source may not include target, or None."""
    if source[0] == "free":
        return None
    if target is None:
        return "in no room that the table in rooms.py knows"
    if target[0] == "free":
        return "a test's own"
    kind, room = source
    if kind == "core":
        if target[0] != "core":
            return "outside the core"
        if (target[1] != room and CORE[target[1]] >= CORE[room]
                and (room, path.as_posix()) not in SHARED):
            return f"in {target[1]}, which {room} may not use"
    elif kind == "platform":
        if target[0] != "platform" and path != pathlib.Path("include/assay/base.h"):
            return "not platform's to know"
    elif target[0] == "core":
        if path.parts[0] != "include":
            return "inside the core; only include/assay is for others"
    elif target[0] == "out" and target[1] != room and room != "cli":
        return f"in {target[1]}, which {room} may not know"
    return None


def refusal_of_system_header(source, name):
    if source[0] != "core" or name in PURE_HEADERS:
        return None
    if name.startswith("openssl/"):
        return None if source[1] == "crypto" else "only core/crypto speaks to libcrypto"
    return "nothing that a pure room needs"


def check(root):
    bad, files = [], 0
    for top in ["include", "core", "platform", *sorted(OUTSIDE)]:
        for full in sorted((root / top).rglob("*.[ch]")):
            file = full.relative_to(root)
            source = room_of(file)
            files += 1
            if source is None:
                bad.append(f"{file}: in no room that the table in rooms.py knows")
                continue
            for mark, name in INCLUDE.findall(full.read_text(errors="replace")):
                path = target_of(root, file, mark, name)
                why = (refusal(source, room_of(path), path) if path
                       else refusal_of_system_header(source, name))
                if why:
                    bad.append(f"{file}: includes {path or name}: {why}")
    return bad, files


def main(argv):
    bad, files = check(pathlib.Path(argv[0] if argv else "."))
    print("1..1")
    print(f"{'not ' if bad or not files else ''}ok 1 - rooms include only what they may "
          f"({files} files)")
    for line in bad:
        print(f"# {line}")
    return 1 if bad or not files else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
