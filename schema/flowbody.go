package schema

import (
	"fmt"
	"sort"
)

// DecodeFlow builds the tree of steps of a flow as the API shows it.
func DecodeFlow(item map[string]any) (*FlowBody, error) {
	steps, ok := item["steps"].([]any)
	if !ok && item["steps"] != nil {
		return nil, fmt.Errorf("the steps of the flow are no list")
	}
	return LiveFlow(steps), nil
}

// LiveFlow builds the tree of a live flow from the API's flat list of steps,
// gives every step an id and turns references by number into references by id.
// The list may be in any order: position decides, or the place in the list where
// there is none. A child whose parent is missing counts as top level.
func LiveFlow(steps []any) *FlowBody {
	l := liveFlow{byUUID: map[string]*Step{}, at: map[int]*Step{}, wire: map[*Step]map[string]any{}, parent: map[*Step]*Step{}, branch: map[*Step]string{}}
	for i, raw := range steps {
		if m, ok := raw.(map[string]any); ok {
			l.read(m, i+1)
		}
	}
	sort.SliceStable(l.steps, func(i, j int) bool { return l.steps[i].Position < l.steps[j].Position })
	for _, s := range l.steps {
		l.place(s)
	}
	assignStepIDs(&l.body, func(s *Step) string { return text(object(l.wire[s]["agent"])["name"]) })
	for _, s := range l.steps {
		s.Config = nameRefs(s.Config, func(n int) (string, bool) {
			target := l.at[n]
			if target == nil {
				return "", false
			}
			return target.ID, l.sure(s, target)
		})
	}
	return &l.body
}

type liveFlow struct {
	body   FlowBody
	steps  []*Step
	byUUID map[string]*Step
	at     map[int]*Step            // by position
	wire   map[*Step]map[string]any // as read
	parent map[*Step]*Step
	branch map[*Step]string
}

// stepKeys are the keys of the API's step object that have a place of their own
// in [Step] [doc]. Everything else is kept in Unknown.
var stepKeys = map[string]bool{
	"uuid": true, "position": true, "kind": true, "status": true, "parent_step_uuid": true, "branch_key": true,
	"app": true, "trigger": true, "action": true, "agent": true, "app_connection": true, "config": true, "last_test": true,
}

func (l *liveFlow) read(m map[string]any, place int) {
	s := &Step{UUID: text(m["uuid"]), Status: text(m["status"]), Position: place}
	if n, ok := m["position"].(int64); ok && n > 0 {
		s.Position = int(n)
	}
	app := object(m["app"])
	s.App, s.AppUID = text(app["name"]), text(app["uid"])
	if isTrigger(m) {
		s.Key = text(object(m["trigger"])["key"])
		// What the trigger was tested with lets the flow be tested again in a
		// workspace whose source has no records.
		s.Sample = object(object(m["last_test"])["data"])
	} else {
		s.Key = text(object(m["action"])["key"])
	}
	if id := text(object(m["agent"])["uuid"]); id != "" {
		s.Agent = Ref{Kind: "agents", ID: id}
	}
	if id := text(object(m["app_connection"])["uuid"]); id != "" {
		s.Connection = Ref{Kind: "connections", ID: id, Name: text(object(m["app_connection"])["label"])}
	}
	s.Config = object(m["config"])
	for k, v := range m {
		if !stepKeys[k] && !ServerOwned(k) && v != nil {
			if s.Unknown == nil {
				s.Unknown = map[string]any{}
			}
			s.Unknown[k] = v
		}
	}
	l.steps = append(l.steps, s)
	if l.at[s.Position] == nil {
		l.at[s.Position] = s
	}
	if s.UUID != "" {
		l.byUUID[s.UUID] = s
	}
	l.wire[s] = m
}

func isTrigger(step map[string]any) bool { return step["kind"] == "trigger" }

// place hangs a step into the tree.
func (l *liveFlow) place(s *Step) {
	parent := l.byUUID[text(l.wire[s]["parent_step_uuid"])]
	switch {
	case isTrigger(l.wire[s]) && l.body.Trigger == nil:
		l.body.Trigger = s
	case parent == nil || parent.Position >= s.Position:
		l.body.Steps = append(l.body.Steps, s)
	case l.wire[s]["branch_key"] == "false":
		l.parent[s], l.branch[s] = parent, "false"
		parent.Else = append(parent.Else, s)
	default:
		l.parent[s], l.branch[s] = parent, "true"
		parent.Then = append(parent.Then, s)
	}
}

// sure says whether target has certainly run when s does: it stands before s in
// one of the lists of steps that s stands in, or is a condition around s.
func (l *liveFlow) sure(s, target *Step) bool {
	if target == l.body.Trigger {
		return s != target
	}
	if target.Position >= s.Position || s == l.body.Trigger {
		return false
	}
	for at := s; ; at = l.parent[at] {
		if at == target && at != s || l.parent[at] == l.parent[target] && l.branch[at] == l.branch[target] {
			return true
		}
		if l.parent[at] == nil {
			return false
		}
	}
}

func object(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}
