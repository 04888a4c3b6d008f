package cli

import (
	"errors"

	"github.com/alecthomas/kong"
)

// errHelpShown ends parsing after help was printed. The library's own flag ends
// the process instead, which a function that returns its exit code must not.
var errHelpShown = errors.New("help was shown")

type helpFlag bool

// BeforeReset prints the help of the selected command.
func (helpFlag) BeforeReset(ctx *kong.Context) error {
	if err := ctx.PrintUsage(false); err != nil {
		return err
	}
	return errHelpShown
}

// IgnoreDefault keeps the library from resetting the flag.
func (helpFlag) IgnoreDefault() {}
