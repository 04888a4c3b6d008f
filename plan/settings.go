package plan

import (
	"fmt"
	"strings"

	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// settings gives ids in free-form settings one form on both sides, a reference by
// address: ids that the files write out, pins, and the keys of contact fields that a
// declaration refers to. Two settings that send the same are then equal.
func (m *matching) settings() {
	ids := m.live.Named()
	m.desired.Walk(func(o *schema.Object) {
		if m.desired.Excludes(o) {
			return
		}
		keys := map[string]schema.Ref{}
		o.EachSetting(func(_ string, v any) {
			schema.EachRef(v, func(r schema.Ref) {
				if k := schema.KindOf(r.Kind); k != nil && k.Lifecycle == schema.KeyedByName {
					keys[r.Name] = r
				}
			})
		})
		o.MapSettings(func(v any) any {
			v = schema.NameIDs(v, func(text string) (schema.Ref, bool) {
				r, there := ids[text]
				if !there {
					r, there = keys[text]
				}
				r.ID = ""
				return r, there
			})
			return schema.MapRefs(v, func(r schema.Ref) schema.Ref { return m.unpinned(o, r, ids) })
		})
		if have := m.pairs[o]; have != nil && len(keys) > 0 {
			have.MapSettings(func(v any) any {
				return schema.NameIDs(v, func(text string) (schema.Ref, bool) {
					r, there := keys[text]
					r.ID = text
					return r, there
				})
			})
		}
	})
}

// unpinned returns the reference by address that a pin in settings means. A pin that
// no live object has is an error, if the objects of its kind were read.
func (m *matching) unpinned(o *schema.Object, r schema.Ref, ids map[string]schema.Ref) schema.Ref {
	pin, pinned := strings.CutPrefix(r.Name, schema.PinPrefix)
	if !pinned {
		return r
	}
	if known, there := ids[pin]; there && known.Kind == r.Kind {
		known.ID = ""
		return known
	}
	if k := schema.KindOf(r.Kind); k != nil && m.live.Sections[r.Kind] && !m.opts.Offline && !m.opts.CompareOnly {
		m.fail(o, fmt.Sprintf("refers to a %s by the id %s, and the workspace has none of that id", k.Label, pin), "", "Refer to one by its handle.")
	}
	return r
}

// renew makes the settings that hold the id of a live object differ from every
// declaration that refers to it by address, because the object gets another id.
func (d *description) renew(have *schema.Object) {
	addr := have.Addr()
	d.live.Walk(func(o *schema.Object) {
		o.MapSettings(func(v any) any {
			return tree.Map(v, func(v any) any {
				if r, ok := v.(schema.Ref); ok && r.Addr == addr {
					return r.ID
				}
				return v
			})
		})
	})
}
