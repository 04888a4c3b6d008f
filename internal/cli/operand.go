package cli

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/mihusync/mihusync/schema"
)

// operandKind says where one side of a comparison comes from.
type operandKind string

const (
	directory    operandKind = "directory"
	gitRevision  operandKind = "revision"
	planFile     operandKind = "plan"
	liveTarget   operandKind = "live"
	livePrefix               = "live:"
	environments             = "envs"
)

// operand names one side of a comparison, or the source or target of a promotion.
type operand struct {
	kind operandKind
	// text is the operand as it was written.
	text string
	// dir is the directory of the files. For a live workspace these are the
	// files that name it. For a plan file it is the file.
	dir string
	// rev is the git revision.
	rev string
}

// operandError says that a text names nothing to compare.
type operandError struct{ text, reason, hint string }

// Error names the operand and the reason.
func (e *operandError) Error() string { return e.text + ": " + e.reason }

// Explain returns the reason as one problem.
func (e *operandError) Explain() schema.Problems {
	return schema.Problems{{Summary: e.Error(), Suggestion: e.hint}}
}

// parseOperand reads "DIR", "REV:DIR", "live:DIR", "live:NAME" for envs/NAME, or
// the name of a file with a saved plan. A file or directory that exists wins
// over a possible revision.
func parseOperand(text string) (operand, error) {
	if name, ok := strings.CutPrefix(text, livePrefix); ok {
		for _, dir := range []string{name, filepath.Join(environments, name)} {
			if info, err := os.Stat(dir); name != "" && err == nil && info.IsDir() {
				return operand{kind: liveTarget, text: text, dir: dir}, nil
			}
		}
		return operand{}, &operandError{text, fmt.Sprintf("there is no directory %s, nor %s", name, path.Join(environments, name)),
			"Name the directory whose files have the target: live:envs/staging, or live:staging for short."}
	}
	if info, err := os.Stat(text); err == nil {
		if info.IsDir() {
			return operand{kind: directory, text: text, dir: text}, nil
		}
		return operand{kind: planFile, text: text, dir: text}, nil
	}
	if rev, dir, ok := strings.Cut(text, ":"); ok && rev != "" {
		if dir == "" {
			dir = "."
		}
		return operand{kind: gitRevision, text: text, rev: rev, dir: filepath.FromSlash(dir)}, nil
	}
	return operand{}, &operandError{text, "there is no such directory or file",
		"Give a directory, REVISION:DIRECTORY, a saved plan, or live:DIRECTORY for the workspace that its files name."}
}
