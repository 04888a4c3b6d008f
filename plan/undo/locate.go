package undo

import (
	"strings"

	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
)

// locate finds the live object of each address of the image, and gives it the handle
// that it has there. An object that the run left is found by its id. One that the run
// made is found by the id that the service told, or by its natural key if the service
// told none.
func (b *back) locate() {
	after := b.after()
	addrs := map[string]bool{}
	for addr := range b.before {
		addrs[addr] = true
	}
	for addr := range after {
		addrs[addr] = true
	}
	reserved := func(addr string) bool { return addrs[addr] }
	for _, k := range schema.TopKinds() {
		b.siblings(k, k.Name, b.live.Objects[k.Name], addrs, after)
	}
	b.live.AssignHandles(reserved)
	b.live.Resolve()
}

// after returns the objects that the run was to create or to make anew, as they were to
// be, by address.
func (b *back) after() map[string]*schema.Object {
	out := map[string]*schema.Object{}
	for _, ch := range b.run.Image.Changes {
		k := schema.KindAt(ch.Addr)
		if k == nil || k.Shape != schema.Collection || ch.Action != plan.Create && ch.Action != plan.Replace {
			continue
		}
		handle := handleOf(ch.Addr)
		o := &schema.Object{Kind: k, Handle: handle, Fields: map[string]any{}}
		if old := b.before[ch.Addr]; old != nil {
			for _, name := range k.Identity {
				o.Fields[name] = old.Fields[name]
			}
		}
		for _, f := range ch.Fields {
			if !strings.Contains(f.Path, ".") {
				o.Fields[f.Path] = f.After
			}
		}
		for _, name := range k.Identity {
			if _, named := o.Fields[name]; !named {
				o.Fields[name] = nil // the run gave it no name, so its handle does not stand in
			}
		}
		out[ch.Addr] = o
	}
	return out
}

// siblings locates the objects of one collection or the one object of a singleton, and
// then what is nested in them. place is the address of the collection.
func (b *back) siblings(k *schema.Kind, place string, live []*schema.Object, addrs map[string]bool, after map[string]*schema.Object) {
	if k.Shape == schema.Singleton {
		for _, o := range live {
			if o.Kind == k {
				b.found(place, o, addrs, after)
			}
		}
		return
	}
	taken := map[*schema.Object]bool{}
	var wanted []string
	for addr := range addrs {
		if above, ok := strings.CutPrefix(addr, place+"/"); ok && !strings.Contains(above, "/") {
			wanted = append(wanted, addr)
		}
	}
	match := func(addr string, is func(*schema.Object) bool) {
		if b.now[addr] != nil {
			return
		}
		for _, o := range live {
			if o.Kind == k && !taken[o] && is(o) {
				taken[o] = true
				b.found(addr, o, addrs, after)
				return
			}
		}
	}
	for _, addr := range wanted {
		if id := b.run.Made[addr]; id != "" {
			match(addr, func(o *schema.Object) bool { return o.ID == id })
		}
	}
	for _, addr := range wanted {
		if old := b.before[addr]; old != nil {
			match(addr, func(o *schema.Object) bool { return o.ID == old.ID })
		}
	}
	for _, addr := range wanted {
		made := after[addr]
		if made == nil || b.run.Made[addr] != "" || !b.began(addr) {
			continue
		}
		match(addr, func(o *schema.Object) bool { return o.KnownBy() == made.KnownBy() && !made.Apart(o) })
	}
}

// began says whether the run began to write an object, or one around it, with which it
// is created.
func (b *back) began(addr string) bool {
	for addr != "" {
		if b.run.Began == nil || b.run.Began[addr] {
			return true
		}
		addr = plan.Above(addr)
	}
	return false
}

func (b *back) found(addr string, o *schema.Object, addrs map[string]bool, after map[string]*schema.Object) {
	b.now[addr] = o
	o.Handle = handleOf(addr)
	for _, k := range o.Kind.Children {
		b.siblings(k, addr+"/"+k.Name, o.ChildrenOf(k.Name), addrs, after)
	}
}
