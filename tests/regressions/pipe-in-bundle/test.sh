#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A folder that came from the machine that is judged: a pipe in the place of a log must not
# make the verifier wait for ever.
# usage: test.sh ASSAY
assay=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cp tests/evidence/clean-a/quote.msg tests/evidence/clean-a/quote.sig "$dir"
mkfifo "$dir/binary_bios_measurements"
timeout 10 "$assay" verify "$dir" --archive >/dev/null 2>"$dir/said"
code=$?
if [ $code = 3 ] && grep -q 'not a regular file' "$dir/said"; then
	echo "ok 1 - a pipe is refused"
else
	echo "not ok 1 - a pipe is refused (exit $code)"
fi
echo 1..1
