// Command commands writes the reference of the command line to the file given.
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
	if len(args) != 1 {
		return fmt.Errorf("usage: commands FILE")
	}
	text, err := cli.Reference()
	if err != nil {
		return err
	}
	return os.WriteFile(args[0], []byte(text), 0o644)
}
