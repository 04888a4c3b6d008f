package schema

// FlowBody is a flow's trigger and steps in normal form.
type FlowBody struct {
	Trigger *Step
	Steps   []*Step
}

// Step is one step of a flow. References between steps stand in Config as
// "{{id.field}}" in both desired and live flows; reading a live flow turns the
// API's "{{stepN.field}}" into the ids given to the live steps.
type Step struct {
	// ID names the step in references and addresses. A live step's id is derived
	// until the step is matched with a desired one.
	ID string
	// App is the app's name as a person sees it, "Contacts".
	App string
	// Key is the trigger's event or the action, "find_contact".
	Key string
	// Agent is the handle of the agent that an Agents-app action uses, or empty.
	Agent Ref
	// Connection is the label of the app connection, or empty.
	Connection Ref
	// Config holds canonical JSON values. Nil in a desired step: not managed.
	Config map[string]any
	// Sample is a trigger's test record: the declared one, or the one that a live
	// trigger was last tested with. It is never compared.
	Sample map[string]any
	// Then and Else are the branches of an if_condition.
	Then, Else []*Step

	// UUID, Position, Status and LastTest are live only. Position counts from 1,
	// the trigger's, in depth-first order (F6).
	UUID     string
	Position int
	Status   string
	// AppUID is the live app's id.
	AppUID string
	// Extra holds fields that the schema does not know and a person declares.
	Extra map[string]any
	// Unknown holds what a live step has and the schema does not know.
	Unknown map[string]any
	Pos     Pos
}

// IsCondition says whether the step can have branches.
func (s *Step) IsCondition() bool { return s.Key == ConditionAction }

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
			down(s.Then, s, "true")
			down(s.Else, s, "false")
		}
	}
	down(b.Steps, nil, "")
}
