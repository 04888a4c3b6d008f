package plan

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// An agent is bound to a number on each of its channels. A number serves one agent
// on a channel. Each channel has its own calls. The API has no call that unbinds
// the channel "call" [index]. A plan takes a number from one agent before it gives
// it to another. A bind therefore waits for the write that frees its number.

// binding is a write to a channel of an agent. It frees the number that the agent
// has on the channel.
type binding struct {
	op             int
	agent, channel string
	// number is the number that the write binds. It has no id if the write unbinds.
	number schema.Ref
	want   *schema.Object // nil if the plan deletes the agent
}

// bind plans the channels of an agent.
func (d *description) bind(want, have *schema.Object) {
	var live map[string]any
	if have != nil {
		live = have.Fields
	}
	var changes []field.Change
	for _, channel := range tree.Keys(want.Fields) {
		w, h := want.Fields[channel], live[channel]
		_, bound := live[channel]
		if have != nil && have.NotKnown[channel] {
			d.notKnown(want.Parent.Addr(), "channels."+channel, "it is not compared and not changed")
			continue
		}
		if w == nil && !bound || w != nil && field.Same(want.Kind.Fields.Lookup(channel), w, h, nil) && bound {
			continue
		}
		calls := want.Kind.Calls.Bind[channel]
		call, title := calls.Bind, "bind "+channel
		if w == nil {
			call, title = calls.Unbind, "unbind "+channel
		}
		if call == "" && !d.opts.CompareOnly {
			d.failAt(want, channel, fmt.Sprintf("cannot %s by the API", title), "", "Do it in the dashboard, then leave the field out here.")
			continue
		}
		d.checkNumber(want, channel, numberOf(w))
		changes = append(changes, field.Change{Path: channel, Before: h, After: w})
		op := &Op{Addr: want.Addr(), Call: call, Path: d.pathTo(want.Parent), Repeat: true, Title: title}
		if m, ok := w.(map[string]any); ok {
			op.Body = want.Kind.Fields.Lookup(channel).Encode(m, nil) // the body of a bind call (C8)
			if number := d.external(w); number != "" && calls.BindExternal != "" {
				op.Body = schema.TrunkAssignment(number, channel, op.Path[len(op.Path)-1])
				op.Call, op.Path = calls.BindExternal, nil
			}
		} else {
			op.Gone = true
		}
		d.bindings = append(d.bindings, binding{d.add(op), want.Parent.Addr(), channel, numberOf(w), want})
	}
	if len(changes) == 0 {
		d.plan.Unchanged++
		return
	}
	d.changed(want, Update, changes)
}

// checkNumber reports a number that cannot serve a channel.
func (d *description) checkNumber(want *schema.Object, channel string, number schema.Ref) {
	index, needs := d.live.Catalogs[number.Kind], want.Kind.Calls.Bind[channel].Needs
	if index == nil || needs == "" || d.opts.CompareOnly {
		return
	}
	if carries, known := schema.Carries(index.Items[number.ID], needs); known && !carries {
		d.failAt(want, channel, fmt.Sprintf("the number %s does not carry the channel %s", number, channel), "", "Bind a number that has the capability "+needs+".")
	}
}

// unbind unbinds an agent's channels before the delete, because the delete does not
// unbind them [index]. It needs the answer of every source that knows channels.
func (d *description) unbind(agent *schema.Object, ch *Change) []int {
	if !d.opts.CompareOnly {
		d.plan.Needs = append(d.plan.Needs, Need{Part: "unbind", ID: agent.ID})
	}
	b := agent.Child("channels", "")
	if b == nil {
		return nil
	}
	for _, channel := range tree.Keys(b.NotKnown) {
		d.notKnown(agent.Addr(), "channels."+channel, "look whether the agent is bound there before it goes")
	}
	var ops []int
	for _, channel := range tree.Keys(b.Fields) {
		call := b.Kind.Calls.Bind[channel].Unbind
		if call == "" {
			d.plan.Warnings = append(d.plan.Warnings, field.Note{Code: "bound", Addrs: []string{agent.Addr()},
				Text: "the agent is bound to a number on the channel " + channel + ", and the API has no call that unbinds it: release the number in the dashboard"})
			continue
		}
		i := d.add(&Op{Addr: agent.Addr(), Call: call, Path: []any{agent.ID}, Gone: true, Repeat: true, Title: "unbind " + channel})
		ops = append(ops, i)
		d.bindings = append(d.bindings, binding{op: i, agent: agent.Addr(), channel: channel})
		ch.Notes = append(ch.Notes, field.Note{Code: "unbind", Text: "is unbound from the channel " + channel + " first"})
	}
	return ops
}

// external returns the number of a binding in international form, if the workspace
// did not buy it from the service. It returns "" otherwise.
func (d *description) external(v any) string {
	index := d.live.Catalogs["phone_numbers"]
	if index == nil {
		return ""
	}
	item := index.Items[numberOf(v).ID]
	if !schema.ExternalNumber(item) {
		return ""
	}
	number, _ := item[schema.NumberKey].(string)
	return number
}

// numberOf returns the number of a channel. The result is empty if the channel has
// no number, or if the number is not known.
func numberOf(v any) schema.Ref {
	m, _ := v.(map[string]any)
	r, _ := m["phone_number"].(schema.Ref)
	return r
}

