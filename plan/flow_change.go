package plan

import (
	"fmt"
	"strings"

	"github.com/mihusync/mihusync/schema"
)

// FlowChange is everything that happens to one flow: what package apply needs to
// do it, to notice that the flow is no longer what the plan was made for, and to
// bring the earlier flow back. It holds no secrets.
//
// A flow that runs refuses changes of its steps (409), so that a change in place
// is: undeploy, edit, test, deploy. Name and description change without.
type FlowChange struct {
	Addr string `json:"address"`
	// ID is the live flow's id, empty for a new one.
	ID string `json:"id,omitempty"`
	// Phase says which part of a replacement this is, empty for a change that is
	// done in one go. See [FlowChange.Phases].
	Phase FlowPhase `json:"phase,omitempty"`
	// Strategy is InPlace or Beside.
	Strategy FlowStrategy `json:"strategy"`
	// Set holds what changes of the flow itself, by the API's keys: name,
	// description, unknown fields. For a flow that is created: all it gets.
	Set map[string]any `json:"set,omitempty"`
	// Name and Description are what they will be.
	Name        string `json:"name"`
	Description any    `json:"description,omitempty"`
	// WasDeployed is the live state, Deploy the wanted one.
	WasDeployed bool `json:"wasDeployed"`
	Deploy      bool `json:"deploy"`
	// Script is the smallest list of edits that leads from Live to Steps.
	Script []FlowEdit `json:"script,omitempty"`
	// Steps are the steps as they will be, with everything that an add or update
	// sends. Those that are kept have their UUID.
	Steps *schema.FlowBody `json:"steps,omitempty"`
	// Live are the steps as they were read.
	Live *schema.FlowBody `json:"live,omitempty"`
	// StepsUnread says that the steps are neither declared nor read: they stay as
	// they are, tested where a deploy needs it.
	StepsUnread bool `json:"stepsUnread,omitempty"`
	// Tests are the ids of the steps that a deploy needs tested.
	Tests []string `json:"tests,omitempty"`
	// Downtime says that the flow does not run for a while.
	Downtime bool `json:"downtime"`
	// Discard are half-built flows that an interrupted replacement left behind.
	Discard []FlowLeftover `json:"discard,omitempty"`
	// Retire are the flows that go when this one has taken their place.
	Retire []FlowLeftover `json:"retire,omitempty"`
	// Down says that the description tells, while the flow is down, that it has to
	// be brought back; see [MarkDown]. The mark goes last.
	Down bool `json:"down,omitempty"`
	// Marked says that the description carries the mark of a replacement, to be
	// taken off when nothing is left to retire.
	Marked bool `json:"marked,omitempty"`
	// Notes are for people.
	Notes []Note `json:"-"`
	// Summary tells the whole block in order, one action each.
	Summary []string `json:"summary"`
}

// FlowPhase is a part of a replacement.
type FlowPhase string

const (
	// WholeFlow is a change without parts.
	WholeFlow FlowPhase = ""
	// BuildFlow makes, tests and deploys the new flow beside the old one.
	BuildFlow FlowPhase = "build"
	// RetireFlow removes the old one. What refers to it moves before.
	RetireFlow FlowPhase = "retire"
)

// FlowStrategy is how a change of steps reaches a flow that runs.
type FlowStrategy string

const (
	// InPlace edits the flow while it is down.
	InPlace FlowStrategy = "in-place"
	// Beside builds a second flow and swaps the two: no downtime, another id.
	Beside FlowStrategy = "replace"
)

// FlowEditOp is what an edit does.
type FlowEditOp string

const (
	AddStep    FlowEditOp = "add"
	UpdateStep FlowEditOp = "update"
	DeleteStep FlowEditOp = "delete"
)

// FlowEdit is one request that changes the steps of a flow.
type FlowEdit struct {
	Op FlowEditOp `json:"op"`
	// Step is the id of the step, among the wanted ones for an add or update,
	// among the live ones for a delete.
	Step string `json:"step"`
	// UUID is the live step that is updated or deleted.
	UUID string `json:"uuid,omitempty"`
	// Parent is the id of the condition and Branch the branch to add to.
	Parent string `json:"parent,omitempty"`
	Branch string `json:"branch,omitempty"`
	// After is the id of the wanted step to add behind, AfterUUID that of a live
	// one that is not going to stay.
	After     string `json:"after,omitempty"`
	AfterUUID string `json:"afterUuid,omitempty"`
	// Head says that the step goes in front of a branch that has steps, which the
	// API may not be able to do (F8).
	Head bool `json:"head,omitempty"`
	// Moved marks the delete and the add of a step that changes its place.
	Moved bool `json:"moved,omitempty"`
	// Fields are the differences that an update makes.
	Fields []FieldChange `json:"fields,omitempty"`
}

