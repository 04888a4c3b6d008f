package plan

import (
	"fmt"

	"github.com/mihusync/mihusync/plan/flow"
	"github.com/mihusync/mihusync/schema"
)

// A value that the service accepts for one sibling only is handed over in order: the
// write that frees it comes before the write that takes it.

// spotOfValue is a unique value among the siblings below an address.
type spotOfValue struct {
	place string
	value schema.Unique
}

func spotFor(o *schema.Object) spotOfValue {
	place := o.Kind.Name
	if o.Parent != nil {
		place = o.Parent.Addr() + "/" + place
	}
	return spotOfValue{place, o.Unique()}
}

// orderUnique makes each write that takes a unique value wait for the write that frees
// it. Values that go around in a circle are a problem: the service has no state in which
// nobody holds one of them.
func (o *ordering) orderUnique() {
	freed := map[spotOfValue]int{}
	for want, have := range o.pairs {
		if value := have.Unique(); value != (schema.Unique{}) && want.Unique() != value {
			if i := o.writeOf(want); i >= 0 {
				freed[spotFor(have)] = i
			}
		}
	}
	for _, d := range o.deletes {
		if at := spotFor(d.object); at.value != (schema.Unique{}) {
			freed[at] = d.op
		}
	}
	if len(freed) == 0 {
		return
	}
	o.desired.Walk(func(want *schema.Object) {
		at := spotFor(want)
		have := o.pairs[want]
		if at.value == (schema.Unique{}) || have != nil && have.Unique() == at.value {
			return
		}
		frees, handed := freed[at]
		i := o.writeOf(want)
		if !handed || i < 0 || i == frees {
			return
		}
		if o.waitsFor(frees, i) {
			o.failAt(want, at.value.Field, fmt.Sprintf("%s %q cannot be taken over: it goes around in a circle", at.value.Field, at.value.Value),
				"The service accepts it for one of them at a time, so no order of writes leads there.",
				"Give one of them another "+at.value.Field+" first, apply, and then give it the one it should have.")
			return
		}
		o.plan.Ops[i].wait(frees)
	})
}

// writeOf returns the write that creates or updates an object itself, or -1.
func (o *ordering) writeOf(want *schema.Object) int {
	addr := want.Addr()
	for _, i := range o.byOwner[topOf(addr)] {
		op := o.plan.Ops[i]
		if op.Addr == addr && op.Flow != nil && op.Flow.Phase != flow.Retire {
			return i
		}
		if op.Addr == addr && (op.Call == want.Kind.Calls.Update || op.Call == want.Kind.Calls.Create) {
			return i
		}
	}
	return -1
}
