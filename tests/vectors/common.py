# SPDX-License-Identifier: Apache-2.0
"""Running inspect over a file, and counting what agrees."""
import json
import subprocess


class Disagreement(Exception):
    """What assay said is not what is stated."""


class Got:
    def __init__(self, status, text):
        self.status = status
        self.json = json.loads(text) if text else {}

    def said(self):
        e = self.json.get("error")
        return f"exit {self.status}, {self.json.get('format')}" + (
            f": {e.get('fault')} {e.get('field')} at {e.get('offset')}" if e else "")


class Vectors:
    def __init__(self, assay, root, scratch):
        self.assay, self.root, self.scratch = assay, root, scratch
        self.rows, self.failed = [], 0

    def files(self, pattern):
        return sorted(p for p in self.root.glob(pattern) if p.is_file())

    def run(self, *arguments):
        done = subprocess.run([self.assay, *map(str, arguments)], capture_output=True, timeout=120)
        if done.returncode < 0 or b"Sanitizer" in done.stderr:
            raise Disagreement(f"it died: {done.stderr[-200:]!r}")
        return Got(done.returncode, done.stdout.decode("utf-8"))

    def inspect(self, path, *options):
        return self.run("inspect", "--json", *options, path)

    def inspect_bytes(self, data, *options):
        path = self.scratch / "artefact"
        path.write_bytes(data)
        return self.inspect(path, *options)

    def point(self, path, stated, check):
        """check: returns what was got, in words, or raises Disagreement."""
        name = path.relative_to(self.root).as_posix()
        try:
            got, good = check(), True
        except Disagreement as why:
            got, good = f"DISAGREES: {why}", False
        self.failed += not good
        self.rows.append((name, stated, got))
        print(f"{'' if good else 'not '}ok {len(self.rows)} - {name}: {stated}".replace("#", "no."))
        if not good:
            print(f"# {got}")

    def done(self):
        print(f"1..{len(self.rows)}")
        return 1 if self.failed else 0

    def markdown(self):
        lines = ["| file | stated | got |", "| --- | --- | --- |"]
        lines += ["| " + " | ".join(c.replace("|", "\\|") for c in row) + " |" for row in self.rows]
        return "\n".join(lines) + "\n"
