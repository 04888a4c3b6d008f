package undo

import (
	"strings"

	"github.com/mihusync/mihusync/schema"
)

// finish gives every reference of both sides a form that a plan finds: the address of an
// object of the way, which may get another id, the id of another live object, or the
// name of a catalog's entry.
func (b *back) finish() {
	for _, s := range []*side{b.desired, b.base} {
		for _, objects := range s.ws.Objects {
			for _, top := range objects {
				each(top, func(o *schema.Object) {
					o.MapRefs(func(r schema.Ref, fields map[string]any) schema.Ref { return b.ref(r, fields) })
				})
			}
		}
	}
	b.way.Desired, b.way.Base = b.desired.ws, b.base.ws
}

func (b *back) ref(r schema.Ref, fields map[string]any) schema.Ref {
	if strings.HasPrefix(r.Name, schema.SystemPrefix) {
		return r
	}
	if schema.CatalogOf(r.Kind) != nil {
		return b.entry(r, fields)
	}
	if r.ID == "" {
		r.ID = b.run.Image.IDs[r.Addr]
	}
	addr := b.byID[r.Kind+"/"+r.ID]
	if addr == "" && b.desired.at[r.Addr] != nil {
		addr = r.Addr
	}
	if addr != "" {
		handle := handleOf(addr)
		return schema.Ref{Kind: r.Kind, Name: handle, Addr: addr}
	}
	if made := b.run.Made[r.Addr]; r.ID == "" {
		r.ID = made
	}
	if r.ID == "" {
		return r
	}
	return schema.Ref{Kind: r.Kind, Name: schema.PinPrefix + r.ID, ID: r.ID}
}

// entry names an entry of a catalog, or pins it where its name does not tell which one
// is meant.
func (b *back) entry(r schema.Ref, fields map[string]any) schema.Ref {
	if r.ID == "" {
		return r
	}
	ids, known := b.live.Entries(r, fields)
	if !known && schema.CatalogOf(r.Kind).Named || len(ids) == 1 && ids[0] == r.ID {
		return r
	}
	return schema.Ref{Kind: r.Kind, Name: schema.PinPrefix + r.ID, ID: r.ID}
}
