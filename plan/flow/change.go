// Package flow compares two flows and finds the edits that turn one into the
// other.
//
// It takes a live flow and a declared one. It returns a [Change]: the smallest
// script of edits that the API accepts, the steps as they will be, the steps to
// test, and whether the flow is down meanwhile. Steps refer to each other by id.
// The API knows only positions, and edits shift them. Package apply runs the
// script, and compares again with what the service answers. The package itself
// reads and writes nothing.
package flow

import (
	"fmt"
	"strings"

	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// Change is everything that happens to one flow. With it package apply changes
// the flow, notices that the flow is no longer what the plan was made for, and
// restores the earlier flow. It holds no secrets.
//
// A deployed flow refuses changes of its steps (409). So a change in place
// undeploys, edits, tests and deploys. A change of name and description alone
// does not undeploy.
type Change struct {
	Addr string `json:"address"`
	// ID is the live flow's id. It is empty for a new flow.
	ID string `json:"id,omitempty"`
	// Phase is the part of a replacement that this change is. It is empty for a
	// change without parts. See [Change.Phases].
	Phase Phase `json:"phase,omitempty"`
	// Strategy is InPlace or Beside.
	Strategy Strategy `json:"strategy"`
	// Set holds the fields of the flow itself to set, by the API's keys: name,
	// description, unknown fields. For a new flow it holds all of them.
	Set map[string]any `json:"set,omitempty"`
	// Name and Description are the values after the change, for example "Lead
	// intake" and "Calls new leads". Description is nil for a flow without one.
	Name        string `json:"name"`
	Description any    `json:"description,omitempty"`
	// WasDeployed says that the live flow is deployed; Deploy, that it will be.
	WasDeployed bool `json:"wasDeployed"`
	Deploy      bool `json:"deploy"`
	// Script is the smallest list of edits that turns Live into Steps.
	Script []Edit `json:"script,omitempty"`
	// Steps are the steps after the change, with everything that an add or
	// update sends. A kept step has its UUID.
	Steps *schema.FlowBody `json:"steps,omitempty"`
	// Live are the steps as they were read.
	Live *schema.FlowBody `json:"live,omitempty"`
	// StepsUnread says that the steps are neither declared nor read. They stay
	// as they are, and a deploy tests the untested ones.
	StepsUnread bool `json:"stepsUnread,omitempty"`
	// Tests are the ids of the steps to test before a deploy.
	Tests []string `json:"tests,omitempty"`
	// Downtime says that the flow does not run during a part of the change.
	Downtime bool `json:"downtime"`
	// Discard are the half-built flows of an interrupted replacement. They are
	// deleted.
	Discard []Leftover `json:"discard,omitempty"`
	// Retire are the flows that are deleted when this one has replaced them.
	Retire []Leftover `json:"retire,omitempty"`
	// Down says that the description has a mark while the flow is down, see
	// [MarkDown]. The mark is removed last.
	Down bool `json:"down,omitempty"`
	// Redescribed says that the description differs after the change even if the
	// change writes no mark.
	Redescribed bool `json:"redescribed,omitempty"`
	// Marked says that the description has the mark of a replacement. The mark
	// is removed when nothing is left to retire.
	Marked bool `json:"marked,omitempty"`
	// Notes are for people.
	Notes []field.Note `json:"-"`
	// Acts describe the whole block in order.
	Acts []Act `json:"acts"`
}

// Act is one action of a block, for people to read.
type Act struct {
	Text string `json:"text"`
	// Edit is the number of the act's edit in the script, from 1. It is 0 for an
	// act that is no edit.
	Edit int `json:"edit,omitempty"`
}

// Summary returns the texts of all acts.
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
	// Build creates, tests and deploys the new flow beside the old one.
	Build Phase = "build"
	// Retire removes the old flow. The references to it have moved before.
	Retire Phase = "retire"
)

// Strategy says how the steps of a deployed flow are changed.
type Strategy string

const (
	// InPlace edits the flow while it is down.
	InPlace Strategy = "in-place"
	// Beside builds a second flow that replaces the first: no downtime, another
	// id.
	Beside Strategy = "replace"
)

// EditOp is the kind of an edit.
type EditOp string

const (
	AddStep    EditOp = "add"    // creates a step
	UpdateStep EditOp = "update" // changes a step in place
	DeleteStep EditOp = "delete" // deletes a step with its branches
)

