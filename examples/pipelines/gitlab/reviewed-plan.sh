#!/bin/sh
# Fetches the plan that was reviewed for a commit on the main branch.
#
#   reviewed-plan.sh COMMIT JOB FILE
#
# COMMIT came in by a merge request; JOB of its last pipeline kept the plan as FILE,
# which is written to the same path here. Needs curl, jq, the variables of a GitLab
# job, and GITLAB_TOKEN, a project access token with the scope read_api. Ends with 1
# where there is no such plan.
set -eu
[ $# -eq 3 ] || { echo "usage: reviewed-plan.sh COMMIT JOB FILE" >&2; exit 80; }
commit=$1 job=$2 file=$3
project="${CI_API_V4_URL:?}/projects/${CI_PROJECT_ID:?}"

call() { curl --fail --silent --show-error --location --header @- "$@" <<-HEADER
	PRIVATE-TOKEN: ${GITLAB_TOKEN:?}
	HEADER
}

number=$(call "$project/repository/commits/$commit/merge_requests" | jq -r 'map(select(.state == "merged")) | .[0].iid // empty')
if [ -z "$number" ]; then
	echo "$commit came in by no merge request, so that nobody reviewed a plan for it." >&2
	exit 1
fi
pipeline=$(call "$project/merge_requests/$number/pipelines" | jq -r 'map(select(.status == "success")) | .[0].id // empty')
if [ -z "$pipeline" ]; then
	echo "No pipeline of merge request $number succeeded." >&2
	exit 1
fi
id=$(call "$project/pipelines/$pipeline/jobs" | jq -r --arg job "$job" 'map(select(.name == $job)) | .[0].id // empty')
if [ -z "$id" ]; then
	echo "Pipeline $pipeline of merge request $number has no job $job." >&2
	exit 1
fi
mkdir -p "$(dirname "$file")"
call --output "$file" "$project/jobs/$id/artifacts/$file"
