#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What assayd refuses, and how: each with its own status and a problem document, and nothing of it
# changes what is known.
. tests/e2e/lib.sh
command -v curl >/dev/null || { echo "1..0 # SKIP curl is not installed"; exit 0; }
e2e_start
. tests/e2e/assayd.sh
cleanup() {
	[ -z "$ASSAYD_PID" ] || kill -9 "$ASSAYD_PID" 2>/dev/null
	lab_tpm_stop "$D"
	rm -rf "$D"
}
trap cleanup EXIT
assayd_pki
mkdir "$D/ek-roots" "$D/m"
cp "$D"/ca/*cert.pem "$D/ek-roots"
"$ASSAY" refs learn tests/evidence/clean-a -o "$D/refs/good.jsonl" --ak tests/evidence/clean-a/ak.pub >/dev/null 2>&1
assayd_config "limits:" "  enrolments-per-second: 1" "  enrolments-burst: 40" \
	"  challenges-per-second: 1" "  challenges-burst: 5"
"$ASSAYD" --config "$D/assayd.yaml" --make-keys >/dev/null
assayd_start

# refused WANT WORD NAME CURL...: the status, and the problem's word
refused() {
	refused_want=$1 refused_word=$2 refused_name=$3
	shift 3
	ok "$refused_name: $refused_want" [ "$(code "$@")" = "$refused_want" ]
	ok "$refused_name: $refused_word" json "$D/answer" \
		"d['type'].endswith('/$refused_word') and d['status'] == $refused_want and d['title']"
}
post() { # PATH FILE [CURL-ARGUMENT...]
	post_path=$1 post_file=$2
	shift 2
	node -H "$MESSAGE" -H 'expect:' --data-binary "@$post_file" "$@" "$URL$post_path"
}

printf 'not cbor' >"$D/m/bad"
refused 400 malformed "no CBOR" post /v1/evidence "$D/m/bad"
ok "with field and offset" json "$D/answer" "d['field'] and d['offset'] == 0 and d['fault']"
message node >"$D/m/short"
refused 400 malformed "a message that is too short" post /v1/challenge "$D/m/short"
{ message node @"$D/m/bad"; printf x; } >"$D/m/trailing"
refused 400 malformed "a byte behind it" post /v1/challenge "$D/m/trailing"
refused 415 media "another media type" node -d '{}' -H 'content-type: application/json' "$URL/v1/evidence"
refused 415 media "none" node --data-binary x -H 'content-type:' "$URL/v1/evidence"
refused 415 media "CBOR where JSON is wanted" operator --data-binary x -H "$MESSAGE" "$URL/v1/tokens"
truncate -s 1G "$D/m/huge"
ok "1 GiB: 413" [ "$(code node -X POST -H "$MESSAGE" -T "$D/m/huge" "$URL/v1/evidence")" = 413 ]
ok "1 GiB without a length: 413" \
	[ "$(code node -X POST -H "$MESSAGE" -H 'transfer-encoding: chunked' -T - "$URL/v1/evidence" <"$D/m/huge")" = 413 ]
rm "$D/m/huge"
rss=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$ASSAYD_PID/status")
echo "# at most $rss KiB of memory so far"
[ -n "${ASSAY_SANITIZED-}" ] || ok "and was never in memory" [ "$rss" -lt 300000 ]
refused 404 not-found "no such path" node "$URL/v2/nodes"
refused 405 method "a method that is not for it" node -X DELETE "$URL/v1/evidence"
ok "with Allow" sh -c "node() { :; }; curl -s --cacert $D/pki/ca.pem -i -X DELETE $URL/v1/evidence | grep -qi '^allow: POST'"
refused 400 query "a number that is none" viewer "$URL/v1/nodes?limit=x"
refused 400 query "a status that is none" viewer "$URL/v1/nodes?status=fine"
refused 400 malformed "JSON with a member that nobody knows" operator -H 'content-type: application/json' \
	-d '{"node":"a","lief":60}' "$URL/v1/tokens"
refused 400 malformed "JSON with a key twice" operator -H 'content-type: application/json' \
	-d '{"node":"a","node":"b"}' "$URL/v1/tokens"
refused 400 malformed "a node's id that is none" operator -H 'content-type: application/json' \
	-d '{"node":"../a"}' "$URL/v1/tokens"
refused 404 not-found "a token that is not there" operator -X DELETE "$URL/v1/tokens/00"
node -D "$D/head" -o /dev/null -H 'x-request-id: mine.1' "$URL/nope"
ok "a request's own id comes back" grep -qi '^x-request-id: mine.1' "$D/head"
node -D "$D/head" -o /dev/null -H 'x-request-id: not good' "$URL/nope"
ok "but not one that a log cannot hold" sh -c "grep -i '^x-request-id:' $D/head | grep -qv 'not good'"

# enrolment by hand: lab tools, and messages written apart from ours
"$LAB_ACTIVATE" "$LAB_TCTI" show "$D/m/ek.pub" "$D/m/ek.crt" "$D/m/ak.pub" >/dev/null
token() {
	operator -H 'content-type: application/json' -d "{\"node\":\"n1\",\"life\":600}" "$URL/v1/tokens" >"$D/token"
	json_get "$D/token" "d['token']"
}
begin() { # TOKEN NODE
	message begin "$2" "$1" "@$D/m/ek.crt" "@$D/m/ek.pub" "@$D/m/ak.pub" >"$D/m/begin"
}
begin assay-enrol-1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA n1
refused 403 refused "a token that nobody made" post /v1/enrol "$D/m/begin"
ok "is told no more" json "$D/answer" "d['detail'] == 'refused'"
good=$(token)
begin "$good" n2
refused 403 refused "another node's token" post /v1/enrol "$D/m/begin"
ok "the log says why" grep -q "token is another node's" "$D/assayd.log"
begin "$good" n1
ok "a good one" [ "$(code post /v1/enrol "$D/m/begin")" = 200 ]
python3 tests/e2e/message.py read "$D/m" <"$D/answer" >/dev/null
mv "$D/m/4" "$D/m/cookie"
{ printf '\272\334\300\336\0\0\0\001'; cat "$D/m/2" "$D/m/3"; } >"$D/m/blob"
ok "the TPM opens its credential" "$LAB_ACTIVATE" "$LAB_TCTI" activate "$D/m/blob" "$D/m/secret"
head -c 32 /dev/zero >"$D/m/wrong"
message finish "@$D/m/cookie" "@$D/m/wrong" >"$D/m/finish"
refused 403 refused "another secret" post /v1/enrol "$D/m/finish"
ok "the node is not known" [ "$(code viewer "$URL/v1/nodes/n1")" = 404 ]
message finish "@$D/m/cookie" "@$D/m/secret" >"$D/m/finish"
ok "the secret: done" [ "$(code post /v1/enrol "$D/m/finish")" = 200 ]
ok "again: done again" [ "$(code post /v1/enrol "$D/m/finish")" = 200 ]
viewer "$URL/v1/nodes/n1" >"$D/answer"
ok "its status is none until it is appraised" json "$D/answer" "d['status'] == 'none' and d['reasons'] == []"
operator "$URL/v1/tokens" >"$D/answer"
ok "one token, used" json "$D/answer" "len(d['tokens']) == 1 and d['tokens'][0]['used']"
ok "removed" [ "$(code operator -X DELETE "$URL/v1/nodes/n1")" = 204 ]
refused 403 refused "the replayed finish of a removed node" post /v1/enrol "$D/m/finish"
begin "$(token)" n1
taken=$(json_get "$D/token" "d['id']")
operator -X DELETE "$URL/v1/tokens/$taken"
refused 403 refused "a token that was taken back" post /v1/enrol "$D/m/begin"

# evidence of nobody, alone and in a batch
{ printf '\000\013'; tail -c +3 "$D/m/ak.pub" | sha256sum | cut -c1-64 | unhex; } >"$D/m/name"
message ghost "@$D/m/name" >"$D/m/challenge-request"
ok "a challenge is for everybody" [ "$(code post /v1/challenge "$D/m/challenge-request")" = 200 ]
tail -c 32 "$D/answer" >"$D/m/challenge"
: >"$D/m/none"
status 0 "a bundle" "$ASSAY" collect -o "$D/m/bundle" --root "$ROOT" --nonce "$(hex <"$D/m/challenge")"
message ghost "@$D/m/challenge" "@$D/m/none" 0 "@$D/m/bundle" >"$D/m/evidence"
refused 403 unknown "an unknown node" post /v1/evidence "$D/m/evidence"
python3 tests/e2e/message.py batch "$D/m/evidence" "$D/m/bad" "$D/m/evidence" >"$D/m/batch"
batch() { party -H "$MESSAGE" --data-binary "@$D/m/batch" "$@" "$URL/v1/evidence:batch"; }
ok "a batch of three that cannot be answered" [ "$(code batch)" = 200 ]
ok "three empty items" [ "$(hex <"$D/answer")" = 820183404040 ]
refused 401 unauthenticated "a batch by a node" post /v1/evidence:batch "$D/m/batch"
message node >"$D/m/batch"
refused 400 malformed "a batch that is none" batch

# too often
n=0
while [ "$n" -lt 8 ]; do post /v1/challenge "$D/m/challenge-request" -o /dev/null >/dev/null; n=$((n + 1)); done
refused 429 too-many "challenges without end" post /v1/challenge "$D/m/challenge-request"
ok "evidence is not held back" [ "$(code post /v1/evidence "$D/m/evidence")" = 403 ]
viewer "$URL/metrics" >"$D/answer"
ok "it is counted" grep -q '^assay_http_limited_total [1-9]' "$D/answer"
ok "nothing was a failure of ours" not grep -q '"status":5' "$D/assayd.log"
ok "SIGTERM: it ends well" assayd_stop
done_testing
