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
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		signal.Stop(signals) // a second signal ends the process at once, from the first word of it on
		cancel()
	}()
	os.Exit(cli.Main(ctx, os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr))
}
