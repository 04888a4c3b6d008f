package cli

import (
	"errors"

	"github.com/alecthomas/kong"
)

// usageError is a command line that cannot be understood.
type usageError struct {
	err     error
	command string // the command whose help explains it
}

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

func newUsageError(err error) *usageError {
	u := &usageError{err: err, command: programName}
	var p *kong.ParseError
	if errors.As(err, &p) && p.Context != nil {
		if n := p.Context.Selected(); n != nil {
			u.command = n.FullPath()
		}
	}
	return u
}

const programName = "mihusync"

// wantsJSON looks for "--format json" in arguments that could not be parsed. The
// format of an export is that of its files.
func (e *usageError) wantsJSON(args []string) bool {
	if e.command == programName+" export" {
		return false
	}
	for i, a := range args {
		if a == "--" {
			return false
		}
		if a == "--format="+formatJSON || a == "--format" && i+1 < len(args) && args[i+1] == formatJSON {
			return true
		}
	}
	return false
}
