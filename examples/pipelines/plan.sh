#!/bin/sh
# Plans a workspace for a review.
#
#   plan.sh DIR OUT [FLAG...]
#
# DIR is the workspace or one of its overlays, FLAG goes to mihusync plan. OUT gets
#   plan.md         the plan as a comment, or why there is none
#   mihusync.plan   the plan for apply.sh, unless there is none
#   changes         true or false
# Ends with 0 for a plan, with changes or without; 4 where a guard or a policy
# refuses; another code where there is no plan.
set -eu
[ $# -ge 2 ] || { echo "usage: plan.sh DIR OUT [FLAG...]" >&2; exit 80; }
dir=$1 out=$2
shift 2
mkdir -p "$out"
rm -f "$out/plan.md" "$out/mihusync.plan" "$out/changes"

code=0
mihusync plan --detailed-exitcode --format markdown --out "$out/mihusync.plan" "$@" "$dir" \
	>"$out/plan.md" 2>"$out/log" || code=$?
cat "$out/log" >&2

changes=false
case $code in
0) ;;
2) changes=true code=0 ;;
*)
	[ -s "$out/plan.md" ] || echo "## No Mihu plan" >"$out/plan.md"
	{
		printf '\nIt ended with %s:\n\n' "$code"
		# Indented is safe whatever the text holds; a comment has to stay short.
		head -c 4000 "$out/log" | sed 's/^/    /'
	} >>"$out/plan.md"
	;;
esac
rm -f "$out/log"
echo "$changes" >"$out/changes"
if [ -n "${GITHUB_OUTPUT:-}" ]; then echo "changes=$changes" >>"$GITHUB_OUTPUT"; fi
if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then cat "$out/plan.md" >>"$GITHUB_STEP_SUMMARY"; fi
exit "$code"
