#!/bin/sh
# Asks whether somebody changed the workspace besides the files.
#
#   drift.sh DIR OUT [FLAG...]
#
# OUT gets drift.txt for people and drift.json for machines. Ends with 0 without
# drift, with 6 where there is some.
set -eu
[ $# -ge 2 ] || { echo "usage: drift.sh DIR OUT [FLAG...]" >&2; exit 80; }
dir=$1 out=$2
shift 2
mkdir -p "$out"

code=0
mihusync drift --format json "$@" "$dir" >"$out/drift.json" || code=$?
: >"$out/drift.txt"
case $code in
0 | 6) ;;
*) exit "$code" ;;
esac
mihusync drift -q "$@" "$dir" >"$out/drift.txt" || code=$?
cat "$out/drift.txt"
if [ -n "${GITHUB_OUTPUT:-}" ]; then
	if [ "$code" -eq 6 ]; then echo "drift=true"; else echo "drift=false"; fi >>"$GITHUB_OUTPUT"
fi
exit "$code"
