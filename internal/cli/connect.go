package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"github.com/mihusync/mihusync/export"
	"github.com/mihusync/mihusync/mihu"
	"github.com/mihusync/mihusync/mihu/sandbox"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/load"
	"github.com/mihusync/mihusync/schema/tree"
)

// connection is a client, with everything that must be closed after its use.
type connection struct {
	client *mihu.Client
	// name is the name of the workspace in messages, for example "acme-staging" or
	// "the sandbox".
	name   string
	target export.Target // the target that an export writes into the files
	// workspace is the name that files with pins have for the workspace.
	workspace string
	token     string // keys the journal's digests
	closes    []func() error
}

// identity returns the name that saved plans and the journal have for the workspace.
func (c *connection) identity() string {
	return cmp.Or(c.target.BaseURL, c.target.Subdomain, c.name)
}

// identity returns the name of the workspace that flags, files and environment mean,
// without a connection.
func (a *app) identity(target load.Target) (string, error) {
	if a.Sandbox {
		return sandboxName, nil
	}
	baseURL, subdomain, err := a.endpoint(target)
	if err == nil && baseURL+subdomain == "" {
		err = noWorkspace()
	}
	return cmp.Or(baseURL, subdomain), err
}

func noWorkspace() error {
	return &hintError{
		message: "no workspace to talk to",
		hint:    fmt.Sprintf(`Write workspace: target: subdomain: "NAME" into the files, or set %s or %s. To try things without an account, pass --sandbox.`, envTenant, envBaseURL),
	}
}

// Close closes everything, in reverse order. It returns all errors.
func (c *connection) Close() error {
	var errs []error
	for i := len(c.closes) - 1; i >= 0; i-- {
		errs = append(errs, c.closes[i]())
	}
	c.closes = nil
	return errors.Join(errs...)
}

// connect returns a client for the workspace that the flags, the files and the
// environment name. root is the directory that has cue.mod, or "".
func (a *app) connect(ctx context.Context, root string, target load.Target) (*connection, error) {
	if a.Sandbox && a.BaseURL != "" {
		return nil, newUsageError(&hintError{message: "--sandbox and --base-url name two different workspaces", hint: "Leave one of them out."})
	}
	if a.Sandbox {
		return a.connectSandbox(ctx, root)
	}
	opts := a.clientOptions()
	var err error
	if opts.BaseURL, opts.Subdomain, err = a.endpoint(target); err != nil {
		return nil, err
	}
	if opts.BaseURL == "" && opts.Subdomain == "" {
		return nil, noWorkspace()
	}
	token, tokenEnv, err := a.token(root, target)
	if err != nil {
		return nil, err
	}
	opts.Token = token
	client, err := mihu.New(opts)
	if err != nil {
		return nil, &hintError{message: "the target cannot be used", err: err, hint: "Correct the target in the files, the flag or the environment variable."}
	}
	c := &connection{client: client, name: opts.Subdomain, token: token}
	c.target = export.Target{Subdomain: opts.Subdomain, BaseURL: opts.BaseURL, TokenEnv: tokenEnv}
	c.workspace = a.workspaceName(target, opts.BaseURL, opts.Subdomain)
	if opts.BaseURL != "" {
		c.name, c.target.Subdomain = opts.BaseURL, ""
	}
	c.closes = append(c.closes, func() error { client.Close(); return nil })
	return c, nil
}

func (a *app) clientOptions() mihu.Options {
	opts := mihu.Options{RPS: a.RPS, UserAgent: "mihusync/" + readBuild().version}
	if a.DebugHTTP {
		opts.DebugHTTP = a.err
		if a.events != nil {
			opts.DebugHTTP = a.events.lines("http")
		}
	}
	if a.wire != nil {
		a.wire(&opts)
	}
	return opts
}

