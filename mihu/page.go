package mihu

import (
	"encoding/json"
	"fmt"
	"io"
)

// pager is what an answer says about the pages of a list. A number that the
// answer does not state is 0.
type pager struct {
	current, last, perPage, total int64
	hasTotal                      bool
	cursor                        string
	// more is nil if the answer does not say whether another page follows.
	more *bool
}

// known says whether the answer states anything about further pages.
func (p *pager) known() bool {
	return p.last > 0 || p.hasTotal || p.cursor != "" || p.more != nil || p.current > 0 && p.perPage > 0
}

// take reads one key of a paginator and says whether it was one. The key may
// stand in a nested object, as in "pagination" or "meta".
func (p *pager) take(key string, v any) bool {
	n, isInt := v.(int64)
	switch key {
	case "current_page":
		p.current = n
	case "last_page":
		p.last = n
	case "per_page":
		p.perPage = n
	case "total":
		p.total, p.hasTotal = n, isInt
	case "next_cursor":
		p.cursor, _ = v.(string)
	case "has_more":
		if b, ok := v.(bool); ok {
			p.more = &b
		}
	case "next_page_url":
		s, _ := v.(string)
		more := s != ""
		p.more = &more
	case "pagination", "meta":
		if m, ok := v.(map[string]any); ok {
			for k, v := range m {
				p.take(k, v)
			}
		}
	default:
		return false
	}
	return true
}

// page reads one page of a list from a stream. It passes the items on one by
// one, so that memory holds one item at a time.
type page struct {
	dec   *json.Decoder
	item  func(any) error
	key   string // a further key of the list, empty for none
	pager pager
	found bool           // the answer has the list
	rest  map[string]any // everything but the list, for refusals
}

// readPage accepts a list as a bare array, as data, data.data or data.items
// (G6), with a pager anywhere beside it. A key that is not empty names the list
// inside data too. Errors of item come as [callerError].
func readPage(r io.Reader, key string, item func(any) error) (pager, error) {
	p := &page{dec: newDecoder(r), item: item, key: key, rest: map[string]any{}}
	if err := p.top(); err != nil {
		return pager{}, err
	}
	if err := p.end(); err != nil {
		return pager{}, err
	}
	if success, ok := p.rest["success"].(bool); ok && !success {
		return pager{}, &refusal{p.rest}
	}
	if !p.found {
		return pager{}, fmt.Errorf("%w: it has no list", errShape)
	}
	return p.pager, nil
}

func (p *page) end() error {
	_, err := p.dec.Token()
	switch {
	case err == io.EOF:
		return nil
	case err != nil:
		return decodeError(err)
	}
	return fmt.Errorf("%w: something follows it", ErrInvalidJSON)
}

func (p *page) top() error {
	tok, err := p.token()
	if err != nil {
		return err
	}
	switch tok {
	case json.Delim('['):
		return p.items()
	case json.Delim('{'):
		return p.object(func(key string) error {
			if key == "data" {
				return p.data()
			}
			return p.other(key, p.rest)
		})
	}
	return fmt.Errorf("%w: it is no object", errShape)
}

// data reads the answer's data: the list, or an object that holds it.
func (p *page) data() error {
	tok, err := p.token()
	if err != nil {
		return err
	}
	switch tok {
	case nil:
		p.found = true // null stands for an empty list
		return nil
	case json.Delim('['):
		return p.items()
	case json.Delim('{'):
		inner := map[string]any{}
		p.rest["data"] = inner
		p.found = p.found || !p.dec.More() // an empty object stands for an empty list
		return p.object(func(key string) error {
			if key != "data" && key != "items" && (key != p.key || key == "") {
				return p.other(key, inner)
			}
			tok, err := p.token()
			switch {
			case err != nil:
				return err
			case tok == nil:
				p.found = true
				return nil
			case tok == json.Delim('['):
				return p.items()
			}
			return fmt.Errorf("%w: data.%s is no list", errShape, key)
		})
	}
	return fmt.Errorf("%w: data is no list", errShape)
}

// object calls field for each key of an object whose brace has been read. field
// reads the value.
func (p *page) object(field func(key string) error) error {
	for p.dec.More() {
		tok, err := p.token()
		if err != nil {
			return err
		}
		key, _ := tok.(string)
		if err := field(key); err != nil {
			return err
		}
	}
	_, err := p.token()
	return err
}

// items passes on the items of an array whose bracket has been read.
func (p *page) items() error {
	p.found = true
	for p.dec.More() {
		v, err := p.value()
		if err != nil {
			return err
		}
		if err := p.item(v); err != nil {
			return &callerError{err}
		}
	}
	_, err := p.token()
	return err
}

// other reads a value that is not the list. It belongs to a pager or a refusal.
func (p *page) other(key string, into map[string]any) error {
	v, err := p.value()
	if err != nil {
		return err
	}
	if !p.pager.take(key, v) {
		into[key] = v
	}
	return nil
}

func (p *page) token() (json.Token, error) {
	tok, err := p.dec.Token()
	if err != nil {
		return nil, decodeError(err)
	}
	return tok, nil
}

func (p *page) value() (any, error) {
	var v any
	if err := p.dec.Decode(&v); err != nil {
		return nil, decodeError(err)
	}
	return Canonical(v)
}
