package plan

import "github.com/mihusync/mihusync/schema"

// A name, a webhook's URL and the like are handed over in order too, in case the service
// accepts them for one sibling only. The documentation does not say so (O7). Names that
// go around in a circle are therefore written in any order.

// spotOfName is a natural key among the siblings below an address.
type spotOfName struct {
	place string
	key   schema.Key
}

func spotNamed(o *schema.Object) spotOfName { return spotOfName{spotFor(o).place, o.KnownBy()} }

// orderNames makes each write that takes a natural key wait for the write that frees it.
func (o *ordering) orderNames() {
	freed := map[spotOfName]int{}
	for want, have := range o.pairs {
		if want.KnownBy() == have.KnownBy() || have.KnownBy().IsZero() {
			continue
		}
		if i := o.writeOf(want); i >= 0 {
			freed[spotNamed(have)] = i
		}
	}
	for _, d := range o.deletes {
		if !d.object.KnownBy().IsZero() {
			freed[spotNamed(d.object)] = d.op
		}
	}
	if len(freed) == 0 {
		return
	}
	o.desired.Walk(func(want *schema.Object) {
		if have := o.pairs[want]; have != nil && have.KnownBy() == want.KnownBy() {
			return
		}
		frees, handed := freed[spotNamed(want)]
		if i := o.writeOf(want); handed && i >= 0 && i != frees && !o.waitsFor(frees, i) {
			o.plan.Ops[i].wait(frees)
		}
	})
}
