package schema

import (
	"sort"
	"strings"
)

// Severity says whether a diagnostic stops the work.
type Severity string

const (
	// SeverityError means the files cannot be used.
	SeverityError Severity = "error"
	// SeverityWarning means they can, but something is probably not meant.
	SeverityWarning Severity = "warning"
)

// Diagnostic is one thing wrong with a workspace's files.
type Diagnostic struct {
	Severity Severity `json:"severity"`
	// Pos is where it stands. Without a file where it stands nowhere.
	Pos Pos `json:"position,omitzero"`
	// Address is the object concerned, "agents/support/intents/book", if any.
	Address string `json:"address,omitempty"`
	// Path is the field as the files spell it, from "workspace" on.
	Path string `json:"path,omitempty"`
	// Summary says what is wrong in one line, Detail why it is.
	Summary string `json:"summary"`
	Detail  string `json:"detail,omitempty"`
	// Suggestion says what to write instead, where that is known.
	Suggestion string `json:"suggestion,omitempty"`
}

// String is the diagnostic in one line and its details in more.
func (d Diagnostic) String() string {
	var b strings.Builder
	if d.Pos.File != "" {
		b.WriteString(d.Pos.String() + ": ")
	}
	if d.Severity == SeverityWarning {
		b.WriteString("warning: ")
	}
	switch {
	case d.Address != "":
		b.WriteString(d.Address + ": ")
	case d.Path != "":
		b.WriteString(d.Path + ": ")
	}
	b.WriteString(d.Summary)
	if d.Detail != "" {
		b.WriteString("\n\t" + strings.ReplaceAll(d.Detail, "\n", "\n\t"))
	}
	if d.Suggestion != "" {
		b.WriteString("\n\t" + d.Suggestion)
	}
	return b.String()
}

// Diagnostics is everything found wrong with a workspace's files, in the order of
// the files. As an error it has at least one member of [SeverityError].
type Diagnostics struct {
	All []Diagnostic `json:"diagnostics"`
}

// Error lists all diagnostics, one after the other.
func (d *Diagnostics) Error() string {
	lines := make([]string, len(d.All))
	for i, one := range d.All {
		lines[i] = one.String()
	}
	return strings.Join(lines, "\n")
}

// Errors counts the members that stop the work.
func (d *Diagnostics) Errors() int {
	n := 0
	for _, one := range d.All {
		if one.Severity != SeverityWarning {
			n++
		}
	}
	return n
}

func (d *Diagnostics) add(one Diagnostic) {
	if one.Severity == "" {
		one.Severity = SeverityError
	}
	d.All = append(d.All, one)
}

// finish orders the diagnostics and drops repetitions. It returns d as an error
// if any of them is one.
func (d *Diagnostics) finish() error {
	sort.SliceStable(d.All, func(i, j int) bool { return d.All[i].before(d.All[j]) })
	kept := d.All[:0]
	for i, one := range d.All {
		if i == 0 || one != d.All[i-1] {
			kept = append(kept, one)
		}
	}
	d.All = kept
	if d.Errors() == 0 {
		return nil
	}
	return d
}

func (d Diagnostic) before(o Diagnostic) bool {
	switch {
	case d.Pos.File != o.Pos.File:
		return d.Pos.File < o.Pos.File
	case d.Pos.Line != o.Pos.Line:
		return d.Pos.Line < o.Pos.Line
	case d.Pos.Col != o.Pos.Col:
		return d.Pos.Col < o.Pos.Col
	case d.Address != o.Address:
		return d.Address < o.Address
	case d.Path != o.Path:
		return d.Path < o.Path
	default:
		return d.Summary < o.Summary
	}
}
