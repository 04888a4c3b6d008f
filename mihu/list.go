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

// pageSize is the size that the client asks for. The service may grant less.
const pageSize = 100

// listing reads a list page by page.
//
// If the answers state the number of pages or items, the client follows it,
// whatever page size was granted. If they do not, it asks for pages until one
// brings nothing new. A short page proves nothing, because the granted size is
// unknown. A service that ignores "page" sends the first page again. Only a list
// that is documented as unpaged is asked for once.
type listing struct {
	client *Client
	op     Op
	args   Args
	each   func(map[string]any) error

	number int   // of the current page, from 1
	seen   int64 // items read on earlier pages
	cursor string
	// known holds the identities of items on earlier pages, a few bytes for
	// each. It holds the last page if the answers state the number of pages,
	// else all pages.
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

// page reads one page. It returns the identities of its items, and how many of
// them are new. If the connection breaks and the page is read again, the items
// that were passed on are not passed on twice.
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
	// An unpaged list gets no page parameters until an answer shows that it has
	// pages.
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

// identity returns a text that differs between different items of a list.
func (l *listing) identity(item map[string]any) string {
	if id, ok := item[l.op.ItemID]; ok && id != nil {
		return text(id)
	}
	whole, err := json.Marshal(item) // Marshal sorts the keys
	if err != nil {
		return ""
	}
	return string(whole)
}

// more says whether to ask for another page.
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

// errStuck marks a list whose pages repeat.
var errStuck = errors.New("the service does not turn the page")

func (l *listing) stuck() error {
	path, err := fillPath(l.op, l.args.Path)
	if err != nil {
		return err
	}
	return &Error{Op: l.op.ID, Method: l.op.Method, Path: path, Address: l.args.Address, Status: 200,
		Err: fmt.Errorf("%w: page %d is one that was already read", errStuck, l.number)}
}
