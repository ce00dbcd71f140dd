#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# fuzz.sh [SECONDS]: every fuzz target for SECONDS (60), two at a time where there are two
# cores. The committed corpus is read and never written; new inputs stay in build-fuzz/work,
# crashes in build-fuzz/crashes. Fails when a target crashed, hung, or none was built.
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-60}
case $seconds in '' | *[!0-9]*) echo "usage: ./dev fuzz [SECONDS]" >&2; exit 2 ;; esac

dir=build-fuzz
[ -f "$dir/build.ninja" ] || CC=clang meson setup "$dir" -Dfuzz=true -Db_lundef=false >&2
ninja -C "$dir" >&2
mkdir -p "$dir/work" "$dir/crashes" "$dir/log"

# One target; writes its row to log/NAME.row. libFuzzer's own exit code decides.
one() {
	name=$1
	rc=0
	mkdir -p "$dir/work/$name"
	set -- "$dir/work/$name"
	[ -d "tests/corpus/$name" ] && set -- "$@" "tests/corpus/$name"
	"./$dir/fuzz-$name" "$@" -max_total_time="$seconds" -max_len=65536 -timeout=10 \
		-rss_limit_mb=512 -print_final_stats=1 -artifact_prefix="$dir/crashes/$name-" \
		>"$dir/log/$name.log" 2>&1 </dev/null || rc=$?
	execs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$dir/log/$name.log")
	cov=$(sed -n 's/^#.* cov: \([0-9]*\) .*/\1/p' "$dir/log/$name.log" | tail -n 1)
	crashes=$(find "$dir/crashes" -name "$name-*" | wc -l)
	[ "$rc" -eq 0 ] || [ "$crashes" -gt 0 ] || crashes=exit:$rc
	printf '%-24s %7s %12s %9s %8s\n' "$name" "$seconds" "${execs:--}" "${cov:--}" "$crashes" \
		>"$dir/log/$name.row"
}

names=$(find "$dir" -maxdepth 1 -type f -name 'fuzz-*' -perm -u+x | sed 's|.*/fuzz-||' | sort)
rm -f "$dir"/log/*.row
running=0
for name in $names; do
	one "$name" &
	running=$((running + 1))
	[ "$running" -lt "$(nproc)" ] || { wait; running=0; }
done
wait

printf '%-24s %7s %12s %9s %8s\n' target seconds execs coverage crashes
passed=0 failed=0
for name in $names; do
	cat "$dir/log/$name.row"
	case $(awk '{ print $5 }' "$dir/log/$name.row") in
	0) passed=$((passed + 1)) ;;
	*)
		failed=$((failed + 1))
		echo "FAILED: fuzz $name; the input is in $dir/crashes, the log follows"
		tail -n 40 "$dir/log/$name.log"
		;;
	esac
done
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
