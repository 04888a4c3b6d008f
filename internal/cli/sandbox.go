package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/mihusync/mihusync/mihu/sandbox"
)

type sandboxCmd struct {
	Listen  string        `default:"127.0.0.1:0" placeholder:"ADDR" help:"Where to listen; port 0 takes a free one."`
	Data    string        `placeholder:"FILE" complete:"file" help:"Keep the state in this file. In memory by default."`
	Latency time.Duration `min:"0s" placeholder:"50ms" help:"Answer each request this much later."`
	Seed    string        `placeholder:"demo|N" help:"demo: start with a believable workspace. A number: make other ids."`
	Token   string        `placeholder:"TEXT" help:"The only token that is accepted. Any by default."`
}

// Help is the detailed help.
func (sandboxCmd) Help() string {
	return `Serves a Mihu that lives in this process and refuses what the real one refuses. The first line of the output is its base URL. It runs until it is interrupted. --rps is how many requests a second it takes before it answers 429.

    mihusync sandbox --seed demo
    mihusync sandbox --listen 127.0.0.1:8080 --data state.json --latency 50ms --rps 20
    MIHU_API_TOKEN=any mihusync plan --base-url http://127.0.0.1:8080/api/v1`
}

// Run serves until ctx ends.
func (c *sandboxCmd) Run(ctx context.Context, a *app) error {
	opts := sandbox.Options{Token: c.Token, File: c.Data, Latency: c.Latency, RPS: a.RPS}
	demo, err := c.seed(&opts)
	if err != nil {
		return err
	}
	if c.Data != "" {
		unlock, err := lockFile(ctx, c.Data)
		if err != nil {
			return err
		}
		defer unlock()
	}
	box, err := sandbox.New(opts)
	if err != nil {
		return &hintError{message: "the sandbox's state cannot be used", err: err, hint: "Restore the file, or remove it to start empty."}
	}
	defer box.Close()
	if demo {
		if err := box.SeedDemo(); err != nil {
			return err
		}
	}
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return &hintError{message: "cannot listen", err: err, hint: "Choose another address by --listen, such as 127.0.0.1:0."}
	}
	a.result("http://%s/api/v1\n", listener.Addr())
	a.say("Serving the sandbox. Stop it with Ctrl-C.")
	return serve(ctx, listener, box)
}

// seed reads --seed.
func (c *sandboxCmd) seed(opts *sandbox.Options) (demo bool, err error) {
	if c.Seed == "" || c.Seed == "demo" {
		return c.Seed == "demo", nil
	}
	opts.Seed, err = strconv.ParseUint(c.Seed, 10, 64)
	if err != nil {
		return false, newUsageError(fmt.Errorf("--seed must be demo or a whole number, not %q", c.Seed))
	}
	return false, nil
}

// shutdownWait limits the time for running requests at the end.
const shutdownWait = 5 * time.Second

// serve answers until ctx ends, and then lets running requests finish.
func serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownWait)
	defer cancel()
	if err := server.Shutdown(stop); err != nil {
		return errors.Join(err, server.Close())
	}
	return nil
}
