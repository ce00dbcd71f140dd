#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The manual says what the program does: manual.py ROOT [ASSAY]. TAP on stdout.

Each command has a page, which man/meson.build installs and assay.1 names; verify's table of
reasons is the one of include/assay/result/reasons.h; and where ASSAY is given, each option of --help
stands in its page and each setting of the default policy in policy's.

manual.py ROOT --write writes the table of reasons anew.
"""
import pathlib
import re
import subprocess
import sys

REASON = re.compile(r'^X\(\w+, "([^"]+)", (\w+), (\w+), \w+, [^"]*"((?:[^"\\]|\\.)*)",\s*\\?\s*'
                    r'"((?:[^"\\]|\\.)*)"\)', re.M)
COMMAND = re.compile(r'^\s*X\((\w+), "', re.M)
TABLE = re.compile(r'(\.\\" the table of reasons, by tests/checks/manual.py --write\n)(.*?)'
                   r'(\.\\" the end of the table\n)', re.S)


def read(path):
    return path.read_text() if path.is_file() else ""


def sentence(text):
    """With a capital letter, unless the first word is a name (boot_aggregate)."""
    return text[0].upper() + text[1:] if text.split(" ", 1)[0].isalpha() else text


def plain(text):
    """As running text of mdoc: nothing that roff would obey."""
    text = text.replace("\\", "\\e")
    return r"\&" + text if text[0] in ".'" else text


def table(header):
    rows = []
    for word, severity, fixed, text, hint in REASON.findall(header):
        always = ", whatever the policy says" if fixed == "true" else ""
        rows.append(f".It Cm {word}\n{severity.capitalize()}{always}.\n{plain(sentence(text))}.\n"
                    f"To do: {plain(hint)}.\n")
    return "".join(rows)


def commands(root):
    listed = read(root / "cli/commands.h").partition("#define CLI_COMMANDS")[2]
    return [name for name in COMMAND.findall(listed) if name != "help"]


def pages(root, _):
    installed, first = read(root / "man/meson.build"), read(root / "man/assay.1")
    names = commands(root)
    bad = [] if names else ["cli/commands.h lists no command"]
    for name in names:
        page = f"man/assay-{name}.1"
        if not (root / page).is_file():
            bad.append(f"{page} is not there")
        if f"'assay-{name}.1'" not in installed:
            bad.append(f"man/meson.build does not install {page}")
        if f".Xr assay-{name} 1" not in first:
            bad.append(f"man/assay.1 does not name {page}")
    return bad


def reasons(root, _):
    header, page = read(root / "include/assay/result/reasons.h"), read(root / "man/assay-verify.1")
    found, want = TABLE.search(page), table(header)
    listed = len(re.findall(r"^X\(", header, re.M))
    if not listed or want.count(".It ") != listed:
        return [f"{want.count('.It ')} of {listed} reasons were understood"]
    if not found or found[2] != want:
        return ["man/assay-verify.1 tells other reasons: tests/checks/manual.py . --write"]
    return []


def said(assay, *args):
    return subprocess.run([assay, *args], text=True, capture_output=True, check=True).stdout


def helps(assay, name):
    """What a command says of itself, and each of its own commands where it is a group."""
    text = said(assay, name, "--help")
    listed = text.partition("\ncommands:\n")[2].partition("\n\n")[0]
    return text + "".join(said(assay, name, line.split()[0], "--help")
                          for line in listed.splitlines())


def options(root, assay):
    bad = []
    for name in commands(root):
        page = read(root / f"man/assay-{name}.1")
        bad += [f"man/assay-{name}.1: no {option}"
                for option in sorted(set(re.findall(r"--[a-z][a-z-]*", helps(assay, name))) - {"--help"})
                if not re.search(rf"Fl {re.escape(option[1:])}(?![\w-])", page)]
    return bad


def settings(root, assay):
    page, section, bad = read(root / "man/assay-policy.1"), "", []
    for line in said(assay, "policy", "default").splitlines():
        got = re.match(r"( *)([a-z-]+):", line)
        if not got or section == "severity" and got[1]:
            continue
        section = section if got[1] else got[2]
        name = f"{section}.{got[2]}" if got[1] else section
        group = not got[1] and line.rstrip().endswith(":")
        if not group and not re.search(rf"^\.It Cm {re.escape(name)}$", page, re.M):
            bad.append(f"man/assay-policy.1: no {name}")
    return bad


def service(root, _):
    """assayd's page: each option of its help, each setting that it reads."""
    if not (root / "verifier/assayd.c").is_file():
        return []
    page, bad = read(root / "man/assayd.8"), []
    options = set(re.findall(r"--[a-z][a-z-]*", read(root / "verifier/assayd.c")))
    keys = set(re.findall(r'\((?:c|s->file), (?:NULL|section|"[a-z]+"),\s*"([a-z-]+)"',
                          read(root / "verifier/serve/settings.c")))
    bad += [f"man/assayd.8: no {option}" for option in sorted(options)
            if not re.search(rf"Fl {re.escape(option[1:])}(?![\w-])", page)]
    bad += [f"man/assayd.8: no setting {key}" for key in sorted(keys)
            if not re.search(rf"^\.(?:It )?Cm (?:.*[ ,])?{re.escape(key)}(?![\w-])", page, re.M)]
    return bad if options and keys else ["the options or settings were not understood"]


CHECKS = [("each command has a page that is installed and named", pages),
          ("verify's page has the table of reasons", reasons),
          ("assayd's page has each option and setting", service)]
RUN = [("each option of --help is in its page", options),
       ("each setting of the default policy is in its page", settings)]


def main(top, *more):
    root = pathlib.Path(top)
    if more == ("--write",):
        page = root / "man/assay-verify.1"
        rows = table(read(root / "include/assay/result/reasons.h"))
        page.write_text(TABLE.sub(lambda m: m[1] + rows + m[3], page.read_text()))
        return 0
    failed, checks = 0, CHECKS + (RUN if more else [])
    print(f"1..{len(checks)}")
    for i, (name, check) in enumerate(checks, 1):
        bad = check(root, *(more or [None]))
        failed += bool(bad)
        print(f"{'not ' if bad else ''}ok {i} - {name}")
        for line in bad:
            print(f"# {line}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
