package plan

import (
	"fmt"

	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// description is the second phase. It holds the change of each object for people,
// and the writes for package apply. It also notes what the next phase needs to
// order the writes.
type description struct {
	*matching
	plan *Plan

	// byOwner lists the writes to a top-level object and to the objects nested in
	// it, by its address.
	byOwner map[string][]int
	// yields holds the write that creates an object, by the object's address.
	yields map[string]int
	// embedded are the objects that the create call of their parent creates.
	embedded map[*schema.Object]bool
	deletes  []deletion
	// last is the latest create in a collection whose objects the server numbers.
	last map[string]int
	// equals is the latest create of an object, by collection and natural key.
	equals map[spot]int
	// leaned are the kinds of the defaults whose fingerprint the plan needs because
	// an override depends on them.
	leaned map[string]bool
	// defaults holds the changes of the workspace defaults, by kind.
	defaults map[string]*settingChange
	// computed holds, for each write to an override, the writes to the default that
	// its values are computed from.
	computed map[int][]int
	// spoken holds the addresses that free-form settings refer to.
	spoken map[string]bool
	// holders are the live objects whose settings hold the id of an object that gets
	// another one, by its address.
	holders map[string][]holder
	// bindings holds the writes to the channels of agents.
	bindings []binding
}

// describe plans all kinds, in the order of the table.
func describe(m *matching) *description {
	d := &description{
		matching: m,
		plan:     &Plan{IDs: m.ids, Changes: []*Change{}, Ops: []*Op{}, Touched: []Fingerprint{}, Needs: m.needs},
		byOwner:  map[string][]int{}, yields: map[string]int{}, embedded: map[*schema.Object]bool{},
		last: map[string]int{}, equals: map[spot]int{}, leaned: map[string]bool{}, defaults: map[string]*settingChange{},
		computed: map[int][]int{},
		holders:  map[string][]holder{},
	}
	d.spoken = spokenOf(m.desired)
	d.renewFlows()
	for _, k := range schema.TopKinds() {
		d.kind(k)
	}
	d.stale()
	d.markCleared()
	d.doubtful()
	return d
}

// deletion is a delete that waits until nothing uses its object.
type deletion struct {
	op     int
	object *schema.Object
}

// kind plans the objects of a top-level kind. It plans the declared objects first,
// and then the undeclared live ones.
func (d *description) kind(k *schema.Kind) {
	matched := map[*schema.Object]bool{}
	for _, want := range d.desired.Objects[k.Name] {
		have := d.pairs[want]
		matched[have] = true
		d.object(want, have)
	}
	var left []*schema.Object
	named := map[schema.Key]int{}
	for _, have := range d.live.Objects[k.Name] {
		if !matched[have] && k.Shape == schema.Collection && !have.System {
			left = append(left, have)
			named[have.KnownBy()]++
		}
	}
	for _, have := range left {
		d.leftover(have, named[have.KnownBy()])
	}
}

// object plans a declared object and the objects nested in it.
func (d *description) object(want, have *schema.Object) {
	if d.desired.Excludes(want) {
		if have == nil && d.hasIncluded(want) {
			d.fail(want, "is left out by --only or --except, but does not exist yet",
				"Parts of it are selected, and they cannot be created without it.", "Select "+want.Addr()+" too.")
			return
		}
	} else {
		d.alert(want, have)
		switch want.Kind.Semantics {
		case schema.FlowSemantics:
			d.flow(want, have)
			return
		case schema.DefaultSemantics:
			d.setting(want, have)
			return
		case schema.OverrideSemantics:
			d.override(want, have)
			return
		}
		if part := d.remade[want]; part != nil {
			d.again(want, have, part)
			d.children(want, have)
			return
		}
		switch want.Kind.Lifecycle {
		case schema.Drafted:
			d.action(want, have)
			return
		case schema.Whole:
			d.section(want, have)
			return
		case schema.Bound:
			d.bind(want, have)
			return
		case schema.Immutable:
			d.immutable(want, have)
		case schema.KeyedByName:
			d.keyed(want, have)
		default:
			d.plain(want, have)
		}
	}
	d.children(want, have)
}

// children plans the nested objects of a declared object. A declared collection
// must have exactly its members, so the other live members are deleted.
func (d *description) children(want, have *schema.Object) {
	matched, unsure := map[*schema.Object]bool{}, map[string]bool{}
	for _, child := range want.Children {
		if have != nil && have.NotKnown[child.Kind.Name] {
			unsure[child.Kind.Name] = true
			continue
		}
		live := d.pairs[child]
		matched[live] = true
		if have == nil && d.embedded[child] {
			continue
		}
		d.object(child, live)
	}
	if have == nil {
		return
	}
	for _, name := range tree.Keys(unsure) {
		d.notKnown(want.Addr(), name, "it is not compared and not changed")
	}
	for _, child := range have.Children {
		if matched[child] || child.System || child.Kind.Shape != schema.Collection || !d.selected(child.Addr()) {
			continue
		}
		switch {
		case d.fromBase(child) != nil:
			d.delete(child, d.opts.sides().removed)
		case !want.Sections[child.Kind.Name]:
		case d.opts.Base != nil:
			d.plan.Changes = append(d.plan.Changes, &Change{Addr: child.Addr(), Kind: child.Kind.Name, Action: Unmanaged})
		case d.assumed[want.Addr()+"/"+child.Kind.Name]:
			d.delete(child, whyComplete)
		default:
			d.delete(child, "not declared")
		}
	}
	d.droppedOverrides(want, have)
}

// leftover plans a live top-level object that no file declares. twins is the number
// of such objects with the same natural key.
func (d *description) leftover(have *schema.Object, twins int) {
	addr := have.Addr()
	if t, ok := d.twins[have]; ok {
		d.removeTwin(have, t)
		return
	}
	if !d.selected(addr) {
		return
	}
	if why := d.removal(have); why != "" {
		if was := d.fromBase(have); was != nil && why == d.opts.sides().removed && twins > 1 && was.ID != have.ID {
			d.fail(was, fmt.Sprintf("%d live %ss are named %q, and this branch removed one", twins, have.Kind.Label, have.Key().Name()), "",
				"Delete the one that is meant in the dashboard, or list the name under removed to delete them all.")
			return
		}
		d.delete(have, why)
		return
	}
	if !d.desired.Sections[have.Kind.Name] && d.desired.Complete == "" {
		return
	}
	if d.live.SayableObject(have) == nil {
		d.plan.Warnings = append(d.plan.Warnings, unsaidNote(have))
		return
	}
	d.plan.Changes = append(d.plan.Changes, &Change{Addr: addr, Kind: have.Kind.Name, Action: Unmanaged})
}

// removal says why the plan deletes an undeclared live object. It returns "" if the
// object stays.
func (d *description) removal(have *schema.Object) string {
	for _, r := range d.desired.Removed[have.Kind.Name] {
		if r.Means(have) {
			return "listed under removed"
		}
	}
	if d.fromBase(have) != nil {
		return d.opts.sides().removed
	}
	pruned := d.opts.Prune[have.Kind.Name] || d.opts.Prune["*"] && d.live.Sections[have.Kind.Name]
	if pruned && d.live.SayableObject(have) != nil {
		return "pruned: no file declares it"
	}
	return ""
}

// codeUnsaid is the code of notes on live objects that files cannot hold.
const codeUnsaid = "unsaid"

// unsaidNote tells of an undeclared live object that files cannot hold. It is no drift,
// and is not pruned, because no file could declare it.
func unsaidNote(have *schema.Object) field.Note {
	return field.Note{Code: codeUnsaid, Addrs: []string{have.Addr()}, Text: have.Addr() + " is live, and files cannot hold it; it stays as it is"}
}

func (d *description) hasIncluded(o *schema.Object) bool {
	for _, child := range o.Children {
		if !d.desired.Excludes(child) || d.hasIncluded(child) {
			return true
		}
	}
	return false
}

// changed adds the change of an object to the plan, with its fingerprint.
func (d *description) changed(o *schema.Object, action Action, fields []field.Change) *Change {
	ch := &Change{Addr: o.Addr(), Kind: o.Kind.Name, Action: action, Fields: fields, Pos: o.Pos}
	d.plan.Changes = append(d.plan.Changes, ch)
	d.touch(o, d.pairs[o])
	if action == Replace && o.ID != "" {
		ch.Notes = append(ch.Notes, field.Note{Code: codePin, Text: "the new one has another uuid: write it into the files afterwards, or leave uuid out"})
	}
	if action != Delete {
		d.checkOffered(o, d.pairs[o])
		d.checkPins(o, d.pairs[o])
	}
	return ch
}

// add appends an op to the plan and returns its index.
func (d *description) add(op *Op) int {
	i := len(d.plan.Ops)
	d.plan.Ops = append(d.plan.Ops, op)
	d.byOwner[topOf(op.Addr)] = append(d.byOwner[topOf(op.Addr)], i)
	if op.Yields != "" {
		d.yields[op.Yields] = i
	}
	return i
}
