package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// Declarations refer to entries of catalogs, such as voices, by what a person sees. The
// live workspace tells their ids.

// resolveDesired resolves the declarations' references to catalogs. It reports
// names that the workspace does not have, and names that several entries share.
func (m *matching) resolveDesired() {
	m.desired.Walk(func(o *schema.Object) {
		if m.desired.Excludes(o) {
			return
		}
		m.unnamed(o)
		m.hints(o)
		o.MapRefs(func(r schema.Ref, fields map[string]any) schema.Ref {
			if schema.CatalogOf(r.Kind) == nil {
				return r
			}
			return m.catalogRef(o, r, fields)
		})
	})
}

// catalogRef resolves the name of a catalog's entry. fields has the reference.
func (m *matching) catalogRef(o *schema.Object, r schema.Ref, fields map[string]any) schema.Ref {
	if id, pinned := strings.CutPrefix(r.Name, schema.PinPrefix); pinned {
		r.ID, r.Addr = id, r.Kind+"/"+r.Name
		m.ids[r.Addr] = id
		return r
	}
	ids, _ := m.live.Entries(r, fields)
	if len(ids) == 1 {
		r.ID, r.Addr = ids[0], r.Kind+"/"+r.Name
		if m.ids[r.Addr] == "" { // connections of two apps may share a label, and have one address
			m.ids[r.Addr] = r.ID
		}
	} else if !m.opts.Offline {
		m.noEntry(o, r, fields, ids)
	}
	return r
}

// noEntry reports a name of a catalog that no entry has, or several.
func (m *matching) noEntry(o *schema.Object, r schema.Ref, fields map[string]any, ids []string) {
	index, k := m.live.Catalogs[r.Kind], schema.CatalogOf(r.Kind)
	if why := m.unlisted(r, fields); why != "" {
		m.failRef(o, r, fmt.Sprintf("the %s %q cannot be looked up: %s", k.Label, r.Name, why), "", fmt.Sprintf("Write its id: %q", schema.PinPrefix+"…"))
		return
	}
	within := m.live.OwnerOf(r.Kind, fields)
	if len(ids) > 0 {
		names := make([]string, len(ids))
		for i, id := range ids {
			names[i] = quote(index.Write(id, within))
		}
		slices.Sort(names)
		m.failRef(o, r, fmt.Sprintf("%d %ss are named %q", len(ids), k.Label, r.Name), "They are "+strings.Join(names, ", ")+".", "Write the one that is meant: "+names[0])
		return
	}
	var names []string
	if index != nil {
		for _, name := range tree.Keys(index.ByName) {
			if len(index.Find(name, within)) > 0 {
				names = append(names, name)
			}
		}
		if elsewhere := index.Find(r.Name, ""); within != "" && len(elsewhere) > 0 {
			m.failRef(o, r, fmt.Sprintf("the %s %q belongs to another app", k.Label, r.Name), "The app has: "+list(names)+".", suggest(r.Name, names))
			return
		}
	}
	m.failRef(o, r, fmt.Sprintf("the workspace has no %s %q", k.Label, r.Name), "It has: "+list(names)+".", suggest(r.Name, names))
}

func list(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	const most = 20
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names, ", ")
}

func suggest(name string, names []string) string {
	if s := schema.Nearest(name, names); s != "" {
		return fmt.Sprintf("Did you mean %q?", s)
	}
	return ""
}

// failRef reports a reference of an object, at the field or the step that has it.
func (m *matching) failRef(o *schema.Object, r schema.Ref, summary, detail, suggestion string) {
	p := schema.Problem{Address: o.Addr(), Pos: o.Pos, Summary: summary, Detail: detail, Suggestion: suggestion}
	has := func(v any) bool {
		here, isRef := v.(schema.Ref)
		return isRef && here.Kind == r.Kind && here.Name == r.Name
	}
	for at, v := range tree.All(o.Fields) {
		if has(v) {
			p = p.At(m.desired.Places(o, strings.Join(at.Parts(), ".")))
		}
	}
	o.Flow.Walk(func(s, _ *schema.Step, _ string) {
		for at, v := range tree.All(s.Fields) {
			if has(v) {
				p.Address = o.Addr() + "/" + s.Kind.Name + "/" + s.ID
				p = p.At(m.desired.StepPlaces(o, s, strings.Join(at.Parts(), ".")))
			}
		}
	})
	m.problems.Add(p)
}
