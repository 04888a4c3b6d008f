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
	// SeverityWarning means that the work goes on, but something is probably a
	// mistake.
	SeverityWarning Severity = "warning"
)

// Problem is one thing that is wrong: in the files, with a plan, or with a write.
// Its JSON is a diagnostic of the documents that the command line prints.
type Problem struct {
	// Severity is the severity. "" means an error.
	Severity Severity `json:"severity"`
	// Summary says in one line what is wrong. Detail says why.
	Summary string `json:"summary"`
	Detail  string `json:"detail,omitempty"`
	// Suggestion says what to do or to write, if that is known.
	Suggestion string `json:"suggestion,omitempty"`
	// Address is the object concerned, "agents/support/intents/book", or "".
	Address string `json:"address,omitempty"`
	// Path is the field's path in the files, from "workspace" on.
	Path string `json:"path,omitempty"`
	// Pos is the place in the files. It is zero for a problem outside the files.
	Pos Pos `json:"position,omitzero"`
	// Also are the other places where the files say something about the value: a file
	// and an overlay that both set it.
	Also []Pos `json:"also,omitempty"`
	// Rule is the name of a policy's rule, and Policy its place, for a problem that a
	// policy found.
	Rule   string `json:"rule,omitempty"`
	Policy Pos    `json:"policy,omitzero"`
	// Code is for machines and never changes. It comes from the service or from
	// a guard.
	Code string `json:"-"`
	// Call is the failed API call, or zero.
	Call Call `json:"-"`
}

// Call is an API call that failed.
type Call struct {
	Method, URL string
	// Status is the HTTP status, or 0 if no answer came.
	Status int
	// Field is the field that the service refused, by the API's key.
	Field string
}

// At returns the problem at the first of some places, and with the others beside it.
func (p Problem) At(places []Pos) Problem {
	if len(places) > 0 {
		p.Pos, p.Also = places[0], places[1:]
	}
	return p
}

// problemKey is a problem as a key of a map.
type problemKey struct {
	severity                                       Severity
	summary, detail, suggestion, address, path, at string
	rule, code                                     string
	call                                           Call
}

func (p Problem) key() problemKey {
	at := p.Pos.String() + " " + p.Policy.String()
	for _, also := range p.Also {
		at += " " + also.String()
	}
	return problemKey{p.Severity, p.Summary, p.Detail, p.Suggestion, p.Address, p.Path, at, p.Rule, p.Code, p.Call}
}

// Explainer is an error that says what is wrong as problems.
type Explainer interface {
	error
	// Explain returns at least one problem, the most important one first.
	Explain() Problems
}

// Explain returns the problems of err, or of an error that it wraps. It returns
// nil if none of them is an [Explainer].
func Explain(err error) Problems {
	var e Explainer
	if errors.As(err, &e) {
		return e.Explain()
	}
	return nil
}

// String returns the problem in one line, with its details in further lines.
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
	for _, at := range p.Also {
		b.WriteString("\n\talso set at " + at.String())
	}
	if p.Detail != "" {
		b.WriteString("\n\t" + strings.ReplaceAll(p.Detail, "\n", "\n\t"))
	}
	if p.Suggestion != "" {
		b.WriteString("\n\t" + p.Suggestion)
	}
	return b.String()
}

// Problems is a list of what is wrong. As an error it has at least one member
// that is not a warning.
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

// Errors returns the number of members that are not warnings.
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

// Unique returns the list without repetitions. Of equal members the first stays.
func (p Problems) Unique() Problems {
	var kept Problems
	seen := map[problemKey]bool{}
	for _, one := range p {
		if !seen[one.key()] {
			seen[one.key()] = true
			kept = append(kept, one)
		}
	}
	return kept
}

// ByCause groups the problems that say the same of different places. The groups stand
// in the order of their first members. Failed calls stay alone.
func (p Problems) ByCause() []Problems {
	var out []Problems
	groups := map[problemKey]int{}
	for _, one := range p {
		cause := one
		cause.Pos, cause.Also, cause.Address, cause.Path = Pos{}, nil, "", ""
		at, known := groups[cause.key()]
		if !known || one.Call != (Call{}) {
			groups[cause.key()] = len(out)
			out = append(out, Problems{one})
			continue
		}
		out[at] = append(out[at], one)
	}
	return out
}

// Sorted returns the list in the order of the files, without repetitions.
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
