package schema

import (
	"cmp"
	"errors"
	"slices"
	"strings"
)

// Severity says whether a problem stops the work.
type Severity string

const (
	// SeverityError means that the work cannot go on.
	SeverityError Severity = "error"
	// SeverityWarning means that it can, but something is probably not meant.
	SeverityWarning Severity = "warning"
)

// Problem is one thing that is wrong: in the files, with a plan, or with a write.
// Its JSON is a diagnostic of the documents that the command line prints.
type Problem struct {
	// Severity is an error where it is empty.
	Severity Severity `json:"severity"`
	// Summary says what is wrong in one line, Detail why it is.
	Summary string `json:"summary"`
	Detail  string `json:"detail,omitempty"`
	// Suggestion says what to do or to write instead, where that is known.
	Suggestion string `json:"suggestion,omitempty"`
	// Address is the object concerned, "agents/support/intents/book", if any.
	Address string `json:"address,omitempty"`
	// Path is the field as the files spell it, from "workspace" on.
	Path string `json:"path,omitempty"`
	// Pos is where it stands. A problem without a file is not about the files.
	Pos Pos `json:"position,omitzero"`
	// Code is stable, for machines: that of the service, or of a guard.
	Code string `json:"-"`
	// Call is the API call that failed, zero where none did.
	Call Call `json:"-"`
}

// Call is an API call that failed.
type Call struct {
	Method, URL string
	// Status is the HTTP status, 0 where no answer came.
	Status int
	// Field is the field that the service names as wrong, by its wire name.
	Field string
}

// Explainer is an error that tells what is wrong as problems.
type Explainer interface {
	error
	// Explain gives at least one problem. The first is the most important.
	Explain() Problems
}

// Explain asks err, and what it wraps, what is wrong. It returns nil where none of
// these is an [Explainer].
func Explain(err error) Problems {
	var e Explainer
	if errors.As(err, &e) {
		return e.Explain()
	}
	return nil
}

// String is the problem in one line and its details in more.
func (p Problem) String() string {
	var b strings.Builder
	if p.Pos.File != "" {
		b.WriteString(p.Pos.String() + ": ")
	}
	if p.Severity == SeverityWarning {
		b.WriteString("warning: ")
	}
	if subject := cmp.Or(p.Address, p.Path); subject != "" {
		b.WriteString(subject + ": ")
	}
	b.WriteString(p.Summary)
	if p.Detail != "" {
		b.WriteString("\n\t" + strings.ReplaceAll(p.Detail, "\n", "\n\t"))
	}
	if p.Suggestion != "" {
		b.WriteString("\n\t" + p.Suggestion)
	}
	return b.String()
}

// Problems is a list of what is wrong. As an error it has at least one member that
// is no warning.
type Problems []Problem

// Error lists all problems, one after the other.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, one := range p {
		lines[i] = one.String()
	}
	return strings.Join(lines, "\n")
}

// Explain returns the list itself.
func (p Problems) Explain() Problems { return p }

// Errors counts the members that stop the work.
func (p Problems) Errors() int {
	n := 0
	for _, one := range p {
		if one.Severity != SeverityWarning {
			n++
		}
	}
	return n
}

// Add appends a problem. Without a severity it is an error.
func (p *Problems) Add(one Problem) {
	one.Severity = cmp.Or(one.Severity, SeverityError)
	*p = append(*p, one)
}

// Unique is the list without repetitions. The first of equal members stays.
func (p Problems) Unique() Problems {
	var kept Problems
	seen := map[Problem]bool{}
	for _, one := range p {
		if !seen[one] {
			seen[one] = true
			kept = append(kept, one)
		}
	}
	return kept
}

// Sorted is the list in the order of the files, without repetitions.
func (p Problems) Sorted() Problems {
	out := p.Unique()
	slices.SortStableFunc(out, Problem.compare)
	return out
}

func (p Problem) compare(o Problem) int {
	return cmp.Or(
		cmp.Compare(p.Pos.File, o.Pos.File), cmp.Compare(p.Pos.Line, o.Pos.Line), cmp.Compare(p.Pos.Col, o.Pos.Col),
		cmp.Compare(p.Address, o.Address), cmp.Compare(p.Path, o.Path), cmp.Compare(p.Summary, o.Summary))
}
