package plan

import (
	"maps"
	"slices"
	"strings"

	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
)

// A declaration can say that it is complete, up to a revision of the schema. What it
// leaves out then has no value, or the default that the schema states, and a nested
// collection that it leaves out has no members. The plan finds what the live object
// has beyond that, and adds it to the declaration as a value to clear.
//
// Some things stay as they are even so: write-only secrets, what the service fills
// with a value that nobody knows (see [schema.Field.Unset]), and what binds an agent
// to its environment, such as its channels.

// whyComplete is the reason for a deletion from a collection that a complete
// declaration leaves out.
const whyComplete = "not declared in a complete file"

// complete adds to each complete declaration what the live object has beyond it.
// Both are copies that belong to the plan.
func (c *matching) complete() {
	c.cleared = map[string]map[string]bool{}
	if !anyComplete(c.desired) {
		return
	}
	unsaid := unsaidIn(c.live)
	c.desired.Walk(func(want *schema.Object) {
		have := c.pairs[want]
		if want.Complete == "" || have == nil || have.System {
			return
		}
		if !c.desired.Excludes(want) {
			c.completeFields(want, have, unsaid)
		}
		for _, k := range want.Kind.Children {
			f := want.Kind.Fields.Lookup(k.Name)
			switch {
			case f == nil, !f.KnownTo(want.Complete), want.Sections[k.Name], slices.Contains(unsaid[have.Addr()], k.Name):
			case c.opts.KeepNested:
				c.keepNested(want, have, k, unsaid)
			case have.NotKnown[k.Name]:
				c.doubts = append(c.doubts, notKnownNote(want.Addr(), k.Name, "nothing is cleared there"))
			default:
				c.completeNested(want, have, k, unsaid)
			}
		}
	})
}

// anyComplete says whether a declaration is complete.
func anyComplete(w *schema.Workspace) bool {
	found := false
	w.Walk(func(o *schema.Object) { found = found || o.Complete != "" })
	return found
}

// unsaidIn returns, by address, what files cannot hold of the live objects.
func unsaidIn(live *schema.Workspace) map[string][]string {
	out := map[string][]string{}
	live.Sayable().Walk(func(o *schema.Object) { out[o.Addr()] = o.Unsaid })
	return out
}

func (c *matching) completeFields(want, have *schema.Object, unsaid map[string][]string) {
	declared := want.Named()
	full, cleared := completed(want, c.clearable(have), unsaid)
	if len(cleared) == 0 {
		return
	}
	fields := maps.Clone(want.Fields)
	if fields == nil {
		fields = map[string]any{}
	}
	for name, v := range full {
		if _, there := want.Fields[name]; (there || !inNamed(declared, name)) && !have.NotKnown[name] {
			fields[name] = v
		}
	}
	want.Fields = fields
	c.cleared[want.Addr()] = cleared
}

// completed returns a complete declaration's fields with what it leaves out, and the
// paths of that. There are none if the declaration says nothing by what it leaves out.
// It leaves alone what files cannot hold. unsaid names that by address: an export of it
// declares nothing, which does not mean that it has no value.
func completed(want, have *schema.Object, unsaid map[string][]string) (map[string]any, map[string]bool) {
	switch {
	case want.Kind.Semantics == schema.OverrideSemantics, want.Kind.Semantics == schema.DefaultSemantics, want.Kind.Lifecycle == schema.Bound:
		return nil, nil
	case want.Kind.Fields.Tag != "" && want.Kind.Fields.Chosen(want.Fields) != want.Kind.Fields.Chosen(have.Fields):
		return nil, nil // another form replaces the object as a whole
	}
	sayable := have.Fields
	for _, path := range unsaid[have.Addr()] {
		sayable = withoutPath(sayable, strings.Split(path, "."))
	}
	cleared := map[string]bool{}
	whole := want.Kind.Lifecycle == schema.Whole || want.Kind.Lifecycle == schema.Drafted
	return field.Complete(want.Kind.Fields, want.Complete, whole, want.Named(), sayable, cleared), cleared
}

// withoutPath returns a copy of fields without the value at a path.
func withoutPath(fields map[string]any, path []string) map[string]any {
	out := maps.Clone(fields)
	if len(path) == 1 {
		delete(out, path[0])
	} else if inner, ok := out[path[0]].(map[string]any); ok {
		out[path[0]] = withoutPath(inner, path[1:])
	}
	return out
}

