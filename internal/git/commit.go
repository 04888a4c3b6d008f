package git

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
)

// Stage brings paths of the index to the state of the working tree. It ignores
// ignore rules, because the caller names the paths.
func (r *Repository) Stage(ctx context.Context, paths []string) error {
	return r.stage(ctx, nil, paths)
}

func (r *Repository) stage(ctx context.Context, index, paths []string) error {
	_, err := r.run(ctx, index, listOf(paths), "update-index", "--add", "--remove", "-z", "--stdin")
	return err
}

// Commit commits paths and nothing else. Other staged changes stay staged.
// identity is the author that Commit had to make up, or "" if one is configured.
func (r *Repository) Commit(ctx context.Context, paths []string, message string) (identity string, err error) {
	tmp, err := os.CreateTemp("", "mihusync-message-")
	if err != nil {
		return "", err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.WriteString(message)
	if err := errors.Join(err, tmp.Close()); err != nil {
		return "", err
	}
	options, identity := r.identity(ctx)
	args := append(options, "--literal-pathspecs", "commit", "--quiet", "--only", "--cleanup=verbatim", "--file="+tmp.Name(), "--pathspec-from-file=-", "--pathspec-file-nul")
	_, err = r.run(ctx, nil, listOf(paths), args...)
	return identity, err
}

// fallbackName and fallbackMail are the author if none is configured, as on a
// fresh runner.
const (
	fallbackName = "mihusync"
	fallbackMail = "mihusync@localhost"
)

// identity returns the options that complete the configured author, and the name
// they give.
func (r *Repository) identity(ctx context.Context) (options []string, name string) {
	_, author := r.run(ctx, nil, nil, "-c", "user.useConfigOnly=true", "var", "GIT_AUTHOR_IDENT")
	_, committer := r.run(ctx, nil, nil, "-c", "user.useConfigOnly=true", "var", "GIT_COMMITTER_IDENT")
	if author == nil && committer == nil {
		return nil, ""
	}
	who, mail := fallbackName, fallbackMail
	if v, err := r.ask(ctx, "config", "--get", "user.name"); err == nil && v != "" {
		who = v
	}
	if v, err := r.ask(ctx, "config", "--get", "user.email"); err == nil && v != "" {
		mail = v
	}
	return []string{"-c", "user.name=" + who, "-c", "user.email=" + mail}, who + " <" + mail + ">"
}

// Who returns the person that git is configured for, "Ada <ada@acme.example>", or "" if
// there is none, as on a fresh runner.
func (r *Repository) Who(ctx context.Context) string {
	ident, err := r.ask(ctx, "-c", "user.useConfigOnly=true", "var", "GIT_AUTHOR_IDENT")
	if err != nil {
		return ""
	}
	// The person is followed by a time and its zone.
	who, _, _ := strings.Cut(ident, "> ")
	return who + ">"
}

// listOf writes paths in git's form.
func listOf(paths []string) []byte {
	var b bytes.Buffer
	for _, p := range paths {
		b.WriteString(p + "\x00")
	}
	return b.Bytes()
}

func split(out []byte) []string {
	return strings.FieldsFunc(string(out), func(r rune) bool { return r == 0 })
}
