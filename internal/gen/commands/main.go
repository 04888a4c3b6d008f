// Command commands writes two files. The first argument is the file for the
// reference of the command line. The second argument is the page that gets the
// table of exit codes.
package main

import (
	"fmt"
	"os"

	"github.com/mihusync/mihusync/internal/cli"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("usage: commands REFERENCE EXITCODES")
	}
	text, err := cli.Reference()
	if err != nil {
		return err
	}
	if err := os.WriteFile(args[0], []byte(text), 0o644); err != nil {
		return err
	}
	page, err := os.ReadFile(args[1])
	if err != nil {
		return err
	}
	if text, err = cli.WithExitCodes(string(page)); err != nil {
		return err
	}
	return os.WriteFile(args[1], []byte(text), 0o644)
}
