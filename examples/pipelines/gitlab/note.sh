#!/bin/sh
# Posts a file as a note of a merge request, or updates the one it posted before.
#
#   note.sh NUMBER FILE NAME
#
# Needs curl, jq, the variables of a GitLab job, and GITLAB_TOKEN, a project access
# token with the scope api.
set -eu
[ $# -eq 3 ] || { echo "usage: note.sh NUMBER FILE NAME" >&2; exit 80; }
number=$1 file=$2 name=$3
notes="${CI_API_V4_URL:?}/projects/${CI_PROJECT_ID:?}/merge_requests/$number/notes"
marker="<!-- mihusync: $name -->"
body=$(mktemp)
trap 'rm -f "$body"' EXIT
{
	printf '%s\n' "$marker"
	cat "$file"
} >"$body"

call() { curl --fail --silent --show-error --header @- "$@" <<-HEADER
	PRIVATE-TOKEN: ${GITLAB_TOKEN:?}
	HEADER
}

# Only a note of the token's own user is ours: anybody can write the marker.
user=$(call "$CI_API_V4_URL/user" | jq -r .id)
id=$(call "$notes?per_page=100&sort=asc" |
	jq -r --arg marker "$marker" --argjson user "$user" 'map(select(.author.id == $user and (.body | startswith($marker)))) | .[0].id // empty')
if [ -n "$id" ]; then
	call --request PUT "$notes/$id" --data-urlencode "body@$body" >/dev/null
else
	call --request POST "$notes" --data-urlencode "body@$body" >/dev/null
fi
