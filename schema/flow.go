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

// Step is a trigger or one step of a flow. Its templated fields refer to other
// steps as "{{id.field}}", in desired and in live flows. Reading a live flow
// turns the API's "{{stepN.field}}" into the ids of the live steps.
type Step struct {
	// Kind is [TriggerKind] or [StepKind].
	Kind *Kind
	// ID names the step in references and addresses, "find". A live step has a
	// derived id until it is matched with a desired step.
	ID string
	// Fields holds canonical values by the schema's names, as in [Object]. A
	// trigger's sample is the declared test record, or the record of a live
	// trigger's last test. It is never compared.
	Fields map[string]any
	// Then and Else are the branches of an if_condition.
	Then, Else []*Step

	// UUID, Position and Status belong to live steps. Position counts in
	// depth-first order from 1, which is the trigger's (F6).
	UUID     string
	Position int
	Status   string
	// NeedsConnection says of a live step that its app requires a connection.
	NeedsConnection bool
	// Extra holds fields that the schema does not know and a person declares.
	Extra map[string]any
	// Unknown holds live fields that the schema does not know.
	Unknown map[string]any
	Pos     Pos
}

// NewTrigger returns a trigger that starts a flow on an app's event.
func NewTrigger(id, app, event string) *Step { return newStep(TriggerKind(), id, app, event) }

// NewStep returns a step that does an app's action.
func NewStep(id, app, action string) *Step { return newStep(StepKind(), id, app, action) }

func newStep(k *Kind, id, app, verb string) *Step {
	s := &Step{Kind: k, ID: id, Fields: map[string]any{}}
	for _, f := range k.Fields.Fields {
		switch {
		case f.Ref == AppsKind && app != "":
			s.Fields[f.Name] = NewRef(AppsKind, app, nil)
		case f.Verb && verb != "":
			s.Fields[f.Name] = verb
		}
	}
	return s
}

// The catalogs that a step takes its app and its connection from.
const (
	AppsKind        = "apps"
	ConnectionsKind = "connections"
)

// Set sets a field and returns the step. Nil removes the field. v is a canonical
// value, for example "lead" or a [Ref].
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

// App returns the app of the step's trigger or action, or an empty reference.
func (s *Step) App() Ref {
	for _, f := range s.Kind.Fields.Fields {
		if f.Ref == AppsKind {
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

// VerbField returns the name of the field with the verb: "event" or "action".
func (s *Step) VerbField() string {
	for _, f := range s.Kind.Fields.Fields {
		if f.Verb {
			return f.Name
		}
	}
	return ""
}

// Uses returns what the step does, for people: "Contacts/find_contact".
func (s *Step) Uses() string { return s.App().Name + "/" + s.Verb() }

// Config returns the settings whose texts may refer to other steps. Nil in a
// desired step means not managed.
func (s *Step) Config() map[string]any {
	m, _ := s.Fields[s.ConfigField()].(map[string]any)
	return m
}

// ConfigField returns the name of the field that [Step.Config] reads.
func (s *Step) ConfigField() string {
	for _, f := range s.Kind.Fields.Fields {
		if f.Templated {
			return f.Name
		}
	}
	return ""
}

// SetConfig replaces the settings. Nil removes them.
func (s *Step) SetConfig(config map[string]any) {
	if config == nil {
		delete(s.Fields, s.ConfigField())
	} else {
		s.Fields[s.ConfigField()] = config
	}
}

// Sample returns a trigger's test record, or nil.
func (s *Step) Sample() map[string]any {
	m, _ := s.Fields[SampleField].(map[string]any)
	return m
}

// SampleField holds a trigger's test record.
const SampleField = "sample"

// Settings returns the fields of a step besides its app, its verb and its
// config: its agent, its connection.
func (s *Step) Settings() []*Field {
	var out []*Field
	for _, f := range s.Kind.Fields.Fields {
		if !f.Local && !f.Server && f.Kind == "" && f.Ref != AppsKind && !f.Verb && !f.Templated && f.Name != ThenField && f.Name != ElseField {
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

// Copy returns the step without its branches. The copy has a Fields map of its
// own.
func (s *Step) Copy() *Step {
	out := *s
	out.Fields = maps.Clone(s.Fields)
	out.Then, out.Else = nil, nil
	return &out
}

// Bare returns a step with only this one's app and verb, as if nothing else of
// it were declared.
func (s *Step) Bare() *Step {
	out := &Step{Kind: s.Kind, ID: s.ID, UUID: s.UUID, Fields: map[string]any{}}
	for _, f := range s.Kind.Fields.Fields {
		if v, there := s.Fields[f.Name]; there && (f.Verb || f.Ref == AppsKind) {
			out.Fields[f.Name] = v
		}
	}
	return out
}

// IsCondition says whether the step can have branches.
func (s *Step) IsCondition() bool { return s.Verb() == ConditionAction }

// ConditionAction is the Logic app's branching action [doc].
const ConditionAction = "if_condition"

// Walk visits the trigger and all steps, depth first: a condition, its then
// branch, its else branch, its next sibling (F6). branch is "true", "false" or
// "".
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

// List returns the trigger and all steps in the order of [FlowBody.Walk].
func (b *FlowBody) List() []*Step {
	var out []*Step
	b.Walk(func(s, _ *Step, _ string) { out = append(out, s) })
	return out
}

// Find returns the step with an id, or nil.
func (b *FlowBody) Find(id string) *Step {
	for _, s := range b.List() {
		if s.ID == id {
			return s
		}
	}
	return nil
}

// ByUUID returns the live step with a server's id, or nil.
func (b *FlowBody) ByUUID(uuid string) *Step {
	for _, s := range b.List() {
		if s.UUID == uuid {
			return s
		}
	}
	return nil
}

// Copy returns a copy of the flow in which edit has changed every step. A parent
// is copied before its children.
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
	Unknown  json.RawMessage `json:"unknown,omitempty"`
	Then     []*Step         `json:"then,omitempty"`
	Else     []*Step         `json:"else,omitempty"`
}
