package plan

import (
	"fmt"
	"strings"

	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// comparable returns the declared fields that can be compared with the live object.
// It leaves out fields that the service returned in an unknown form, and warns of
// them. A write of such a field would be in every later plan again.
func (d *description) comparable(want, have *schema.Object, fields map[string]any) map[string]any {
	if have == nil || len(have.NotKnown) == 0 {
		return fields
	}
	out := make(map[string]any, len(fields))
	for name, v := range fields {
		if !have.NotKnown[name] {
			out[name] = v
		}
	}
	for _, name := range tree.Keys(want.Fields) {
		if have.NotKnown[name] {
			d.notKnown(want.Addr(), name, "it is not compared and not changed")
		}
	}
	return out
}

// notKnown warns of a field whose live value has an unknown form. so is the
// consequence.
func (d *description) notKnown(addr, name, so string) {
	d.plan.Warnings = append(d.plan.Warnings, notKnownNote(addr, name, so))
}

// codeNotKnown is the code of notes on what the service answered in an unknown form.
const codeNotKnown = "not known"

func notKnownNote(addr, name, so string) field.Note {
	return field.Note{Code: codeNotKnown, Addrs: []string{addr},
		Text: fmt.Sprintf("%s: the service answered for %s in a form that is not known, so %s", addr, name, so)}
}

// readable reports the declared kinds that the service listed in an unknown form. A
// plan would create what exists already. Workspace defaults are no list: they are
// left alone, see [description.setting].
func (m *matching) readable() {
	for _, k := range schema.TopKinds() {
		why := m.live.NotKnown[k.Name]
		declared := m.desired.Objects[k.Name]
		if why == "" || k.Shape == schema.Singleton || len(declared)+len(m.desired.Removed[k.Name]) == 0 {
			continue
		}
		var first *schema.Object
		if len(declared) > 0 {
			first = declared[0]
		}
		m.problems.Add(schema.Problem{Address: k.Name, Pos: posOf(first), Summary: "cannot be planned, because the live " + plural(k) + " are not known: " + why,
			Detail:     "What is declared here may exist already, and would be created a second time.",
			Suggestion: fmt.Sprintf("Look at the answer with --debug-http and report it, or leave the kind out with --except '%s/*'.", k.Name)})
	}
}

// unlisted says why nobody knows which entry of a catalog a reference means. It returns
// "" if the catalog is known. fields has the reference.
func (m *matching) unlisted(r schema.Ref, fields map[string]any) string {
	if schema.CatalogOf(r.Kind) == nil || strings.HasPrefix(r.Name, schema.PinPrefix) {
		return ""
	}
	if ids, _ := m.live.Entries(r, fields); len(ids) == 0 && m.live.Odd[r.Kind] > 0 {
		return "rows of its list have a form that is not known"
	}
	return m.live.NotKnown[r.Kind]
}

func posOf(o *schema.Object) schema.Pos {
	if o == nil {
		return schema.Pos{}
	}
	return o.Pos
}

func plural(k *schema.Kind) string { return k.Label + "s" }

// unnamed removes from a declared object the references to catalogs that are not known.
// Nobody can look their names up, so they are not compared and not changed. A new object
// needs them, and keeps them. Channels are left to [description.bind].
func (m *matching) unnamed(o *schema.Object) {
	if m.pairs[o] == nil || m.opts.Offline || len(m.live.NotKnown)+len(m.live.Odd) == 0 {
		return
	}
	drop := func(name string) {
		m.doubts = append(m.doubts, notKnownNote(o.Addr(), name, "what refers to it is not compared and not changed"))
	}
	o.Fields, _ = m.withoutUnnamed(o.Fields, drop).(map[string]any)
	inFlow := false
	o.Flow.Walk(func(s, _ *schema.Step, _ string) {
		m.withoutUnnamed(s.Fields, func(name string) {
			if !inFlow {
				drop(name)
			}
			inFlow = true
		})
	})
	if inFlow {
		o.Flow = nil // a step without its connection would be another one
	}
}

// withoutUnnamed returns a copy of a value without the members that refer to a catalog
// that is not known. It calls found with the catalog of each.
func (m *matching) withoutUnnamed(v any, found func(catalog string)) any {
	fields, ok := v.(map[string]any)
	if !ok {
		return v
	}
	out := make(map[string]any, len(fields))
	for _, name := range tree.Keys(fields) {
		if r, isRef := fields[name].(schema.Ref); isRef && m.unlisted(r, fields) != "" {
			found(r.Kind)
			continue
		}
		out[name] = m.withoutUnnamed(fields[name], found)
	}
	return out
}

// doubtful warns of rows and lists of an unknown form, if the files say what the list
// has.
func (d *description) doubtful() {
	d.plan.Warnings = append(d.plan.Warnings, d.doubts...)
	for _, p := range d.live.DoubtfulRows() {
		if d.concerns(p.Address) {
			d.plan.Warnings = append(d.plan.Warnings, field.Note{Code: codeNotKnown, Addrs: []string{p.Address}, Text: p.Address + ": " + p.Summary})
		}
	}
	for _, k := range schema.TopKinds() {
		if d.live.NotKnown[k.Name] != "" && k.Shape == schema.Collection && d.concerns(k.Name) {
			d.plan.Warnings = append(d.plan.Warnings, notKnownNote(k.Name, "the list", "what no file declares is not shown"))
		}
	}
}

// concerns says whether the files say what a collection has. addr is its address.
func (d *description) concerns(addr string) bool {
	if schema.KindOf(addr) != nil {
		return d.desired.Sections[addr] || d.desired.Complete != ""
	}
	for want, have := range d.pairs {
		if kind, within := strings.CutPrefix(addr, have.Addr()+"/"); within && want.Sections[kind] {
			return true
		}
	}
	return false
}
