package plan

import (
	"fmt"
	"slices"

	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/plan/flow"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// The service accepts some values only if a list of its own has them. A plan looks a
// value up if it sends it, and the live object does not have it already. Where
// nobody knows the list, the value is not checked.

// checkOffered checks the values that an object gets.
func (d *description) checkOffered(want, have *schema.Object) {
	var live map[string]any
	if have != nil {
		live = have.Fields
	}
	d.checkFields(siteOf(want), want.Kind.Fields, field.Overlay(want.Fields, live), live)
}

// checkSteps checks the values that the steps of a flow get. What a live step of the
// flow has is not looked up.
func (d *description) checkSteps(want *schema.Object, change *flow.Change) {
	if d.opts.Offline || d.opts.CompareOnly {
		return
	}
	live := change.Live.List()
	for _, e := range change.Script {
		s := change.Steps.Find(e.Step)
		if e.Op == flow.DeleteStep || s == nil {
			continue
		}
		var like map[string]any
		for _, l := range live {
			if l.Kind == s.Kind && l.Verb() == s.Verb() && l.App().Name == s.App().Name && (like == nil || l.UUID == e.UUID) {
				like = l.Fields
			}
		}
		at := site{want.Addr() + "/" + s.Kind.Name + "/" + s.ID, want, want.Flow.Find(s.ID)}
		d.checkFields(at, s.Kind.Fields, s.Fields, like)
		d.checkConnection(at, s.Fields, like)
		d.checkReady(at, s, change.Live.ByUUID(e.UUID))
	}
}

// checkReady reports an agent that a step gets and that is not ready after the plan.
func (d *description) checkReady(at site, s, live *schema.Step) {
	for _, f := range s.Settings() {
		r, _ := s.Fields[f.Name].(schema.Ref)
		if f.Ref != "agents" || r.String() == "" || live != nil && live.App().Name == s.App().Name && field.Same(f, r, live.Fields[f.Name], nil) {
			continue
		}
		if status := d.statusAfter(r); status != "" && status != schema.AgentReady {
			d.problems.Add(schema.Problem{Address: at.addr, Summary: fmt.Sprintf("the agent %q is %s, and a flow can only use agents that are %s", r, status, schema.AgentReady),
				Suggestion: "Declare status: " + quote(schema.AgentReady) + " for it, or use another agent."}.At(d.places(at, f.Name)))
		}
	}
}

// statusAfter returns the status that the target of a reference has after the plan. It
// is empty if nobody knows.
func (d *description) statusAfter(r schema.Ref) string {
	id := r.ID
	if id == "" {
		id = d.ids[r.Addr]
	}
	for _, want := range d.desired.Objects[r.Kind] {
		have := d.pairs[want]
		if d.desired.Excludes(want) || want.Addr() != r.Addr && (have == nil || have.ID != id) {
			continue
		}
		if status, declared := want.Fields[schema.StatusKey].(string); declared {
			return listedStatus(status)
		}
	}
	for _, have := range d.live.Objects[r.Kind] {
		if have.ID == id {
			status, _ := have.Fields[schema.StatusKey].(string)
			return listedStatus(status)
		}
	}
	return ""
}

// listedStatus returns "" for a status that nobody described.
func listedStatus(status string) string {
	if schema.IsUnlisted(status) {
		return ""
	}
	return status
}

// checkConnection checks the connection of an app that an object gets. An app of the
// service takes none, another one needs one that is active.
func (d *description) checkConnection(at site, fields, live map[string]any) {
	app, connection := refOf(fields, schema.AppsKind), refOf(fields, schema.ConnectionsKind)
	if d.opts.Offline || d.opts.CompareOnly || sameTarget(app, refOf(live, schema.AppsKind)) && sameTarget(connection, refOf(live, schema.ConnectionsKind)) {
		return
	}
	fail := func(kind, summary, suggestion string) {
		d.problems.Add(schema.Problem{Address: at.addr, Summary: summary, Suggestion: suggestion}.At(d.places(at, refField(fields, kind))))
	}
	needs, known := d.app(app.Name)[schema.AppNeedsConnection].(bool)
	switch index := d.live.Catalogs[schema.ConnectionsKind]; {
	case known && needs && connection.String() == "":
		fail(schema.AppsKind, fmt.Sprintf("the app %q needs a connection", app.Name), "Name one of the app's connections by its label: connection: \"…\".")
	case known && !needs && connection.String() != "":
		fail(schema.ConnectionsKind, fmt.Sprintf("the app %q is built in and takes no connection", app.Name), "Leave out connection.")
	case index != nil && schema.Inactive(index.Items[connection.ID]):
		fail(schema.ConnectionsKind, fmt.Sprintf("the connection %q is inactive", connection), "Connect it again in the dashboard, or name another one.")
	}
}

// refOf returns the reference to an object of a kind in fields.
func refOf(fields map[string]any, kind string) schema.Ref {
	r, _ := fields[refField(fields, kind)].(schema.Ref)
	return r
}

// refField returns the name of the field that has the reference to an object of a kind.
func refField(fields map[string]any, kind string) string {
	for _, name := range tree.Keys(fields) {
		if r, ok := fields[name].(schema.Ref); ok && r.Kind == kind {
			return name
		}
	}
	return ""
}

// sameTarget says whether two references mean the same entry of a catalog.
func sameTarget(a, b schema.Ref) bool {
	return a.ID == b.ID && (a.ID != "" || a.Name == b.Name)
}

// site is where a declaration stands, for problems.
type site struct {
	addr string
	in   *schema.Object
	// step is the declared step of the flow that has the fields. It is nil for another
	// object, and for a step that is not declared.
	step *schema.Step
}

func siteOf(want *schema.Object) site { return site{want.Addr(), want, nil} }

// places returns the positions of a field that is declared there.
func (d *description) places(at site, path string) []schema.Pos {
	if at.step != nil {
		return d.desired.StepPlaces(at.in, at.step, path)
	}
	return d.desired.Places(at.in, path)
}

// checkFields checks the values in fields that the live fields do not have, or that
// have another owner there.
func (d *description) checkFields(at site, f *schema.Field, fields, live map[string]any) {
	if d.opts.Offline || d.opts.CompareOnly {
		return
	}
	type value struct{ text, owner string }
	had := map[string]value{}
	f.EachOffered(live, func(path string, m *schema.Field, text string) {
		had[path] = value{text, d.ownerIn(live, m).ID}
	})
	f.EachOffered(fields, func(path string, m *schema.Field, text string) {
		if owner := d.ownerIn(fields, m); had[path] != (value{text, owner.ID}) {
			d.offered(at, path, m, owner, text)
		}
	})
}

// ownerIn returns the reference in an object's fields to the entry whose list a field
// follows, for example the voice for a speed. It has the entry's id, or is empty.
func (d *description) ownerIn(fields map[string]any, m *schema.Field) schema.Ref {
	kind := schema.CatalogOf(m.Known).Of
	for v := range tree.Values(fields) {
		if r, ok := v.(schema.Ref); ok && kind != "" && r.Kind == kind {
			if r.ID == "" {
				r.ID = d.ids[r.Addr]
			}
			return r
		}
	}
	return schema.Ref{}
}

// offered checks that a list of the service has a value.
func (d *description) offered(at site, path string, m *schema.Field, owner schema.Ref, value string) {
	k := schema.CatalogOf(m.Known)
	if k.Of != "" && owner.ID == "" || d.adds(at, path, k, value) {
		return
	}
	offer := schema.Offer{Catalog: k.Name, Owner: owner.ID}
	values, read := d.live.Offers[offer]
	who := "the service"
	if o := schema.CatalogOf(k.Of); o != nil {
		who = "the " + o.Label + " " + quote(owner.String())
	}
	switch {
	case !read:
		d.plan.Needs = append(d.plan.Needs, Need{Offer: offer})
	case values == nil:
		d.plan.Warnings = append(d.plan.Warnings, field.Note{Code: "not known", Addrs: []string{at.addr},
			Text: fmt.Sprintf("%s: it is not known which %ss %s has, so %q is not checked", at.addr, k.Label, who, value)})
	case !slices.Contains(values, value):
		d.problems.Add(schema.Problem{Address: at.addr, Summary: fmt.Sprintf("%s has no %s %q", who, k.Label, value),
			Detail: "It has: " + list(values) + ".", Suggestion: suggest(value, values)}.At(d.places(at, path)))
	}
}

// adds says whether a value stands for an object that the files declare. The list of
// the service has it if the object is in use after the plan. An object that stays out
// of use is a problem.
func (d *description) adds(at site, path string, k *schema.Kind, value string) bool {
	key, custom := schema.CustomField(value)
	if !custom || k.Adds == "" {
		return false
	}
	for _, want := range d.desired.Objects[k.Adds] {
		if want.Handle != key || d.desired.Excludes(want) {
			continue
		}
		var live map[string]any
		if have := d.pairs[want]; have != nil {
			live = have.Fields
		}
		if !schema.InUse(&schema.Object{Fields: field.Overlay(want.Fields, live)}) {
			d.problems.Add(schema.Problem{Address: at.addr, Summary: fmt.Sprintf("%s %q is not in use, so %q cannot be set", want.Kind.Label, key, value),
				Suggestion: "Declare " + want.Addr() + " with is_active: true, or leave it out here."}.At(d.places(at, path)))
		}
		return true
	}
	return false
}
