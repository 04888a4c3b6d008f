package cli

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/mihusync/mihusync/schema"
)

// secret looks up the value of a secret; files are relative to dir. An error
// tells where the value was expected, and never a value.
func (e environment) secret(dir string, s schema.Secret) (string, error) {
	switch s.Source {
	case schema.SecretEnv:
		if v := e[s.Arg]; v != "" {
			return v, nil
		}
		return "", &hintError{
			message: "the environment variable " + s.Arg + " is not set, but a secret comes from it",
			hint:    "Set it, or change the reference in the files.",
		}
	case schema.SecretFile:
		path := s.Arg
		if !filepath.IsAbs(path) {
			path = filepath.Join(dir, path)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return "", &hintError{message: "the file of a secret cannot be read", hint: "Write it, or change the reference in the files.", err: err}
		}
		return strings.TrimRight(string(data), "\r\n"), nil
	}
	return "", &hintError{message: "a secret names no source", hint: "Write " + schema.SecretForms + "."}
}

// secrets resolves the secrets that an apply sends. For the sandbox a missing one
// is replaced by a stand-in, so that somebody else's workspace can be tried
// without its secrets. A plan compares real values only: to it a missing secret
// is unknown, and an unknown one counts as unchanged.
func (a *app) secrets(dir string) func(schema.Secret) (string, error) {
	return func(s schema.Secret) (string, error) {
		v, err := a.env.secret(dir, s)
		if err != nil && a.Sandbox && s != (schema.Secret{}) {
			return "stand-in:" + s.Arg, nil
		}
		return v, err
	}
}
