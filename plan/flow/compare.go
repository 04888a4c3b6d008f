package flow

import (
	"fmt"

	"github.com/mihusync/mihusync/internal/text"
	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// Compare plans the change of one flow. live is nil for a flow that does not
// exist.
//
// The change is nil if nothing differs. The field changes are those of the flow
// itself; the change has those of its steps. What the declaration leaves out is
// not managed: description, deployed, trigger, steps, and of a step its config,
// agent and connection. If the declaration is complete, it has none of them, see
// [comparison.complete]. The error is [schema.Problems].
func Compare(live, want *schema.Object, env Env) (*Change, []field.Change, error) {
	f := comparison{live: live, want: want, env: &env}
	if f.live == nil {
		f.live = &schema.Object{Kind: want.Kind, Handle: want.Handle, Fields: map[string]any{}}
	}
	f.body = f.live.Flow
	if f.body == nil {
		f.body, f.unread = &schema.FlowBody{}, f.live.ID != "" && f.want.Flow == nil
	}
	f.flow()
	f.states()
	f.steps()
	f.mark()
	if len(f.problems) > 0 {
		return nil, nil, f.problems
	}
	if !f.changed {
		return nil, nil, nil
	}
	f.change.summarise()
	return f.change, f.fields, nil
}

type comparison struct {
	live, want *schema.Object
	env        *Env
	body       *schema.FlowBody // the live steps
	unread     bool             // the steps were not read
	change     *Change
	fields     []field.Change
	problems   schema.Problems
	changed    bool
	managed    bool // the declaration says whether the flow runs
	down       bool // an interrupted change took the flow down
	marked     bool // the live description says so
}

func (f *comparison) field(path string, before, after any) {
	f.fields = append(f.fields, field.Change{Path: path, Before: before, After: after})
	f.changed = true
}

// flow compares name, description and unknown fields.
func (f *comparison) flow() {
	description, down := UnmarkDown(f.live.Fields[DescriptionField])
	clean, replaces := UnmarkReplacement(description)
	f.marked = down
	f.down = down || f.env.Down && f.live.Fields[schema.DeployedField] != true
	c := &Change{
		Addr: f.want.Addr(), ID: f.live.ID, Strategy: InPlace, Set: map[string]any{},
		Description: clean, Marked: replaces != "",
	}
	f.change = c
	c.Name, _ = f.live.Fields["name"].(string)
	if c.ID == "" {
		f.changed = true
	}
	if name, _ := f.named()["name"].(string); c.ID == "" || name != "" && text.Trim(name) != text.Trim(c.Name) {
		if name == "" {
			name = f.want.Handle
		}
		f.field("name", f.live.Fields["name"], name)
		c.Name, c.Set["name"] = name, name
	}
	if d, there := f.want.Fields[DescriptionField]; there && !field.Same(f.want.Kind.Fields.Lookup(DescriptionField), d, clean, nil) {
		f.field(DescriptionField, clean, d)
		c.Description, c.Set[DescriptionField] = d, d
	}
	for _, l := range f.env.Leftover {
		if l.Deployed && c.Marked {
			c.Retire = append(c.Retire, l)
		} else {
			c.Discard = append(c.Discard, l)
		}
		f.changed = true
	}
	switch {
	case c.Marked && len(c.Retire) > 0:
		delete(c.Set, DescriptionField) // set last, so that the mark stays until then
	case c.Marked:
		c.Set[DescriptionField] = c.Description
		f.changed = true
	}
	for _, k := range tree.Keys(f.want.Extra) {
		if !tree.Equal(f.want.Extra[k], f.live.Unknown[k]) {
			f.field("extra."+k, f.live.Unknown[k], f.want.Extra[k])
			c.Set[k] = f.want.Extra[k]
		}
	}
}

// named returns the fields that the flow must have. A flow that was found under
// a former name also gets its name.
func (f *comparison) named() map[string]any {
	if f.want.Key() == f.live.Key() {
		return f.want.Fields
	}
	return f.want.Named()
}

// states decides whether the flow runs afterwards.
func (f *comparison) states() {
	c := f.change
	c.WasDeployed, _ = f.live.Fields[schema.DeployedField].(bool)
	declared, managed := f.want.Fields[schema.DeployedField].(bool)
	c.Deploy = declared
	if !managed {
		c.Deploy = c.WasDeployed || f.down
	}
	f.managed = managed
	if f.down {
		f.changed = true
	}
	if c.Deploy != c.WasDeployed {
		var before any
		if c.ID != "" {
			before = c.WasDeployed
		}
		f.field(schema.DeployedField, before, c.Deploy)
	}
}

// steps compares the steps and plans their edits and tests.
func (f *comparison) steps() {
	c := f.change
	if f.unread {
		c.StepsUnread = true
		return
	}
	want := f.wanted()
	if !f.changed && f.sameFlow(f.body, want) {
		return
	}
	script := Edits(f.body, want, *f.env, true)
	c.Script, c.Steps, c.Live = script.Edits, script.Steps, asWritten(f.body)
	if f.body.Trigger != nil && want.Trigger == nil && !f.env.CompareOnly {
		f.changed = true
		f.beside() // the API deletes a trigger only with its flow [index]
		c.Notes = append(c.Notes, field.Note{Code: "trigger", Text: "no file declares its trigger " + f.body.Trigger.Uses() + ", which goes only with the flow and its steps: a new flow without them takes its place"})
	}
	if len(c.Script) > 0 {
		f.changed = true
		if c.WasDeployed && c.Deploy && f.strategy() == Beside {
			f.beside()
		}
	}
	c.Downtime = c.Undeploys() && c.Deploy
	if c.Deploys() {
		c.Tests = f.tests()
		f.deployable()
	}
	f.writable()
}

// mark decides whether the description has a mark while the flow is down. A flow
// that declares deployed needs none: the next plan deploys it anyway.
func (f *comparison) mark() {
	c := f.change
	c.Down = f.marked || !f.managed && c.Undeploys() && c.Deploy
	if c.Down {
		_, c.Redescribed = c.Set[DescriptionField]
		c.Redescribed = c.Redescribed || f.marked
		delete(c.Set, DescriptionField) // set last
	}
}

func (f *comparison) strategy() Strategy {
	if f.env.Strategy != "" {
		return f.env.Strategy
	}
	s, _ := f.want.Fields["strategy"].(string)
	return Strategy(s)
}

// beside turns the change into a new flow with the same steps.
func (f *comparison) beside() {
	c := f.change
	c.Strategy = Beside
	c.Steps.Walk(func(s, _ *schema.Step, _ string) { s.UUID, s.Status = "", "" })
	c.Script = Edits(&schema.FlowBody{}, c.Steps, *f.env, true).Edits
	c.Retire = append(c.Retire, Leftover{ID: c.ID, Deployed: true})
}

// Wanted returns the declared flow of an object. What it does not manage comes
// from the live one.
func Wanted(live, want *schema.Object) *schema.FlowBody {
	return (&comparison{live: live, want: want, env: &Env{}, body: live.Flow}).wanted()
}

// wanted returns the declared flow. What it does not manage comes from the live
// one.
func (f *comparison) wanted() *schema.FlowBody {
	live := f.body
	if f.want.Complete != "" {
		return f.complete()
	}
	if f.want.Flow == nil {
		return unmanagedSteps(live, nil)
	}
	want := *f.want.Flow
	if want.Trigger != nil && want.Steps != nil {
		return &want
	}
	rest := unmanagedSteps(live, &want)
	if want.Trigger == nil {
		want.Trigger = rest.Trigger
	}
	if want.Steps == nil {
		want.Steps = rest.Steps
	}
	return &want
}

// unmanagedSteps copies live steps as steps without declarations. A copy whose
// id is declared elsewhere gets another id.
func unmanagedSteps(live, declared *schema.FlowBody) *schema.FlowBody {
	taken := map[string]bool{}
	declared.Walk(func(s, _ *schema.Step, _ string) { taken[s.ID] = true })
	return live.Copy(func(s *schema.Step) {
		n := s.Bare()
		for i := 2; taken[n.ID]; i++ {
			n.ID = fmt.Sprintf("%s_%d", s.ID, i)
		}
		taken[n.ID] = true
		*s = *n
	})
}

// tests lists the steps to test before a deploy: the new and changed ones, and
// those that were untested.
func (f *comparison) tests() []string {
	changed := map[string]bool{}
	for _, e := range f.change.Script {
		if e.Op != DeleteStep {
			changed[e.Step] = true
		}
	}
	var out []string
	for _, s := range f.change.Steps.List() {
		if changed[s.ID] || s.Status != schema.StepActive {
			out = append(out, s.ID)
		}
	}
	return out
}

// fail reports a problem at a field of a step, or of the flow if s is nil.
func (f *comparison) fail(s *schema.Step, name, summary, suggestion string) {
	if f.env.CompareOnly {
		return
	}
	p := schema.Problem{Address: f.want.Addr(), Pos: f.want.Pos, Summary: summary, Suggestion: suggestion}
	var declared *schema.Step
	if s != nil {
		p.Address += "/steps/" + s.ID
		if declared = f.want.Flow.Find(s.ID); declared != nil {
			p.Pos = declared.Pos
		}
	}
	if f.env.Places != nil && (s == nil || declared != nil) {
		p = p.At(f.env.Places(f.want, declared, name))
	}
	f.problems.Add(p)
}

// fieldOf returns the name of the field of a step that refers to objects of a kind.
func fieldOf(s *schema.Step, kind string) string {
	for _, f := range s.Kind.Fields.Fields {
		if f.Ref == kind {
			return f.Name
		}
	}
	return ""
}

// deployable finds, before the flow goes down, what a deploy would refuse.
func (f *comparison) deployable() {
	steps := f.change.Steps.List()
	if len(steps) == 0 || len(f.body.Steps) > 0 && f.body.Trigger == nil {
		f.fail(nil, schema.DeployedField, "a flow without a trigger cannot be deployed", "Declare a trigger, or deployed: false.")
		return
	}
	for _, s := range steps {
		if s.Verb() == "" || s.App().Name == "" {
			f.fail(s, "", "a step without app and action cannot be deployed", "Declare the step, or deployed: false.")
		}
		if entry := f.app(s); entry != nil && entry[schema.AppNeedsConnection] == true && !s.RefersTo(schema.ConnectionsKind) {
			f.fail(s, fieldOf(s, schema.AppsKind), fmt.Sprintf("the app %q needs a connection", s.App().Name), "Name one of the app's connections by its label: connection: \"…\".")
		}
		for _, r := range schema.FlowRefs(s.Config()) {
			if r.Verbatim {
				f.fail(s, s.ConfigField()+"."+r.Path, fmt.Sprintf("%s.%s holds %s, a reference to nothing: a flow with one cannot be deployed", s.ConfigField(), r.Path, r.Text), "Refer to a step, or declare deployed: false.")
			}
		}
	}
}

// writable finds what adding or updating a step would be refused for [doc].
func (f *comparison) writable() {
	c := f.change
	written := map[string]bool{}
	for _, e := range c.Script {
		if e.Op != DeleteStep {
			written[e.Step] = true
		}
	}
	for i, s := range c.Steps.List() {
		entry := f.app(s)
		if !written[s.ID] || entry == nil {
			continue
		}
		name := s.App().Name
		if entry[schema.AppNeedsConnection] == false && s.RefersTo(schema.ConnectionsKind) {
			f.fail(s, fieldOf(s, schema.ConnectionsKind), fmt.Sprintf("the app %q is built in and takes no connection", name), "Leave out connection.")
		}
		if i == 0 && entry[schema.AppHasTriggers] == false {
			f.fail(s, fieldOf(s, schema.AppsKind), fmt.Sprintf("the app %q has no triggers", name), "")
		}
		if i > 0 && entry[schema.AppHasActions] == false {
			f.fail(s, fieldOf(s, schema.AppsKind), fmt.Sprintf("the app %q has no actions", name), "")
		}
		if i > 0 && name == agentsApp && !s.RefersTo(agentsKind) {
			f.fail(s, fieldOf(s, schema.AppsKind), "an action of the app Agents needs an agent", "Name it by its handle: agent: \"…\".")
		}
	}
}

// agentsApp is the app whose actions use an agent, an object of agentsKind [doc].
const (
	agentsApp  = "Agents"
	agentsKind = "agents"
)

func (f *comparison) app(s *schema.Step) map[string]any {
	if f.env.App == nil {
		return nil
	}
	return f.env.App(s.App().Name)
}
