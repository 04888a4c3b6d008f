package sandbox

import (
	"fmt"
	"sync"

	"github.com/mihusync/mihusync/internal/openapi"
	"github.com/mihusync/mihusync/mihu"
)

// operation is one operation of the contract with its handler.
type operation struct {
	*openapi.Operation
	// in is the form of the body. It is nil for an operation without a body.
	in *def
	// out is the form of the answer's data, or of a list's row. It is nil where
	// the contract lists no fields.
	out    *def
	list   listing
	handle func(*call) (*reply, error)
}

// handlers are the functions that answer operations, by operation id.
type handlers map[string]func(*call) (*reply, error)

// api is what all sandboxes of a process share. It never changes.
type api struct {
	ops    map[string]*operation
	router *router
}

// theAPI reads the contract when the first sandbox is made.
var theAPI = sync.OnceValues(func() (*api, error) { return newAPI(mihu.OpenAPI) })

// newAPI gives every operation of a contract its forms and its handler. An
// operation without a handler is an error, and so is a handler without an
// operation.
func newAPI(src []byte) (*api, error) {
	doc, err := openapi.Parse(src)
	if err != nil {
		return nil, err
	}
	all, err := allHandlers(doc)
	if err != nil {
		return nil, err
	}
	c := &api{ops: make(map[string]*operation, len(doc.Operations)), router: &router{base: doc.Base, root: &node{}}}
	f := &forms{made: map[formKey]*def{}}
	part := sectionKeys()
	for _, o := range doc.Operations {
		op := &operation{Operation: o, list: newListing(o), handle: all[o.ID]}
		if op.handle == nil {
			return nil, fmt.Errorf("sandbox: nothing answers the operation %s of the contract", o.ID)
		}
		delete(all, o.ID)
		described := o.Result
		if p := o.Result.Property(part[o.ID]); p != nil {
			described = p.Items
		}
		op.in, op.out = f.taken(o.Request, described), f.shown(o.Result)
		c.ops[o.ID] = op
		c.router.add(op)
	}
	for id := range all {
		return nil, fmt.Errorf("sandbox: the contract has no operation %s", id)
	}
	return c, f.err
}

func allHandlers(doc *openapi.Document) (handlers, error) {
	tables := []handlers{
		agentHandlers(), sectionHandlers(), voiceHandlers(), intentHandlers(), webhookHandlers(), numberHandlers(),
		settingsHandlers(evaluateSettings), settingsHandlers(memorizeSettings), memorizeFieldHandlers(),
		flowHandlers(), campaignHandlers(), templateHandlers(), catalogHandlers(),
	}
	for _, r := range resources() {
		t, err := r.handlers(doc)
		if err != nil {
			return nil, err
		}
		tables = append(tables, t)
	}
	all := handlers{}
	for _, t := range tables {
		for id, h := range t {
			all[id] = h
		}
	}
	return all, nil
}

// newListing reads a list's shape, pages and filters. A list of unknown shape is
// an array; if a usual page size is known, it is a paginator.
func newListing(o *openapi.Operation) listing {
	l := listing{pagerOpen: o.PagerAssumed}
	for _, p := range o.Query {
		switch p.Name {
		case "page", "sort":
		case "per_page":
			if n, ok := p.Schema.Default.(int64); ok {
				l.per = int(n)
			}
			if p.Schema.Max != nil {
				l.cap = int(*p.Schema.Max)
			}
		case "search":
			l.search = o.Searched
		case "include":
			l.include = true
		default:
			l.equal = append(l.equal, match{p.Name, p.Field})
		}
	}
	switch o.Paging {
	case "p1":
		l.shape = "data"
	case "p2":
		l.shape = "items"
	case "p3":
		l.shape, l.whole = "array", true
	default:
		l.shape, l.open = "array", true
		if l.per > 0 {
			l.shape = "data"
		}
	}
	return l
}
