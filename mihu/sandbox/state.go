package sandbox

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
)

// entry is one stored object. Its value is never changed in place.
type entry struct {
	id  string
	seq uint64 // place in creation order
	v   map[string]any
	// form is the encoded value that lists and reads show. It is made on first
	// use.
	form atomic.Pointer[[]byte]
}

// collection holds the objects of a kind, by id and in creation order.
type collection struct {
	byID  map[string]*entry
	order []*entry

	mu     sync.Mutex // guards sorted, which readers fill
	sorted map[string][]*entry
}

// state is everything that a workspace remembers.
type state struct {
	ids   ids
	seq   uint64
	kinds map[string]*collection
}

func newState(seed uint64) *state {
	return &state{ids: ids{seed: seed}, kinds: map[string]*collection{}}
}

// of returns a kind's collection. Only a writer may ask for a new kind.
func (st *state) of(kind string) *collection {
	if c := st.kinds[kind]; c != nil {
		return c
	}
	return &collection{}
}

func (st *state) put(kind, id string, v map[string]any) {
	col := st.kinds[kind]
	if col == nil {
		col = &collection{byID: map[string]*entry{}}
		st.kinds[kind] = col
	}
	col.sorted = nil
	if old := col.byID[id]; old != nil {
		o := &entry{id: id, seq: old.seq, v: v}
		col.byID[id] = o
		col.order[col.index(old)] = o
		return
	}
	st.seq++
	o := &entry{id: id, seq: st.seq, v: v}
	col.byID[id] = o
	col.order = append(col.order, o)
}

func (st *state) remove(kind, id string) {
	col := st.kinds[kind]
	if col == nil {
		return
	}
	o := col.byID[id]
	if o == nil {
		return
	}
	i := col.index(o)
	delete(col.byID, id)
	col.order = slices.Delete(col.order, i, i+1)
	col.sorted = nil
}

func (c *collection) index(o *entry) int {
	i, _ := slices.BinarySearchFunc(c.order, o.seq, func(x *entry, seq uint64) int { return cmp.Compare(x.seq, seq) })
	return i
}

// ordered returns the objects in a named order. It sorts once between writes.
func (c *collection) ordered(name string, less func(a, b *entry) int) []*entry {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s, ok := c.sorted[name]; ok {
		return s
	}
	s := slices.Clone(c.order)
	slices.SortStableFunc(s, less)
	if c.sorted == nil {
		c.sorted = map[string][]*entry{}
	}
	c.sorted[name] = s
	return s
}
