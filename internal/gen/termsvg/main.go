// Termsvg runs the README's main command on a copy of the example. It draws the
// output as an SVG picture of a terminal. The picture has only real output. It
// leaves out lines, and says how many.
package main

//go:generate go run . -o ../../../docs/demo.svg

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/mihusync/mihusync/internal/cli"
)

func main() {
	out := flag.String("o", "", "the file to write")
	example := flag.String("example", "../../../examples/workspace", "the workspace to run")
	flag.Parse()
	if err := run(*out, *example); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(out, example string) error {
	lines, err := record(context.Background(), example)
	if err != nil {
		return err
	}
	return os.WriteFile(out, draw(lines), 0o644)
}

// edit is the change that the last plan of the picture shows.
var edit = struct{ file, before, after string }{
	file:   "prompts/reception.md",
	before: "A good call ends with a day, a time and a workshop that the caller has heard twice.",
	after:  "A good call ends with a day, a time and a workshop that the caller has repeated.",
}

// record runs the scenes and returns the lines of the terminal.
func record(ctx context.Context, example string) ([]line, error) {
	dir, err := os.MkdirTemp("", "termsvg")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := copyExample(dir, example); err != nil {
		return nil, err
	}
	back, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	if err := os.Chdir(dir); err != nil {
		return nil, err
	}
	defer os.Chdir(back)

	var shown []line
	play := func(head, tail int, args ...string) error {
		text, err := output(ctx, args)
		if err != nil {
			return err
		}
		shown = append(shown, prompt("mihusync "+strings.Join(args, " ")))
		shown = append(shown, excerpt(parse(text), head, tail)...)
		shown = append(shown, nil)
		return nil
	}
	if err := play(8, 2, "apply", "--sandbox", "envs/staging", "--yes"); err != nil {
		return nil, err
	}
	if err := play(4, 1, "plan", "--sandbox", "envs/staging"); err != nil {
		return nil, err
	}
	if err := change(); err != nil {
		return nil, err
	}
	shown = append(shown, prompt("$EDITOR "+edit.file))
	if err := play(20, 1, "plan", "--sandbox", "envs/staging"); err != nil {
		return nil, err
	}
	return shown[:len(shown)-1], nil
}

// copyExample copies the files of the example without the state of a sandbox.
func copyExample(dir, example string) error {
	if err := os.CopyFS(dir, os.DirFS(example)); err != nil {
		return err
	}
	return os.RemoveAll(filepath.Join(dir, ".mihusync"))
}

func change() error {
	text, err := os.ReadFile(edit.file)
	if err != nil {
		return err
	}
	if !strings.Contains(string(text), edit.before) {
		return fmt.Errorf("%s no longer holds the line that the picture edits", edit.file)
	}
	return os.WriteFile(edit.file, []byte(strings.Replace(string(text), edit.before, edit.after, 1)), 0o644)
}

// output runs one command in colour and returns its standard output.
func output(ctx context.Context, args []string) (string, error) {
	var stdout, stderr bytes.Buffer
	code := cli.Main(ctx, append([]string{"--color=always"}, args...), nil, strings.NewReader(""), &stdout, &stderr)
	if code != 0 {
		return "", fmt.Errorf("mihusync %s ended with %d:\n%s", strings.Join(args, " "), code, stderr.String())
	}
	return stdout.String(), nil
}

// excerpt keeps the first and last lines. A line between them says how many it left
// out.
func excerpt(lines []line, head, tail int) []line {
	if len(lines) <= head+tail+1 {
		return lines
	}
	note := fmt.Sprintf("... %d more lines", len(lines)-head-tail)
	out := append([]line(nil), lines[:head]...)
	out = append(out, line{{text: note, class: "dim"}})
	return append(out, lines[len(lines)-tail:]...)
}

func prompt(command string) line {
	return line{{text: "$ ", class: "green"}, {text: command, class: "bold"}}
}
