package cli

import (
	"errors"
	"fmt"
	"slices"

	"github.com/alecthomas/kong"

	"github.com/mihusync/mihusync/schema"
)

// errAnswered ends parsing after a flag such as --help. The library's own flags
// end the process, but Main has to return an exit code.
var errAnswered = errors.New("the flag was answered")

type helpFlag bool

// BeforeReset prints the help of the selected command.
func (helpFlag) BeforeReset(ctx *kong.Context) error {
	if err := ctx.PrintUsage(false); err != nil {
		return err
	}
	return errAnswered
}

// IgnoreDefault keeps the library from resetting the flag.
func (helpFlag) IgnoreDefault() {}

type helpCmd struct {
	Command string `arg:"" optional:"" complete:"command" help:"The command to explain; all of them in short by default."`
}

// Help is the detailed help.
func (helpCmd) Help() string {
	return `Prints what the flag --help prints.

    mihusync help
    mihusync help plan`
}

// Run prints the help of the program or of one command.
func (c helpCmd) Run(a *app) error {
	parser, err := newParser(&root{}, a.out, a.err)
	if err != nil {
		return err
	}
	var args []string
	if c.Command != "" {
		if !slices.Contains(commands(parser.Model), c.Command) {
			return newUsageError(unknownCommand(parser.Model, c.Command))
		}
		args = []string{c.Command}
	}
	ctx, err := kong.Trace(parser, args)
	if err != nil {
		return err
	}
	return ctx.PrintUsage(false)
}

// commands returns the names of the commands.
func commands(model *kong.Application) []string {
	var names []string
	for _, n := range model.Children {
		names = append(names, n.Name)
	}
	return names
}

// unknownCommand returns the error for a word that names no command.
func unknownCommand(model *kong.Application, word string) error {
	e := &hintError{message: fmt.Sprintf("there is no command %q", word), hint: programName + " --help shows the commands."}
	if near := schema.Nearest(word, commands(model)); near != "" {
		e.hint = "Did you mean " + programName + " " + near + "? " + e.hint
	}
	return e
}
