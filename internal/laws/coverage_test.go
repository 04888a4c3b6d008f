package laws

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/mihusync/mihusync/schema"
)

// unseen lists what draws leave out on purpose, each with the reason.
var unseen = map[string]string{
	"agents/channels.call is never null":       neverCleared["channels.call"],
	"agents.status is never changed":           kept["agents.status"],
	"contact_fields.formerly is never drawn":   "its key, by which it is known, never changes",
	"contact_fields.formerly is never changed": "its key, by which it is known, never changes",
	"templates.formerly is never drawn":        kept["templates.name"],
	"templates.formerly is never changed":      kept["templates.name"],
	"templates.name is never changed":          kept["templates.name"],
	"templates.language is never changed":      kept["templates.language"],
}

// Every kind and every field of the schema stands in drawn workspaces, is changed by
// successors, and is null now and then where null is allowed; every word that a field
// takes is drawn.
func TestEveryFieldIsDrawn(t *testing.T) {
	left := map[string]bool{}
	for _, gap := range gaps(t, schema.TopKinds(), 2500) {
		left[gap] = true
		if unseen[gap] == "" {
			t.Error(gap)
		}
	}
	for _, gap := range sortedKeys(unseen) {
		if !left[gap] {
			t.Errorf("the table of what is left out says that %s, which is not so", gap)
		}
	}
}

// gaps names what n lines of workspaces of the given kinds leave out.
func gaps(t *testing.T, kinds []*schema.Kind, n int) []string {
	t.Helper()
	c := catalogOf(t)
	lines := rapid.Custom(func(rt *rapid.T) *tally {
		counts := newTally()
		d := newDrawer(rt, c, 3, true)
		d.kinds = kinds
		w, numbers := d.workspace(), d.numbers
		counts.workspace(kinds, w, nil)
		for generation := range 4 {
			d = newDrawer(rt, c, 3, true)
			d.kinds, d.serial, d.numbers = kinds, 1000*(generation+1), numbers
			next := d.mutate(copyJSON(w).(object))
			counts.workspace(kinds, next, w)
			w, numbers = next, d.numbers
		}
		return counts
	})
	all := newTally()
	for i := range n {
		all.add(lines.Example(i))
	}
	var out []string
	for _, k := range kinds {
		out = append(out, all.missing(k, k.Name)...)
	}
	return out
}

// tally counts how often something was seen of a field, by the field's name with
// all kinds around it, "agents/intents.parameters.key drawn".
type tally map[string]int

func newTally() *tally { return &tally{} }

func (c *tally) see(name, what string) { (*c)[name+" is never "+what]++ }

func (c *tally) add(other *tally) {
	for k, n := range *other {
		(*c)[k] += n
	}
}

func (c *tally) workspace(kinds []*schema.Kind, w, before object) {
	for _, k := range kinds {
		v, there := w[k.Name]
		if !there {
			continue
		}
		c.see(k.Name, "drawn")
		c.objects(k, k.Name, v, before[k.Name])
	}
}

// objects counts the objects of a kind. Those of a collection are compared with
// the ones of the same handle.
func (c *tally) objects(k *schema.Kind, name string, v, before any) {
	if k.Shape != schema.Collection {
		c.value(k, k.Fields, name, v, before)
		return
	}
	members, _ := v.(object)
	old, _ := before.(object)
	for h, m := range members {
		c.value(k, k.Fields, name, m, old[h])
	}
}

func (c *tally) value(k *schema.Kind, f *schema.Field, name string, v, before any) {
	switch v := v.(type) {
	case nil:
		c.see(name, "null")
	case string:
		c.see(name, fmt.Sprintf("%q", v))
	case []any:
		old, _ := before.([]any)
		for i, e := range v {
			var was any
			if i < len(old) {
				was = old[i]
			}
			c.value(k, f.Elem, name, e, was)
		}
	case object:
		old, was := before.(object)
		if f.Type == schema.Map {
			for key, e := range v {
				c.value(k, f.Elem, name, e, old[key])
			}
			return
		}
		for _, m := range f.Fields {
			c.member(k, m, name+"."+m.Name, v, old, was)
		}
	}
}

func (c *tally) member(k *schema.Kind, m *schema.Field, name string, in, old object, was bool) {
	v, there := in[m.Name]
	before, had := old[m.Name]
	if was && (there != had || !sameJSON(v, before)) {
		c.see(name, "changed")
	}
	if !there {
		return
	}
	c.see(name, "drawn")
	if inner, under := nestedKind(k, m, name); inner != nil {
		c.see(under, "drawn")
		if inner.Shape == schema.InFlow && inner.Name == "steps" {
			c.value(inner, m, under, v, before)
			return
		}
		c.objects(inner, under, v, before)
		return
	}
	if v == nil {
		c.see(name, "null")
		return
	}
	if m.IsSecret() || m.Elem == nil && m.Type == schema.Any {
		return
	}
	c.value(k, m, name, v, before)
}

