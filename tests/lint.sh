#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Everything that reads the sources and runs none of them. Each step counts as one test; a
# step that fails shows the end of what it said; all of it lies in build-lint/.
set -eu
cd "$(dirname "$0")/.."
mkdir -p build-lint
passed=0 failed=0 skipped=0

# step NAME COMMAND...
step() {
	name=$1
	shift
	if "$@" >"build-lint/$name.log" 2>&1 </dev/null; then
		echo "ok - $name"
		passed=$((passed + 1))
	else
		tail -n 60 "build-lint/$name.log"
		echo "FAILED: lint: $name"
		failed=$((failed + 1))
	fi
}

skip() {
	echo "skipped: lint: $1: $2"
	skipped=$((skipped + 1))
}

# Our files whose name ends as given, one per line.
sources() {
	find . \( -name 'build*' -type d -o -name .git \) -prune -o -name "$1" -print | sort
}

# compile CC DIR: with the warnings of meson.build, all of them errors.
compile() {
	[ -f "$2/build.ninja" ] || CC=$1 meson setup "$2" || return 1
	ninja -C "$2"
}

format() {
	{ sources '*.c'; sources '*.h'; } | {
		bad=0
		while read -r f; do
			clang-format --dry-run -Werror "$f" 2>/dev/null || { echo "$f: ./dev fmt"; bad=1; }
		done
		return "$bad"
	}
}

# What ships; the compile commands of the clang build say which files there are.
tidy() {
	python3 - build-clang/compile_commands.json <<'END' | sort -u |
import json, os, sys
for c in json.load(open(sys.argv[1])):
    f = os.path.relpath(os.path.join(c["directory"], c["file"]))
    if not f.startswith(("tests/", "bench/")) and not f.endswith(("_test.c", "_fuzz.c")):
        print(f)
END
		xargs -P "$(nproc)" -n 1 clang-tidy -p build-clang --quiet --warnings-as-errors='*'
}

check() {
	# shellcheck disable=SC2046 # one word per directory
	cppcheck --enable=warning,performance,portability --error-exitcode=1 --inline-suppr \
		--suppressions-list=tests/checks/cppcheck.txt --std=c11 --quiet -j "$(nproc)" \
		-I . -I include -D_GNU_SOURCE \
		$(for d in core platform attester verifier cli include bench tests; do
			[ ! -d "$d" ] || echo "$d"
		done)
}

manuals() {
	sources '*.[18]' | xargs mandoc -T lint -W warning
}

shells() {
	{
		echo ./dev
		sources '*.sh'
		for f in .ci/run bench/run; do [ ! -f "$f" ] || echo "./$f"; done
	} | sort -u | while read -r f; do
		# what is Python or data under such a name is not for shellcheck
		case $(head -n 1 "$f") in '#!'*sh) echo "$f" ;; esac
	done | xargs shellcheck -S warning
}

step gcc compile gcc build-gcc
step clang compile clang build-clang
step clang-format format
step clang-tidy tidy
step cppcheck check
step shellcheck shells
if [ -n "$(sources '*.1')" ]; then
	step mandoc manuals
else
	skip mandoc "no man page yet"
fi
step reasons tests/check-reasons.sh
step rooms python3 tests/checks/rooms.py .
step purity python3 tests/checks/purity.py tests/checks/allowed-symbols.txt build-gcc/libassay.a
step purity-clang python3 tests/checks/purity.py tests/checks/allowed-symbols.txt build-clang/libassay.a

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
