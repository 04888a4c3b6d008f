package laws

import (
	"pgregory.net/rapid"

	"github.com/mihusync/mihusync/mihu/sandbox"
	"github.com/mihusync/mihusync/schema"
)

// suiting lets a drawer use what a service of these variants takes.
func (d *drawer) suiting(v sandbox.Variants) *drawer {
	d.extras = v.ExtraFields && !v.Strict
	d.inside = v.ExtraInside && !v.Strict
	d.beyond = v.Beyond
	return d
}

// workspacesFor draws a workspace for a service of these variants.
func workspacesFor(c *catalog, size int, v sandbox.Variants) *rapid.Generator[document] {
	return rapid.Custom(func(t *rapid.T) document {
		d := newDrawer(t, c, size, false).suiting(v)
		return document{object: d.workspace(), numbers: d.numbers}
	})
}

// workspaces draws a workspace with about size members in each collection.
func workspaces(c *catalog, size int, extras bool) *rapid.Generator[document] {
	return rapid.Custom(func(t *rapid.T) document {
		d := newDrawer(t, c, size, extras)
		return document{object: d.workspace(), numbers: d.numbers}
	})
}

// workspace draws the kinds in the order of the table. Which collections there are,
// and the handles in them, is decided first: agents name flows that name agents.
func (d *drawer) workspace() object {
	w := object{}
	for _, k := range d.kinds {
		if k.Shape == schema.Collection && d.chance(odds(k.Name)) {
			d.scope[k.Name] = d.handles(k, d.size)
		}
	}
	for _, k := range d.kinds {
		at := site{kind: k, path: k.Name}
		switch {
		case k.Shape == schema.Collection:
			if d.scope[k.Name] != nil {
				w[k.Name] = d.collection(k, at)
				d.drawn(k, w)
			}
		case d.chance(odds(k.Name)):
			if v, ok := d.single(k, at); ok {
				w[k.Name] = v
			}
		}
	}
	dropGoneAgents(w)
	return w
}

// drawn takes note of what later kinds may use of a kind: agents that are ready, and
// contact fields that are in use.
func (d *drawer) drawn(k *schema.Kind, w object) {
	members, _ := w[k.Name].(object)
	for _, h := range sortedKeys(members) {
		o := members[h].(object)
		switch k.Name {
		case "agents":
			if s, there := o["status"]; !there || s == "ready" {
				d.ready = append(d.ready, h)
			}
		case "contact_fields":
			if o["is_active"] != false {
				d.memoryFields = append(d.memoryFields, "f_"+h)
			}
		}
	}
}
