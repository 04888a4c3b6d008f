package flow

import (
	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
)

// complete returns the flow that a complete declaration means. It has no trigger and no
// steps but the declared ones, and a step has no agent, no connection and no config but
// its declared ones.
func (f *comparison) complete() *schema.FlowBody {
	want := f.want.Flow.Copy(func(*schema.Step) {})
	if want == nil {
		want = &schema.FlowBody{}
	}
	if f.later(schema.StepsField) && want.Steps == nil {
		want.Steps = unmanagedSteps(f.body, want).Steps
	}
	if f.later(schema.TriggerField) && want.Trigger == nil {
		want.Trigger = unmanagedSteps(f.body, want).Trigger
	}
	for declared, live := range f.twins(want) {
		f.clear(declared, live)
	}
	return want
}

// later says whether the declaration says nothing about a member of the flow because
// the member came with a later revision of the schema.
func (f *comparison) later(name string) bool {
	return !f.want.Kind.Fields.Lookup(name).KnownTo(f.want.Complete)
}

// twins returns the live step of each declared step that has one.
func (f *comparison) twins(want *schema.FlowBody) map[*schema.Step]*schema.Step {
	out := map[*schema.Step]*schema.Step{}
	declared := want.List()
	if f.sameFlow(f.body, want) {
		for i, live := range f.body.List() {
			out[declared[i]] = live
		}
		return out
	}
	for i, s := range Edits(f.body, want, *f.env, true).Steps.List() {
		if live := f.body.ByUUID(s.UUID); s.UUID != "" && live != nil {
			out[declared[i]] = live
		}
	}
	return out
}

// clear declares that a step does not have what only its live twin has.
func (f *comparison) clear(declared, live *schema.Step) {
	if !f.env.sameApp(live, declared) {
		return // a new app clears it [doc]
	}
	for _, m := range declared.Settings() {
		_, there := declared.Fields[m.Name]
		value, known := m.Unset(f.want.Complete)
		if !there && known && !field.Empty(live.Fields[m.Name]) {
			declared.Fields[m.Name] = value
		}
	}
	config := declared.Kind.Fields.Lookup(declared.ConfigField())
	if declared.Config() == nil && !field.Empty(live.Config()) && config.KnownTo(f.want.Complete) {
		declared.SetConfig(map[string]any{})
	}
}
