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

func (o ReadOptions) parallel() int {
	if o.Parallel <= 0 {
		return 8
	}
	return o.Parallel
}

// Read returns the live state within scope in normal form. It writes nothing. It
// sends as few requests as the API allows: one for each page of 100 objects in a
// list, and one for each part that no list has. References have only ids until
// [schema.Workspace.Resolve]. Objects have no handles.
func Read(ctx context.Context, src Source, scope Scope, opts ReadOptions) (*schema.Workspace, error) {
	r, within := newReader(ctx, src, scope, opts)
	for _, k := range schema.TopKinds() {
		if scope.Kinds[k.Name] {
			r.ws.Sections[k.Name] = true
			r.group.Go(func() error { return r.kind(within, k) })
		}
	}
	for _, name := range tree.Keys(scope.Catalogs) {
		r.group.Go(func() error { return r.catalog(within, name) })
	}
	return r.wait(ctx)
}

// ReadOne returns a workspace with one top-level object of the live one, with the parts
// of it that are in scope. The id of a workspace default is empty. There is no object in
// the workspace if the service has none.
func ReadOne(ctx context.Context, src Source, k *schema.Kind, id string, scope Scope) (*schema.Workspace, error) {
	r, within := newReader(ctx, src, scope, ReadOptions{})
	r.group.Go(func() error {
		if k.Shape == schema.Singleton {
			return r.setting(within, k)
		}
		return r.one(within, k, id)
	})
	return r.wait(ctx)
}

// newReader returns a reader and the context of its requests.
func newReader(ctx context.Context, src Source, scope Scope, opts ReadOptions) (*reader, context.Context) {
	g, within := errgroup.WithContext(ctx)
	return &reader{src: src, scope: scope, ws: schema.NewWorkspace(), group: g, slots: make(chan struct{}, opts.parallel())}, within
}

// wait waits for the requests, and completes and returns the workspace.
func (r *reader) wait(ctx context.Context) (*schema.Workspace, error) {
	if err := r.group.Wait(); err != nil {
		return nil, err
	}
	if err := r.missingCatalogs(ctx); err != nil {
		return nil, err
	}
	for kind := range r.ws.NotKnown {
		delete(r.ws.Objects, kind)
		delete(r.ws.Sections, kind)
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
// answer for that is a 404, no payload, null, or an empty object or list. The object
// is not known if the answer is anything else that is no object.
func (r *reader) maybe(ctx context.Context, op string, args mihu.Args) (m map[string]any, known bool, err error) {
	v, err := r.payload(ctx, op, args)
	if mihu.IsShape(err) {
		return nil, false, nil
	}
	if err != nil || v == nil {
		return nil, true, err
	}
	m, known = v.(map[string]any)
	return m, known, nil
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
	if schema.Absent(out) {
		out = nil
	}
	return out, err
}

// get requests an object that must exist. It returns nil if the answer is no object.
func (r *reader) get(ctx context.Context, op string, args mihu.Args) (map[string]any, error) {
	var out map[string]any
	err := r.do(ctx, func() error {
		v, err := r.src.Get(ctx, op, args)
		out, _ = v.(map[string]any)
		return err
	})
	if mihu.IsShape(err) {
		return nil, nil
	}
	return out, err
}

// list requests a list. each returns false for a row of an unknown form. The result odd
// is the number of such rows. why says what is wrong with a list of an unknown form: it
// is no list, or none of its rows is known.
func (r *reader) list(ctx context.Context, k *schema.Kind, args mihu.Args, each func(map[string]any) bool) (odd int, why string, err error) {
	rows := 0
	err = r.do(ctx, func() error {
		return r.src.List(ctx, k.Calls.List, args, func(item map[string]any) error {
			rows++
			if !each(item) {
				odd++
			}
			return nil
		})
	})
	switch {
	case mihu.IsShape(err):
		return 0, mihu.Reason(err), nil
	case err == nil && odd > 0 && odd == rows:
		return 0, "no row is an object with an id and a name", nil
	}
	return odd, "", err
}

// listed records how a kind or a catalog was listed.
func (r *reader) listed(k *schema.Kind, odd int, why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if why != "" {
		r.ws.NotKnown[k.Name] = fmt.Sprintf("%s answered in a form that is not known: %s", k.Calls.List, why)
	} else if odd > 0 {
		r.ws.Odd[k.Name] = odd
	}
}

func (r *reader) kind(ctx context.Context, k *schema.Kind) error {
	if k.Shape == schema.Singleton {
		return r.setting(ctx, k)
	}
	odd, why, err := r.list(ctx, k, mihu.Args{Query: k.Calls.Query, Address: k.Name}, func(item map[string]any) bool {
		k.Lift(item, false)
		o := k.DecodeRow(item)
		if o == nil {
			return false
		}
		r.mu.Lock()
		r.ws.Objects[k.Name] = append(r.ws.Objects[k.Name], o)
		r.mu.Unlock()
		r.details(ctx, o, item)
		return true
	})
	r.listed(k, odd, why)
	return err
}

// one reads a single object of a collection.
func (r *reader) one(ctx context.Context, k *schema.Kind, id string) error {
	v, err := r.payload(ctx, k.Calls.Get, mihu.Args{Path: []string{id}, Address: k.Name + "/" + id})
	if err != nil || v == nil {
		return err
	}
	item, _ := v.(map[string]any)
	k.Lift(item, true)
	o := k.Decode(item)
	if item == nil || o.ID != id {
		return fmt.Errorf("%s: %s answered in a form that is not known", address(o), k.Calls.Get)
	}
	r.mu.Lock()
	r.ws.Objects[k.Name] = []*schema.Object{o}
	r.mu.Unlock()
	if k.Semantics == schema.FlowSemantics {
		return o.ReadFlow(item)
	}
	r.details(ctx, o, item)
	return nil
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
	if item[o.Kind.ID] != o.ID || o.ReadFlow(item) != nil { // an answer without its id is no flow
		o.Unsure(schema.StepsField)
	}
	return nil
}

// setting reads a workspace default.
func (r *reader) setting(ctx context.Context, k *schema.Kind) error {
	item, known, err := r.maybe(ctx, k.Calls.Get, mihu.Args{Address: k.Name})
	if err != nil {
		return err
	}
	if !known {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.ws.NotKnown[k.Name] = k.Calls.Get + " answered with something that is not an object"
		return nil
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
