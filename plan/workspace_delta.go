package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/plan/flow"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// Diff compares two workspaces, which can come from files or be live. It matches
// objects by their names, and compares values in the way of the API. Side A is a,
// and side B is b. Diff(b, a) gives the same result with the sides exchanged,
// except that only the former names in b count.
//
// Diff makes the rules of both explicit first. A field that only one side has is a
// difference too, because two configurations differ in what they manage. The error
// is an [*Error] if a name means several objects.
func Diff(a, b *schema.Workspace) (*Differences, error) {
	a, b = normal(a), normal(b)
	if problems := append(twins(a, b), twins(b, a)...); len(problems) > 0 {
		return nil, &Error{Problems: problems}
	}
	c := match(b, a, Options{ByHandle: true})
	if err := c.err(); err != nil {
		return nil, err
	}
	d := &workspaceDelta{pairs: c.pairs}
	for _, k := range schema.TopKinds() {
		if a.NotKnown[k.Name]+b.NotKnown[k.Name] != "" {
			continue
		}
		d.siblings(a.Objects[k.Name], b.Objects[k.Name])
	}
	d.OnlyA, d.OnlyB = outermost(d.OnlyA), outermost(d.OnlyB)
	for _, list := range [][]*Change{d.Changed, d.OnlyA, d.OnlyB} {
		sortChanges(list)
	}
	return &d.Differences, nil
}

// workspaceDelta is the state of one [Diff].
type workspaceDelta struct {
	Differences
	pairs map[*schema.Object]*schema.Object // key: object of b, value: object of a
}

// siblings compares the objects of one kind in one parent.
func (d *workspaceDelta) siblings(a, b []*schema.Object) {
	matched := map[*schema.Object]bool{}
	for _, y := range b {
		x := d.pairs[y]
		matched[x] = true
		d.object(x, y)
	}
	for _, x := range a {
		if !matched[x] {
			d.object(x, nil)
		}
	}
}

// object compares two objects. One of them may be nil.
func (d *workspaceDelta) object(x, y *schema.Object) {
	x, y = existing(x, y), existing(y, x)
	switch {
	case x == nil && y == nil:
		d.Same++
		return
	case x == nil:
		_, fields := field.Delta(y.Kind, y.Named(), nil, nil)
		d.OnlyB = append(d.OnlyB, &Change{Addr: y.Addr(), Kind: y.Kind.Name, Action: Create, Fields: fields, Pos: y.Pos})
		return
	case y == nil:
		d.OnlyA = append(d.OnlyA, &Change{Addr: x.Addr(), Kind: x.Kind.Name, Action: Delete, Fields: removedFields(x)})
		return
	}
	fields := objectDelta(x, y)
	if y.Kind.Semantics == schema.FlowSemantics && !x.NotKnown[schema.StepsField] && !y.NotKnown[schema.StepsField] {
		fields = append(fields, stepsDelta(x.Flow, y.Flow)...)
	}
	d.changed(&Change{Addr: y.Addr(), Kind: y.Kind.Name, Fields: fields, Pos: y.Pos})
	for _, k := range y.Kind.Children {
		if x.NotKnown[k.Name] || y.NotKnown[k.Name] {
			continue
		}
		d.siblings(x.ChildrenOf(k.Name), y.ChildrenOf(k.Name))
	}
}

// existing returns o, or nil if it does not really exist. An override that inherits
// does not exist. An agent without bindings gets an empty object for them if the
// other agent has bindings.
func existing(o, other *schema.Object) *schema.Object {
	switch {
	case o != nil && o.Kind.Semantics == schema.OverrideSemantics && o.Mode == schema.Inherit:
		return nil
	case o == nil && other != nil && other.Kind.Lifecycle == schema.Bound:
		return &schema.Object{Kind: other.Kind, Parent: other.Parent}
	}
	return o
}

