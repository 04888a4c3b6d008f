package promote

import (
	"fmt"
	"strings"

	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// refs finds references by ids of the source, which mean nothing in the target.
// The plan finds names that the target does not have.
func (p *promotion) refs() {
	p.desired.Walk(func(o *schema.Object) {
		if p.desired.Excludes(o) {
			return
		}
		adapt := func(r schema.Ref) schema.Ref {
			if name, ok := p.only(r); ok && name != "" {
				return schema.Ref{Kind: r.Kind, Name: name, Addr: r.Kind + "/" + name}
			}
			if id, pinned := strings.CutPrefix(r.String(), schema.PinPrefix); pinned && !p.known(r.Kind, id) {
				p.fail(o, fmt.Sprintf("refers to a %s by the id %s, which only the source has", labelOf(r.Kind), id), "", "Give it a name of its own there, or keep the field: keep: [\""+o.Addr()+"#FIELD\"] in the target's files.")
			}
			return r
		}
		o.Fields, _ = schema.MapRefs(o.Fields, adapt).(map[string]any)
		o.Flow.Walk(func(s, _ *schema.Step, _ string) { s.Fields, _ = schema.MapRefs(s.Fields, adapt).(map[string]any) })
	})
}

// strangers warns of uuids in free-form settings that the plan writes and that belong
// to nothing known. They may mean something in the source and nothing in the target.
func (p *promotion) strangers(out *plan.Plan) {
	written := map[string]bool{}
	for _, ch := range out.Changes {
		written[ch.Addr] = written[ch.Addr] || ch.Action != plan.Unmanaged && ch.Action != plan.Delete
	}
	p.desired.Walk(func(o *schema.Object) {
		if !written[o.Addr()] {
			return
		}
		o.EachSetting(func(place string, settings any) {
			for at, v := range tree.All(settings) {
				if id, ok := v.(string); ok && schema.IsUUID(id) {
					path := place
					if within := at.String(); within != "" {
						path += "." + within
					}
					out.Warnings = append(out.Warnings, field.Note{Code: "unknown-id", Addrs: []string{o.Addr()},
						Text: fmt.Sprintf("%s: %s is the id %s, which belongs to nothing known; it may mean nothing in the target", o.Addr(), path, id)})
				}
			}
		})
	})
}

func labelOf(kind string) string {
	if k := schema.KindOf(kind); k != nil {
		return k.Label
	}
	return strings.TrimSuffix(kind, "s")
}

// known says whether the target has an id.
func (p *promotion) known(kind, id string) bool {
	if c := p.live.Catalogs[kind]; c != nil {
		_, there := c.ByID[id]
		return there
	}
	found := false
	p.live.Walk(func(o *schema.Object) { found = found || o.Kind.Name == kind && o.ID == id })
	return found
}

// only returns the target's only entry of a catalog whose names differ between
// workspaces.
func (p *promotion) only(r schema.Ref) (string, bool) {
	if r.Kind != "whatsapp_accounts" || p.live.Catalogs[r.Kind] == nil {
		return "", false
	}
	names := tree.Keys(p.live.Catalogs[r.Kind].ByName)
	if len(names) == 1 {
		return names[0], true
	}
	return "", p.live.Catalogs[r.Kind].ByName[r.Name] != nil
}
