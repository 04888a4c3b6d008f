// Package journal remembers what each apply did to a workspace.
//
// A journal is a file with one record on a line. A run writes a record when it
// starts, one before and one after each write, and one when it ends. Every record
// is on the disk before the run goes on. So the journal of a run that was killed
// shows which writes were done, and which one may or may not have reached the
// service.
//
// A journal belongs to one workspace. It holds no value of a secret. It holds
// digests, which are keyed with the workspace's API token: who has the file and not
// the token cannot test guesses.
package journal
