#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Names of the targets that `meson install` needs: meson introspect DIR --targets | installed.py DIR."""
import json
import os
import sys

for target in json.load(sys.stdin):
    if target["installed"]:
        for name in target["filename"]:
            print(os.path.relpath(name, sys.argv[1]))
