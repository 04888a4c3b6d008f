package undo

import (
	"maps"
	"slices"

	"github.com/mihusync/mihusync/schema"
)

// protect marks what today's files protect: the objects of both sides, and the live
// objects nested in one that goes. A plan then refuses to delete them.
func (b *back) protect() {
	for _, s := range []*side{b.desired, b.base} {
		for _, o := range s.at {
			o.Protect = b.protects(o)
		}
	}
	for addr := range b.made {
		have, was := b.now[addr], b.base.at[addr]
		if have == nil || was == nil || was.Protect {
			continue
		}
		for _, c := range have.Children {
			each(c, func(o *schema.Object) { was.Protect = was.Protect || b.protects(o) })
		}
	}
}

// protects says whether today's files protect an object.
func (b *back) protects(o *schema.Object) bool {
	d := b.meant(o)
	return d != nil && d.Protect
}

// meant returns the declaration of an object in today's files, or nil. A plan of the files
// pairs the two in the same way: by the pin, by a unique value, and by the natural key or
// a former one.
func (b *back) meant(o *schema.Object) *schema.Object {
	if o.Kind.Shape == schema.Singleton {
		return b.run.Declared[o.Addr()]
	}
	var siblings []*schema.Object
	if o.Parent != nil {
		if parent := b.meant(o.Parent); parent != nil {
			siblings = parent.Children
		}
	} else {
		for _, addr := range slices.Sorted(maps.Keys(b.run.Declared)) {
			if d := b.run.Declared[addr]; d.Parent == nil {
				siblings = append(siblings, d)
			}
		}
	}
	one := func(is func(d *schema.Object) bool) *schema.Object {
		i := slices.IndexFunc(siblings, func(d *schema.Object) bool { return d.Kind == o.Kind && is(d) })
		if i < 0 {
			return nil
		}
		return siblings[i]
	}
	if d := one(func(d *schema.Object) bool { return o.ID != "" && d.ID == o.ID }); d != nil {
		return d
	}
	return one(func(d *schema.Object) bool {
		if d.ID != "" && o.ID != "" || d.Apart(o) {
			return false
		}
		was := func(name string) bool { return d.KnownBy().WithName(name) == o.KnownBy() }
		return d.KnownBy() == o.KnownBy() || slices.ContainsFunc(d.Formerly, was) ||
			o.Unique() != schema.Unique{} && d.Unique() == o.Unique()
	})
}
