package engine

import (
	"context"
	"strings"

	"github.com/mihusync/mihusync/export"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
)

// Verify reads what a plan touches and compares it with what the plan was made
// for. The error is a [*plan.StaleError] if something differs. Objects that the
// plan does not touch may have changed.
func Verify(ctx context.Context, src export.Source, p *plan.Plan, parallel int) error {
	live, err := export.Read(ctx, src, touched(p), export.ReadOptions{Parallel: parallel})
	if err != nil {
		return err
	}
	p.Name(live)
	return p.Verify(live)
}

// touched returns the scope of the objects that a plan changes.
func touched(p *plan.Plan) export.Scope {
	s := export.Scope{Kinds: map[string]bool{}, Catalogs: map[string]bool{}}
	parts, deleted := map[string]bool{}, map[string]bool{}
	for _, ch := range p.Changes {
		deleted[ch.Addr] = ch.Action == plan.Delete
	}
	for _, f := range p.Touched {
		segments := strings.Split(f.Addr, "/")
		s.Kinds[segments[0]] = true
		if f.HasSteps() {
			parts[export.PartSteps+"\x00"+f.ID] = true
		}
		if len(segments) < 3 {
			for path := range f.Fields {
				if strings.HasPrefix(path, "contact_fields.") {
					parts[export.PartMemoryFields+"\x00"] = true
				}
			}
			continue
		}
		owner := p.IDs[segments[0]+"/"+segments[1]]
		switch f.Kind {
		case export.PartEvaluate, export.PartMemorize:
			parts[f.Kind+"\x00"+owner] = true
			for path := range f.Fields {
				if strings.HasPrefix(path, "contact_fields.") {
					parts[export.PartMemoryFields+"\x00"+owner] = true
				}
			}
		case export.PartChannels:
			part := export.PartChannels
			if deleted[plan.Owner(f.Addr)] {
				part = export.PartUnbind
			}
			parts[part+"\x00"+owner] = true
		case export.PartAction:
			parts[export.PartAction+"\x00"+p.IDs[strings.TrimSuffix(f.Addr, "/"+export.PartAction)]] = true
		}
	}
	s.Detail = func(o *schema.Object, part string) bool { return parts[part+"\x00"+o.ID] }
	return s
}
