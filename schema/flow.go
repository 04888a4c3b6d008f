package schema

import (
	"encoding/json"
	"maps"
)

// FlowBody is a flow's trigger and steps in normal form.
type FlowBody struct {
	Trigger *Step   `json:"trigger,omitempty"`
	Steps   []*Step `json:"steps,omitempty"`
}

// Step is a trigger or one step of a flow. References between steps stand in its
// templated fields as "{{id.field}}" in both desired and live flows; reading a live
// flow turns the API's "{{stepN.field}}" into the ids given to the live steps.
type Step struct {
	// Kind is [TriggerKind] or [StepKind].
	Kind *Kind
	// ID names the step in references and addresses. A live step's id is derived
	// until the step is matched with a desired one.
	ID string
	// Fields holds canonical values by the names of the schema, as in [Object]. A
	// trigger's sample is the declared test record, or the one that a live trigger
	// was last tested with; it is never compared.
	Fields map[string]any
	// Then and Else are the branches of an if_condition.
	Then, Else []*Step

	// UUID, Position and Status are live only. Position counts from 1, the
	// trigger's, in depth-first order (F6).
	UUID     string
	Position int
	Status   string
	// NeedsConnection says of a live step that its app requires a connection.
	NeedsConnection bool
	// Extra holds fields that the schema does not know and a person declares.
	Extra map[string]any
	// Unknown holds what a live step has and the schema does not know.
	Unknown map[string]any
	Pos     Pos
}

// NewTrigger makes a trigger that starts a flow on an app's event.
func NewTrigger(id, app, event string) *Step { return newStep(TriggerKind(), id, app, event) }

// NewStep makes a step that does an app's action.
func NewStep(id, app, action string) *Step { return newStep(StepKind(), id, app, action) }

func newStep(k *Kind, id, app, verb string) *Step {
	s := &Step{Kind: k, ID: id, Fields: map[string]any{}}
	for _, f := range k.Fields.Fields {
		switch {
		case f.Ref == appsKind && app != "":
			s.Fields[f.Name] = NewRef(appsKind, app, nil)
		case f.Verb && verb != "":
			s.Fields[f.Name] = verb
		}
	}
	return s
}

// The catalogs that a step takes its app and its connection from.
const (
	appsKind        = "apps"
	ConnectionsKind = "connections"
)

// Set gives a field a value and returns the step. Nil takes the field away.
func (s *Step) Set(field string, v any) *Step {
	if v == nil {
		delete(s.Fields, field)
	} else {
		s.Fields[field] = v
	}
	return s
}

// IsTrigger says whether the step starts its flow.
func (s *Step) IsTrigger() bool { return s.Kind == TriggerKind() }

// App is the app whose trigger or action the step is, an empty reference if it has
// none.
func (s *Step) App() Ref {
	for _, f := range s.Kind.Fields.Fields {
		if f.Ref == appsKind {
			r, _ := s.Fields[f.Name].(Ref)
			return r
		}
	}
	return Ref{}
}

// RefersTo says whether one of the step's settings names an object of a kind.
func (s *Step) RefersTo(kind string) bool {
	for _, f := range s.Settings() {
		if r, _ := s.Fields[f.Name].(Ref); f.Ref == kind && r.String() != "" {
			return true
		}
	}
	return false
}

// Verb is the key of the app's event or action, "find_contact".
func (s *Step) Verb() string {
	v, _ := s.Fields[s.VerbField()].(string)
	return v
}

// VerbField is the name of the field that holds the verb: "event" or "action".
func (s *Step) VerbField() string {
	for _, f := range s.Kind.Fields.Fields {
		if f.Verb {
			return f.Name
		}
	}
	return ""
}

// Uses tells for people what the step does, "Contacts/find_contact".
func (s *Step) Uses() string { return s.App().Name + "/" + s.Verb() }

// Config holds the settings whose texts may refer to other steps. Nil in a desired
// step: not managed.
func (s *Step) Config() map[string]any {
	m, _ := s.Fields[s.ConfigField()].(map[string]any)
	return m
}

// ConfigField is the name of the field that [Step.Config] reads.
func (s *Step) ConfigField() string {
	for _, f := range s.Kind.Fields.Fields {
		if f.Templated {
			return f.Name
		}
	}
	return ""
}

// SetConfig replaces the settings. Nil takes them away.
func (s *Step) SetConfig(config map[string]any) {
	if config == nil {
		delete(s.Fields, s.ConfigField())
	} else {
		s.Fields[s.ConfigField()] = config
	}
}

// Sample is a trigger's test record, nil if there is none.
func (s *Step) Sample() map[string]any {
	m, _ := s.Fields[SampleField].(map[string]any)
	return m
}

