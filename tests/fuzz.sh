#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# fuzz.sh [SECONDS]: every fuzz target for SECONDS (60), as many at a time as there are cores.
# The committed corpus is read and never written; new inputs stay in build-fuzz/work/NAME and
# inputs that crashed in build-fuzz/crashes/NAME, where every later run tries them again. Fails
# when a target crashes, hangs or takes too much memory, and when there is no target.
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-60}
case $seconds in '' | *[!0-9]*) echo "usage: ./dev fuzz [SECONDS]" >&2; exit 2 ;; esac

dir=build-fuzz
[ -f "$dir/build.ninja" ] || CC=clang meson setup "$dir" -Dfuzz=true -Db_lundef=false >&2
ninja -C "$dir" build.ninja >&2
names=$(ninja -C "$dir" -t targets all | sed -n 's/^fuzz-\([a-z0-9_-]*\): .*/\1/p' | sort -u)
[ -n "$names" ] || { echo "no fuzz target"; echo "0 passed, 0 failed, 0 skipped"; exit 1; }
# shellcheck disable=SC2046,SC2086 # one word per target
ninja -C "$dir" $(printf 'fuzz-%s\n' $names) >&2

# One target; writes "seconds execs coverage outcome" to log/NAME.row. libFuzzer's exit code
# is what decides.
one() {
	name=$1
	log=$dir/log/$name.log
	outcome=ok
	mkdir -p "$dir/log" "$dir/work/$name" "$dir/crashes/$name"
	set -- "$dir/work/$name" "$dir/crashes/$name"
	[ ! -d "tests/corpus/$name" ] || set -- "$@" "tests/corpus/$name"
	ASAN_OPTIONS=quarantine_size_mb=64 "./$dir/fuzz-$name" "$@" -max_total_time="$seconds" \
		-max_len=65536 -timeout=10 -rss_limit_mb=512 -print_final_stats=1 \
		-artifact_prefix="$dir/crashes/$name/" >"$log" 2>&1 </dev/null || outcome=CRASH
	execs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
	cov=$(sed -n 's/^#.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)
	echo "$seconds ${execs:--} ${cov:--} $outcome" >"$dir/log/$name.row"
}

running=0
for name in $names; do
	one "$name" &
	running=$((running + 1))
	[ "$running" -lt "$(nproc)" ] || { wait; running=0; }
done
wait

passed=0 failed=0
printf '%-24s %7s %12s %9s  %s\n' target seconds execs coverage outcome
for name in $names; do
	# shellcheck disable=SC2046 # the four words of the row
	set -- $(cat "$dir/log/$name.row")
	printf '%-24s %7s %12s %9s  %s\n' "$name" "$@"
	[ "$4" = ok ] && passed=$((passed + 1)) || failed=$((failed + 1))
done
for name in $names; do
	grep -q 'ok$' "$dir/log/$name.row" && continue
	printf '\nFAILED: fuzz %s; the input is in %s\n' "$name" "$dir/crashes/$name"
	tail -n 40 "$dir/log/$name.log"
done
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
