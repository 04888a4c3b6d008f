#!/bin/sh
# Posts a file as a comment of a pull request, or updates the one it posted before.
#
#   comment.sh NUMBER FILE NAME
#
# NAME tells the comments of several workspaces apart. Needs gh, GH_TOKEN and
# GITHUB_REPOSITORY.
set -eu
[ $# -eq 3 ] || { echo "usage: comment.sh NUMBER FILE NAME" >&2; exit 80; }
number=$1 file=$2 name=$3
comments="repos/${GITHUB_REPOSITORY:?}/issues"
marker="<!-- mihusync: $name -->"
body=$(mktemp)
trap 'rm -f "$body"' EXIT
{
	printf '%s\n' "$marker"
	cat "$file"
} >"$body"

# Only a bot's comment is taken for ours: anybody can write the marker.
export marker
id=$(gh api --paginate "$comments/$number/comments" \
	--jq '.[] | select(.user.type == "Bot" and (.body | startswith(env.marker))) | .id' | head -n 1)
if [ -n "$id" ]; then
	gh api --silent --method PATCH "$comments/comments/$id" --field "body=@$body"
else
	gh api --silent --method POST "$comments/$number/comments" --field "body=@$body"
fi