// SampleField holds a trigger's test record.
const SampleField = "sample"

// Settings lists the fields that a step may have besides its app, its verb and its
// templated settings, such as its agent and connection.
func (s *Step) Settings() []*Field {
	var out []*Field
	for _, f := range s.Kind.Fields.Fields {
		if !f.Local && !f.Server && f.Kind == "" && f.Ref != appsKind && !f.Verb && !f.Templated && f.Name != ThenField && f.Name != ElseField {
			out = append(out, f)
		}
	}
	return out
}

// The branches of a condition, in the files.
const (
	ThenField = "then"
	ElseField = "else"
)

// Copy is the step with fields of its own and without branches.
func (s *Step) Copy() *Step {
	out := *s
	out.Fields = maps.Clone(s.Fields)
	out.Then, out.Else = nil, nil
	return &out
}

// Bare is the step without branches and with nothing but its app and verb: one of
// which nothing else is declared.
func (s *Step) Bare() *Step {
	out := &Step{Kind: s.Kind, ID: s.ID, UUID: s.UUID, Fields: map[string]any{}}
	for _, f := range s.Kind.Fields.Fields {
		if v, there := s.Fields[f.Name]; there && (f.Verb || f.Ref == appsKind) {
			out.Fields[f.Name] = v
		}
	}
	return out
}

// IsCondition says whether the step can have branches.
func (s *Step) IsCondition() bool { return s.Verb() == ConditionAction }

// ConditionAction is the Logic app's branching action [doc].
const ConditionAction = "if_condition"

// Walk visits the trigger and all steps depth first: a condition, its then
// branch, its else branch, its next sibling (F6).
func (b *FlowBody) Walk(visit func(step, parent *Step, branch string)) {
	if b == nil {
		return
	}
	if b.Trigger != nil {
		visit(b.Trigger, nil, "")
	}
	var down func(steps []*Step, parent *Step, branch string)
	down = func(steps []*Step, parent *Step, branch string) {
		for _, s := range steps {
			visit(s, parent, branch)
			down(s.Then, s, BranchThen)
			down(s.Else, s, BranchElse)
		}
	}
	down(b.Steps, nil, "")
}

// List is the trigger and all steps in the order of [FlowBody.Walk].
func (b *FlowBody) List() []*Step {
	var out []*Step
	b.Walk(func(s, _ *Step, _ string) { out = append(out, s) })
	return out
}

// Find answers the step with an id, nil if there is none.
func (b *FlowBody) Find(id string) *Step {
	for _, s := range b.List() {
		if s.ID == id {
			return s
		}
	}
	return nil
}

// ByUUID answers the live step with a server's id, nil if there is none.
func (b *FlowBody) ByUUID(uuid string) *Step {
	for _, s := range b.List() {
		if s.UUID == uuid {
			return s
		}
	}
	return nil
}

// Copy is the flow with every step changed by edit. The parents of a step are
// copied before it.
func (b *FlowBody) Copy(edit func(*Step)) *FlowBody {
	if b == nil {
		return nil
	}
	var list func([]*Step) []*Step
	one := func(s *Step) *Step {
		n := s.Copy()
		edit(n)
		n.Then, n.Else = list(s.Then), list(s.Else)
		return n
	}
	list = func(steps []*Step) []*Step {
		if steps == nil {
			return nil
		}
		out := make([]*Step, len(steps))
		for i, s := range steps {
			out[i] = one(s)
		}
		return out
	}
	out := &FlowBody{Steps: list(b.Steps)}
	if b.Trigger != nil {
		out.Trigger = one(b.Trigger)
	}
	return out
}

// Place hangs a step into the tree: as the trigger, at top level, or into the branch
// [BranchThen] or [BranchElse] of a parent.
func (b *FlowBody) Place(s, parent *Step, branch string) {
	switch {
	case s.IsTrigger():
		b.Trigger = s
	case parent == nil:
		b.Steps = append(b.Steps, s)
	case branch == BranchElse:
		parent.Else = append(parent.Else, s)
	default:
		parent.Then = append(parent.Then, s)
	}
}

// stepJSON is a step in a plan's file.
type stepJSON struct {
	ID       string          `json:"id"`
	UUID     string          `json:"uuid,omitempty"`
	Position int             `json:"position,omitempty"`
	Status   string          `json:"status,omitempty"`
	Trigger  bool            `json:"trigger,omitempty"`
	Fields   json.RawMessage `json:"fields"`
	Extra    json.RawMessage `json:"extra,omitempty"`
	Then     []*Step         `json:"then,omitempty"`
	Else     []*Step         `json:"else,omitempty"`
}
