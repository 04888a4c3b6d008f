package cli

import (
	"errors"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/mihusync/mihusync/schema"
)

// usageError is a command line that cannot be understood.
type usageError struct {
	err     error
	command string // the command whose help explains it
}

// Error returns the parser's text.
func (e *usageError) Error() string { return e.err.Error() }

// Unwrap returns the parser's error.
func (e *usageError) Unwrap() error { return e.err }

// Explain returns the error as one problem. Without a hint of its own it points
// to the help.
func (e *usageError) Explain() schema.Problems {
	p := schema.Problem{Summary: e.Error(), Suggestion: e.command + " --help shows the usage."}
	var hint *hintError
	if errors.As(e.err, &hint) && hint.hint != "" {
		p.Suggestion = hint.hint
	}
	return schema.Problems{p}
}

func newUsageError(err error) *usageError {
	u := &usageError{err: err, command: programName}
	var p *kong.ParseError
	if errors.As(err, &p) && p.Context != nil {
		if n := p.Context.Selected(); n != nil {
			u.command = n.FullPath()
		} else if word := unread(p.Context); word != "" {
			u.err = unknownCommand(p.Context.Model, word)
		}
	}
	return u
}

// unread returns the word at which the parser stopped looking for a command, or
// "" if it stopped at a flag or at the end.
func unread(ctx *kong.Context) string {
	rest := ctx.Path[len(ctx.Path)-1].Remainder()
	if len(rest) == 0 || strings.HasPrefix(rest[0], "-") {
		return ""
	}
	return rest[0]
}

const programName = "mihusync"

// wantsJSON looks for "--format json" in arguments that were not parsed. The
// format of an export does not count: it is the format of files.
func (e *usageError) wantsJSON(args []string) bool {
	if e.command == programName+" export" {
		return false
	}
	return asksForJSON(args, "--format")
}

// asksForJSON looks for a flag with the value json in arguments that were not parsed.
func asksForJSON(args []string, flag string) bool {
	for i, a := range args {
		if a == "--" {
			return false
		}
		if a == flag+"="+formatJSON || a == flag && i+1 < len(args) && args[i+1] == formatJSON {
			return true
		}
	}
	return false
}
