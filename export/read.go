package export

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sort"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/mihusync/mihusync/mihu"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// Source reads the API. It has no methods that write. *mihu.Reader is a Source.
type Source interface {
	Get(ctx context.Context, op string, args mihu.Args) (any, error)
	List(ctx context.Context, op string, args mihu.Args, each func(map[string]any) error) error
}

// ReadOptions are the options of [Read].
type ReadOptions struct {
	// Parallel is the largest number of requests at the same time. 0 means 8.
	Parallel int
}

// Read returns the live state within scope in normal form. It writes nothing. It
// sends as few requests as the API allows: one for each page of 100 objects in a
// list, and one for each part that no list has. References have only ids until
// [schema.Workspace.Resolve]. Objects have no handles.
func Read(ctx context.Context, src Source, scope Scope, opts ReadOptions) (*schema.Workspace, error) {
	if opts.Parallel <= 0 {
		opts.Parallel = 8
	}
	g, within := errgroup.WithContext(ctx)
	r := &reader{src: src, scope: scope, ws: schema.NewWorkspace(), group: g, slots: make(chan struct{}, opts.Parallel)}
	for _, k := range schema.TopKinds() {
		if scope.Kinds[k.Name] {
			r.ws.Sections[k.Name] = true
			g.Go(func() error { return r.kind(within, k) })
		}
	}
	for _, name := range tree.Keys(scope.Catalogs) {
		g.Go(func() error { return r.catalog(within, name) })
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	if err := r.missingCatalogs(ctx); err != nil {
		return nil, err
	}
	r.bindChannels()
	for _, objects := range r.ws.Objects {
		sortSiblings(objects)
	}
	return r.ws, nil
}

type reader struct {
	src   Source
	scope Scope
	group *errgroup.Group
	slots chan struct{}

	mu      sync.Mutex
	ws      *schema.Workspace
	numbers bool // the channels of an agent need the phone numbers
}

// do runs one request. It waits while the largest number of requests is under way.
func (r *reader) do(ctx context.Context, f func() error) error {
	select {
	case r.slots <- struct{}{}:
		defer func() { <-r.slots }()
		return f()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// maybe requests an object that may not exist, and returns nil if it does not. The
// answer for that is a 404, no payload, null, or an empty object or list. Any other
// answer that is no object is an error.
func (r *reader) maybe(ctx context.Context, op string, args mihu.Args) (map[string]any, error) {
	v, err := r.payload(ctx, op, args)
	if err != nil || v == nil {
		return nil, err
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil, noObject(op, args)
	}
	return m, nil
}

// payload requests something that may not exist, and returns nil if it does not.
func (r *reader) payload(ctx context.Context, op string, args mihu.Args) (any, error) {
	var out any
	err := r.do(ctx, func() (err error) {
		out, err = r.src.Get(ctx, op, args)
		return err
	})
	var refused *mihu.Error
	if errors.As(err, &refused) && refused.Status == http.StatusNotFound {
		return nil, nil
	}
	switch v := out.(type) {
	case map[string]any:
		if len(v) == 0 {
			out = nil
		}
	case []any:
		if len(v) == 0 {
			out = nil
		}
	case string:
		if v == "" {
			out = nil
		}
	}
	return out, err
}

func noObject(op string, args mihu.Args) error {
	return fmt.Errorf("%s: %s answered with something that is not an object", args.Address, op)
}

// get requests an object that must exist.
func (r *reader) get(ctx context.Context, op string, args mihu.Args) (map[string]any, error) {
	var out map[string]any
	err := r.do(ctx, func() error {
		v, err := r.src.Get(ctx, op, args)
		if err != nil {
			return err
		}
		m, ok := v.(map[string]any)
		if !ok {
			return noObject(op, args)
		}
		out = m
		return nil
	})
	return out, err
}

func (r *reader) kind(ctx context.Context, k *schema.Kind) error {
	if k.Shape == schema.Singleton {
		return r.setting(ctx, k)
	}
	return r.do(ctx, func() error {
		return r.src.List(ctx, k.Calls.List, mihu.Args{Query: k.Calls.Query, Address: k.Name}, func(item map[string]any) error {
			k.Lift(item, false)
			o := k.Decode(item)
			r.mu.Lock()
			r.ws.Objects[k.Name] = append(r.ws.Objects[k.Name], o)
			r.mu.Unlock()
			r.details(ctx, o, item)
			return nil
		})
	})
}

// details starts the requests for the parts of o that item does not have. item is o
// in the answer of the list call.
func (r *reader) details(ctx context.Context, o *schema.Object, item map[string]any) {
	switch {
	case o.Kind.Semantics == schema.FlowSemantics:
		o.Fields[schema.DeployedField] = schema.Running(item)
		if r.scope.Detail != nil && r.scope.Detail(o, PartSteps) {
			r.group.Go(func() error { return r.steps(ctx, o) })
		}
	case o.Kind.Name == "agents":
		r.group.Go(func() error { return r.agent(ctx, o, item) })
	}
}

func (r *reader) steps(ctx context.Context, o *schema.Object) error {
	item, err := r.get(ctx, o.Kind.Calls.Get, mihu.Args{Path: []string{o.ID}, Address: address(o)})
	if err != nil {
		return err
	}
	if err := o.ReadFlow(item); err != nil {
		return fmt.Errorf("%s: %w", address(o), err)
	}
	return nil
}

// setting reads a workspace default.
func (r *reader) setting(ctx context.Context, k *schema.Kind) error {
	item, err := r.maybe(ctx, k.Calls.Get, mihu.Args{Address: k.Name})
	if err != nil {
		return err
	}
	o := k.Decode(item)
	if k.Calls.ReadRows != "" && r.scope.Detail != nil && r.scope.Detail(o, PartMemoryFields) {
		if err := r.rows(ctx, o, mihu.Args{Address: k.Name}); err != nil {
			return err
		}
	}
	r.mu.Lock()
	r.ws.Objects[k.Name] = []*schema.Object{o}
	r.mu.Unlock()
	return nil
}

// rows reads the field that the API keeps in rows (M4, M6). If the rows have an
// unknown form, the field is not known.
func (r *reader) rows(ctx context.Context, o *schema.Object, args mihu.Args) error {
	f := o.Kind.Fields.RowsField()
	rows := []any{}
	known := true
	err := r.do(ctx, func() error {
		return r.src.List(ctx, o.Kind.Calls.ReadRows, args, func(row map[string]any) error {
			id, _ := row[f.Rows].(string)
			known = known && id != ""
			rows = append(rows, row)
			return nil
		})
	})
	switch {
	case mihu.IsStatus(err, http.StatusNotFound):
	case mihu.IsShape(err):
		known = false
	case err != nil:
		return err
	}
	if !known {
		o.Unsure(f.Name)
		return nil
	}
	o.Fields[f.Name] = f.DecodeRows(rows)
	return nil
}

// address returns the address of a live object that has no handle yet. It uses the
// natural key or the id instead.
func address(o *schema.Object) string {
	if o.Parent != nil {
		return address(o.Parent) + "/" + o.Kind.Name + "/" + o.ID
	}
	if o.Kind.Shape == schema.Singleton {
		return o.Kind.Name
	}
	return o.Kind.Name + "/" + o.Key().String()
}

// sortSiblings sorts objects by kind, natural key and id. The result does not
// depend on the order of the service's lists.
func sortSiblings(objects []*schema.Object) {
	rank := map[string]int{}
	for _, o := range objects {
		if o.Parent != nil {
			for i, c := range o.Parent.Kind.Children {
				rank[c.Name] = i
			}
		}
	}
	keys := make(map[*schema.Object]schema.Key, len(objects))
	for _, o := range objects {
		keys[o] = o.Key()
	}
	sort.SliceStable(objects, func(i, j int) bool {
		a, b := objects[i], objects[j]
		if x, y := rank[a.Kind.Name], rank[b.Kind.Name]; x != y {
			return x < y
		}
		if keys[a] != keys[b] {
			return keys[a].Compare(keys[b]) < 0
		}
		return a.ID < b.ID
	})
	for _, o := range objects {
		sortSiblings(o.Children)
	}
}
