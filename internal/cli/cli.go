// Package cli is the command line of mihusync. It parses arguments, calls the
// other packages, prints their results, and turns errors into messages and exit
// codes.
//
// Each verb is an options struct with a Run method, in a file of its own. A verb
// returns its error. Only report.go prints errors and chooses the exit code.
// Results go to standard output and everything else to standard error.
package cli

import (
	"context"
	"errors"
	"io"

	"github.com/alecthomas/kong"
)

// root is the command line: the global flags and one field for each verb.
type root struct {
	globals

	Init       initCmd       `cmd:"" help:"Write a workspace to start from."`
	Validate   validateCmd   `cmd:"" help:"Check the files, offline."`
	Plan       planCmd       `cmd:"" help:"Show what apply would change."`
	Apply      applyCmd      `cmd:"" help:"Bring the live workspace to what the files declare."`
	Adopt      adoptCmd      `cmd:"" help:"Write what the live workspace has into the files."`
	Diff       diffCmd       `cmd:"" help:"Compare two configurations, live workspaces or plans."`
	Drift      driftCmd      `cmd:"" help:"Show what the live workspace has that the files do not say."`
	Export     exportCmd     `cmd:"" help:"Write the live workspace to files."`
	Log        logCmd        `cmd:"" help:"Show what earlier applies did."`
	Rollback   rollbackCmd   `cmd:"" help:"Undo what an earlier apply did."`
	Graph      graphCmd      `cmd:"" help:"Draw who refers to whom."`
	Promote    promoteCmd    `cmd:"" help:"Move a configuration to another workspace."`
	Sandbox    sandboxCmd    `cmd:"" help:"Serve the embedded Mihu over HTTP."`
	Schema     schemaCmd     `cmd:"" help:"Print the CUE schema or refresh it in a workspace."`
	Completion completionCmd `cmd:"" help:"Print the completion script of a shell."`
	Version    versionCmd    `cmd:"" help:"Print the version."`
	Help       helpCmd       `cmd:"" help:"Explain a command."`
}

const description = `Keeps a whole Mihu workspace as code: CUE files, planned, applied and exported.

Without an account, try: mihusync init demo && mihusync apply --sandbox demo`

// Main runs one command and returns the exit code of the process. It uses
// nothing of the process except its arguments, the working directory and, for
// secrets and files, the file system. stdin is read only to ask a person. env
// has entries like "NAME=value".
func Main(ctx context.Context, args, env []string, stdin io.Reader, stdout, stderr io.Writer) int {
	return (&app{env: newEnvironment(env), in: stdin}).main(ctx, args, stdout, stderr)
}

func (a *app) main(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var cmd root
	parser, err := newParser(&cmd, stdout, stderr)
	if err != nil {
		a.open(&cmd.globals, stdout, stderr)
		return a.end(a.report(err))
	}
	if len(args) == 0 {
		// Without arguments the help is shown.
		args = []string{"--help"}
	}
	// A failed parse leaves the flags unset. The streams then have their
	// defaults, and "--format json" is looked up in the arguments.
	parsed, err := parser.Parse(args)
	if err != nil && asksForJSON(args, "--log-format") {
		cmd.LogFormat = formatJSON
	}
	a.open(&cmd.globals, stdout, stderr)
	if errors.Is(err, errAnswered) {
		return exitOK
	}
	if err != nil {
		usage := newUsageError(err)
		a.json = usage.wantsJSON(args)
		switch usage.command {
		case programName + " drift":
			a.failed = failedDrift
		case programName + " apply":
			a.failed = newRunDocument().failed
		}
		return a.end(a.report(usage))
	}
	parsed.BindTo(ctx, (*context.Context)(nil))
	err = parsed.Run(a)
	if usage := (*usageError)(nil); errors.As(err, &usage) {
		usage.command = parsed.Selected().FullPath()
	}
	a.status.clear()
	return a.end(a.report(err))
}

func newParser(cmd *root, stdout, stderr io.Writer) (*kong.Kong, error) {
	options := append(numbers(),
		kong.Name(programName),
		kong.Description(description),
		kong.Writers(stdout, stderr),
		kong.NoDefaultHelp(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100, NoAppDescFormat: true}),
		kong.ExplicitGroups([]kong.Group{{Key: "global", Title: "Global flags:"}}),
	)
	return kong.New(cmd, options...)
}

// Model returns the model of the command line, for documentation and completion.
func Model() (*kong.Application, error) {
	parser, err := newParser(&root{}, io.Discard, io.Discard)
	if err != nil {
		return nil, err
	}
	return parser.Model, nil
}
