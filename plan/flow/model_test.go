package flow

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mihusync/mihusync/schema"
)

// Flows in tests are written in short: letters are steps, a condition's branches
// stand in parentheses: "ac(b|aa)d". Upper case is a step of the same action with
// another config. The trigger is "t", always first and not written.
//
//	a, b  actions of two apps
//	c     a condition

// parseFlow builds a flow of its short form, ids numbered in depth-first order.
func parseFlow(short, idPrefix string, live bool) *schema.FlowBody {
	n := 0
	step := func(letter byte) *schema.Step {
		n++
		id := fmt.Sprintf("%s%d", idPrefix, n)
		var s *schema.Step
		switch letter {
		case 't', 'T':
			s = schema.NewTrigger(id, "Contacts", "created")
		case 'a', 'A':
			s = schema.NewStep(id, "Contacts", "find")
		case 'b', 'B':
			s = schema.NewStep(id, "Slack", "send")
		default:
			s = schema.NewStep(id, "Logic", schema.ConditionAction)
		}
		s.Position = n
		s.SetConfig(map[string]any{})
		if letter < 'a' {
			s.Config()["x"] = "other"
		}
		if live {
			s.UUID, s.Status = fmt.Sprintf("uuid-%d", n), schema.StepActive
		}
		return s
	}
	body := &schema.FlowBody{Trigger: step('t'), Steps: []*schema.Step{}}
	var list func() []*schema.Step
	i := 0
	list = func() []*schema.Step {
		out := []*schema.Step{}
		for i < len(short) && short[i] != '|' && short[i] != ')' {
			s := step(short[i])
			i++
			out = append(out, s)
			if i < len(short) && short[i] == '(' {
				i++
				s.Then = list()
				i++
				s.Else = list()
				i++
			}
		}
		return out
	}
	body.Steps = list()
	return body
}

// model is a flow on a server that keeps to the placement rules (F6 to F8, F11).
type model struct {
	trigger *modelStep
	steps   []*modelStep
	next    int
	head    bool // takes a step in front of a branch that has some
}

type modelStep struct {
	uuid, app, key string
	config         string // references by uuid
	branches       [2][]*modelStep
}

func branchIndex(key string) int {
	if key == "false" {
		return 1
	}
	return 0
}

func newModel(b *schema.FlowBody, head bool) *model {
	m := &model{next: 1000, head: head}
	uuids := map[string]string{}
	b.Walk(func(s, _ *schema.Step, _ string) { uuids[s.ID] = s.UUID })
	var copies func([]*schema.Step) []*modelStep
	one := func(s *schema.Step) *modelStep {
		return &modelStep{uuid: s.UUID, app: s.App().Name, key: s.Verb(), config: modelConfig(s.Config(), uuids), branches: [2][]*modelStep{copies(s.Then), copies(s.Else)}}
	}
	copies = func(steps []*schema.Step) []*modelStep {
		var out []*modelStep
		for _, s := range steps {
			out = append(out, one(s))
		}
		return out
	}
	if b.Trigger != nil {
		m.trigger = one(b.Trigger)
	}
	m.steps = copies(b.Steps)
	return m
}

func modelConfig(config map[string]any, uuids map[string]string) string {
	if len(config) == 0 {
		return ""
	}
	return schema.ValueText(schema.RenameRefs(config, func(id string) string { return uuids[id] }))
}

// find answers the list that holds a step and its index there.
func (m *model) find(uuid string) (*[]*modelStep, int) {
	var in func(list *[]*modelStep) (*[]*modelStep, int)
	in = func(list *[]*modelStep) (*[]*modelStep, int) {
		for i, s := range *list {
			if s.uuid == uuid {
				return list, i
			}
			for b := range s.branches {
				if l, j := in(&s.branches[b]); l != nil {
					return l, j
				}
			}
		}
		return nil, 0
	}
	return in(&m.steps)
}

// run applies a script and answers the uuids by wanted id.
func (m *model) run(script Script) (map[string]string, error) {
	uuids, content := map[string]string{}, map[string]*schema.Step{}
	for _, s := range script.Steps.List() {
		uuids[s.ID] = s.UUID
		content[s.ID] = s
	}
	for _, e := range script.Edits {
		if err := m.edit(e, content[e.Step], uuids); err != nil {
			return nil, fmt.Errorf("%s: %w", e, err)
		}
	}
	// What a step refers to may have been added after it only for references that
	// nobody checks; the server keeps all others right.
	return uuids, nil
}

