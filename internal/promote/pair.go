package promote

import (
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
)

// pair finds the target's counterpart of every object. If the name belongs to
// the environment, as a webhook's URL does, it pairs by the handles of the
// files, or because each side has only one.
func (p *promotion) pair() {
	p.handles = map[*schema.Object]string{}
	for declared, have := range plan.Match(p.target, p.live) {
		p.handles[have] = declared.Handle
	}
	p.live.Walk(func(o *schema.Object) { o.Handle = "" })
	p.pairs = plan.Match(p.desired, p.live)
	parents := make([]*schema.Object, 0, len(p.pairs))
	for want := range p.pairs {
		parents = append(parents, want)
	}
	for _, want := range parents {
		for _, k := range want.Kind.Children {
			if k.Shape == schema.Collection && p.nameIsBound(want, k) {
				p.pairRest(want.ChildrenOf(k.Name), p.pairs[want].ChildrenOf(k.Name))
			}
		}
	}
	p.live.Walk(func(o *schema.Object) {
		if o.Kind.Shape == schema.Collection && o.Handle == "" {
			o.Handle = p.handles[o]
		}
	})
	p.live.AssignHandles(nil)
	p.live.Resolve()
}

// freeHandles removes handles from live objects if the target's files use them
// for other objects. The source's objects can have them then.
func (p *promotion) freeHandles() {
	paired := map[*schema.Object]bool{}
	for _, have := range p.pairs {
		paired[have] = true
	}
	desired := p.desired.ByAddr()
	p.live.Walk(func(o *schema.Object) {
		if o.Kind.Shape == schema.Collection && !paired[o] && desired[o.Addr()] != nil {
			o.Handle = ""
		}
	})
}

// nameIsBound says whether the natural key of a nested kind belongs to the
// environment.
func (p *promotion) nameIsBound(parent *schema.Object, k *schema.Kind) bool {
	for _, name := range k.Identity {
		if kept, _ := p.keep.field(parent.Addr()+"/"+k.Name+"/x", name, nil); kept {
			return true
		}
	}
	return false
}

func (p *promotion) pairRest(want, have []*schema.Object) {
	taken := map[*schema.Object]bool{}
	var open []*schema.Object
	for _, w := range want {
		if h := p.pairs[w]; h != nil {
			taken[h] = true
		} else {
			open = append(open, w)
		}
	}
	var free []*schema.Object
	for _, h := range have {
		if !taken[h] && !h.System {
			free = append(free, h)
		}
	}
	for _, w := range open {
		for _, h := range free {
			if !taken[h] && p.handles[h] != "" && p.handles[h] == w.Handle {
				p.pairs[w], taken[h] = h, true
				break
			}
		}
	}
	if len(open) == 1 && len(free) == 1 && p.pairs[open[0]] == nil {
		p.pairs[open[0]] = free[0]
	}
}
