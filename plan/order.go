package plan

import (
	"slices"
	"strings"

	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/plan/flow"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// References give the order of writes. A write waits for the creation of everything
// that its body and path refer to. Three more rules apply. An override that starts
// from a default waits for the default. A flow waits until the agents that it uses
// are complete. A delete waits until nothing refers to its object.

func topOf(addr string) string {
	kind, rest, found := strings.Cut(addr, "/")
	if !found {
		return kind
	}
	handle, _, _ := strings.Cut(rest, "/")
	return kind + "/" + handle
}

// ordering is the third phase. It finds the writes that each write waits for.
type ordering struct {
	*description

	// frees holds, for each delete, the writes that end the use of its object.
	frees map[int][]int
	// room holds, for each create, the deletes that make room for it.
	room map[int][]int
	// handed holds, for each binding, the write that frees its number.
	handed map[int]int
}

// arrange completes Op.After of all ops.
func arrange(d *description) *ordering {
	o := &ordering{description: d, frees: map[int][]int{}, room: map[int][]int{}, handed: map[int]int{}}
	o.order()
	return o
}

func (o *ordering) order() {
	for i, op := range o.plan.Ops {
		need := func(r schema.Ref) {
			made, ok := o.yields[r.Addr]
			if !ok && strings.HasPrefix(r.Name, schema.SystemPrefix) {
				made, ok = o.yields[strings.TrimSuffix(r.Addr, "/"+r.Kind+"/"+r.Name)]
			}
			if !ok {
				o.missing(op, r)
			} else if made != i {
				op.wait(made)
			} else if op.Flow != nil && r.Addr == op.Addr {
				o.circular(op, r)
			}
		}
		for _, p := range op.Path {
			schema.EachRef(p, need)
		}
		schema.EachRef(op.Body, need)
		if op.Flow != nil {
			o.orderFlow(i, op, need)
		}
	}
	o.orderStates()
	o.orderRetirements()
	o.orderBindings()
	o.orderUnique()
	o.orderNames()
	o.orderDeletes()
	o.refuseCycles()
}

// orderStates makes each write that refers to an object wait for the write after which
// others can use the object: it makes an agent ready, puts a tag in use or deploys a flow.
// A new object is ready when it is created, and references wait for that anyway.
func (o *ordering) orderStates() {
	opens := map[string]int{}
	for i, op := range o.plan.Ops {
		if op.Flow != nil && op.Flow.Phase != flow.Retire && op.Flow.Deploys() {
			opens[op.Addr] = i
		}
	}
	for want, have := range o.pairs {
		if !sameGates(want, have) {
			if i := o.writeOf(want); i >= 0 {
				opens[want.Addr()] = i
			}
		}
	}
	if len(opens) == 0 {
		return
	}
	for i, op := range o.plan.Ops {
		wait := func(r schema.Ref) {
			if j, ok := opens[r.Addr]; ok && !op.Gone && !o.waitsFor(j, i) {
				op.wait(j)
			}
		}
		schema.EachRef(op.Body, wait)
		if op.Flow != nil {
			op.Flow.Refs(wait)
		}
	}
}

// sameGates says whether a declaration leaves the fields alone that decide whether
// others can use the object.
func sameGates(want, have *schema.Object) bool {
	for _, f := range want.Kind.Fields.Fields {
		if v, declared := want.Fields[f.Name]; f.Gate && declared && !field.Same(f, v, have.Fields[f.Name], nil) {
			return false
		}
	}
	return true
}

// orderRetirements makes the removal of a replaced flow wait for the writes to the
// objects that refer to its successor. They referred to the flow before.
func (o *ordering) orderRetirements() {
	for i, op := range o.plan.Ops {
		build, ok := o.yields[op.Addr]
		if op.Flow == nil || op.Flow.Phase != flow.Retire || !ok {
			continue
		}
		for j, other := range o.plan.Ops {
			if other.Addr != op.Addr && slices.ContainsFunc(o.plan.Ops, func(w *Op) bool { return w.Addr == other.Addr && slices.Contains(w.After, build) }) && !o.waitsFor(j, i) {
				op.wait(j)
			}
		}
	}
}

// circular reports settings with the id of a flow that exists only after they are
// written.
func (o *ordering) circular(op *Op, r schema.Ref) {
	o.failRefTo(op.Addr, r, "refers to "+r.Addr+" in its settings, and needs it to be created first", "The id of a new flow is known only when its steps stand.",
		"Leave the reference out, apply, and add it then.")
}

// refuseCycles reports flows that refer to each other in their settings and are all
// created by this plan.
func (o *ordering) refuseCycles() {
	for i, op := range o.plan.Ops {
		if op.Flow == nil || op.Yields == "" {
			continue
		}
		reported := false
		op.Flow.Refs(func(r schema.Ref) {
			if made, ok := o.yields[r.Addr]; ok && made != i && r.Kind == flowsKind && !reported && o.waitsFor(made, i) {
				reported = true
				o.circular(op, r)
			}
		})
	}
}

// missing reports a reference to an object that does not exist and that the plan
// does not create. The selection of the user leaves it out.
func (o *ordering) missing(op *Op, r schema.Ref) {
	if o.opts.Offline || o.opts.CompareOnly || r.ID != "" || r.Addr == "" || o.plan.IDs[r.Addr] != "" ||
		strings.HasPrefix(r.Name, schema.PinPrefix) || strings.HasPrefix(r.Name, schema.SystemPrefix) {
		return
	}
	o.failRefTo(op.Addr, r, "refers to "+r.Addr+", which does not exist yet and is left out by --only or --except", "",
		"Select "+r.Addr+" too.")
}

// failRefTo reports a reference of the object at an address, where the files have it.
func (o *ordering) failRefTo(addr string, r schema.Ref, summary, detail, suggestion string) {
	if at := o.desired.ByAddr()[addr]; at != nil {
		o.failRef(at, r, summary, detail, suggestion)
		return
	}
	o.fail(nil, summary, detail, suggestion)
}

func (op *Op) wait(i int) {
	if !slices.Contains(op.After, i) {
		op.After = append(op.After, i)
		slices.Sort(op.After)
	}
}

// orderFlow makes a flow wait for the writes to the agents that it uses. It does
// not wait for intent actions, because these may start the flow itself.
func (o *ordering) orderFlow(i int, op *Op, need func(schema.Ref)) {
	op.Flow.Refs(func(r schema.Ref) {
		need(r)
		if r.Kind != "agents" {
			return
		}
		for _, j := range o.byOwner[r.Addr] {
			other := o.plan.Ops[j]
			if !strings.HasSuffix(other.Addr, "/action") && j != i && !o.isDelete(j) {
				op.wait(j)
			}
		}
	})
}

func (d *description) isDelete(i int) bool {
	return slices.ContainsFunc(d.deletes, func(one deletion) bool { return one.op == i })
}

// delete plans the removal of a live object.
func (d *description) delete(have *schema.Object, why string) {
	ch := &Change{Addr: have.Addr(), Kind: have.Kind.Name, Action: Delete, Notes: []field.Note{{Code: "why", Text: why}}}
	ch.Fields = removedFields(have)
	d.plan.Changes = append(d.plan.Changes, ch)
	d.touchAll(have)
	d.needNested(have)
	for _, k := range schema.ReferringTo(have.Kind) {
		if !d.live.Sections[k.Name] {
			d.plan.Needs = append(d.plan.Needs, Need{Kind: k.Name})
		}
	}
	var before []int
	if have.Kind.Name == "agents" {
		before = d.unbind(have, ch)
	}
	if have.Kind.Semantics == schema.FlowSemantics {
		// Its steps go too, so a change of them makes the plan stale.
		d.plan.Needs = append(d.plan.Needs, Need{Part: schema.StepsField, ID: have.ID})
		if have.Fields[schema.DeployedField] == true {
			// A delete does not cancel pending executions [index], so the flow is
			// undeployed first.
			before = append(before, d.add(&Op{Addr: have.Addr(), Call: have.Kind.Calls.Retract, Path: []any{have.ID}, Repeat: true, Gone: true, Title: "undeploy flow"}))
		}
	}
	i := d.add(&Op{Addr: have.Addr(), Call: have.Kind.Calls.Delete, Path: append(d.pathTo(have.Parent), have.ID), Gone: true,
		Title: "delete " + have.Kind.Label, After: before})
	for _, b := range before {
		d.deletes = append(d.deletes, deletion{b, have})
	}
	d.deletes = append(d.deletes, deletion{i, have})
}

func removedFields(o *schema.Object) []field.Change {
	var out []field.Change
	for _, k := range tree.Keys(o.Fields) {
		if v := o.Fields[k]; !field.Empty(v) {
			out = append(out, field.Change{Path: k, Before: schema.Known(v)})
		}
	}
	return out
}

// orderDeletes makes each delete wait for the writes that remove references to its
// object, and for the deletes of objects that refer to it. A delete also waits for
// the writes in the same collection, so that a successor exists before its
// predecessor is deleted. If the collection has a limit, the creates wait for the
// delete.
func (o *ordering) orderDeletes() {
	users := o.users()
	for _, d := range o.deletes {
		op := o.plan.Ops[d.op]
		var left []string
		for _, user := range users[d.object.Addr()] {
			if !o.released(user) {
				left = append(left, user)
			}
			for _, j := range o.byOwner[topOf(user)] {
				other := o.plan.Ops[j]
				frees := other.Addr == user || strings.HasPrefix(other.Addr, user+"/") || o.isDelete(j) && strings.HasPrefix(user, other.Addr+"/")
				if !frees || other.Addr == op.Addr {
					continue
				}
				o.frees[d.op] = append(o.frees[d.op], j)
				if !o.waitsFor(j, d.op) {
					op.wait(j)
				}
			}
		}
		o.stillUsed(d.object, left)
		if d.object.Parent == nil {
			continue
		}
		place := d.object.Parent.Addr() + "/" + d.object.Kind.Name + "/"
		for _, j := range o.byOwner[topOf(op.Addr)] {
			other := o.plan.Ops[j]
			if j == d.op || o.isDelete(j) || !strings.HasPrefix(other.Addr, place) {
				continue
			}
			if d.object.Kind.Limit == 0 {
				if !o.waitsFor(j, d.op) { // else it takes what the delete frees
					op.wait(j)
				}
			} else if other.Yields != "" {
				other.wait(d.op)
				o.room[j] = append(o.room[j], d.op)
			}
		}
	}
}

// released says whether the plan changes or deletes a live object. The object
// refers to one that the plan deletes.
func (o *ordering) released(user string) bool {
	for _, j := range o.byOwner[topOf(user)] {
		if at := o.plan.Ops[j].Addr; at == user || o.isDelete(j) && strings.HasPrefix(user, at+"/") {
			return true
		}
	}
	return false
}

// stillUsed warns of references to a deleted object that remain. Undeclared objects
// can have them.
func (o *ordering) stillUsed(gone *schema.Object, users []string) {
	if len(users) == 0 || slices.ContainsFunc(o.plan.Warnings, func(n field.Note) bool { return n.Code == "dangling" && n.Addrs[0] == gone.Addr() }) {
		return
	}
	slices.Sort(users)
	users = slices.Compact(users)
	for i, addr := range users {
		if k, handle, _ := strings.Cut(addr, "/"); schema.KindOf(k) != nil {
			users[i] = o.called(k, handle, addr)
		}
	}
	o.plan.Warnings = append(o.plan.Warnings, field.Note{Code: "dangling", Addrs: []string{gone.Addr()},
		Text: gone.Addr() + " goes, and " + list(users) + " will refer to nothing"})
}

// called returns the address of a live object, with its name if the handle is another
// one.
func (o *ordering) called(kind, handle, addr string) string {
	for _, live := range o.live.Objects[kind] {
		if live.Handle == handle && !live.Key().IsZero() && live.Key().String() != handle {
			return addr + " (" + live.Key().Quoted() + ")"
		}
	}
	return addr
}

// waitsFor says whether op i waits for op j, directly or not. It is true if i is j.
func (o *ordering) waitsFor(i, j int) bool {
	seen := map[int]bool{}
	var walk func(int) bool
	walk = func(at int) bool {
		if at == j {
			return true
		}
		if seen[at] {
			return false
		}
		seen[at] = true
		return slices.ContainsFunc(o.plan.Ops[at].After, walk)
	}
	return walk(i)
}

// users returns the addresses of the live objects that refer to an object, by the
// object's address.
func (o *ordering) users() map[string][]string {
	out := map[string][]string{}
	if len(o.deletes) == 0 {
		return out
	}
	o.live.Walk(func(user *schema.Object) {
		addr := user.Addr()
		user.Refs(func(r schema.Ref) {
			if r.Addr != "" && r.Addr != addr {
				out[r.Addr] = append(out[r.Addr], addr)
			}
		})
	})
	return out
}