// objectDelta returns the fields in which two objects differ, known and unknown
// ones.
func objectDelta(x, y *schema.Object) []field.Change {
	if y.Kind.Lifecycle == schema.Bound {
		return bindingsDelta(x, y)
	}
	_, fields := field.Delta(y.Kind, declared(y, x), x.Named(), nil)
	_, back := field.Delta(y.Kind, declared(x, y), y.Named(), nil)
	if was, is := x.Fields[schema.DeployedField] == true, y.Fields[schema.DeployedField] == true; was != is {
		// This is a state and no field of the API. A flow without a declared state
		// does not run.
		fields = append(fields, field.Change{Path: schema.DeployedField, Before: was, After: is})
	}
	fields = append(fields, field.ExtraChanges(field.ExtraDelta(y.Extra, x.Unknown), x.Unknown)...)
	back = append(back, field.ExtraChanges(field.ExtraDelta(x.Extra, y.Unknown), y.Unknown)...)
	fields = known(bothWays(fields, back), x, y)
	for i := range fields {
		if fields[i].Path == "extra."+originKey {
			fields[i].Path = originKey
		}
	}
	return fields
}

// known removes the differences in fields that one side does not know.
func known(fields []field.Change, x, y *schema.Object) []field.Change {
	return slices.DeleteFunc(fields, func(f field.Change) bool {
		top, _, _ := strings.Cut(f.Path, ".")
		return x.NotKnown[top] || y.NotKnown[top]
	})
}

// bothWays adds to the changes of one direction those that only the other direction
// shows. They concern fields that only the first side has. The result is sorted by
// path.
func bothWays(forth, back []field.Change) []field.Change {
	for _, f := range back {
		if !slices.ContainsFunc(forth, func(known field.Change) bool { return known.Path == f.Path }) {
			forth = append(forth, field.Change{Path: f.Path, Before: f.After, After: f.Before})
		}
	}
	slices.SortStableFunc(forth, func(f, g field.Change) int { return strings.Compare(f.Path, g.Path) })
	return forth
}

// bindingsDelta compares the channels of an agent. It compares each channel as a
// whole.
func bindingsDelta(x, y *schema.Object) []field.Change {
	var out []field.Change
	for _, channel := range tree.Keys(field.Union(x.Fields, y.Fields)) {
		f := y.Kind.Fields.Lookup(channel)
		before, after := x.Fields[channel], y.Fields[channel]
		if !field.Same(f, after, before, nil) || !field.Same(f, before, after, nil) {
			out = append(out, field.Change{Path: channel, Before: before, After: after})
		}
	}
	return known(out, x, y)
}

// stepsDelta returns the differences between the steps of two flows, as fields of
// the flow.
func stepsDelta(x, y *schema.FlowBody) []field.Change {
	env := flow.Env{CompareOnly: true}
	x, y = identified(x), identified(y)
	if flow.Same(x, y, env) && flow.Same(y, x, env) {
		return nil
	}
	forth := flow.Edits(x, anonymous(y), env, true)
	out := stepChanges(&flow.Change{Script: forth.Edits, Steps: forth.Steps, Live: x})
	paired := map[string]string{} // first side's id, by the second side's id
	for _, s := range forth.Steps.List() {
		if s.UUID != "" {
			paired[s.ID] = s.UUID
		}
	}
	var back []field.Change
	for _, e := range flow.Edits(y, anonymous(x), env, true).Edits {
		// Only the way back shows a setting that only the first side has.
		if e.Op != flow.UpdateStep || paired[e.UUID] != e.Step {
			continue
		}
		for _, f := range e.Fields {
			back = append(back, field.Change{Path: "steps." + e.UUID + "." + f.Path, Before: f.Before, After: f.After})
		}
	}
	known := map[string]bool{}
	for _, f := range out {
		known[f.Path] = true
	}
	back = slices.DeleteFunc(back, func(f field.Change) bool { return known[f.Path] })
	return append(out, bothWays(nil, back)...)
}

