#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Completion for bash: every command, the commands of a group, options.
. tests/e2e/lib.sh
command -v bash >/dev/null || { echo "1..0 # SKIP bash is not installed"; exit 0; }
D=$(mktemp -d /tmp/assay-e2e-XXXXXX) || exit 1
trap 'rm -rf "$D"' EXIT

completes() { # WORD...: what the last one can become
	bash -c '. deploy/completion/assay.bash
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		_assay
		printf "%s\n" "${COMPREPLY[@]}"' complete "$ASSAY" "$@" >"$D/words"
}
offers() { # WORD: whole
	grep -qx -e "$1" "$D/words" || { cat "$D/words"; return 1; }
}

completes ""
listed=$(sed -n 's/^\tX(\([a-z]*\), .*/\1/p' cli/commands.h)
ok "there are commands" [ "$(echo "$listed" | wc -l)" -ge 9 ]
for c in $listed; do ok "$c" offers "$c"; done
ok "and nothing else" [ "$(wc -l <"$D/words")" -eq "$(echo "$listed" | wc -l)" ]
completes ve
ok "what was begun" offers verify
ok "and nothing else" [ "$(wc -l <"$D/words")" -eq 1 ]
for c in list show watch result enrol remove; do
	completes node ""
	ok "node $c" offers "$c"
done
completes server init --
ok "options of a command of a group" offers --interval
completes verify --r
ok "options of a command" offers --refs
ok "and nothing else" not offers --nonce
completes frobnicate ""
ok "nothing of what is none" offers ""
done_testing
