package sandbox

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// listing is what the contract says about a list's shape, pages and filters.
type listing struct {
	// shape is "array", "data" or "items". open says that the shape is unknown,
	// so that the variants may choose it.
	shape string
	open  bool
	// pagerOpen says that the pager keys are an assumption (A3).
	pagerOpen bool
	// per is the default page size. It is 0 for a list that is whole unless a
	// page is asked for. cap is the largest page size granted, 0 if none is
	// known.
	per, cap int
	// whole says that the list is documented as unpaged.
	whole bool
	// equal are the query parameters that a field must equal.
	equal []match
	// search are the fields that the search term is looked for in.
	search []string
	// include says that the list has active objects only, unless the parameter
	// "include" says all or inactive.
	include bool
}

// match names a query parameter and the field that it is compared with.
type match struct{ param, field string }

// order compares two objects by the list's order. It is nil if no order is
// documented.
type order func(a, b *entry) int

// page is the answered part of a list.
type page struct {
	shape            string
	pager            bool
	rows             []any
	at, last, per, n int
}

// list answers the objects of a kind. show turns an object into what is encoded.
func (c *call) list(kind string, by order, show func(*entry) any) (*page, error) {
	objs := c.arranged(kind, by)
	keep, err := c.filter()
	if err != nil {
		return nil, err
	}
	if keep != nil {
		var kept []*entry
		for _, o := range objs {
			if keep(o.v) {
				kept = append(kept, o)
			}
		}
		objs = kept
	}
	return paged(c, objs, show)
}

// arranged returns a kind's objects in the order of its list.
func (c *call) arranged(kind string, by order) []*entry {
	col := c.s.state.of(kind)
	seed := c.s.state.ids.seed
	switch {
	case by != nil && c.s.opts.Variants.ShuffleTies && kind == "pipeline_stages":
		return col.ordered("ties", func(a, b *entry) int { // the same on all pages
			return cmp.Or(cmp.Compare(whole(a.v, "order"), whole(b.v, "order")), cmp.Compare(shuffleKey(seed, a.id), shuffleKey(seed, b.id)))
		})
	case by != nil:
		return col.ordered("documented", by)
	case c.s.opts.Variants.Shuffle:
		return col.ordered("shuffled", func(a, b *entry) int {
			return cmp.Compare(shuffleKey(seed, a.id), shuffleKey(seed, b.id))
		})
	}
	return col.order
}

func shuffleKey(seed uint64, id string) string { return named(seed^0x73687566, id) }

// shuffled returns the rows in an order that the seed determines.
func (s *Sandbox) shuffled(all []any) []any {
	keys := make(map[int]string, len(all))
	order := make([]int, len(all))
	for i, v := range all {
		e := encoder{}
		e.value(v)
		keys[i], order[i] = shuffleKey(s.state.ids.seed, string(e.buf)), i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(keys[a], keys[b]) })
	out := make([]any, len(all))
	for i, j := range order {
		out[i] = all[j]
	}
	return out
}

// filter returns the condition that the query states, or nil.
func (c *call) filter() (func(map[string]any) bool, error) {
	l := &c.op.list
	var conds []func(map[string]any) bool
	if l.include {
		cond, err := c.including()
		if err != nil {
			return nil, err
		}
		if cond != nil {
			conds = append(conds, cond)
		}
	}
	for _, m := range l.equal {
		if want := c.query.Get(m.param); want != "" {
			conds = append(conds, func(v map[string]any) bool { return text(v, m.field) == want })
		}
	}
	if term := strings.ToLower(c.query.Get("search")); term != "" && l.search != nil {
		conds = append(conds, func(v map[string]any) bool {
			for _, key := range l.search {
				if strings.Contains(strings.ToLower(text(v, key)), term) {
					return true
				}
			}
			return false
		})
	}
	if conds == nil {
		return nil, nil
	}
	return func(v map[string]any) bool {
		for _, cond := range conds {
			if !cond(v) {
				return false
			}
		}
		return true
	}, nil
}

func (c *call) including() (func(map[string]any) bool, error) {
	switch c.query.Get("include") {
	case "":
		return func(v map[string]any) bool { return v["is_active"] != false }, nil
	case "all":
		return nil, nil
	case "inactive":
		return func(v map[string]any) bool { return v["is_active"] == false }, nil
	}
	return nil, invalid("include", "The field include must be one of all, inactive")
}

// paged returns the page that the query asks for.
func paged[T any](c *call, all []T, show func(T) any) (*page, error) {
	v, l := &c.s.opts.Variants, &c.op.list
	p := &page{shape: l.shape, pager: true, n: len(all)}
	if l.open {
		if v.ListShape != "" {
			p.shape = v.ListShape
		}
		if s := v.ListShapes[c.op.ID]; s != "" {
			p.shape = s
		}
	}
	if (l.open || l.pagerOpen) && v.NoPager {
		p.pager = false
	}
	var err error
	if p.at, err = c.positive("page", 1); err != nil {
		return nil, err
	}
	if p.per, err = c.positive("per_page", l.per); err != nil {
		return nil, err
	}
	if l.cap > 0 {
		p.per = min(p.per, l.cap)
	}
	if v.PageCap > 0 && !l.whole && (p.per > 0 || p.shape != "array") {
		p.per = min(cmp.Or(p.per, v.PageCap), v.PageCap)
	}
	if p.per == 0 || l.whole {
		p.at, p.per = 1, max(1, len(all))
	}
	p.last = max(1, (len(all)+p.per-1)/p.per)
	from := min((p.at-1)*p.per, len(all))
	to := min(from+p.per, len(all))
	p.rows = make([]any, 0, to-from)
	for _, o := range all[from:to] {
		p.rows = append(p.rows, show(o))
	}
	return p, nil
}

func (c *call) positive(name string, def int) (int, error) {
	s := c.query.Get(name)
	if s == "" {
		return def, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > 1_000_000 {
		return 0, invalid(name, "The field "+name+" must be a positive integer")
	}
	return n, nil
}

// grow makes room for what is already encoded.
func (p *page) grow(e *encoder) {
	n := 256
	for _, r := range p.rows {
		if b, ok := r.(encoded); ok {
			n += len(b) + 1
		}
	}
	e.buf = make([]byte, 0, n)
}

// encode writes the answer's data in the list's shape.
func (p *page) encode(e *encoder) {
	pager := map[string]any{"current_page": p.at, "last_page": p.last, "per_page": p.per, "total": p.n}
	switch p.shape {
	case "items":
		e.raw(`{"items":`)
		e.value(p.rows)
		if p.pager {
			e.raw(`,"pagination":`)
			e.value(pager)
		}
		e.raw("}")
	case "data":
		e.raw("{")
		if p.pager {
			for _, k := range [...]string{"current_page", "last_page", "per_page", "total"} {
				e.text(k)
				e.raw(":")
				e.value(pager[k])
				e.raw(",")
			}
		}
		e.raw(`"data":`)
		e.value(p.rows)
		e.raw("}")
	default:
		e.value(p.rows)
	}
}