// orderBindings makes each bind wait for the write that frees its number. It
// reports a number that nothing frees, and a number that two agents declare.
func (o *ordering) orderBindings() {
	if o.opts.CompareOnly || len(o.bindings) == 0 {
		return
	}
	holder := o.holders()
	frees, takes := map[string]int{}, map[string]*binding{}
	for i := range o.bindings {
		b := &o.bindings[i]
		frees[b.agent+"\x00"+b.channel] = i
		if b.number.ID == "" {
			continue
		}
		at := b.channel + "\x00" + b.number.ID
		if other := takes[at]; other != nil {
			o.failAt(b.want, b.channel, fmt.Sprintf("%s of %s is asked for by %s too", b.number, b.channel, other.agent),
				"A number serves one agent on a channel.", "Declare it for one of them.")
		}
		takes[at] = b
	}
	next := make([]int, len(o.bindings)) // for each binding, the index of the one that frees its number
	for i := range o.bindings {
		b := &o.bindings[i]
		next[i] = -1
		held := holder[b.channel+"\x00"+b.number.ID]
		if b.number.ID == "" || held == "" || held == b.agent {
			continue
		}
		by, ok := frees[held+"\x00"+b.channel]
		if !ok {
			o.stillBound(b, held)
			continue
		}
		next[i] = by
	}
	o.breakCycles(next)
	for i, by := range next {
		if by >= 0 {
			o.handOver(i, o.bindings[by].op)
		}
	}
}

// holders returns the address of the agent that has a number now, by channel and
// number.
func (o *ordering) holders() map[string]string {
	out := map[string]string{}
	for _, agent := range o.live.Objects[agentsKind] {
		if b := agent.Child("channels", ""); b != nil {
			for channel, v := range b.Fields {
				if id := numberOf(v).ID; id != "" {
					out[channel+"\x00"+id] = agent.Addr()
				}
			}
		}
	}
	return out
}

// handOver makes a binding wait for the op that frees its number.
func (o *ordering) handOver(i, free int) {
	op := o.bindings[i].op
	o.plan.Ops[op].wait(free)
	o.handed[op] = free
}

func (o *ordering) stillBound(b *binding, held string) {
	summary := fmt.Sprintf("%s is bound to %s on the channel %s, and nothing here takes it away", b.number, held, b.channel)
	if b.want.Kind.Calls.Bind[b.channel].Unbind == "" {
		o.failAt(b.want, b.channel, summary, "The API has no call that unbinds the channel "+b.channel+".",
			"Give "+held+" another number there, or release the number in the dashboard.")
		return
	}
	o.failAt(b.want, b.channel, summary, "A number serves one agent on a channel.", "Declare channels: "+b.channel+": null for "+held+", or another number.")
}

// breakCycles finds agents that exchange numbers with each other. Every bind would
// wait for another one. If the API can unbind the channel, the first agent is
// unbound before all others.
func (o *ordering) breakCycles(next []int) {
	done := make([]bool, len(next))
	for start := range next {
		var path []int
		at := start
		for at >= 0 && !done[at] && !slices.Contains(path, at) {
			path = append(path, at)
			at = next[at]
		}
		if from := slices.Index(path, at); from >= 0 {
			o.breakCycle(path[from:], next)
		}
		for _, i := range path {
			done[i] = true
		}
	}
}

func (o *ordering) breakCycle(cycle, next []int) {
	byAgent := func(i, j int) int { return cmp.Compare(o.bindings[i].agent, o.bindings[j].agent) }
	first := slices.MinFunc(cycle, byAgent)
	b := o.bindings[first]
	call := b.want.Kind.Calls.Bind[b.channel].Unbind
	if call == "" {
		var names []string
		for _, i := range slices.SortedFunc(slices.Values(cycle), byAgent) {
			names = append(names, o.bindings[i].agent)
		}
		o.failAt(b.want, b.channel, fmt.Sprintf("%s cannot exchange their numbers of the channel %s", list(names), b.channel),
			"A number serves one agent on a channel, and the API has no call that unbinds this one.",
			"Give one of them a free number, apply, and give it the number it should have then.")
		for _, i := range cycle {
			next[i] = -1
		}
		return
	}
	op := o.plan.Ops[b.op]
	free := o.add(&Op{Addr: op.Addr, Call: call, Path: op.Path, Gone: true, Repeat: true, Title: "unbind " + b.channel})
	op.wait(free)
	for _, i := range cycle {
		if next[i] == first {
			o.handOver(i, free)
			next[i] = -1
		}
	}
	for _, ch := range o.plan.Changes {
		if ch.Addr == op.Addr {
			ch.Notes = append(ch.Notes, field.Note{Code: "unbind", Text: "is unbound from the channel " + b.channel + " first, because numbers are exchanged"})
		}
	}
}

// keepBound refuses a binding because the change of the agent that has the number
// was refused.
func (g *guarding) keepBound(addr, holder string) {
	for _, ch := range g.plan.Changes {
		if ch.Addr == addr && !ch.Refused {
			g.refuse(ch, refusedInUse, "the number stays with "+topOf(holder)+", whose change was refused")
		}
	}
}
