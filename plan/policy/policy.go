// Package policy holds a plan against the rules of a team.
//
// In come the JSON document of a plan and a directory of CUE files, one package, that
// are unified with the document as the field "plan". Out come the violations. A
// policy speaks in two ways. A constraint on plan that the document breaks is a
// violation. So is every member of a list "deny", written as a comprehension; "warn"
// is the same without refusing. A policy that cannot be evaluated never passes: it is
// an error of the policy, not of the plan.
package policy

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/mihusync/mihusync/schema"
)

// Violation is one thing in a plan that a policy does not allow.
type Violation struct {
	// Rule names the rule: the key under deny or warn, or the name of the file.
	// Empty for a constraint.
	Rule string `json:"rule,omitempty"`
	// Message says what is wrong.
	Message string `json:"message"`
	// Address is the object concerned, Path its field, where the rule tells or the
	// constraint shows.
	Address string `json:"address,omitempty"`
	Path    string `json:"path,omitempty"`
	// Policy is where the rule stands, Declared where the object does.
	Policy   schema.Pos `json:"policy,omitzero"`
	Declared schema.Pos `json:"position,omitzero"`
	// Warning says that the violation refuses nothing.
	Warning bool `json:"warning,omitempty"`
}

// Where says which rule of a policy was broken and where it stands.
func (v Violation) Where() string {
	var parts []string
	if v.Rule != "" {
		parts = append(parts, "rule "+v.Rule)
	}
	if v.Policy.File != "" {
		parts = append(parts, "at "+v.Policy.String())
	}
	return strings.Join(parts, " ")
}

// Problem tells a violation with both ends: where the object is declared, and in the
// detail the rule with its own place. Where no file declares the object, the rule's
// place stands for it.
func (v Violation) Problem() schema.Problem {
	p := schema.Problem{Severity: schema.SeverityError, Address: v.Address, Path: v.Path, Pos: v.Declared, Summary: v.Message}
	if v.Warning {
		p.Severity = schema.SeverityWarning
	}
	if v.Declared.File == "" {
		p.Pos = v.Policy
	}
	if where := v.Where(); where != "" {
		p.Detail = "policy: " + where
	}
	return p
}

// Problems tells violations as problems: what refuses first, then the warnings.
func Problems(list []Violation) schema.Problems {
	var refusals, warnings schema.Problems
	for _, v := range list {
		if v.Warning {
			warnings.Add(v.Problem())
		} else {
			refusals.Add(v.Problem())
		}
	}
	return append(refusals, warnings...)
}

// Error says that policies do not allow a plan. It has at least one violation
// that is no warning.
type Error struct {
	Violations []Violation
	// Besides is why parts of the plan are refused anyway, nil if none is.
	Besides error
}

func (e *Error) Unwrap() error { return e.Besides }

// Explain tells the violations, and after them what is refused besides.
func (e *Error) Explain() schema.Problems {
	return append(Problems(e.Violations), schema.Explain(e.Besides)...)
}

func (e *Error) Error() string {
	for _, v := range e.Violations {
		if !v.Warning {
			text := v.Message
			if v.Address != "" {
				text = v.Address + ": " + text
			}
			return "refused by a policy: " + text
		}
	}
	return "refused by a policy"
}

// BrokenError says that policy files cannot be evaluated.
type BrokenError struct {
	Dir      string
	Problems schema.Problems
}

// Explain returns the problems of the files.
func (e *BrokenError) Explain() schema.Problems { return e.Problems }

func (e *BrokenError) Error() string {
	p := e.Problems[0]
	text := p.Summary
	if p.Pos.File != "" {
		text = p.Pos.String() + ": " + text
	}
	if n := len(e.Problems) - 1; n > 0 {
		text += fmt.Sprintf(" (and %d more)", n)
	}
	return "the policies in " + e.Dir + " cannot be used: " + text
}

// Check holds a plan against the policies in a directory. doc is the JSON
// document that render.NewDocument makes. Violations come in the order of the
// plan's changes, then of the rules; warnings among them. The error is a
// [*BrokenError] when the files are missing or wrong. Positions in policies
// are relative to the current directory.
func Check(ctx context.Context, dir string, doc []byte) ([]Violation, error) {
	p, err := newPolicies(dir, doc)
	if err != nil {
		return nil, err
	}
	if err := p.load(false); err != nil {
		return nil, err
	}
	out := p.constraints()
	if err := cmp.Or(ctx.Err(), p.broken()); err != nil {
		return nil, err
	}
	if len(out) > 0 {
		if err := p.load(true); err != nil {
			return nil, err
		}
	}
	out = append(out, p.rules()...)
	if err := cmp.Or(ctx.Err(), p.broken()); err != nil {
		return nil, err
	}
	p.locate(out)
	place := map[string]int{}
	for i, c := range p.doc.Changes {
		place[c.Address] = i + 1
	}
	slices.SortStableFunc(out, func(a, b Violation) int {
		return cmp.Or(cmp.Compare(rank(place, a), rank(place, b)), cmp.Compare(a.Address, b.Address),
			cmp.Compare(a.Policy.File, b.Policy.File), cmp.Compare(a.Policy.Line, b.Policy.Line), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Message, b.Message))
	})
	return slices.Compact(out), nil
}

// rank puts what concerns the whole plan first and what concerns no change last.
func rank(place map[string]int, v Violation) int {
	n, there := place[v.Address]
	if !there && v.Address != "" {
		return len(place) + 1
	}
	return n
}

// Denied says whether one of the violations refuses the plan.
func Denied(list []Violation) bool {
	return slices.ContainsFunc(list, func(v Violation) bool { return !v.Warning })
}
