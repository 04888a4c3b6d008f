package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/plan/flow"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// A pin is the id of a live object in the files: the uuid of a declaration, or a
// reference "uuid:…". It binds in the workspace that the files are pinned in. One that
// matches nothing there is a problem. In any other workspace a pin is a hint: without a
// match, the natural key decides, and the plan warns.

// codePin is the code of notes on pins.
const codePin = "pin"

// pinsBind says whether the pins of the files bind in this workspace.
func (m *matching) pinsBind() bool {
	return m.desired.PinnedIn == "" || strings.EqualFold(m.desired.PinnedIn, m.opts.Workspace)
}

// pins checks the uuids of the declarations.
func (m *matching) pins() {
	if m.opts.Offline || m.opts.CompareOnly {
		return
	}
	m.desired.Walk(func(o *schema.Object) {
		have := m.pairs[o]
		if o.ID == "" || have != nil && have.ID == o.ID || m.desired.Excludes(o) || m.replaced(o, have) {
			return
		}
		switch {
		case m.oddRows(o):
			m.doubts = append(m.doubts, notKnownNote(o.Addr(), "the list", "whether it has the uuid "+o.ID+" is not checked"))
		case m.pinsBind():
			m.deadPin(o, have)
		default:
			so := "a new one is created"
			if have != nil {
				so = "the one that has its name is taken"
			}
			m.doubts = append(m.doubts, field.Note{Code: codePin, Addrs: []string{o.Addr()},
				Text: fmt.Sprintf("%s: no live %s has the uuid %s, which is one of %s; %s", o.Addr(), o.Kind.Label, o.ID, m.desired.PinnedIn, so)})
		}
	})
}

// replaced says whether a declaration is pinned to the old flow of a replacement that
// is not at its end.
func (m *matching) replaced(o, have *schema.Object) bool {
	return have != nil && slices.ContainsFunc(m.left[have.ID], func(l flow.Leftover) bool { return l.ID == o.ID })
}

// oddRows says whether the collection of a declared object has live members of an
// unknown form.
func (m *matching) oddRows(o *schema.Object) bool {
	if o.Parent == nil {
		return m.live.Odd[o.Kind.Name] > 0
	}
	parent := m.pairs[o.Parent]
	return parent != nil && (parent.Odd[o.Kind.Name] > 0 || parent.NotKnown[o.Kind.Name])
}

// deadPin reports the uuid of a declaration that no live object has.
func (m *matching) deadPin(o, have *schema.Object) {
	named := ""
	if name := o.KnownBy().Name(); name != "" {
		named = fmt.Sprintf(" that is named %q", name)
	}
	detail, suggestion := "The one"+named+" was deleted, or the uuid is one of another workspace.", "Leave uuid out to create it, or remove the declaration."
	if have != nil {
		detail, suggestion = fmt.Sprintf("The live one%s has the uuid %s.", named, have.ID), fmt.Sprintf("Write uuid: %q, or leave uuid out.", have.ID)
	}
	if m.desired.PinnedIn == "" {
		suggestion += " If the files have pins of another workspace, name it: workspace: pinned_in: \"NAME\"."
	}
	m.failAt(o, schema.PinField, fmt.Sprintf("no live %s has the uuid %s", o.Kind.Label, o.ID), detail, suggestion)
}

// hints removes from a declared object the references by id that match nothing here, if
// they are only hints and the field can stay as it is. Other ones are left to
// [description.checkPins].
func (m *matching) hints(o *schema.Object) {
	if m.opts.Offline || m.opts.CompareOnly || m.pinsBind() {
		return
	}
	o.Fields = m.withoutHints(o, o.Kind.Fields, o.Fields, "")
}

func (m *matching) withoutHints(o *schema.Object, f *schema.Field, fields map[string]any, prefix string) map[string]any {
	out := make(map[string]any, len(fields))
	for _, name := range tree.Keys(fields) {
		out[name] = fields[name]
		member := f.Lookup(name)
		if member == nil {
			continue
		}
		switch v := fields[name].(type) {
		case schema.Ref:
			if there, known := m.exists(v); member.Nullable && known && !there {
				delete(out, name)
				m.doubts = append(m.doubts, field.Note{Code: codePin, Addrs: []string{o.Addr()},
					Text: fmt.Sprintf("%s: %s%s is left out: no live %s has the id of %s, which is one of %s", o.Addr(), prefix, name, labelOf(v.Kind), v, m.desired.PinnedIn)})
			}
		case map[string]any:
			if member.Type == schema.Struct {
				out[name] = m.withoutHints(o, member, v, prefix+name+".")
			}
		}
	}
	return out
}

// exists says whether a reference by id has a live target. It is not known if the
// target's list was not read or has an unknown form. Other references count as known.
func (m *matching) exists(r schema.Ref) (there, known bool) {
	id, pinned := strings.CutPrefix(r.String(), schema.PinPrefix)
	if !pinned {
		return true, true
	}
	doubtful := m.live.NotKnown[r.Kind] != "" || m.live.Odd[r.Kind] > 0
	if schema.CatalogOf(r.Kind) != nil {
		index := m.live.Catalogs[r.Kind]
		if index == nil {
			return false, false
		}
		_, there = index.ByID[id]
		return there, there || !doubtful
	}
	m.live.Walk(func(o *schema.Object) {
		there = there || o.Kind.Name == r.Kind && o.ID == id
		doubtful = doubtful || o.NotKnown[r.Kind] || o.Odd[r.Kind] > 0
	})
	k := schema.CollectionOf(r.Kind)
	return there, there || k != nil && m.live.Sections[k.Root()] && !doubtful
}

// checkPins reports the references by id that an object gets and that match nothing.
func (d *description) checkPins(want, have *schema.Object) {
	if d.opts.Offline || d.opts.CompareOnly {
		return
	}
	had := map[schema.Ref]bool{}
	if have != nil {
		have.Refs(func(r schema.Ref) { had[schema.Ref{Kind: r.Kind, ID: r.ID}] = true })
	}
	want.Refs(func(r schema.Ref) {
		id, pinned := strings.CutPrefix(r.String(), schema.PinPrefix)
		if !pinned || had[schema.Ref{Kind: r.Kind, ID: id}] {
			return
		}
		switch there, known := d.exists(r); {
		case !known:
			d.notKnown(want.Addr(), "the "+labelOf(r.Kind)+"s", "the id "+id+" is not checked")
		case !there:
			d.failRef(want, r, fmt.Sprintf("no live %s has the id %s that stands here", labelOf(r.Kind), id), "", "Refer to one by its "+nameOf(r.Kind)+".")
		}
	})
}

func labelOf(kind string) string {
	if k := schema.CatalogOf(kind); k != nil {
		return k.Label
	}
	if k := schema.CollectionOf(kind); k != nil {
		return k.Label
	}
	return strings.TrimSuffix(kind, "s")
}

// nameOf says by what files refer to an object of a kind.
func nameOf(kind string) string {
	if schema.CatalogOf(kind) != nil {
		return "name"
	}
	return "handle"
}
