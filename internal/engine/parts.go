package engine

import (
	"strings"

	"github.com/mihusync/mihusync/export"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
)

// parts are the parts of live objects that a read is to fetch.
type parts map[partOf]bool

// partOf is a part of the object with an id.
type partOf struct{ part, id string }

// scope returns the scope of these parts, within kinds.
func (p parts) scope(kinds map[string]bool) export.Scope {
	return export.Scope{Kinds: kinds, Catalogs: map[string]bool{}, Detail: func(o *schema.Object, part string) bool { return p[partOf{part, o.ID}] }}
}

// nested adds the part that has the object of an address inside of another one. ids are
// the ids by address. flags says that the flags of contact fields are wanted too, and
// unbinds that everything an agent is bound to is.
func (p parts) nested(addr, kind string, ids map[string]string, flags, unbinds bool) {
	segments := strings.Split(addr, "/")
	if len(segments) < 3 {
		if flags {
			p[partOf{export.PartMemoryFields, ""}] = true
		}
		return
	}
	owner := ids[segments[0]+"/"+segments[1]]
	switch kind {
	case export.PartEvaluate, export.PartMemorize:
		p[partOf{kind, owner}] = true
		if flags {
			p[partOf{export.PartMemoryFields, owner}] = true
		}
	case export.PartChannels:
		if unbinds {
			kind = export.PartUnbind
		}
		p[partOf{kind, owner}] = true
	case export.PartAction:
		p[partOf{kind, ids[plan.Above(addr)]}] = true
	}
}

// isFlag says whether a path is that of a contact field's flags.
func isFlag(path string) bool { return strings.HasPrefix(path, "contact_fields.") }
