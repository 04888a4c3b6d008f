package cli

import (
	"errors"
	"fmt"
	"strings"
)

// Exit codes of the process; [exitCodes] says what they mean.
const (
	exitOK          = 0
	exitFailed      = 1
	exitChanges     = 2
	exitStale       = 3
	exitRefused     = 4
	exitPartial     = 5
	exitDrift       = 6
	exitUsageErr    = 80
	exitInterrupted = 130
)

// exitMeaning says in Markdown what an exit code means: in a few words, and with
// what the page about exit codes adds.
type exitMeaning struct {
	code        int
	brief, more string
}

// exitCodes is the table of the exit codes. The docs are made from it.
func exitCodes() []exitMeaning {
	return []exitMeaning{
		{exitOK, "nothing to do, or done", "."},
		{exitFailed, "any error without a code of its own", ": invalid files, no connection, refused by the service."},
		{exitChanges, "the plan has changes, with `--detailed-exitcode`", ". With the same flag `diff` says so that it found differences."},
		{exitStale, "the workspace changed since the plan was made", ". Nothing was written."},
		{exitRefused, "refused by a guard or a policy", ". What a guard refuses (a protected object, too many deletions, a conflict with the workspace) is left out and the rest of the plan goes ahead; a policy refuses the whole plan."},
		{exitPartial, "applied in part, or the service does not have what was written", ". What was done, what failed and what was skipped is listed, and each field that the service dropped or changed."},
		{exitDrift, "drift found a difference", " between the files and the workspace."},
		{exitUsageErr, "wrong usage", ": an unknown flag, a missing argument."},
		{exitInterrupted, "interrupted", " by a person or a signal. Writes that had begun came to their end; the others were not sent, and are named. A second signal ends the process at once, and the journal says which write is unknown."},
	}
}

// exitHeader begins the table on the page about exit codes. An empty line ends
// the table.
const exitHeader = "| Code | Means |\n"

// WithExitCodes returns the text of docs/exit-codes.md with its table replaced.
// A page without the table is an error.
func WithExitCodes(page string) (string, error) {
	before, rest, found := strings.Cut(page, exitHeader)
	_, after, ends := strings.Cut(rest, "\n\n")
	if !found || !ends {
		return "", errors.New("the page has no table that begins with " + strings.TrimSpace(exitHeader))
	}
	var b strings.Builder
	b.WriteString(before + exitHeader + "|---|---|\n")
	for _, e := range exitCodes() {
		fmt.Fprintf(&b, "| %d | %s%s%s |\n", e.code, strings.ToUpper(e.brief[:1]), e.brief[1:], e.more)
	}
	return b.String() + "\n" + after, nil
}

// codeError sets the exit code of a command that has printed everything.
type codeError int

// Error is empty: the command has printed everything.
func (codeError) Error() string { return "" }
