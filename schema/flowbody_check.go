package schema

import (
	"fmt"
	"strings"

	"github.com/mihusync/mihusync/schema/tree"
)

// FlowProblem is something wrong with a flow that the CUE definition cannot say. Its
// path leads from the step to the value, "config.fields[0].value", and is empty
// where the step itself is wrong.
type FlowProblem struct {
	Problem
	// Step is where it stands, nil for the flow as a whole.
	Step *Step
}

// CheckFlow finds what is wrong with the ids, branches and references of a
// declared flow, in the order of its steps.
func CheckFlow(b *FlowBody) []FlowProblem {
	if b == nil {
		return nil
	}
	c := flowCheck{ids: map[string]*Step{}, visible: map[string]bool{}, order: map[*Step]int{}}
	if b.Trigger == nil && len(b.Steps) > 0 {
		c.problems = append(c.problems, FlowProblem{Problem: Problem{Summary: "the flow has steps but no trigger"}})
	}
	b.Walk(func(s, _ *Step, _ string) {
		c.order[s] = len(c.order)
		c.id(s)
	})
	if b.Trigger != nil {
		c.refs(b.Trigger)
		c.visible[b.Trigger.ID] = true
	}
	c.steps(b.Steps)
	return c.problems
}

type flowCheck struct {
	ids      map[string]*Step
	visible  map[string]bool
	order    map[*Step]int // depth-first
	problems []FlowProblem
}

func (c *flowCheck) add(s *Step, path, summary, suggestion string) {
	c.problems = append(c.problems, FlowProblem{Problem{Summary: summary, Suggestion: suggestion, Path: path}, s})
}

func (c *flowCheck) id(s *Step) {
	switch {
	case s.ID == "":
		c.add(s, "", "the step has no id", "")
		return
	case reservedStepID(s.ID):
		c.add(s, "id", fmt.Sprintf("the id %q is taken by the API for steps by number", s.ID), "")
	case strings.ContainsAny(s.ID, ".{}[]! \t\n/"):
		c.add(s, "id", fmt.Sprintf("the id %q has characters that references and addresses cannot hold", s.ID), "")
	case c.ids[s.ID] != nil:
		c.add(s, "id", fmt.Sprintf("the id %q names another step of this flow too", s.ID), "")
	}
	if c.ids[s.ID] == nil {
		c.ids[s.ID] = s
	}
}

// steps checks one list of siblings. A step may use what ran before it for
// certain: earlier siblings, the conditions it stands in, and what those may use.
func (c *flowCheck) steps(steps []*Step) {
	var here []string
	for _, s := range steps {
		c.refs(s)
		if !s.IsCondition() && len(s.Then)+len(s.Else) > 0 {
			path := "then"
			if len(s.Then) == 0 {
				path = "else"
			}
			c.add(s, path, fmt.Sprintf("only %s has branches, this action is %s", ConditionAction, s.Verb()), "")
		}
		if !c.visible[s.ID] {
			c.visible[s.ID] = true
			here = append(here, s.ID)
		}
		c.steps(s.Then)
		c.steps(s.Else)
	}
	for _, id := range here {
		delete(c.visible, id)
	}
}

func (c *flowCheck) refs(s *Step) {
	for _, r := range FlowRefs(s.Config()) {
		if r.Verbatim {
			continue
		}
		path := s.ConfigField() + "." + r.Path
		target := c.ids[r.ID]
		switch {
		case r.Number > 0:
			c.add(s, path, r.Text+" names a step by number, which changes when steps are inserted or removed: use the step's id", "")
		case r.ID == "":
			c.add(s, path, r.Text+" is not a reference", "write {{id.field}}, or {{!!…}} for braces that are not a reference")
		case target == nil:
			text := fmt.Sprintf("%s names a step that this flow does not have", r.Text)
			suggestion := ""
			if id := c.nearest(r.ID); id != "" {
				suggestion = "{{" + id + "." + r.Field + "}}"
			}
			c.add(s, path, text, suggestion)
		case r.Unchecked || c.visible[r.ID]:
		case target == s:
			c.add(s, path, r.Text+" refers to the step itself", "")
		case c.order[target] > c.order[s]:
			c.add(s, path, fmt.Sprintf("%s refers forward: %q runs after %q", r.Text, r.ID, s.ID), "")
		default:
			c.add(s, path, fmt.Sprintf("%s refers into another branch: %q may not have run when %q does", r.Text, r.ID, s.ID), "")
		}
	}
}

func (c *flowCheck) nearest(id string) string {
	best, bestDistance := "", 3
	for _, candidate := range tree.Keys(c.ids) {
		if d := editDistance(id, candidate); d < bestDistance {
			best, bestDistance = candidate, d
		}
	}
	return best
}
