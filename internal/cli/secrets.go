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

// maxSecret is the largest file of a secret, in bytes.
const maxSecret = 1 << 20

// missingSecret says that the source of a secret is not there, as on a machine
// that is not meant to have it. Any other reason for a missing value is a
// mistake.
type missingSecret struct{ *hintError }

// Unwrap returns the [*hintError].
func (e *missingSecret) Unwrap() error { return e.hintError }

func isMissing(err error) bool {
	var m *missingSecret
	return errors.As(err, &m)
}

// secret returns the value of a secret. Files are relative to root, the
// directory that has cue.mod. Line ends after the value do not count, because
// editors and secret stores add them. An empty value is an error, because the
// service would clear the secret. An error says where the value was expected,
// and never has the value.
func (e environment) secret(root string, s schema.Secret) (string, error) {
	switch s.Source {
	case schema.SecretEnv:
		v, set := e[s.Arg]
		value := strings.TrimRight(v, "\r\n")
		switch {
		case !set:
			return "", &missingSecret{&hintError{message: "the environment variable " + s.Arg + " is not set, but a secret comes from it", hint: "Set it, or change the reference in the files."}}
		case v == "":
			// Most pipelines set a variable that they do not have to "".
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

// secretFile reads a file below the module, or in a directory that the
// environment lists. A link from one to the other is allowed.
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

// readBelow reads a file through a directory. inside says whether the path leads
// below the directory.
func readBelow(top, path string) (data []byte, inside bool, err error) {
	dir, err := below.Open(top)
	if err != nil {
		return nil, false, nil // a missing directory has no secrets
	}
	defer dir.Close()
	name, inside := dir.Name(path)
	if !inside {
		return nil, false, nil
	}
	data, err = dir.ReadFile(name, maxSecret)
	return data, true, err
}

// secrets resolves the secrets that an apply sends. For the sandbox a
// placeholder replaces a missing one, so that a workspace can be tried without
// its secrets. A plan compares only real values: a missing secret is unknown,
// and an unknown secret counts as unchanged.
func (a *app) secrets(dir string) func(schema.Secret) (string, error) {
	return func(s schema.Secret) (string, error) {
		v, err := a.env.secret(dir, s)
		if isMissing(err) && a.Sandbox {
			return "stand-in:" + s.Arg, nil
		}
		return v, err
	}
}

// unusable finds the declared secrets whose source is there and gives no value, sent
// or not. It is nil if there are none.
func (a *app) unusable(cfg *load.Config) *apply.SecretsError {
	if cfg.Workspace == nil { // a saved plan; what it sends is looked at then
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
				return // a program runs only for a value that is needed
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

// absent says whether this machine does not have a secret. An empty variable is
// a mistake if its value would be sent to a real workspace.
func (a *app) absent(s schema.Secret, err error) bool {
	_, set := a.env[s.Arg]
	return isMissing(err) && (a.Sandbox || !set)
}

// warnUnusable tells a reader of a plan what would keep it from being applied. An
// empty variable is none of that: pipelines plan without the secrets.
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
	for _, e := range tree.All(v) {
		if s, ok := e.(schema.Secret); ok {
			visit(s)
		}
	}
}
