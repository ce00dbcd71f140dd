#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every reason and every fault has a test: check-reasons.sh [ROOT]. TAP on stdout.
#
# A reason counts as tested where a *_test.c or a C file, script or expect.json under tests/
# names it by its word (boot.log-odd) or its code (ASSAY_R_BOOT_LOG_ODD); a fault by its code or
# its word in quotes ("range" is a word like any other). The tests of the reasons' table and of the
# EAR are left out: they show how a reason is written, not when it is given.
set -eu
cd "${1:-$(dirname "$0")/..}"

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# codes_and_words HEADER: "CODE word" of each line of the X-macro list
codes_and_words() {
	sed -n 's/^[[:space:]]*X(\([A-Z0-9_]*\), "\([a-z.-]*\)".*/\1 \2/p' "$1"
}

{
	find core platform attester cli verifier -name '*_test.c' ! -path 'core/result/ear_test.c' ! -path 'core/result/reasons_test.c'
	find tests -type f ! -path 'tests/corpus/*' ! -name check-reasons.sh \
		\( -name '*.c' -o -name '*.sh' -o -name '*.py' -o -name expect.json \)
} | sort >"$tmp/files"
xargs cat <"$tmp/files" | tr "'" '"' | tr -cs 'A-Za-z0-9_."-' '\n' | sort -u >"$tmp/quoted"
tr -d '"' <"$tmp/quoted" | sort -u >"$tmp/bare"

# check KIND PREFIX HEADER WORDS TOKENS-OF-A-WORD (%s is the word)
check() {
	codes_and_words "$3" >"$tmp/list"
	missing=
	while read -r code word; do
		# shellcheck disable=SC2059 # the format is ours
		if ! grep -qxF -e "$2$code" "$tmp/bare" &&
			! grep -qxF -e "$(printf "$5" "$word")" "$4"; then
			missing="$missing $word"
		fi
	done <"$tmp/list"

	n=$((n + 1))
	total=$(wc -l <"$tmp/list")
	if [ "$total" -eq 0 ]; then
		echo "not ok $n - $3 lists no $1"
		bad=1
	elif [ -n "$missing" ]; then
		echo "not ok $n - each $1 has a test"
		for word in $missing; do echo "# no test names $word"; done
		bad=1
	else
		echo "ok $n - each $1 has a test ($((total)) of them)"
	fi
}

n=0
bad=0
echo 1..2
check reason ASSAY_R_ include/assay/result/reasons.h "$tmp/bare" '%s'
check fault ASSAY_F_ include/assay/base.h "$tmp/quoted" '"%s"'
exit $bad
