#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The core is pure: purity.py ALLOWED OBJECT... TAP on stdout.

Every symbol that our objects use and do not define themselves must stand in
ALLOWED (one name or prefix* per line), and none of them may hold mutable data
(.data, .bss, thread-local or common): no global state, no clock, no file, no
socket, no locale, no allocation of our own.
"""
import re
import subprocess
import sys

# The tempting ones, so that the message says what rule was broken.
WHY = {
    "memory comes from the arena handed in": "malloc calloc realloc free strdup reallocarray",
    "the core touches no file": "open openat fopen fdopen read write fread fwrite stat unlink",
    "the core touches no network": "socket connect send recv getaddrinfo",
    "time is handed in": "time clock_gettime gettimeofday localtime gmtime nanosleep sleep",
    "the core reads no environment": "getenv secure_getenv environ",
    "the core does not print or log": "printf fprintf vprintf snprintf vsnprintf puts putchar "
                                      "perror stderr stdout syslog",
    "numbers are read with the cursor; no locale": "strtol strtoul strtoll strtoull atoi sscanf "
                                                   "setlocale toupper tolower __ctype_b_loc",
    "qsort may allocate": "qsort qsort_r bsearch",
    "errors are values": "__errno_location abort exit __assert_fail setjmp longjmp",
    "randomness is handed in": "rand random getrandom RAND_bytes",
}
REASON = {name: why for why, names in WHY.items() for name in names.split()}
MUTABLE = re.compile(r"^(\.data(?!\.rel\.ro)|\.bss|\.tdata|\.tbss|\*COM\*|\.ldata|\.lbss)")


def symbols(objects):
    """(undefined name -> objects that use it, defined names, mutable names)."""
    out = subprocess.run(["nm", "-A", "-f", "sysv", *objects], check=True, text=True,
                         capture_output=True).stdout
    undefined, defined, mutable = {}, set(), []
    for line in out.splitlines():
        cells = [c.strip() for c in line.split("|")]
        if len(cells) != 7 or cells[6] == "Section":
            continue
        where, _, name = cells[0].rpartition(":")
        if cells[6] == "*UND*":
            undefined.setdefault(name.split("@")[0], set()).add(where.split(":")[-1])
            continue
        if cells[2].isupper():
            defined.add(name)
        if MUTABLE.match(cells[6]) and cells[3] != "SECTION":
            mutable.append(f"{where}: {name} in {cells[6]}")
    return undefined, defined, mutable


def allowed(path):
    lines = (line.split("#")[0].strip() for line in open(path, encoding="utf-8"))
    words = [w for w in lines if w]
    prefixes = tuple(w[:-1] for w in words if w.endswith("*"))
    return lambda name: name in words or name.startswith(prefixes or ("\0",))


def main(argv):
    ok = allowed(argv[0])
    undefined, defined, mutable = symbols(argv[1:])
    bad = [f"{name}, used by {', '.join(sorted(users))}: {REASON.get(name, 'not in ' + argv[0])}"
           for name, users in sorted(undefined.items()) if name not in defined and not ok(name)]
    print("1..2")
    print(f"{'not ' if bad or not defined else ''}ok 1 - calls only what is allowed "
          f"({len(defined)} symbols defined, {len(undefined.keys() - defined)} used)")
    for line in bad:
        print(f"# {line}")
    print(f"{'not ' if mutable else ''}ok 2 - holds no mutable data")
    for line in mutable:
        print(f"# {line}")
    return 1 if bad or mutable or not defined else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