// identified returns a copy of a flow whose steps have their ids as uuids. An edit
// script then names the steps of the first side. anonymous returns a copy without
// uuids.
func identified(b *schema.FlowBody) *schema.FlowBody {
	out := anonymous(b)
	out.Walk(func(s, _ *schema.Step, _ string) { s.UUID = s.ID })
	return out
}

func anonymous(b *schema.FlowBody) *schema.FlowBody {
	if b == nil {
		return &schema.FlowBody{}
	}
	return copyFlow(b)
}

// twins reports the objects of w that share a name, if an object of other has the
// name too. That object could be either of them. Flows may share a name.
func twins(w, other *schema.Workspace) schema.Problems {
	var out schema.Problems
	for _, k := range schema.TopKinds() {
		if k.Shape != schema.Collection || k.Semantics == schema.FlowSemantics {
			continue
		}
		theirs, first := map[schema.Key]bool{}, map[schema.Key]*schema.Object{}
		for _, o := range other.Objects[k.Name] {
			theirs[o.KnownBy()] = true
		}
		for _, o := range w.Objects[k.Name] {
			switch before := first[o.KnownBy()]; {
			case !theirs[o.KnownBy()]:
			case before == nil:
				first[o.KnownBy()] = o
			case o.Apart(before):
			default:
				out = append(out, schema.Problem{Address: o.Addr(), Pos: o.Pos, Summary: fmt.Sprintf("has the name %q, and so has %s", o.Key().Name(), before.Addr()),
					Detail: "The other side has an object of that name, which could be either.", Suggestion: "Give them different names, or leave one out with --except."})
			}
		}
	}
	return out
}

// originKey is the path under which Diff compares where an override starts.
const originKey = "from"

// normal copies a workspace and makes its rules explicit. An action without a
// status is published. The start of an override becomes a value of its own. The
// copy leaves out ids, objects of the service, and leftovers of interrupted changes
// of flows. References are compared by address, or by id if the files give the id.
func normal(w *schema.Workspace) *schema.Workspace {
	out := copyWorkspace(w, func(o *schema.Object) {
		if o.Pos.File == "" {
			o.Fields = o.Kind.Fields.Counting(o.Fields)
		}
		switch {
		case o.Kind.Lifecycle == schema.Drafted && o.Fields["status"] == nil:
			o.Fields["status"] = schema.StatusDeployed
		case o.Kind.Semantics == schema.OverrideSemantics && (o.Mode == schema.FromDefault || o.Mode == schema.FromFactory):
			extra := map[string]any{originKey: string(o.Mode)}
			for k, v := range o.Extra {
				extra[k] = v
			}
			o.Mode, o.Extra = schema.Own, extra
		}
		// One side may declare an unknown field that the other side has live.
		o.Unknown = field.Overlay(o.Extra, o.Unknown)
		o.Flow.Walk(func(s, _ *schema.Step, _ string) { s.Unknown = field.Overlay(s.Extra, s.Unknown) })
	})
	out.Objects["flows"], _ = flow.SplitReplacements(out.Objects["flows"])
	byID := func(r schema.Ref) schema.Ref {
		if id, ok := strings.CutPrefix(r.Name, schema.PinPrefix); ok {
			r.ID = id
		}
		return r
	}
	out.Walk(func(o *schema.Object) {
		o.ID = ""
		o.Fields, _ = schema.MapRefs(o.Fields, byID).(map[string]any)
		o.Flow.Walk(func(s, _ *schema.Step, _ string) { s.Fields, _ = schema.MapRefs(s.Fields, byID).(map[string]any) })
		if d, there := o.Fields[flow.DescriptionField]; there && o.Kind.Semantics == schema.FlowSemantics {
			d, _ = flow.UnmarkDown(d)
			o.Fields[flow.DescriptionField], _ = flow.UnmarkReplacement(d)
		}
	})
	return out
}