// FlowLeftover is a flow beside the one that an address names: what an interrupted
// replacement left, or the predecessor of a new one.
type FlowLeftover struct {
	ID       string `json:"id"`
	Deployed bool   `json:"deployed"`
}

// Refs visits every reference in the wanted steps.
func (c *FlowChange) Refs(visit func(schema.Ref)) {
	if c.Phase == RetireFlow {
		return
	}
	for _, s := range c.Steps.List() {
		schema.EachRef(s.Fields, visit)
	}
}

// Phases are the parts of a change that the graph runs one after the other. A
// replacement has two; what refers to the flow moves to the new one in between.
func (c *FlowChange) Phases() []*FlowChange {
	if len(c.Retire) == 0 {
		return []*FlowChange{c}
	}
	build, retire := *c, *c
	build.Phase, retire.Phase = BuildFlow, RetireFlow
	return []*FlowChange{&build, &retire}
}

// Yields says whether running the change, or its phase, gives the flow's address
// another id.
func (c *FlowChange) Yields() bool {
	return c.Phase != RetireFlow && (c.ID == "" || c.Strategy == Beside)
}

// asWritten copies steps as a plan's file holds them: references that no file
// declares become pins, so that they survive it.
func asWritten(b *schema.FlowBody) *schema.FlowBody {
	return b.Copy(func(s *schema.Step) {
		s.Fields = pinned(s.Fields)
		s.Extra, s.Unknown = merged(s.Extra, s.Unknown), nil
	})
}

// pinned copies a step's fields with references by id where nothing else names what
// they mean.
func pinned(fields map[string]any) map[string]any {
	out := make(map[string]any, len(fields))
	for k, v := range fields {
		if r, ok := v.(schema.Ref); ok && r.Addr == "" && r.ID != "" {
			r.Name = schema.PinPrefix + r.ID
			v = r
		}
		out[k] = v
	}
	return out
}

// merged is all that a step has and the schema does not know.
func merged(declared, unknown map[string]any) map[string]any {
	if len(declared)+len(unknown) == 0 {
		return nil
	}
	return overlay(declared, unknown)
}

// summarise tells a change in order.
func (c *FlowChange) summarise() {
	var out []string
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	for range c.Discard {
		say("remove the half-built replacement that an interrupted run left")
	}
	switch {
	case c.ID == "":
		say("create")
	case c.Strategy == Beside:
		say("build a new flow beside the running one")
	default:
		for _, k := range schema.SortedKeys(c.Set) {
			say("set %s", k)
		}
	}
	if c.Undeploys() {
		say("undeploy")
	}
	for _, e := range c.Script {
		out = append(out, e.String())
	}
	switch n := len(c.Tests); n {
	case 0:
	case 1:
		say("test step %s", c.Tests[0])
	default:
		say("test %d steps", n)
	}
	if c.Deploys() {
		say("deploy")
	}
	if len(c.Retire) > 0 {
		say("move references to the new flow")
		say("remove the old flow")
	}
	c.Summary = out
}

// Undeploys says whether the change takes the flow down, for good or for a while.
func (c *FlowChange) Undeploys() bool {
	return c.WasDeployed && c.Strategy == InPlace && (!c.Deploy || len(c.Script) > 0)
}

// Deploys says whether the change ends with a deploy request.
func (c *FlowChange) Deploys() bool {
	return c.Deploy && (!c.WasDeployed || c.Strategy == Beside || c.Undeploys())
}

// String tells an edit, "add step find after lead".
func (e FlowEdit) String() string {
	var b strings.Builder
	verb := string(e.Op)
	if e.Moved {
		verb = "move: " + verb
	}
	fmt.Fprintf(&b, "%s step %s", verb, e.Step)
	switch {
	case e.Op == UpdateStep && len(e.Fields) > 0:
		paths := make([]string, len(e.Fields))
		for i, f := range e.Fields {
			paths[i] = f.Path
		}
		fmt.Fprintf(&b, " (%s)", strings.Join(paths, ", "))
	case e.Op != AddStep:
	case e.After != "":
		fmt.Fprintf(&b, " after %s", e.After)
	case e.Parent != "":
		branch := "then"
		if e.Branch == "false" {
			branch = "else"
		}
		fmt.Fprintf(&b, " in %s of %s", branch, e.Parent)
	}
	return b.String()
}
