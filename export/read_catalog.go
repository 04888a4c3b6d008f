package export

import (
	"context"

	"github.com/mihusync/mihusync/mihu"
	"github.com/mihusync/mihusync/schema"
)

// catalog reads what exists only in the workspace and is named by what a person
// sees there.
func (r *reader) catalog(ctx context.Context, name string) error {
	k := schema.CatalogOf(name)
	index := &schema.CatalogIndex{ByName: map[string][]string{}, ByID: map[string]string{}, Items: map[string]map[string]any{}}
	err := r.do(ctx, func() error {
		return r.src.List(ctx, k.Calls.List, mihu.Args{Query: k.Calls.Query, Address: name}, func(item map[string]any) error {
			id, _ := item[k.ID].(string)
			title, _ := item[k.Title].(string)
			if id == "" || title == "" {
				return nil
			}
			index.ByName[title] = append(index.ByName[title], id)
			index.ByID[id] = title
			index.Items[id] = item
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

// missingCatalogs reads the catalogs that something live refers to by id, so that
// the reference can be shown by name.
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
	for _, name := range schema.SortedKeys(want) {
		if err := r.catalog(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// channels records which channels an agent is bound on (O1). The numbers follow
// from the list of phone numbers, which says who uses each [doc]; they are read if
// wanted.
func (r *reader) channels(o *schema.Object, item map[string]any, numbers bool) {
	k := o.Kind.Child("channels")
	if k == nil {
		return
	}
	child := &schema.Object{Kind: k, Parent: o, Fields: map[string]any{}, Sections: map[string]bool{}}
	list, says := item["channels"].([]any)
	for _, name := range list {
		if s, ok := name.(string); ok && k.Fields.Lookup(s) != nil {
			child.Fields[s] = map[string]any{}
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	o.Sections[k.Name] = true
	o.Children = append(o.Children, child)
	if numbers && len(child.Fields) > 0 || !says { // then only the numbers know
		r.numbers = true
	}
}

// bindChannels fills in the numbers that agents are bound to.
func (r *reader) bindChannels() {
	index := r.ws.Catalogs["phone_numbers"]
	if index == nil {
		return
	}
	agents := map[string]*schema.Object{}
	for _, o := range r.ws.Objects["agents"] {
		if c := o.Child("channels", ""); c != nil {
			agents[o.ID] = c
		}
	}
	for _, id := range schema.SortedKeys(index.Items) {
		bindings, _ := index.Items[id][schema.NumberBindings].(map[string]any)
		for _, channel := range schema.SortedKeys(bindings) {
			b, _ := bindings[channel].(map[string]any)
			agent, _ := b[schema.BindingAgent].(string)
			if bound, _ := b[schema.BindingBound].(bool); bound && agents[agent] != nil {
				agents[agent].Fields[channel] = map[string]any{"phone_number": schema.Ref{Kind: "phone_numbers", ID: id}}
			}
		}
	}
}
