// Command mihusync keeps a whole Mihu workspace as code.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/mihusync/mihusync/internal/cli"
)

// The client's table comes first: the other generators run the program with it.
//
//go:generate go generate ./mihu

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	code := cli.Main(ctx, os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
