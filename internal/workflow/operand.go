package workflow

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
)

// OperandKind says where one side of a comparison comes from.
type OperandKind string

const (
	Directory    OperandKind = "directory"
	GitRevision  OperandKind = "revision"
	PlanFile     OperandKind = "plan"
	LiveTarget   OperandKind = "live"
	livePrefix               = "live:"
	environments             = "envs"
)

// Operand names one side of a comparison, or the source or target of a promotion.
type Operand struct {
	Kind OperandKind
	// Text is what was written.
	Text string
	// Dir is the directory of the files, for a live workspace that of the files
	// that name it. For a plan file it is the file.
	Dir string
	// Rev is the git revision.
	Rev string
}

// OperandError says that a text names nothing that can be compared.
type OperandError struct{ Text, Reason, Hint string }

func (e *OperandError) Error() string { return e.Text + ": " + e.Reason }

// ParseOperand reads "DIR", "REV:DIR", "live:DIR", "live:NAME" for envs/NAME, or
// the name of a file with a saved plan. What exists wins over what could be a
// revision.
func ParseOperand(text string) (Operand, error) {
	if name, ok := strings.CutPrefix(text, livePrefix); ok {
		for _, dir := range []string{name, filepath.Join(environments, name)} {
			if info, err := os.Stat(dir); name != "" && err == nil && info.IsDir() {
				return Operand{Kind: LiveTarget, Text: text, Dir: dir}, nil
			}
		}
		return Operand{}, &OperandError{text, fmt.Sprintf("there is no directory %s, nor %s", name, path.Join(environments, name)),
			"Name the directory whose files have the target: live:envs/staging, or live:staging for short."}
	}
	if info, err := os.Stat(text); err == nil {
		if info.IsDir() {
			return Operand{Kind: Directory, Text: text, Dir: text}, nil
		}
		return Operand{Kind: PlanFile, Text: text, Dir: text}, nil
	}
	if rev, dir, ok := strings.Cut(text, ":"); ok && rev != "" {
		if dir == "" {
			dir = "."
		}
		return Operand{Kind: GitRevision, Text: text, Rev: rev, Dir: filepath.FromSlash(dir)}, nil
	}
	return Operand{}, &OperandError{text, "there is no such directory or file",
		"Give a directory, REVISION:DIRECTORY, a saved plan, or live:DIRECTORY for the workspace that its files name."}
}

// Side is one side of a comparison, loaded: a workspace, or a saved plan.
type Side struct {
	Operand
	Workspace *schema.Workspace
	Plan      *plan.Plan
}

// Compare compares two sides by meaning. Between two configurations, or two live
// workspaces, everything counts; between a configuration and a live workspace,
// what the configuration says; with a saved plan, what the plan touches, as it will
// be.
func Compare(a, b Side) (*plan.Differences, error) {
	switch {
	case a.Plan != nil && b.Plan != nil:
		return plan.ComparePlans(a.Plan, b.Plan), nil
	case a.Plan != nil:
		return plan.ComparePlanned(a.Plan, b.Workspace), nil
	case b.Plan != nil:
		return plan.ComparePlanned(b.Plan, a.Workspace).Reverse(), nil
	case a.live() && !b.live():
		return plan.Compare(b.Workspace, a.Workspace)
	case b.live() && !a.live():
		d, err := plan.Compare(a.Workspace, b.Workspace)
		if err != nil {
			return nil, err
		}
		return d.Reverse(), nil
	}
	p, err := plan.Diff(a.Workspace, b.Workspace)
	if err != nil {
		return nil, err
	}
	return plan.DifferencesOf(p), nil
}

func (s Side) live() bool { return s.Kind == LiveTarget }
