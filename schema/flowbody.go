package schema

import (
	"fmt"
	"sort"
)

// DeployedField says of a flow whether it runs.
const DeployedField = "deployed"

// Running says whether an object of the API is deployed.
func Running(item map[string]any) bool { return item[StatusKey] == StatusDeployed }

// TriggerField holds the trigger of a flow in the files, and StepsField its steps.
// StepsField is also the key of all steps in the API's object.
const (
	TriggerField = "trigger"
	StepsField   = "steps"
)

// DecodeFlow returns the steps of a flow that the API shows. The error says that
// the answer has no list of steps, or that a step has an unknown form.
func DecodeFlow(item map[string]any) (*FlowBody, error) {
	steps, ok := item[StepsField].([]any)
	if !ok && item[StepsField] != nil {
		return nil, fmt.Errorf("the steps of the flow are no list")
	}
	for _, raw := range steps {
		if !scalar(object(raw)[StepKind().ID]) {
			return nil, fmt.Errorf("a step of the flow has an unknown form")
		}
	}
	return readLiveFlow(steps), nil
}

// ReadFlow takes the steps of a flow that the API shows, and whether it runs. The
// error says that the steps have an unknown form.
func (o *Object) ReadFlow(item map[string]any) error {
	body, err := DecodeFlow(item)
	if err != nil {
		return err
	}
	o.Flow, o.Fields[DeployedField] = body, Running(item)
	return nil
}

// readLiveFlow builds the tree of a live flow from the API's flat list of steps. It
// gives every step an id and turns references by number into references by id.
// The list may be in any order: a step's position counts, or its place in the
// list if it has no position. A child without its parent counts as top level.
func readLiveFlow(steps []any) *FlowBody {
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
	assignStepIDs(&l.body)
	for _, s := range l.steps {
		s.SetConfig(nameRefs(s.Config(), func(n int) (string, bool) {
			target := l.at[n]
			if target == nil {
				return "", false
			}
			return target.ID, l.sure(s, target)
		}))
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

func (l *liveFlow) read(m map[string]any, place int) {
	s := &Step{Kind: StepKind(), Status: text(m[StatusKey]), Position: place}
	if m[stepKindKey] == stepTrigger && !l.hasTrigger() {
		s.Kind = TriggerKind()
	}
	s.UUID = text(m[s.Kind.ID])
	s.NeedsConnection = object(m[stepAppKey])[AppNeedsConnection] == true
	if n, ok := m[stepPositionKey].(int64); ok && n > 0 {
		s.Position = int(n)
	}
	s.Fields = decodeStruct(s.Kind.Fields, m, func(path []string, v any) { s.Unknown = put(s.Unknown, path, v) }, nil, nil)
	l.steps = append(l.steps, s)
	if l.at[s.Position] == nil {
		l.at[s.Position] = s
	}
	if s.UUID != "" {
		l.byUUID[s.UUID] = s
	}
	l.wire[s] = m
}

func (l *liveFlow) hasTrigger() bool {
	for _, s := range l.steps {
		if s.IsTrigger() {
			return true
		}
	}
	return false
}

// place adds a step to the tree.
func (l *liveFlow) place(s *Step) {
	parent := l.byUUID[text(l.wire[s][stepParentKey])]
	if parent == nil || parent.Position >= s.Position || s.IsTrigger() {
		l.body.Place(s, nil, "")
		return
	}
	branch := BranchThen
	if l.wire[s][stepBranchKey] == BranchElse {
		branch = BranchElse
	}
	l.parent[s], l.branch[s] = parent, branch
	l.body.Place(s, parent, branch)
}

// sure says whether target has certainly run when s runs. It has if it stands
// before s in one of the lists around s, or is a condition around s.
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
