package sandbox

import (
	"net/url"
	"time"
)

// call is one request in its handler. It collects the writes; commit installs
// them together, so that a refusal half way changes nothing.
type call struct {
	s       *Sandbox
	op      *operation
	params  []string
	query   url.Values
	body    map[string]any
	pending []change
}

// change is the new value of one object, or nil for a removed one.
type change struct {
	kind, id string
	v        map[string]any
}

// lookup returns an object's value as this call sees it. The caller must not
// change it; [clone] it first.
func (c *call) lookup(kind, id string) (map[string]any, bool) {
	for i := len(c.pending) - 1; i >= 0; i-- {
		if p := c.pending[i]; p.kind == kind && p.id == id {
			return p.v, p.v != nil
		}
	}
	o := c.s.state.of(kind).byID[id]
	if o == nil {
		return nil, false
	}
	return o.v, true
}

// find is lookup for an id from the path. An unknown id is a 404.
func (c *call) find(kind, what, id string) (map[string]any, error) {
	v, ok := c.lookup(kind, id)
	if !ok {
		return nil, missing(what)
	}
	return v, nil
}

func (c *call) put(kind, id string, v map[string]any) {
	c.pending = append(c.pending, change{kind, id, v})
}

func (c *call) remove(kind, id string) {
	c.pending = append(c.pending, change{kind, id, nil})
}

func (c *call) newID() string { return c.s.state.ids.next() }

// stamp returns the current time in the API's form.
func (c *call) stamp() string { return c.s.now().UTC().Format(time.RFC3339) }

// commit writes the collected changes to the journal and installs them.
func (c *call) commit() error {
	if len(c.pending) == 0 {
		return nil
	}
	if j := c.s.journal; j != nil {
		if err := j.append(c.s.state, c.pending); err != nil {
			return err
		}
	}
	for _, p := range c.pending {
		if p.v == nil {
			c.s.state.remove(p.kind, p.id)
		} else {
			c.s.state.put(p.kind, p.id, p.v)
		}
	}
	return nil
}
