package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// Interruptible returns a context that ends with the first interrupt or SIGTERM. The
// second one calls exit with the code of an interruption, at once. stop gives the
// signals back.
func Interruptible(exit func(code int)) (ctx context.Context, stop func()) {
	ctx, interrupt := context.WithCancel(context.Background())
	signals, stopped := make(chan os.Signal, 2), make(chan struct{})
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		for _, act := range []func(){interrupt, func() { exit(exitInterrupted) }} {
			select {
			case <-signals:
				act()
			case <-stopped:
				return
			}
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(stopped)
		interrupt()
	}
}
