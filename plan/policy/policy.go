// Package policy checks a plan against the rules of a team.
//
// It takes the JSON document of a plan and a directory of CUE files, which form
// one package. It unifies the package with the document as the field "plan", and
// returns the violations. A policy speaks in two ways. It may constrain plan; a
// document that breaks the constraint is a violation. And it may have the list
// "deny", written as a comprehension; each member is a violation. A member of
// the list "warn" is a violation that refuses nothing. A policy that cannot be
// evaluated never passes: it is an error of the policy, not of the plan.
package policy

import (
	"cmp"
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/mihusync/mihusync/schema"
)

// Violation is one thing in a plan that a policy does not allow.
type Violation struct {
	// Rule is the rule's name: its key under deny or warn, or the name of the
	// file. It is empty for a constraint.
	Rule string `json:"rule,omitempty"`
	// Message says what is wrong.
	Message string `json:"message"`
	// Address is the object concerned and Path its field. They are empty if
	// neither the rule nor the constraint names them.
	Address string `json:"address,omitempty"`
	Path    string `json:"path,omitempty"`
	// Policy is the place of the rule. Declared is the place of the field, or of the
	// object, and Also are the other places that say something about the field.
	Policy   schema.Pos   `json:"policy,omitzero"`
	Declared schema.Pos   `json:"position,omitzero"`
	Also     []schema.Pos `json:"also,omitempty"`
	// Warning says that the violation refuses nothing.
	Warning bool `json:"warning,omitempty"`
}

// Where names the broken rule and its place, for people.
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

// Problem returns the violation as a problem. Its position is where the field or
// the object is declared, and its detail has the rule with its place. If no file
// declares the object, the position is the rule's place.
func (v Violation) Problem() schema.Problem {
	p := schema.Problem{Severity: schema.SeverityError, Address: v.Address, Path: v.Path, Pos: v.Declared, Also: v.Also, Summary: v.Message, Rule: v.Rule, Policy: v.Policy}
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

// Problems returns the violations as problems, those that refuse before the
// warnings.
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

// Error says that policies do not allow a plan. At least one violation is not a
// warning.
type Error struct {
	Violations []Violation
	// Besides is why other guards refuse parts of the plan, or nil.
	Besides error
}

// Unwrap returns Besides.
func (e *Error) Unwrap() error { return e.Besides }

// Explain returns the violations, and after them what other guards refuse.
func (e *Error) Explain() schema.Problems {
	return append(Problems(e.Violations), schema.Explain(e.Besides)...)
}

// Error has the first violation that refuses the plan.
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

// BrokenError says that policy files cannot be evaluated. Nothing was checked.
type BrokenError struct {
	Dir      string
	Problems schema.Problems
}

// Explain returns the problems of the files.
func (e *BrokenError) Explain() schema.Problems { return e.Problems }

// Error has the first problem and the number of the others.
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

// Check checks a plan against the policies in the directory dir. doc is the JSON
// document that render.NewDocument makes. The violations come in the order of
// the plan's changes, then of the rules; warnings stand among them. The error is
// a [*BrokenError] if the files are missing or wrong. Positions in policies are
// relative to the current directory.
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
	return slices.CompactFunc(out, func(a, b Violation) bool {
		a.Also, b.Also = nil, nil
		return reflect.DeepEqual(a, b)
	}), nil
}

// Place gives each violation that names a field the places of that field. places returns
// them for an address and a path; it returns none if the files do not declare them.
func Place(list []Violation, places func(addr, path string) []schema.Pos) {
	for i := range list {
		if v := &list[i]; v.Address != "" && v.Path != "" {
			if at := places(v.Address, v.Path); len(at) > 0 {
				v.Declared, v.Also = at[0], at[1:]
			}
		}
	}
}

// rank puts violations of the whole plan first and those of no change last.
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
