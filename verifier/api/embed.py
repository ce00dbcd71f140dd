#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A file as an array of C: embed.py IN OUT NAME."""
import json
import sys

source, target, name = sys.argv[1:]
with open(source, encoding="utf-8") as f:
    data = json.dumps(json.load(f), separators=(",", ":")).encode()
with open(target, "w", encoding="ascii") as f:
    f.write(f"#include <stddef.h>\n#include <stdint.h>\nextern const uint8_t {name}[];\n"
            f"extern const size_t {name}_n;\nconst size_t {name}_n = {len(data)};\n"
            f"const uint8_t {name}[] = {{\n")
    for at in range(0, len(data), 20):
        f.write("".join(f"{b}," for b in data[at:at + 20]) + "\n")
    f.write("};\n")