// clearable returns a live object without the values that stay in any case.
func (c *matching) clearable(have *schema.Object) *schema.Object {
	if c.opts.Keeps == nil {
		return have
	}
	out := *have
	out.Fields = c.without(have.Addr(), "", have.Fields)
	return &out
}

func (c *matching) without(addr, prefix string, fields map[string]any) map[string]any {
	out := make(map[string]any, len(fields))
	for k, v := range fields {
		if c.opts.Keeps(addr, prefix+k, v) {
			continue
		}
		if inner, ok := v.(map[string]any); ok {
			v = c.without(addr, prefix+k+".", inner)
		}
		out[k] = v
	}
	return out
}

// keepNested warns of what a live object has of a nested kind that its complete
// declaration leaves out, and that stays.
func (c *matching) keepNested(want, have *schema.Object, k *schema.Kind, unsaid map[string][]string) {
	declared := map[*schema.Object]bool{}
	for _, child := range want.ChildrenOf(k.Name) {
		declared[c.pairs[child]] = child.Mode != schema.Inherit
	}
	var left []string
	for _, child := range have.ChildrenOf(k.Name) {
		if !child.System && !declared[child] && c.selected(child.Addr()) && c.says(child, want.Complete, unsaid) {
			left = append(left, child.Addr())
		}
	}
	if len(left) > 0 {
		slices.Sort(left)
		c.staying = append(c.staying, field.Note{Code: "stays", Addrs: left,
			Text: list(left) + ": stays as it is; what is promoted has none, and --prune takes it away"})
	}
}

// says whether a nested live object has something that its absence would not say.
func (c *matching) says(live *schema.Object, revision string, unsaid map[string][]string) bool {
	k := live.Kind
	switch {
	case k.Lifecycle == schema.Bound:
		return false
	case k.Semantics == schema.OverrideSemantics:
		return live.Mode == schema.Own
	case k.Lifecycle == schema.Whole:
		_, cleared := completed(&schema.Object{Kind: k, Complete: revision}, c.clearable(live), unsaid)
		return len(cleared) > 0
	}
	return true
}

func inNamed(declared map[string]any, name string) bool {
	_, there := declared[name]
	return there
}

// completeNested declares a nested kind that a complete declaration leaves out. A
// collection has no members, and an override does not exist. Channels belong to the
// environment and stay. With a base, what the workspace added since stays too. An
// intent's action goes with the intent, see remade.go.
func (c *matching) completeNested(want, have *schema.Object, k *schema.Kind, unsaid map[string][]string) {
	if k.Shape == schema.Collection {
		want.Sections[k.Name] = true
		c.assumed[want.Addr()+"/"+k.Name] = true
		return
	}
	live := have.Child(k.Name, "")
	if live == nil || c.addedSince(live) || k.Lifecycle == schema.Bound || !c.selected(live.Addr()) {
		return
	}
	empty := &schema.Object{Kind: k, Parent: want, Fields: map[string]any{}, Sections: map[string]bool{}, Pos: want.Pos, Complete: want.Complete}
	switch {
	case k.Semantics == schema.OverrideSemantics:
		if live.Mode != schema.Own {
			return
		}
		empty.Mode = schema.Inherit
	case k.Lifecycle == schema.Drafted:
		c.remake(want, have, live)
		return
	}
	want.Children = append(want.Children, empty)
	c.pairs[empty] = live
	if k.Semantics != schema.OverrideSemantics {
		c.completeFields(empty, live, unsaid)
	}
}

// addedSince says whether the workspace has a nested object that the base does not
// declare. Of what the base declares and the files do not, only an intent's action goes
// here: [description.droppedOverrides] sees to the others.
func (c *matching) addedSince(live *schema.Object) bool {
	b := c.indexBase()
	return b != nil && (live.Kind.Lifecycle != schema.Drafted || b.byAddr[live.Addr()] == nil)
}

// markCleared says of each changed field that is only there because its declaration
// is complete, that it is.
func (d *description) markCleared() {
	for _, ch := range d.plan.Changes {
		cleared := d.cleared[ch.Addr]
		for i := range ch.Fields {
			ch.Fields[i].Undeclared = ch.Fields[i].Undeclared || cleared[ch.Fields[i].Path]
		}
	}
	d.plan.Warnings = append(d.plan.Warnings, d.staying...)
}
