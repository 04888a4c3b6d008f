package plan

import (
	"slices"
	"strings"

	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
)

// The order of writes follows from references alone: a write waits for the
// creation of everything its body and path refer to. Beyond that, overrides that
// start from a default wait for it, a flow waits until the agents it uses are
// complete, and a delete waits until nothing refers to its object.

func topOf(addr string) string {
	kind, rest, found := strings.Cut(addr, "/")
	if !found {
		return kind
	}
	handle, _, _ := strings.Cut(rest, "/")
	return kind + "/" + handle
}

// ordering is the third phase: which write waits for which.
type ordering struct {
	*description

	// frees names, by delete, the writes that end the use of its object.
	frees map[int][]int
	// room names, by create, the deletions that make room for it.
	room map[int][]int
	// handed names, by binding, the write that frees its number.
	handed map[int]int
}

// arrange completes Op.After for the whole graph.
func arrange(d *description) *ordering {
	c := &ordering{description: d, frees: map[int][]int{}, room: map[int][]int{}, handed: map[int]int{}}
	c.order()
	return c
}

func (c *ordering) order() {
	for i, op := range c.plan.Ops {
		need := func(r schema.Ref) {
			if made, ok := c.yields[r.Addr]; !ok {
				c.missing(op, r)
			} else if made != i {
				op.wait(made)
			}
		}
		for _, p := range op.Path {
			schema.EachRef(p, need)
		}
		schema.EachRef(op.Body, need)
		if op.Flow != nil {
			c.orderFlow(i, op, need)
		}
	}
	c.orderBindings()
	c.orderDeletes()
}

// missing reports a reference that nothing live or planned answers: to what the
// selection leaves out.
func (c *ordering) missing(op *Op, r schema.Ref) {
	if c.opts.Offline || c.opts.CompareOnly || r.ID != "" || r.Addr == "" || c.plan.IDs[r.Addr] != "" ||
		strings.HasPrefix(r.Name, schema.PinPrefix) || strings.HasPrefix(r.Name, schema.SystemPrefix) {
		return
	}
	c.fail(c.desired.ByAddr()[op.Addr], "refers to "+r.Addr+", which does not exist yet and is left out by --only or --except", "",
		"Select "+r.Addr+" too.")
}

func (op *Op) wait(i int) {
	if !slices.Contains(op.After, i) {
		op.After = append(op.After, i)
		slices.Sort(op.After)
	}
}

// orderFlow lets a flow wait for everything that makes the agents it uses what
// they should be, except the intent actions that may start the flow itself.
func (c *ordering) orderFlow(i int, op *Op, need func(schema.Ref)) {
	op.Flow.Refs(func(r schema.Ref) {
		need(r)
		if r.Kind != "agents" {
			return
		}
		for _, j := range c.byOwner[r.Addr] {
			other := c.plan.Ops[j]
			if !strings.HasSuffix(other.Addr, "/action") && j != i && !c.isDelete(j) {
				op.wait(j)
			}
		}
	})
}

func (c *description) isDelete(i int) bool {
	return slices.ContainsFunc(c.deletes, func(d deletion) bool { return d.op == i })
}

// delete plans the removal of a live object.
func (c *description) delete(have *schema.Object, why string) {
	ch := &Change{Addr: have.Addr(), Kind: have.Kind.Name, Action: Delete, Notes: []field.Note{{Code: "why", Text: why}}}
	ch.Fields = removedFields(have)
	c.plan.Changes = append(c.plan.Changes, ch)
	c.touchAll(have)
	var before []int
	if have.Kind.Name == "agents" {
		before = c.unbind(have, ch)
	}
	if have.Kind.Semantics == schema.FlowSemantics {
		if have.Fields[schema.DeployedField] == true {
			// Pending executions are not cancelled by a delete [index].
			before = append(before, c.add(&Op{Addr: have.Addr(), Call: have.Kind.Calls.Retract, Path: []any{have.ID}, Repeat: true, Gone: true, Title: "undeploy flow"}))
		}
	}
	i := c.add(&Op{Addr: have.Addr(), Call: have.Kind.Calls.Delete, Path: append(c.pathTo(have.Parent), have.ID), Gone: true,
		Title: "delete " + have.Kind.Label, After: before})
	for _, b := range before {
		c.deletes = append(c.deletes, deletion{b, have})
	}
	c.deletes = append(c.deletes, deletion{i, have})
}