func (m *model) edit(e Edit, content *schema.Step, uuids map[string]string) error {
	if e.Op == AddStep {
		m.next++
		s := &modelStep{uuid: fmt.Sprintf("uuid-%d", m.next), app: content.App().Name, key: content.Verb(), config: modelConfig(content.Config(), uuids)}
		uuids[e.Step] = s.uuid
		return m.add(s, e, uuids)
	}
	if e.Op == UpdateStep && m.trigger != nil && e.UUID == m.trigger.uuid {
		m.trigger.app, m.trigger.key, m.trigger.config = content.App().Name, content.Verb(), modelConfig(content.Config(), uuids)
		return nil
	}
	list, i := m.find(e.UUID)
	if list == nil {
		return fmt.Errorf("no step %s", e.UUID)
	}
	s := (*list)[i]
	if e.Op == DeleteStep {
		*list = slices.Delete(*list, i, i+1)
		m.dangle(s)
		return nil
	}
	if (s.app != content.App().Name || s.key != content.Verb()) && len(s.branches[0])+len(s.branches[1]) > 0 {
		return fmt.Errorf("a condition with children keeps its action")
	}
	s.app, s.key, s.config = content.App().Name, content.Verb(), modelConfig(content.Config(), uuids)
	return nil
}

func (m *model) dangle(gone *modelStep) {
	lost := map[string]bool{}
	var collect func(*modelStep)
	collect = func(s *modelStep) {
		lost[s.uuid] = true
		for _, b := range s.branches {
			for _, c := range b {
				collect(c)
			}
		}
	}
	collect(gone)
	m.each(func(s *modelStep) {
		for uuid := range lost {
			s.config = strings.ReplaceAll(s.config, "{{"+uuid+".", "{{deleted.")
		}
	})
}

func (m *model) each(visit func(*modelStep)) {
	var down func([]*modelStep)
	down = func(steps []*modelStep) {
		for _, s := range steps {
			visit(s)
			down(s.branches[0])
			down(s.branches[1])
		}
	}
	if m.trigger != nil {
		visit(m.trigger)
	}
	down(m.steps)
}

func (m *model) add(s *modelStep, e Edit, uuids map[string]string) error {
	if m.trigger == nil {
		m.trigger = s
		return nil
	}
	list := &m.steps
	if e.Parent != "" {
		l, i := m.find(uuids[e.Parent])
		if l == nil || (*l)[i].key != schema.ConditionAction {
			return fmt.Errorf("no condition %s", e.Parent)
		}
		list = &(*l)[i].branches[branchIndex(e.Branch)]
	}
	after := e.AfterUUID
	if after == "" {
		after = uuids[e.After]
	}
	switch {
	case e.Head && !m.head:
		return fmt.Errorf("no way to add in front of a branch")
	case e.Head:
		*list = slices.Insert(*list, 0, s)
	case e.Parent == "" && after == m.trigger.uuid:
		*list = slices.Insert(*list, 0, s)
	case e.After == "" && e.AfterUUID == "":
		*list = append(*list, s)
	default:
		i := slices.IndexFunc(*list, func(c *modelStep) bool { return c.uuid == after })
		if i < 0 || after == "" {
			return fmt.Errorf("no step %s to add behind", after)
		}
		*list = slices.Insert(*list, i+1, s)
	}
	return nil
}

// String renders the flow with references by uuid.
func (m *model) String() string {
	var b strings.Builder
	one := func(s *modelStep) { fmt.Fprintf(&b, "%s.%s[%s]", s.app, s.key, s.config) }
	var list func([]*modelStep)
	list = func(steps []*modelStep) {
		for _, s := range steps {
			one(s)
			b.WriteByte('(')
			list(s.branches[0])
			b.WriteByte('|')
			list(s.branches[1])
			b.WriteByte(')')
		}
	}
	if m.trigger != nil {
		one(m.trigger)
	}
	list(m.steps)
	return b.String()
}

// wantedModel is what the server should have in the end.
func wantedModel(b *schema.FlowBody, uuids map[string]string) string {
	c := *b
	var copies func([]*schema.Step) []*schema.Step
	one := func(s *schema.Step) *schema.Step {
		d := *s
		d.UUID = uuids[s.ID]
		d.Then, d.Else = copies(s.Then), copies(s.Else)
		return &d
	}
	copies = func(steps []*schema.Step) []*schema.Step {
		var out []*schema.Step
		for _, s := range steps {
			out = append(out, one(s))
		}
		return out
	}
	if b.Trigger != nil {
		c.Trigger = one(b.Trigger)
	}
	c.Steps = copies(b.Steps)
	return newModel(&c, false).String()
}
