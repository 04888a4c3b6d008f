package cli

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mihusync/mihusync/apply"
	"github.com/mihusync/mihusync/internal/below"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/load"
	"github.com/mihusync/mihusync/schema/tree"
)

// maxSecret is the largest size of a secret's file, in bytes.
const maxSecret = 1 << 20

// missingSecret says that the source of a secret does not exist. A machine may lack
// a secret on purpose, so some callers accept this error. Every other error about a
// secret is a mistake.
type missingSecret struct{ *hintError }

// Unwrap returns the [*hintError].
func (e *missingSecret) Unwrap() error { return e.hintError }

func isMissing(err error) bool {
	var m *missingSecret
	return errors.As(err, &m)
}

// secret returns the value of a secret. Files are relative to root, the directory
// that has cue.mod. It removes line ends after the value, because editors and
// secret stores add them. An empty value is an error, because the service would
// clear the secret. An error names the source of the value, and never contains the
// value.
func (e environment) secret(root string, s schema.Secret) (string, error) {
	switch s.Source {
	case schema.SecretEnv:
		v, set := e[s.Arg]
		value := strings.TrimRight(v, "\r\n")
		switch {
		case !set:
			return "", &missingSecret{&hintError{message: "the environment variable " + s.Arg + " is not set, but a secret comes from it", hint: "Set it, or change the reference in the files."}}
		case v == "":
			// Many pipelines set a variable to "" if they do not have the secret.
			return "", &missingSecret{&hintError{message: "the environment variable " + s.Arg + " is empty, but a secret comes from it", hint: "Give it a value, or change the reference in the files."}}
		case strings.TrimSpace(value) == "":
			return "", &hintError{message: "the environment variable " + s.Arg + " is blank, but a secret comes from it", hint: "Give it a value, or change the reference in the files."}
		}
		return value, nil
	case schema.SecretFile:
		data, err := e.secretFile(root, s.Arg)
		if err != nil {
			return "", err
		}
		value := strings.TrimRight(string(data), "\r\n")
		if strings.TrimSpace(value) == "" {
			return "", &hintError{message: "the file " + s.Arg + " is empty, but a secret comes from it", hint: "Write the value into it, or change the reference in the files."}
		}
		return value, nil
	case schema.SecretExec:
		return e.secretOf(root, s)
	}
	return "", &hintError{message: "a secret names no source", hint: "Write " + schema.SecretForms + "."}
}

// secretFile reads a file below the module or below a directory that the
// environment lists. A link between these directories is allowed.
func (e environment) secretFile(root, name string) ([]byte, error) {
	path := filepath.FromSlash(name)
	if !filepath.IsAbs(path) && root != "" {
		path = filepath.Join(root, path)
	}
	paths := []string{path}
	if real, err := filepath.EvalSymlinks(path); err == nil && real != path {
		paths = append(paths, real)
	}
	var first error
	for _, path := range paths {
		for _, top := range append([]string{root}, filepath.SplitList(e[envSecretDirs])...) {
			if top == "" || !filepath.IsAbs(path) {
				continue
			}
			data, inside, err := readBelow(top, path)
			if inside && err == nil {
				return data, nil
			}
			if inside && first == nil {
				first = err
			}
		}
	}
	var refused *below.Refusal
	switch {
	case first == nil:
		return nil, &hintError{
			message: "the file " + name + " of a secret is outside the module, and only files of the module are read",
			hint:    "Put it below the directory that holds cue.mod, or list its directory in " + envSecretDirs + ".",
		}
	case errors.As(first, &refused):
		return nil, &hintError{
			message: "the file of a secret is not read: " + name + " " + refused.Reason,
			hint:    refused.Hint + " Directories outside the module are listed in " + envSecretDirs + ".",
		}
	case errors.Is(first, fs.ErrNotExist):
		return nil, &missingSecret{&hintError{message: "the file " + name + " of a secret does not exist", hint: "Write it, or change the reference in the files."}}
	}
	return nil, &hintError{message: "the file of a secret cannot be read", hint: "Write it, or change the reference in the files.", err: first}
}

// readBelow reads a file below the directory top. inside says whether path leads
// below top.
func readBelow(top, path string) (data []byte, inside bool, err error) {
	dir, err := below.Open(top)
	if err != nil {
		return nil, false, nil // no secret can be in a missing directory
	}
	defer dir.Close()
	name, inside := dir.Name(path)
	if !inside {
		return nil, false, nil
	}
	data, err = dir.ReadText(name, maxSecret)
	return data, true, err
}

// secrets returns the function that resolves the secrets of an apply. The sandbox
// gets a placeholder for a missing secret, so that people can try a workspace
// without its secrets. A plan does not use it: it compares only real values, and
// takes a missing secret as unchanged.
func (a *app) secrets(dir string) func(schema.Secret) (string, error) {
	return func(s schema.Secret) (string, error) {
		v, err := a.env.secret(dir, s)
		if isMissing(err) && a.Sandbox {
			return "stand-in:" + s.Arg, nil
		}
		return v, err
	}
}

// unusable returns the declared secrets whose source exists and gives no value,
// whether they are sent or not. It returns nil if there are none.
func (a *app) unusable(cfg *load.Config) *apply.SecretsError {
	if cfg.Workspace == nil { // apply checks the secrets of a saved plan
		return nil
	}
	e := &apply.SecretsError{}
	at := map[schema.Secret]int{}
	cfg.Workspace.Walk(func(o *schema.Object) {
		if cfg.Workspace.Excludes(o) {
			return
		}
		eachSecret(o.Fields, func(s schema.Secret) {
			if i, known := at[s]; known {
				if addrs := &e.Missing[i].Addrs; !slices.Contains(*addrs, o.Addr()) {
					*addrs = append(*addrs, o.Addr())
				}
				return
			}
			if s.Source == schema.SecretExec {
				return // a program runs only if its value is needed
			}
			if _, err := a.env.secret(cfg.ModuleRoot, s); err != nil && !a.absent(s, err) {
				at[s] = len(e.Missing)
				e.Missing = append(e.Missing, apply.MissingSecret{Secret: s, Addrs: []string{o.Addr()}, Err: err})
			}
		})
	})
	if len(e.Missing) == 0 {
		return nil
	}
	return e
}

// absent says whether err means that this machine does not have the secret. An
// empty variable counts as absent for the sandbox only. A real workspace would get
// the empty value.
func (a *app) absent(s schema.Secret, err error) bool {
	_, set := a.env[s.Arg]
	return isMissing(err) && (a.Sandbox || !set)
}

// warnUnusable warns of secrets that would make an apply fail. It does not warn of
// empty variables, because pipelines plan without the secrets.
func (a *app) warnUnusable(cfg *load.Config) {
	e := a.unusable(cfg)
	if e == nil || a.Quiet {
		return
	}
	for _, m := range e.Missing {
		var hint *hintError
		if isMissing(m.Err) || !errors.As(m.Err, &hint) {
			continue
		}
		a.problem(schema.Problem{Severity: schema.SeverityWarning, Address: m.Addrs[0], Summary: hint.Error(), Suggestion: hint.hint})
	}
}

func eachSecret(v any, visit func(schema.Secret)) {
	for e := range tree.Values(v) {
		if s, ok := e.(schema.Secret); ok {
			visit(s)
		}
	}
}
