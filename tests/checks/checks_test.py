#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The checks themselves: each one must refuse a planted violation. TAP on stdout.

A check that never fails is no check; one row per rule.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
CC = os.environ.get("CC", "cc").split()
SPDX = "/* SPDX-License-Identifier: Apache-2.0 */\n"
REASON = 'X(A_B, "a.b", INFO, false, HARDWARE, 0, 0, \\\n  "it is", \\\n  "look")\n'
MANUAL = ('.\\" the table of reasons, by tests/checks/manual.py --write\n'
          '.\\" the end of the table\n')

# name, script, files planted in an empty tree, text that the refusal must hold (None: accepted)
TREES = [
    ("base uses codec", "rooms.py", {"core/base/a.c": '#include "core/codec/c.h"\n'},
     "in codec, which base may not use"),
    ("codec uses its neighbour crypto", "rooms.py",
     {"core/codec/a.c": "#include <assay/crypto.h>\n"}, "in crypto, which codec may not use"),
    ("evidence uses appraisal", "rooms.py",
     {"core/evidence/tpm/a.c": "#include <assay/appraisal.h>\n"}, "in appraisal, which evidence"),
    ("a core header uses cli", "rooms.py", {"core/base/a.h": '#include "cli/exit.h"\n'},
     "outside the core"),
    ("a public header uses a later room", "rooms.py",
     {"include/assay/crypto.h": "#include <assay/evidence/tpm.h>\n"}, "in evidence, which crypto"),
    ("a public header that the table does not know", "rooms.py",
     {"include/assay/new.h": SPDX}, "in no room"),
    ("a core room that the table does not know", "rooms.py", {"core/new/a.c": SPDX}, "in no room"),
    ("the core includes stdio.h", "rooms.py", {"core/base/a.c": "#include <stdio.h>\n"},
     "nothing that a pure room needs"),
    ("evidence speaks to libcrypto", "rooms.py",
     {"core/evidence/tpm/a.c": "#include <openssl/evp.h>\n"}, "only core/crypto"),
    ("a receipt speaks to libcrypto", "rooms.py",
     {"core/receipt/a.c": "#include <openssl/rand.h>\n"}, "only core/crypto"),
    ("a receipt knows reasons", "rooms.py",
     {"core/receipt/a.c": "#include <assay/result.h>\n"}, "in result, which receipt may not use"),
    ("attester uses cli", "rooms.py", {"attester/a.c": '#include "cli/exit.h"\n'},
     "in cli, which attester may not know"),
    ("cli reaches into the core", "rooms.py", {"cli/a.c": '#include "core/base/cursor.h"\n'},
     "only include/assay is for others"),
    ("platform knows RATS", "rooms.py", {"platform/a.c": "#include <assay/evidence/tpm.h>\n"},
     "not platform's to know"),
    ("a file includes the one beside it by its short name", "rooms.py",
     {"core/base/a.c": '#include "../codec/c.h"\n', "core/codec/c.h": SPDX}, "codec"),
    ("appraisal uses all below it", "rooms.py",
     {"core/appraisal/a.c": "#include <assay/evidence/tpm.h>\n#include <assay/result.h>\n"
                            '#include "core/base/cursor.h"\n#include <string.h>\n'}, None),
    ("cli uses attester, platform and the public headers", "rooms.py",
     {"cli/a.c": '#include "attester/collect.h"\n#include "platform/file.h"\n'
                 "#include <assay/result.h>\n#include <stdio.h>\n"}, None),
    ("a test uses what it likes", "rooms.py",
     {"core/base/a_test.c": '#include "tests/tap.h"\n#include <stdio.h>\n'}, None),
    ("a source without a licence", "tree.py", {"core/base/a.c": "int a;\n"}, "core/base/a.c"),
    ("a file of 501 lines", "tree.py", {"core/base/a.c": SPDX + "\n" * 500}, "501 lines"),
    ("something left open", "tree.py", {"dev": "# TO" "DO\n"}, "dev: TO" "DO"),
    ("a path of one machine", "tree.py", {"dev": "cd /wo" "rk/main\n"}, "dev: /wo" "rk/"),
    ("a parser without a fuzz target", "tree.py",
     {"core/evidence/x/x.c": SPDX, "core/evidence/x/x_test.c": SPDX,
      "core/evidence/x/README.md": "x\n"}, "core/evidence/x: no *_fuzz.c"),
    ("a fuzz target without a corpus", "tree.py",
     {"core/meson.build": "fuzzers += {'x': files('x_fuzz.c')}\n"}, "tests/corpus/x: no input"),
    ("a link that leads nowhere", "tree.py", {"README.md": "[a](docs/a.md)\n"}, "docs/a.md"),
    ("a path that is not there", "tree.py", {"README.md": "see `tests/a_test.c`\n"}, "tests/a_test.c"),
    ("a regression that threats.md does not name", "tree.py",
     {"docs/threats.md": "none\n", "tests/regressions/CVE-1/test.sh": "# " + SPDX},
     "does not name tests/regressions/CVE-1"),
    ("a command without a page", "manual.py",
     {"cli/commands.h": "#define CLI_COMMANDS(X) \\\n\tX(verify, \"\")\n"},
     "man/assay-verify.1 is not there"),
    ("a page that is not installed", "manual.py",
     {"cli/commands.h": "#define CLI_COMMANDS(X) \\\n\tX(verify, \"\")\n",
      "man/assay-verify.1": MANUAL}, "does not install man/assay-verify.1"),
    ("a reason that the manual does not tell", "manual.py",
     {"include/assay/result/reasons.h": REASON, "man/assay-verify.1": MANUAL}, "tells other reasons"),
    ("a reason in a form that cannot be read", "manual.py",
     {"include/assay/result/reasons.h": "X(A, B)\n", "man/assay-verify.1": MANUAL}, "0 of 1 reasons"),
    ("an option of assayd that its page does not tell", "manual.py",
     {"verifier/assayd.c": '"--check --frob"', "verifier/serve/settings.c": 'text(c, NULL, "log")',
      "man/assayd.8": ".It Fl -check\n.It Cm log\n"}, "no --frob"),
    ("a setting of assayd that its page does not tell", "manual.py",
     {"verifier/assayd.c": '"--check"', "verifier/serve/settings.c": 'text(c, "tls", "key")',
      "man/assayd.8": ".It Fl -check\n.It Cm keys\n"}, "no setting key"),
    ("a manual with all", "manual.py",
     {"cli/commands.h": "#define CLI_COMMANDS(X) \\\n\tX(verify, \"\")\n",
      "man/meson.build": "install_man('assay-verify.1')\n", "man/assay.1": ".Xr assay-verify 1\n",
      "include/assay/result/reasons.h": REASON,
      "man/assay-verify.1": MANUAL.replace("\n", "\n.It Cm a.b\nInfo.\nIt is.\nTo do: look.\n", 1)},
     None),
    ("a tidy tree", "tree.py", {"core/base/a.c": SPDX, "README.md": "[a](core/base/a.c)\n"}, None),
]

