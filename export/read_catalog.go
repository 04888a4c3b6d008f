package export

import (
	"context"
	"net/http"

	"github.com/mihusync/mihusync/mihu"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// catalog reads a catalog. Only the live workspace has its entries, and files refer
// to them by the name that people see.
func (r *reader) catalog(ctx context.Context, name string) error {
	k := schema.CatalogOf(name)
	index := schema.NewCatalogIndex(k)
	odd, why, err := r.list(ctx, k, mihu.Args{Query: k.Calls.Query, Address: name}, index.Add)
	if mihu.IsStatus(err, http.StatusNotFound) {
		why, err = "there is no such list (404)", nil
	}
	if err != nil {
		return err
	}
	r.listed(k, odd, why)
	if why != "" {
		return nil
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
	if r.numbers && r.ws.Catalogs[numbersCatalog] == nil {
		want[numbersCatalog] = true
	}
	r.ws.Walk(func(o *schema.Object) {
		o.Refs(func(ref schema.Ref) {
			if schema.CatalogOf(ref.Kind) != nil && r.ws.Catalogs[ref.Kind] == nil && ref.ID != "" {
				want[ref.Kind] = true
			}
		})
	})
	if r.scope.Settings && r.ws.HasStrangers() {
		for _, k := range schema.Table() {
			if k.Shape == schema.Catalog && k.HoldsUUIDs() && r.ws.Catalogs[k.Name] == nil {
				want[k.Name] = true
			}
		}
	}
	for _, name := range tree.Keys(want) {
		if r.ws.NotKnown[name] != "" {
			continue
		}
		if err := r.catalog(ctx, name); err != nil {
			return err
		}
	}
	return nil
}
