#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The units as systemd reads them: no line that it does not understand, and an exposure of at most
# 2.0 (`systemd-analyze security`), which is printed. TAP.
set -u
command -v systemd-analyze >/dev/null || { echo "1..0 # SKIP systemd-analyze is not installed"; exit 0; }
[ "$(systemd-analyze --version | sed -n '1s/^systemd \([0-9]*\).*/\1/p')" -ge 250 ] ||
	{ echo "1..0 # SKIP systemd-analyze security --offline needs systemd 250"; exit 0; }
said=$(mktemp) || exit 1
trap 'rm -f "$said"' EXIT
n=0 bad=0

point() {
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		grep -v '✓' "$said" | sed 's/^/# /'
		bad=$((bad + 1))
	fi
}

for unit in deploy/systemd/*.service deploy/systemd/*.socket; do
	# that the programs and manuals are not installed here is not the unit's fault
	systemd-analyze verify "$unit" 2>&1 | grep -vE 'is not executable|man .* failed' >"$said"
	[ ! -s "$said" ]
	point $? "$unit: systemd understands each line"
done
for unit in deploy/systemd/*.service; do
	systemd-analyze security --offline=true --threshold=20 --no-pager "$unit" >"$said" 2>&1
	status=$?
	exposure=$(sed -n 's/.*Overall exposure level for [^:]*: \([0-9.]*\).*/\1/p' "$said")
	[ $status -eq 0 ] && [ -n "$exposure" ]
	point $? "$unit: exposure ${exposure:-unknown}, at most 2.0"
done
echo "1..$n"
exit $bad