// nestedKind is the kind whose objects stand in a field, and its name in a tally.
func nestedKind(k *schema.Kind, m *schema.Field, name string) (*schema.Kind, string) {
	outer := name[:len(name)-len(m.Name)-1]
	switch {
	case m.Kind == "":
		return nil, ""
	case m.Kind == "trigger":
		return schema.TriggerKind(), outer + "/trigger"
	case m.Kind == "steps":
		return schema.StepKind(), outer + "/steps"
	}
	return k.Child(m.Kind), outer + "/" + m.Kind
}

// missing lists what was not seen of a kind.
func (c *tally) missing(k *schema.Kind, name string) []string {
	return c.absent(k, k.Fields, name, nil)
}

func (c *tally) absent(k *schema.Kind, f *schema.Field, name string, above []*schema.Field) []string {
	if slices.Contains(above, f) {
		return nil // a step holds steps
	}
	above = append(above, f)
	var out []string
	for _, what := range expected(f) {
		if gap := name + " is never " + what; (*c)[gap] == 0 {
			out = append(out, gap)
		}
	}
	if f.IsSecret() {
		return out
	}
	for _, m := range f.Fields {
		here := name + "." + m.Name
		if onlyUnlisted(f, m) {
			continue // laws of their own show types that the schema does not list
		}
		if m.Server || m.Name == "extra" && !(carriesExtra(k) && name == k.Name) {
			continue // the service owns it, or the sandbox knows no such field there
		}
		for _, what := range []string{"drawn", "changed"} {
			if gap := here + " is never " + what; (*c)[gap] == 0 {
				out = append(out, gap)
			}
		}
		if inner, under := nestedKind(k, m, here); inner != nil {
			out = append(out, c.absent(inner, inner.Fields, under, above)...)
			continue
		}
		out = append(out, c.absent(k, m, here, above)...)
	}
	if f.Elem != nil {
		out = append(out, c.absent(k, f.Elem, name, above)...)
	}
	return out
}

// expected is what a field's definition says may stand there.
func expected(f *schema.Field) []string {
	d := f.Domain()
	var out []string
	if d.Null {
		out = append(out, "null")
	}
	for _, w := range d.Words {
		out = append(out, fmt.Sprintf("%q", w))
	}
	return out
}

// A field that the schema gains is drawn, changed and cleared without a change of the
// drawing, whatever its type, at the top of a kind and inside of another field.
func TestNewFieldIsDrawn(t *testing.T) {
	text := &schema.Field{Name: "motto", Wire: "motto", Type: schema.String, Nullable: true}
	number := &schema.Field{Name: "weight", Wire: "weight", Type: schema.Number}
	switched := &schema.Field{Name: "pinned", Wire: "pinned", Type: schema.Bool}
	labels := &schema.Field{Name: "labels", Wire: "labels", Type: schema.List, Set: true, Elem: &schema.Field{Type: schema.String}}
	inner := &schema.Field{Name: "shade", Wire: "shade", Type: schema.Struct, Fields: []*schema.Field{text, number}}
	for _, gap := range gaps(t, withFields("contact_tags", text, number, switched, labels, inner), 150) {
		t.Error(gap)
	}
}

// withFields is a kind that has more fields.
func withFields(name string, more ...*schema.Field) []*schema.Kind {
	wider := *schema.KindOf(name)
	wider.Fields = &schema.Field{Name: wider.Fields.Name, Type: wider.Fields.Type, Fields: slices.Concat(wider.Fields.Fields, more)}
	return []*schema.Kind{&wider}
}

// A field that nobody draws is named, as is one that nobody changes or clears.
func TestGapsAreNamed(t *testing.T) {
	kinds := withFields("contact_tags", &schema.Field{Name: "motto", Type: schema.String, Nullable: true})
	counts := newTally()
	counts.workspace(kinds, object{"contact_tags": object{"a": object{"name": "A"}}}, nil)
	missing := counts.missing(kinds[0], kinds[0].Name)
	for _, want := range []string{"contact_tags.motto is never drawn", "contact_tags.motto is never changed", "contact_tags.motto is never null", "contact_tags.name is never changed"} {
		if !slices.Contains(missing, want) {
			t.Errorf("%q is not among the gaps: %v", want, missing)
		}
	}
	if slices.Contains(missing, "contact_tags.name is never drawn") {
		t.Errorf("a field that is drawn is among the gaps: %v", missing)
	}
}
