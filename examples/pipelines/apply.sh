#!/bin/sh
# Applies the plan that was reviewed, and no other.
#
#   apply.sh PLAN [FLAG...]
#
# PLAN is what plan.sh saved; the directory that was planned has to be in the same
# place beside it. Ends with the exit code of mihusync apply: 3 means that what the
# plan touches changed since the review, and nothing was written.
set -eu
[ $# -ge 1 ] || { echo "usage: apply.sh PLAN [FLAG...]" >&2; exit 80; }
plan=$1
shift
if [ ! -f "$plan" ]; then
	echo "There is no reviewed plan in $plan: nothing is applied. A change reaches the workspace by a pull request, whose pipeline saves the plan." >&2
	exit 1
fi

code=0
mihusync apply --yes --summary "$@" "$plan" || code=$?
case $code in
3) echo "Nothing was applied. Plan the merged state again, have it reviewed, and apply that plan." >&2 ;;
5) echo "A part is applied. Remove the cause and plan the merged state again: that plan holds the rest." >&2 ;;
esac
exit "$code"
