#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# ./dev package: the Debian packages of this tree as it is, in build-deb/.
set -eu
cd "$(dirname "$0")/.."
out=build-deb
src=$out/assay
rm -rf "$out"
mkdir -p "$src"
# what git knows or would know, as it lies here
git ls-files -co --exclude-standard | grep -v -e ^tests/evidence/ -e ^tests/corpus/ | tar cf - -T - |
	tar xf - -C "$src"
mkdir -p "$src/tests/evidence" "$src/tests/corpus"
cp -r deploy/debian "$src/debian"
(cd "$src" && DEB_BUILD_OPTIONS="nocheck noddebs parallel=$(nproc)" dpkg-buildpackage -b -us -uc) >"$out/log" 2>&1 || {
	tail -n 40 "$out/log" >&2
	exit 1
}
rm -rf "$src"
ls -l "$out"/*.deb
