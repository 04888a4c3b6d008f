// Command mihusync keeps a whole Mihu workspace as code.
package main

import (
	"os"

	"github.com/mihusync/mihusync/internal/cli"
)

// The client's table comes first: the other generators run the program with it.
//
//go:generate go generate ./mihu

func main() {
	ctx, stop := cli.Interruptible(os.Exit)
	code := cli.Main(ctx, os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
