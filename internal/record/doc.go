// Package record keeps the history of a workspace in a git remote, and the lock of the
// one who writes to the workspace.
//
// It takes runs as bytes, and the directory of a clone. A ref of the remote has a file
// for the records of each run and one for the state before it, so that two machines add
// to it without a conflict. Another ref is the lock: who creates it holds the lock,
// renews it, and removes it. Every change of a ref is a push that succeeds only if the
// ref is what this machine has seen.
//
// It promises that no branch, index or working tree of the clone changes. It uses the
// git program, so that credentials and transports are those of the user. A server may
// take no refs outside of refs/heads; then there are branches instead.
package record
