#!/bin/sh
# Fetches the plan that was reviewed for a commit on the main branch.
#
#   reviewed-plan.sh COMMIT WORKFLOW ARTIFACT OUT
#
# COMMIT came in by a pull request; WORKFLOW planned the last commit of that and kept
# the plan as ARTIFACT, which is put into OUT. Needs gh, GH_TOKEN and
# GITHUB_REPOSITORY. Ends with 1 where there is no such plan.
set -eu
[ $# -eq 4 ] || { echo "usage: reviewed-plan.sh COMMIT WORKFLOW ARTIFACT OUT" >&2; exit 80; }
commit=$1 workflow=$2 artifact=$3 out=$4
repo=${GITHUB_REPOSITORY:?}

head=$(gh api "repos/$repo/commits/$commit/pulls" --jq 'map(select(.merged_at != null)) | .[0].head.sha // empty')
if [ -z "$head" ]; then
	echo "$commit came in by no pull request, so that nobody reviewed a plan for it." >&2
	exit 1
fi
run=$(gh api "repos/$repo/actions/workflows/$workflow/runs?head_sha=$head&event=pull_request&status=success" --jq '.workflow_runs[0].id // empty')
if [ -z "$run" ]; then
	echo "$workflow did not succeed for $head, the last commit of the pull request." >&2
	exit 1
fi
gh run download "$run" --repo "$repo" --name "$artifact" --dir "$out"