# name, C source, text that the refusal must hold (None: accepted)
OBJECTS = [
    ("open", "int open(const char *, int, ...); int f(void) { return open(\"x\", 0); }",
     "open, used by"),
    ("malloc", "void *malloc(unsigned long); void *f(void) { return malloc(8); }",
     "memory comes from the arena"),
    ("time", "long time(long *); long f(void) { return time(0); }", "time is handed in"),
    ("getenv", "char *getenv(const char *); char *f(void) { return getenv(\"x\"); }",
     "reads no environment"),
    ("printf", "int printf(const char *, ...); int f(int a) { return printf(\"%d\", a); }",
     "does not print"),
    ("strtol", "long strtol(const char *, char **, int); long f(char *s) { return strtol(s, 0, 9); }",
     "no locale"),
    ("a file of libcrypto", "void *BIO_new_file(const char *, const char *);"
     "void *f(void) { return BIO_new_file(\"a\", \"r\"); }", "BIO_new_file, used by"),
    ("global state", "static int n; int f(void) { return ++n; }", "n in .bss"),
    ("initialised global state", "int n = 3; int f(void) { return ++n; }", "n in .data"),
    ("thread-local state", "_Thread_local int n; int f(void) { return ++n; }", "n in .tbss"),
    ("constant tables and memcmp", "int memcmp(const void *, const void *, unsigned long);"
     "static const char *const t[] = { \"a\", \"b\" };"
     "int f(const char *s, int i) { return memcmp(t[i], s, 1); }", None),
]


def run(script, *args):
    got = subprocess.run([sys.executable, HERE / script, *map(str, args)], text=True,
                         capture_output=True)
    return got.returncode, got.stdout + got.stderr


def tree_row(script, files):
    with tempfile.TemporaryDirectory() as top:
        for name, text in files.items():
            path = pathlib.Path(top, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return run(script, top)


def object_row(source):
    with tempfile.TemporaryDirectory() as top:
        c, o = pathlib.Path(top, "a.c"), pathlib.Path(top, "a.o")
        c.write_text(source)
        subprocess.run([*CC, "-w", "-O1", "-fPIC", "-fno-builtin", "-c", c, "-o", o], check=True)
        return run("purity.py", HERE / "allowed-symbols.txt", o)


def main():
    bad = 0
    print(f"1..{len(TREES) + len(OBJECTS)}")
    rows = [(n, lambda s=s, f=f: tree_row(s, f), want) for n, s, f, want in TREES]
    rows += [(n, lambda c=c: object_row(c), want) for n, c, want in OBJECTS]
    for i, (name, row, want) in enumerate(rows, 1):
        code, said = row()
        good = code == 0 if want is None else code == 1 and want in said
        bad += not good
        print(f"{'' if good else 'not '}ok {i} - {name}: {'accepted' if want is None else 'refused'}")
        if not good:
            print("".join(f"# {line}\n" for line in said.splitlines()), end="")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
