package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/mihusync/mihusync/schema"
)

// envExec lists the programs that files may run for a secret, with commas
// between them. Without it none runs, because anybody who can open a pull
// request can write the files.
const envExec = "MIHUSYNC_EXEC"

// execTime limits the time of a program that prints a secret.
const execTime = time.Minute

// secretOf runs the program that prints a secret, in the module's root and
// without a shell. Its other output is not shown, because it may contain
// secrets.
func (e environment) secretOf(root string, s schema.Secret) (string, error) {
	words, err := command(s)
	if err != nil {
		return "", err
	}
	name := words[0]
	if !slices.Contains(commaList(e[envExec]), name) {
		return "", &missingSecret{&hintError{
			message: fmt.Sprintf("a secret comes from the program %s, which this machine does not allow", name),
			hint:    fmt.Sprintf("If it may be run on what the files say, set %s=%s.", envExec, strings.Join(append(commaList(e[envExec]), name), ",")),
		}}
	}
	ctx, cancel := context.WithTimeout(context.Background(), execTime)
	defer cancel()
	run := exec.CommandContext(ctx, name, words[1:]...)
	run.Dir, run.Env = root, e.list()
	run.WaitDelay = time.Second // for a child that keeps the output open
	var out bytes.Buffer
	run.Stdout = &limited{to: &out, left: maxSecret}
	switch err := run.Run(); {
	case ctx.Err() != nil:
		return "", &hintError{message: fmt.Sprintf("the program %s of a secret did not end within %s", name, execTime), hint: "Run it by hand: it must not ask anything."}
	case err != nil:
		return "", &hintError{message: fmt.Sprintf("the program %s of a secret failed", name), hint: "Run it by hand in the directory that holds cue.mod.", err: err}
	}
	value := strings.TrimRight(out.String(), "\r\n")
	if strings.TrimSpace(value) == "" {
		return "", &hintError{message: fmt.Sprintf("the program %s of a secret printed nothing", name), hint: "Run it by hand in the directory that holds cue.mod."}
	}
	return value, nil
}

// command returns the program of a secret with its arguments.
func command(s schema.Secret) ([]string, error) {
	_, arg := s.Declared()
	list, _ := arg.([]any)
	words := make([]string, 0, len(list))
	for _, e := range list {
		word, ok := e.(string)
		if !ok || strings.ContainsRune(word, 0) {
			return nil, &hintError{message: "the program of a secret and its arguments must be texts", hint: "Write " + schema.SecretForms + "."}
		}
		words = append(words, word)
	}
	if len(words) == 0 || words[0] == "" || words[0] != filepath.Base(words[0]) {
		return nil, &hintError{message: "a secret's program is named without a path", hint: "It is looked up where the machine has its programs."}
	}
	return words, nil
}

// limited stops a program that prints more than a secret can have.
type limited struct {
	to   io.Writer
	left int
}

// Write fails when the output is larger than a secret may be.
func (l *limited) Write(p []byte) (int, error) {
	if l.left -= len(p); l.left < 0 {
		return 0, errors.New("it prints more than a secret can have")
	}
	return l.to.Write(p)
}
