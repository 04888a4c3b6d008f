// Package flow compares two flows and finds the edits that lead from one to the other.
//
// In come a live flow and a declared one. Out comes a [Change]: the smallest script of
// edits that the API accepts, the steps as they will be, what has to be tested, and
// whether the flow is down meanwhile. Steps refer to each other by id; the API knows
// only positions, which edits shift. The package plans; package apply runs what it
// plans, and compares again with what the service answers. Nothing is read and nothing
// is written.
package flow

import (
	"fmt"
	"strings"

	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
)

// Change is everything that happens to one flow: what package apply needs to
// do it, to notice that the flow is no longer what the plan was made for, and to
// bring the earlier flow back. It holds no secrets.
//
// A flow that runs refuses changes of its steps (409), so that a change in place
// is: undeploy, edit, test, deploy. Name and description change without.
type Change struct {
	Addr string `json:"address"`
	// ID is the live flow's id, empty for a new one.
	ID string `json:"id,omitempty"`
	// Phase says which part of a replacement this is, empty for a change that is
	// done in one go. See [Change.Phases].
	Phase Phase `json:"phase,omitempty"`
	// Strategy is InPlace or Beside.
	Strategy Strategy `json:"strategy"`
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
	Script []Edit `json:"script,omitempty"`
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
	Discard []Leftover `json:"discard,omitempty"`
	// Retire are the flows that go when this one has taken their place.
	Retire []Leftover `json:"retire,omitempty"`
	// Down says that the description tells, while the flow is down, that it has to
	// be brought back; see [MarkDown]. The mark goes last.
	Down bool `json:"down,omitempty"`
	// Marked says that the description carries the mark of a replacement, to be
	// taken off when nothing is left to retire.
	Marked bool `json:"marked,omitempty"`
	// Notes are for people.
	Notes []field.Note `json:"-"`
	// Acts tell the whole block in order.
	Acts []Act `json:"acts"`
}

// Act is one action of a block, as a person reads it.
type Act struct {
	Text string `json:"text"`
	// Edit is the number of the edit of the script that the act is, counted from 1.
	// 0 means that it is none.
	Edit int `json:"edit,omitempty"`
}

// Summary is the text of all acts.
func (c *Change) Summary() []string {
	out := make([]string, len(c.Acts))
	for i, a := range c.Acts {
		out[i] = a.Text
	}
	return out
}

// Phase is a part of a replacement.
type Phase string

const (
	// Whole is a change without parts.
	Whole Phase = ""
	// Build makes, tests and deploys the new flow beside the old one.
	Build Phase = "build"
	// Retire removes the old one. What refers to it moves before.
	Retire Phase = "retire"
)

// Strategy is how a change of steps reaches a flow that runs.
type Strategy string

const (
	// InPlace edits the flow while it is down.
	InPlace Strategy = "in-place"
	// Beside builds a second flow and swaps the two: no downtime, another id.
	Beside Strategy = "replace"
)

// EditOp is what an edit does.
type EditOp string

const (
	AddStep    EditOp = "add"
	UpdateStep EditOp = "update"
	DeleteStep EditOp = "delete"
)

// Edit is one request that changes the steps of a flow.
type Edit struct {
	Op EditOp `json:"op"`
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
	Fields []field.Change `json:"fields,omitempty"`
}

// Leftover is a flow beside the one that an address names: what an interrupted
// replacement left, or the predecessor of a new one.
type Leftover struct {
	ID       string `json:"id"`
	Deployed bool   `json:"deployed"`
}

// Refs visits every reference in the wanted steps.
func (c *Change) Refs(visit func(schema.Ref)) {
	if c.Phase == Retire {
		return
	}
	for _, s := range c.Steps.List() {
		schema.EachRef(s.Fields, visit)
	}
}

// Phases are the parts of a change that the graph runs one after the other. A
// replacement has two; what refers to the flow moves to the new one in between.
func (c *Change) Phases() []*Change {
	if len(c.Retire) == 0 {
		return []*Change{c}
	}
	build, retire := *c, *c
	build.Phase, retire.Phase = Build, Retire
	return []*Change{&build, &retire}
}

// Yields says whether running the change, or its phase, gives the flow's address
// another id.
func (c *Change) Yields() bool {
	return c.Phase != Retire && (c.ID == "" || c.Strategy == Beside)
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
	return field.Overlay(declared, unknown)
}

// summarise tells a change in order.
func (c *Change) summarise() {
	var out []Act
	say := func(format string, args ...any) { out = append(out, Act{Text: fmt.Sprintf(format, args...)}) }
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
	for i, e := range c.Script {
		out = append(out, Act{Text: e.String(), Edit: i + 1})
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
	c.Acts = out
}

// Undeploys says whether the change takes the flow down, for good or for a while.
func (c *Change) Undeploys() bool {
	return c.WasDeployed && c.Strategy == InPlace && (!c.Deploy || len(c.Script) > 0)
}

// Deploys says whether the change ends with a deploy request.
func (c *Change) Deploys() bool {
	return c.Deploy && (!c.WasDeployed || c.Strategy == Beside || c.Undeploys())
}

// String tells an edit, "add step find after lead".
func (e Edit) String() string {
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
		if e.Branch == schema.BranchElse {
			branch = "else"
		}
		fmt.Fprintf(&b, " in %s of %s", branch, e.Parent)
	}
	return b.String()
}
