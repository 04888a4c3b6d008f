package sandbox

import (
	"fmt"

	"github.com/mihusync/mihusync/internal/openapi"
)

// resource is a plain kind. Its operations are list, get, create, update and
// delete, by the contract's naming convention. A kind without an update
// operation cannot be changed.
type resource struct {
	kind      string // in state and references
	one, many string // in operation ids
	what      string // for people
	order     order
	// derive returns the id of a new object. If it is nil, the id is a uuid.
	derive func(c *call, v map[string]any) string
	// settle completes and checks an object after a create or an update. before
	// is nil for a create.
	settle func(c *call, v, before map[string]any) error
	// drop refuses a delete, or deletes what belongs to the object.
	drop func(c *call, id string, v map[string]any) error
	// detail adds what only a read of the single object shows.
	detail func(c *call, id string, v map[string]any) map[string]any

	id string // key of the id in objects, from the contract
}

func (r *resource) handlers(doc *openapi.Document) (handlers, error) {
	list := doc.Lookup("list" + r.many)
	if list == nil || list.ItemID == "" {
		return nil, fmt.Errorf("sandbox: the contract does not say how %s are told apart", r.kind)
	}
	r.id = list.ItemID
	h := handlers{"list" + r.many: r.listAll, "get" + r.one: r.get, "create" + r.one: r.create, "delete" + r.one: r.remove}
	if update := "update" + r.one; doc.Lookup(update) != nil {
		h[update] = r.update
	}
	return h, nil
}

func (r *resource) listAll(c *call) (*reply, error) {
	p, err := c.list(r.kind, r.order, func(o *entry) any {
		if c.mirrors(r.kind) {
			return r.view(c, o.v)
		}
		return c.form(o)
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
	if err := c.fill(c.op.in, v, c.body, "", true); err != nil {
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
	if err := c.fill(c.op.in, v, c.body, "", false); err != nil {
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
		if c.op.out.field(k) != nil {
			v[k] = c.stamp()
		}
	}
}

// view returns a value with the form of the operation's data.
func (c *call) view(v map[string]any) view { return view{c.op.out, v} }

// viewOf returns a value with the form of another operation's data.
func (c *call) viewOf(op string, v map[string]any) view { return view{c.s.api.ops[op].out, v} }

// form returns an object's encoded value in a list. It is cached until the
// object is written again.
func (c *call) form(o *entry) encoded {
	if b := o.form.Load(); b != nil {
		return *b
	}
	e := c.s.encoder()
	e.object(c.op.out, o.v)
	o.form.Store(&e.buf)
	return e.buf
}
