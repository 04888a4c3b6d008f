package export

import (
	"context"

	"github.com/mihusync/mihusync/mihu"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// catalog reads a catalog. Only the live workspace has its entries, and files refer
// to them by the name that people see.
func (r *reader) catalog(ctx context.Context, name string) error {
	k := schema.CatalogOf(name)
	index := schema.NewCatalogIndex(k)
	err := r.do(ctx, func() error {
		return r.src.List(ctx, k.Calls.List, mihu.Args{Query: k.Calls.Query, Address: name}, func(item map[string]any) error {
			index.Add(item)
			return nil
		})
	})
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ws.Catalogs[name] = index
	return nil
}

// missingCatalogs reads the catalogs that live objects refer to by id and that
// scope leaves out. Output can then show the name.
func (r *reader) missingCatalogs(ctx context.Context) error {
	want := map[string]bool{}
	if r.numbers && r.ws.Catalogs["phone_numbers"] == nil {
		want["phone_numbers"] = true
	}
	r.ws.Walk(func(o *schema.Object) {
		o.Refs(func(ref schema.Ref) {
			if schema.CatalogOf(ref.Kind) != nil && r.ws.Catalogs[ref.Kind] == nil && ref.ID != "" {
				want[ref.Kind] = true
			}
		})
	})
	for _, name := range tree.Keys(want) {
		if err := r.catalog(ctx, name); err != nil {
			return err
		}
	}
	return nil
}
