# SPDX-License-Identifier: Apache-2.0
# Completion of assay for bash: /usr/share/bash-completion/completions/assay. What can be said is asked
# of the program itself, so this knows no command and no option.

# The words of "commands:" in a help text.
_assay_commands() {
	"$@" --help 2>/dev/null | sed -n '/^commands:$/,/^$/s/^  \([a-z]*\) .*/\1/p'
}

_assay() {
	local cur=${COMP_WORDS[COMP_CWORD]} words assay=${COMP_WORDS[0]} i
	local -a said=()
	COMPREPLY=()
	# the command, and one of its own, are the first words that are no options
	for ((i = 1; i < COMP_CWORD && ${#said[@]} < 2; i++)); do
		[[ ${COMP_WORDS[i]} == -* ]] || said+=("${COMP_WORDS[i]}")
	done
	case ${#said[@]} in
	0) words=$(_assay_commands "$assay") ;;
	1) words=$(_assay_commands "$assay" "${said[0]}") ;;
	esac
	if [[ $cur == -* ]]; then
		words=$("$assay" "${said[@]}" --help 2>/dev/null | grep -o -e '--[a-z][a-z-]*' | sort -u)
	fi
	[[ -z $words ]] || mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}
complete -o default -F _assay assay
