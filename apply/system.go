package apply

import (
	"context"
	"fmt"
	"strings"

	"github.com/mihusync/mihusync/mihu"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
)

// system finds the ids of objects that the service made inside a new object,
// such as the system intents of an agent (O8). It does so only if the write
// refers to them, and reads their list once for each parent.
func (r *runner) system(ctx context.Context, op *plan.Op) error {
	var unknown []schema.Ref
	visit := func(ref schema.Ref) {
		if ref.ID == "" && strings.HasPrefix(ref.Name, schema.SystemPrefix) {
			unknown = append(unknown, ref)
		}
	}
	schema.EachRef(op.Body, visit)
	if op.Flow != nil {
		op.Flow.Refs(visit)
	}
	for _, ref := range unknown {
		if _, err := r.ref(ref); err == nil {
			continue
		}
		parent := strings.TrimSuffix(ref.Addr, "/"+ref.Kind+"/"+ref.Name)
		top, _, _ := strings.Cut(parent, "/")
		k := schema.KindOf(top)
		r.mu.Lock()
		id := r.ids[parent]
		r.mu.Unlock()
		if k == nil || k.Child(ref.Kind) == nil || id == "" {
			continue // resolving the reference reports what is missing
		}
		child := k.Child(ref.Kind)
		err := r.opts.Client.Reader().List(ctx, child.Calls.List, mihu.Args{Path: []string{id}, Address: parent}, func(item map[string]any) error {
			if o := child.Decode(item); o.System {
				r.mu.Lock()
				r.ids[parent+"/"+child.Name+"/"+schema.SystemPrefix+o.SystemKey()] = o.ID
				r.mu.Unlock()
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("%s: the objects that the service made cannot be read: %w", op.Addr, err)
		}
	}
	return nil
}
