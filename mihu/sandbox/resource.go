package sandbox

import (
	"net/http"
)

// resource is a plain kind: what can be said about it as data. Its operations
// are list, get, create, update and delete, named by the contract's convention.
type resource struct {
	kind      string // in state and references
	one, many string // in operation ids
	what      string // for people
	path      string // of the collection
	param     string // of the id in paths
	id        string // key of the id in objects
	def       *def
	list      listing
	immutable bool // there is no update operation
	// derive makes the id of a new object; nil: a uuid.
	derive func(c *call, v map[string]any) string
	// settle completes and checks an object after a create (before is nil) or an
	// update.
	settle func(c *call, v, before map[string]any) error
	// drop objects to a delete, or takes along what belongs to the object.
	drop func(c *call, id string, v map[string]any) error
	// detail adds to an object what only reading it alone shows.
	detail func(c *call, id string, v map[string]any) map[string]any
}

func (r *resource) operations() []*operation {
	item := r.path + "/{" + r.param + "}"
	ops := []*operation{
		{id: "list" + r.many, method: http.MethodGet, path: r.path, handle: r.listAll},
		{id: "create" + r.one, method: http.MethodPost, path: r.path, writes: true, handle: r.create},
		{id: "get" + r.one, method: http.MethodGet, path: item, handle: r.get},
		{id: "delete" + r.one, method: http.MethodDelete, path: item, writes: true, handle: r.remove},
	}
	if !r.immutable {
		// Workspace resources are updated with PUT, which is partial [doc] (G7).
		ops = append(ops, &operation{id: "update" + r.one, method: http.MethodPut, path: item, writes: true, handle: r.update})
	}
	return ops
}

func (r *resource) listAll(c *call) (*reply, error) {
	p, err := c.list(r.kind, &r.list, func(o *entry) any {
		if c.mirrors(r.kind) {
			return r.view(c, o.v)
		}
		return c.s.form(r.def, o)
	})
	if err != nil {
		return nil, err
	}
	return &reply{message: r.what + " list retrieved successfully", page: p}, nil
}

func (r *resource) get(c *call) (*reply, error) {
	v, err := c.find(r.kind, r.what, c.params[0])
	if err != nil {
		return nil, err
	}
	if r.detail != nil {
		v = r.detail(c, c.params[0], v)
	}
	return &reply{message: r.what + " retrieved successfully", data: r.view(c, v)}, nil
}

func (r *resource) create(c *call) (*reply, error) {
	v := map[string]any{}
	if err := c.fill(r.def, v, c.body, "", true); err != nil {
		return nil, err
	}
	if r.settle != nil {
		if err := r.settle(c, v, nil); err != nil {
			return nil, err
		}
	}
	id := ""
	if r.derive != nil {
		id = r.derive(c, v)
	} else {
		id = c.newID()
	}
	v[r.id] = id
	r.stamp(c, v, "created_at", "updated_at")
	c.put(r.kind, id, v)
	return &reply{message: r.what + " created successfully", data: r.view(c, v), created: true}, nil
}

func (r *resource) update(c *call) (*reply, error) {
	before, err := c.find(r.kind, r.what, c.params[0])
	if err != nil {
		return nil, err
	}
	v := clone(before)
	if err := c.fill(r.def, v, c.body, "", false); err != nil {
		return nil, err
	}
	if r.settle != nil {
		if err := r.settle(c, v, before); err != nil {
			return nil, err
		}
	}
	r.stamp(c, v, "updated_at")
	c.put(r.kind, c.params[0], v)
	return &reply{message: r.what + " updated successfully", data: r.view(c, v)}, nil
}

func (r *resource) remove(c *call) (*reply, error) {
	v, err := c.find(r.kind, r.what, c.params[0])
	if err != nil {
		return nil, err
	}
	if r.drop != nil {
		if err := r.drop(c, c.params[0], v); err != nil {
			return nil, err
		}
	}
	c.remove(r.kind, c.params[0])
	return &reply{message: r.what + " deleted successfully"}, nil
}

func (r *resource) stamp(c *call, v map[string]any, keys ...string) {
	for _, k := range keys {
		if r.def.field(k) != nil {
			v[k] = c.stamp()
		}
	}
}

// form is an object's encoded value, kept until the object is written again.
func (s *Sandbox) form(d *def, o *entry) encoded {
	if b := o.form.Load(); b != nil {
		return *b
	}
	e := s.encoder()
	e.object(d, o.v)
	o.form.Store(&e.buf)
	return e.buf
}
