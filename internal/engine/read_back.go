package engine

import (
	"context"
	"strings"

	"github.com/mihusync/mihusync/export"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
)

// ReadBack reads what a plan wrote and compares it with what was asked for. It lists
// each kind once, and reads parts only of objects whose parts were written.
func ReadBack(ctx context.Context, src export.Source, p *plan.Plan, w plan.Written, parallel int) (*plan.Verification, error) {
	live, err := export.Read(ctx, src, written(p, w), export.ReadOptions{Parallel: parallel})
	if err != nil {
		return nil, err
	}
	return p.Deviations(live, w), nil
}

// written returns the scope of the objects that a plan wrote.
func written(p *plan.Plan, w plan.Written) export.Scope {
	s := export.Scope{Kinds: map[string]bool{}, Catalogs: map[string]bool{}}
	parts := map[string]bool{}
	for _, ch := range p.Changes {
		if !ch.Verifies() || !w.Has(ch.Addr) {
			continue
		}
		segments := strings.Split(ch.Addr, "/")
		s.Kinds[segments[0]] = true
		owner := ""
		if len(segments) > 2 {
			owner = w.IDs[segments[0]+"/"+segments[1]]
		}
		switch ch.Kind {
		case export.PartEvaluate, export.PartMemorize:
			parts[ch.Kind+"\x00"+owner] = true
			for _, f := range ch.Fields {
				if strings.HasPrefix(f.Path, "contact_fields.") {
					parts[export.PartMemoryFields+"\x00"+owner] = true
				}
			}
		case export.PartChannels:
			parts[export.PartChannels+"\x00"+owner] = true
		case export.PartAction:
			parts[export.PartAction+"\x00"+w.IDs[plan.Above(ch.Addr)]] = true
		}
	}
	s.Detail = func(o *schema.Object, part string) bool { return parts[part+"\x00"+o.ID] }
	return s
}