func removedFields(o *schema.Object) []field.Change {
	var out []field.Change
	for _, k := range schema.SortedKeys(o.Fields) {
		if v := o.Fields[k]; !field.Empty(v) {
			out = append(out, field.Change{Path: k, Before: schema.Known(v)})
		}
	}
	return out
}

// orderDeletes lets each delete wait for the writes that take references to its
// object away, for the deletes of objects that refer to it, and for the writes in
// the same place, so that a replacement stands before its predecessor goes. Where
// the place is limited, it is the other way round.
func (c *ordering) orderDeletes() {
	users := c.users()
	for _, d := range c.deletes {
		op := c.plan.Ops[d.op]
		var left []string
		for _, user := range users[d.object.Addr()] {
			if !c.released(user) {
				left = append(left, user)
			}
			for _, j := range c.byOwner[topOf(user)] {
				other := c.plan.Ops[j]
				frees := other.Addr == user || strings.HasPrefix(other.Addr, user+"/") || c.isDelete(j) && strings.HasPrefix(user, other.Addr+"/")
				if !frees || other.Addr == op.Addr {
					continue
				}
				c.frees[d.op] = append(c.frees[d.op], j)
				if !c.waitsFor(j, d.op) {
					op.wait(j)
				}
			}
		}
		c.stillUsed(d.object, left)
		if d.object.Parent == nil {
			continue
		}
		place := d.object.Parent.Addr() + "/" + d.object.Kind.Name + "/"
		for _, j := range c.byOwner[topOf(op.Addr)] {
			other := c.plan.Ops[j]
			if j == d.op || c.isDelete(j) || !strings.HasPrefix(other.Addr, place) {
				continue
			}
			if d.object.Kind.Limit == 0 {
				op.wait(j)
			} else if other.Yields != "" {
				other.wait(d.op)
				c.room[j] = append(c.room[j], d.op)
			}
		}
	}
}

// released says whether the plan changes or deletes a live object that refers to
// one that goes.
func (c *ordering) released(user string) bool {
	for _, j := range c.byOwner[topOf(user)] {
		if at := c.plan.Ops[j].Addr; at == user || c.isDelete(j) && strings.HasPrefix(user, at+"/") {
			return true
		}
	}
	return false
}

// stillUsed warns of references that will lead nowhere, such as those of objects
// that no file declares.
func (c *ordering) stillUsed(gone *schema.Object, users []string) {
	if len(users) == 0 || slices.ContainsFunc(c.plan.Warnings, func(n field.Note) bool { return n.Code == "dangling" && n.Addrs[0] == gone.Addr() }) {
		return
	}
	slices.Sort(users)
	users = slices.Compact(users)
	c.plan.Warnings = append(c.plan.Warnings, field.Note{Code: "dangling", Addrs: []string{gone.Addr()},
		Text: gone.Addr() + " goes, and " + list(users) + " will refer to nothing"})
}

// waitsFor says whether op i waits, directly or not, for op j.
func (c *ordering) waitsFor(i, j int) bool {
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
		return slices.ContainsFunc(c.plan.Ops[at].After, walk)
	}
	return walk(i)
}

// users lists, by address, the live objects that refer to an object.
func (c *ordering) users() map[string][]string {
	out := map[string][]string{}
	if len(c.deletes) == 0 {
		return out
	}
	c.live.Walk(func(o *schema.Object) {
		addr := o.Addr()
		o.Refs(func(r schema.Ref) {
			if r.Addr != "" && r.Addr != addr {
				out[r.Addr] = append(out[r.Addr], addr)
			}
		})
	})
	return out
}
