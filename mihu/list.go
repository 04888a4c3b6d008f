package mihu

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"strconv"
)

// pageSize is what is asked for; the service may grant less.
const pageSize = 100

// listing reads a list page by page.
//
// Where the answers say how many pages or items there are, that is followed,
// whatever page size was granted. Where they do not, pages are asked for until
// one brings nothing new: a short page proves nothing, because the granted size
// is unknown, and a service that ignores "page" sends the first one again. Only a
// list that is documented as unpaged is asked for once.
type listing struct {
	client *Client
	op     Op
	args   Args
	each   func(map[string]any) error

	number int   // of the page under way, from 1
	seen   int64 // items read on earlier pages
	cursor string
	// known holds the identities of items on earlier pages: of the last page where
	// the answers tell the number of pages, else of all, a few bytes for each item.
	known map[string]bool
}

func (l *listing) run(ctx context.Context) error {
	for l.number = 1; ; l.number++ {
		pager, ids, fresh, err := l.page(ctx)
		if err != nil {
			return err
		}
		l.seen += int64(len(ids))
		more, err := l.more(pager, len(ids), fresh)
		if err != nil || !more {
			return err
		}
		if pager.known() || l.known == nil {
			l.known = map[string]bool{}
		}
		for _, id := range ids {
			l.known[id] = true
		}
	}
}

// page reads one page. It returns the identities of its items and how many of
// them were not known from earlier pages. A page that is read again because its
// connection broke does not hand on again what was handed on.
func (l *listing) page(ctx context.Context) (p pager, ids []string, fresh int, err error) {
	call, err := l.client.newCall(l.op, Args{Path: l.args.Path, Query: l.query(), Address: l.args.Address}, nil)
	if err != nil {
		return pager{}, nil, 0, err
	}
	done := 0
	err = l.client.run(ctx, call, func(r io.Reader) error {
		ids = ids[:0]
		p, err = readPage(r, l.op.ListKey, func(v any) error {
			item, ok := v.(map[string]any)
			if !ok {
				item = map[string]any{"value": v}
			}
			id := l.identity(item)
			ids = append(ids, id)
			if len(ids) <= done || l.known[id] {
				return nil
			}
			done, fresh = len(ids), fresh+1
			return l.each(item)
		})
		return err
	})
	return p, ids, fresh, err
}

func (l *listing) query() map[string]string {
	q := maps.Clone(l.args.Query)
	if q == nil {
		q = map[string]string{}
	}
	// A list that is not paged is not asked for pages, unless it turns out to be.
	paged := l.op.Paging != PlainArray
	if paged {
		q["per_page"] = strconv.Itoa(pageSize)
	}
	switch {
	case l.cursor != "":
		q["cursor"] = l.cursor
	case paged || l.number > 1:
		q["page"] = strconv.Itoa(l.number)
	}
	return q
}

// identity tells items of one list apart.
func (l *listing) identity(item map[string]any) string {
	if id, ok := item[l.op.ItemID]; ok && id != nil {
		return text(id)
	}
	whole, err := json.Marshal(item) // keys come in order
	if err != nil {
		return ""
	}
	return string(whole)
}

// more decides whether to ask for another page.
func (l *listing) more(p pager, count, fresh int) (bool, error) {
	switch {
	case count == 0:
		return false, nil
	case !p.known():
		return l.op.Paging != PlainArray && fresh > 0, nil
	case fresh == 0, p.current > 0 && p.cursor == "" && p.current != int64(l.number):
		return false, l.stuck()
	case p.more != nil && !*p.more:
		return false, nil
	case p.cursor != "":
		if p.cursor == l.cursor {
			return false, l.stuck()
		}
		l.cursor = p.cursor
		return true, nil
	case p.more != nil:
		return true, nil
	case p.last > 0:
		return int64(l.number) < p.last, nil
	case p.hasTotal:
		return l.seen < p.total, nil
	}
	return int64(count) >= p.perPage, nil
}

// errStuck says that a list does not get on.
var errStuck = errors.New("the service does not turn the page")

func (l *listing) stuck() error {
	path, err := fillPath(l.op, l.args.Path)
	if err != nil {
		return err
	}
	return &Error{Op: l.op.ID, Method: l.op.Method, Path: path, Address: l.args.Address, Status: 200,
		Err: fmt.Errorf("%w: page %d is one that was already read", errStuck, l.number)}
}