// token returns the API token, and the environment variable that an export names
// for it.
func (a *app) token(root string, target load.Target) (token, variable string, err error) {
	if target.Token != (schema.Secret{}) {
		if target.Token.Source == schema.SecretEnv {
			if err := a.checkTokenVariable(target.Token.Arg); err != nil {
				return "", "", err
			}
		}
		token, err = a.env.secret(root, target.Token)
		if isMissing(err) && target.Token.Source == schema.SecretEnv {
			err = &hintError{
				message: "no API token: the files take it from the environment variable " + target.Token.Arg + ", which is not set",
				hint:    "Set it, or name another variable in workspace: target: token. To try things without an account, pass --sandbox.",
			}
		}
		token = strings.TrimSpace(token) // a header cannot contain a line end
		variable = envToken
		if target.Token.Source == schema.SecretEnv {
			variable = target.Token.Arg
		}
		return token, variable, err
	}
	if t := strings.TrimSpace(a.env[envToken]); t != "" {
		return t, envToken, nil
	}
	return "", "", &hintError{
		message: "no API token",
		hint:    fmt.Sprintf("Set %s, or name another variable in the files: workspace: target: token: env: \"NAME\". To try things without an account, pass --sandbox.", envToken),
	}
}

// Settings of the embedded Mihu, and the names of its files.
const (
	stateDir     = ".mihusync"
	sandboxFile  = "sandbox.json"
	sandboxToken = "sandbox"
	sandboxName  = "the sandbox"
	sandboxURL   = "http://localhost/api/v1" // nothing listens there; the transport answers
	lockWait     = 10 * time.Second
)

// connectSandbox opens the embedded Mihu and connects to it without a network.
func (a *app) connectSandbox(ctx context.Context, root string) (*connection, error) {
	file := a.SandboxData
	if file == "" {
		if root == "" {
			return nil, &hintError{message: "no place for the sandbox's state: there is no cue.mod here or above", hint: "Name the workspace, or a file by --sandbox-data FILE."}
		}
		file = filepath.Join(root, stateDir, sandboxFile)
	}
	unlock, err := lockFile(ctx, file)
	if err != nil {
		return nil, err
	}
	c := &connection{name: sandboxName, workspace: sandboxName, token: sandboxToken, closes: []func() error{unlock}}
	box, err := sandbox.New(sandbox.Options{File: file, Token: sandboxToken})
	if err != nil {
		return nil, errors.Join(&hintError{message: "the sandbox's state cannot be used", err: err, hint: "Restore " + file + ", or remove it to start empty."}, c.Close())
	}
	c.closes = append(c.closes, box.Close)
	opts := a.clientOptions()
	opts.BaseURL, opts.Token, opts.Transport = sandboxURL, sandboxToken, box.Transport()
	if c.client, err = mihu.New(opts); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// lockFile locks the sandbox's state, so that no other process uses it. It waits up
// to lockWait for a process that has the lock.
func lockFile(ctx context.Context, file string) (unlock func() error, err error) {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return nil, err
	}
	lock := flock.New(file + ".lock")
	ctx, cancel := context.WithTimeout(ctx, lockWait)
	defer cancel()
	ok, err := lock.TryLockContext(ctx, 50*time.Millisecond)
	if err != nil && ctx.Err() == nil {
		return nil, &hintError{message: "the sandbox's state cannot be locked", err: err, hint: "Name another file by --sandbox-data."}
	}
	if !ok {
		return nil, &hintError{message: "another mihusync uses the sandbox's state in " + file, hint: "Wait for it, such as an apply whose question is not answered yet, or name another file by --sandbox-data."}
	}
	return lock.Unlock, nil
}

// tellRequests prints the number of requests of each endpoint if -v is set.
func (a *app) tellRequests(c *connection) {
	if !a.Verbose {
		return
	}
	stats := c.client.Stats()
	total := 0
	for _, n := range stats {
		total += n
	}
	a.say("Requests: %d", total)
	for _, op := range tree.Keys(stats) {
		a.say("  %5d %s", stats[op], op)
	}
}
