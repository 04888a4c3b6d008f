#!/bin/sh
# Backs a workspace up to git, and pushes where there is a place to push to.
#
#   backup.sh DIR TO [FLAG...]
#
# DIR says which workspace, TO is a folder in a clone of the repository that keeps the
# backups. FLAG goes to mihusync export.
set -eu
[ $# -ge 2 ] || { echo "usage: backup.sh DIR TO [FLAG...]" >&2; exit 80; }
dir=$1 to=$2
shift 2

mihusync export --git --to "$to" "$@" "$dir"

cd "$to"
branch=$(git symbolic-ref --quiet --short HEAD) || { echo "No branch is checked out; nothing is pushed." >&2; exit 0; }
remote=$(git config --get "branch.$branch.remote") || remote=$(git remote | head -n 1)
if [ -z "$remote" ]; then
	echo "There is no remote; the backup stays here." >&2
	exit 0
fi
if ! git push --quiet "$remote" "HEAD:refs/heads/$branch"; then
	# Somebody pushed in the meantime: their commits come first.
	git pull --quiet --rebase "$remote" "$branch"
	git push --quiet "$remote" "HEAD:refs/heads/$branch"
fi