// Edit is one request that changes the steps of a flow.
type Edit struct {
	Op EditOp `json:"op"`
	// Step is the step's id: among the wanted steps for an add or update, among
	// the live ones for a delete.
	Step string `json:"step"`
	// UUID is the live step to update or delete.
	UUID string `json:"uuid,omitempty"`
	// Parent is the id of the condition, and Branch its branch to add to: "true"
	// or "false". Both are empty at top level.
	Parent string `json:"parent,omitempty"`
	Branch string `json:"branch,omitempty"`
	// After is the id of the wanted step to add behind. AfterUUID is used
	// instead if that step is a live one that is deleted later.
	After     string `json:"after,omitempty"`
	AfterUUID string `json:"afterUuid,omitempty"`
	// Head says that the step goes in front of a branch that has steps. The API
	// may not be able to do that (F8).
	Head bool `json:"head,omitempty"`
	// Moved marks the delete and the add of a step that moves.
	Moved bool `json:"moved,omitempty"`
	// Fields are the differences that an update makes.
	Fields []field.Change `json:"fields,omitempty"`
}

// Leftover is a flow beside the one that an address names. An interrupted
// replacement left it, or it is the predecessor of a new flow.
type Leftover struct {
	ID       string `json:"id"`
	Deployed bool   `json:"deployed"`
}

// Refs calls visit for every reference in the wanted steps.
func (c *Change) Refs(visit func(schema.Ref)) {
	if c.Phase == Retire {
		return
	}
	for _, s := range c.Steps.List() {
		schema.EachRef(s.Fields, visit)
	}
}

// Phases returns the parts of a change, which run one after the other. A
// replacement has two. Between them the references to the flow move to the new
// one.
func (c *Change) Phases() []*Change {
	if len(c.Retire) == 0 {
		return []*Change{c}
	}
	build, retire := *c, *c
	build.Phase, retire.Phase = Build, Retire
	return []*Change{&build, &retire}
}

// Yields says whether the change, or its phase, gives the flow's address another
// id.
func (c *Change) Yields() bool {
	return c.Phase != Retire && (c.ID == "" || c.Strategy == Beside)
}

// asWritten copies steps for a plan's file. A reference that no file declares
// becomes a pin, so that the file keeps its id.
func asWritten(b *schema.FlowBody) *schema.FlowBody {
	return b.Copy(func(s *schema.Step) {
		s.Fields = pinned(s.Fields)
		s.Extra, s.Unknown = merged(s.Extra, s.Unknown), nil
	})
}

// pinned copies a step's fields. A reference that has an id and no address
// becomes a pin.
func pinned(fields map[string]any) map[string]any {
	out := make(map[string]any, len(fields))
	for k, v := range fields {
		out[k] = schema.MapRefs(v, func(r schema.Ref) schema.Ref {
			if r.Addr == "" && r.ID != "" {
				r.Name = schema.PinPrefix + r.ID
			}
			return r
		})
	}
	return out
}

// merged returns the declared and the live fields of a step that the schema does
// not know.
func merged(declared, unknown map[string]any) map[string]any {
	if len(declared)+len(unknown) == 0 {
		return nil
	}
	return field.Overlay(declared, unknown)
}

// summarise fills Acts, in order.
func (c *Change) summarise() {
	var out []Act
	say := func(format string, args ...any) { out = append(out, Act{Text: fmt.Sprintf(format, args...)}) }
	for range c.Discard {
		say("remove the half-built replacement that an interrupted run left")
	}
	switch {
	case c.ID == "":
		say("create")
	case c.Strategy == Beside && c.WasDeployed:
		say("build a new flow beside the running one")
	case c.Strategy == Beside:
		say("build a new flow beside the old one")
	default:
		for _, k := range tree.Keys(c.Set) {
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

// Undeploys says whether the change takes the flow down, for good or for a
// while.
func (c *Change) Undeploys() bool {
	return c.WasDeployed && c.Strategy == InPlace && (!c.Deploy || len(c.Script) > 0)
}

// Deploys says whether the change ends with a deploy request.
func (c *Change) Deploys() bool {
	return c.Deploy && (!c.WasDeployed || c.Strategy == Beside || c.Undeploys())
}

// String describes an edit, for example "add step find after lead".
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
