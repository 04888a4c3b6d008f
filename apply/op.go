package apply

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode"

	"github.com/mihusync/mihusync/mihu"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// op sends one write of the plan.
func (r *runner) op(ctx context.Context, i int) (written, error) {
	op := r.plan.Ops[i]
	if r.opts.Before != nil {
		if err := r.opts.Before(ctx, op); err != nil {
			return written{}, err
		}
	}
	if op.Flow != nil {
		if err := r.intend(i, nonEmpty(op.Flow.ID)); err != nil {
			return written{}, err
		}
		return r.flow(ctx, op)
	}
	path, err := r.path(op.Path)
	if err != nil {
		return written{}, fmt.Errorf("%s: %w", op.Addr, err)
	}
	if err := r.system(ctx, op); err != nil {
		return written{}, err
	}
	if err := r.intend(i, path); err != nil {
		return written{}, err
	}
	return r.request(ctx, op, mihu.Args{Path: path, Address: op.Addr})
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// request sends the one request of a write. If the service refuses a field that the
// write only keeps, it sends the write once more without it.
func (r *runner) request(ctx context.Context, op *plan.Op, args mihu.Args) (written, error) {
	sent := op.Body
	body, err := r.value(sent)
	if err != nil {
		return written{}, fmt.Errorf("%s: %w", op.Addr, err)
	}
	answer, err := r.send(ctx, op, args, body)
	var note string
	if refused := refusedUnknown(err, op); len(refused) > 0 {
		note = withoutNote(refused)
		sent = op.Bare
		if body, err = r.value(sent); err != nil {
			return written{}, fmt.Errorf("%s: %w", op.Addr, err)
		}
		answer, err = r.send(ctx, op, args, body)
	}
	if err != nil {
		return written{}, err
	}
	id, err := r.keep(op, answer)
	return written{id: id, note: note, answered: r.answered(sent, answer), confirmed: r.confirms(sent, answer)}, err
}

// refusedUnknown returns the keys that a write sends only to keep them and that the
// service refused by name. Nobody can write such a field, so the write can do without.
// Where the name stands in a refusal is not known (G4).
func refusedUnknown(err error, op *plan.Op) []string {
	if op.Bare == nil {
		return nil
	}
	return refusedKeys(err, op.Body, op.Bare)
}

// withoutNote says that a write was sent without fields that the service refused.
func withoutNote(refused []string) string {
	return "the service refuses " + strings.Join(refused, ", ") + ", which it shows and no file declares; the write was sent without"
}

// refusedKeys returns the keys that only the whole body has and that the service refused
// by name.
func refusedKeys(err error, whole, bare any) []string {
	var e *mihu.Error
	if !errors.As(err, &e) || e.Status != http.StatusUnprocessableEntity && e.Status != http.StatusBadRequest {
		return nil
	}
	carried := map[string]bool{}
	keysOf(whole, func(k string) { carried[k] = true })
	keysOf(bare, func(k string) { delete(carried, k) })
	said := words(e.Field + " " + e.Details + " " + e.Message)
	return slices.DeleteFunc(tree.Keys(carried), func(k string) bool { return !slices.Contains(said, k) })
}

// keysOf calls visit for every key in a body.
func keysOf(body any, visit func(string)) {
	for v := range tree.Values(body) {
		if m, ok := v.(map[string]any); ok {
			for k := range m {
				visit(k)
			}
		}
	}
}

// words splits a text at everything that no key has.
func words(text string) []string {
	return strings.FieldsFunc(text, func(c rune) bool {
		return c != '_' && c != '-' && !unicode.IsLetter(c) && !unicode.IsDigit(c)
	})
}

// send makes the request. A lost answer is met by what the write is: a repeatable
// one is sent again, a create is looked for first, anything else is an error.
func (r *runner) send(ctx context.Context, op *plan.Op, args mihu.Args, body any) (any, error) {
	for try := 1; ; try++ {
		answer, err := r.opts.Client.Do(ctx, op.Call, args, body)
		if err == nil {
			return answer, nil
		}
		var e *mihu.Error
		if !errors.As(err, &e) {
			return nil, err
		}
		switch {
		case op.Gone && e.Status == http.StatusNotFound:
			return nil, nil
		case op.Exists && e.Status == http.StatusConflict:
			return nil, nil
		case !again(ctx, err, try):
			return nil, err
		case op.Repeat || op.Exists:
			continue
		case op.Lookup == nil:
			return nil, err
		}
		found, lookErr := r.look(ctx, op)
		if lookErr != nil {
			return nil, errors.Join(err, fmt.Errorf("and looking whether it was created failed: %w", lookErr))
		}
		if found != nil {
			return found, nil
		}
	}
}

// keep stores the id of the object that a create made, and returns it.
func (r *runner) keep(op *plan.Op, answer any) (string, error) {
	if op.Yields == "" {
		return "", nil
	}
	item, _ := answer.(map[string]any)
	id, _ := item[op.YieldKey].(string)
	if op.Lookup != nil && op.Lookup.Section != "" {
		// A call that adds to a section answers with the whole parent. Only settings
		// refer to what it makes.
		if made := r.among(op.Lookup, item[op.Lookup.Section]); made != nil {
			id, _ = made[op.Lookup.IDKey].(string)
		}
		r.know(op.Yields, id)
		return id, nil
	}
	if id == "" {
		return "", fmt.Errorf("%s: the service created it but its answer has no %s", op.Addr, op.YieldKey)
	}
	if op.Expect != "" && id != op.Expect {
		return id, fmt.Errorf("%s: the service gave it the key %q: probably an inactive one of that name exists; reactivate or delete that one, or name yours %q", op.Addr, id, id)
	}
	r.know(op.Yields, id)
	return id, nil
}

// know stores the id of what a create made. Another create with the same natural key
// does not take that object for its own.
func (r *runner) know(addr, id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.made[id] = true
	if id != "" {
		r.ids[addr] = id
	}
}

// fits says whether a create may have made the item.
func (r *runner) fits(l *plan.Lookup, item map[string]any) bool {
	id, _ := item[l.IDKey].(string)
	r.mu.Lock()
	made := r.made[id]
	r.mu.Unlock()
	if made || slices.Contains(l.Known, id) {
		return false
	}
	for k, v := range l.Match {
		if s, _ := item[k].(string); s != v {
			return false
		}
	}
	return true
}

// among returns the item that a create made in a section of its parent, or nil.
func (r *runner) among(l *plan.Lookup, section any) map[string]any {
	items, _ := section.([]any)
	for _, item := range items {
		if m, ok := item.(map[string]any); ok && r.fits(l, m) {
			return m
		}
	}
	return nil
}

// look searches for the object that a create may have made. That object has its
// natural key and did not exist when the plan was made. look returns nil if
// there is none.
func (r *runner) look(ctx context.Context, op *plan.Op) (map[string]any, error) {
	l := op.Lookup
	path, err := r.path(l.Path)
	if err != nil {
		return nil, err
	}
	var found map[string]any
	check := func(item map[string]any) error {
		if found == nil && r.fits(l, item) {
			found = item
		}
		return nil
	}
	args := mihu.Args{Path: path, Query: l.Query, Address: op.Addr}
	if l.Section == "" {
		err = r.opts.Client.Reader().List(ctx, l.Call, args, check)
		return found, err
	}
	parent, err := r.opts.Client.Reader().Get(ctx, l.Call, args)
	if err != nil {
		return nil, err
	}
	m, _ := parent.(map[string]any)
	return r.among(l, m[l.Section]), nil
}

func (r *runner) path(parts []any) ([]string, error) {
	out := make([]string, len(parts))
	for i, p := range parts {
		v, err := r.value(p)
		if err != nil {
			return nil, err
		}
		out[i], _ = v.(string)
	}
	return out, nil
}

// value replaces references by ids, and secrets by their values.
func (r *runner) value(v any) (any, error) {
	// Check the references in order, so that the error is always the same one.
	for e := range tree.Values(v) {
		if ref, ok := e.(schema.Ref); ok {
			if _, err := r.ref(ref); err != nil {
				return nil, err
			}
		}
	}
	return tree.Map(v, func(v any) any {
		switch v := v.(type) {
		case schema.Ref:
			id, err := r.ref(v)
			if err != nil {
				return nil // cannot happen: every reference was found above, and ids are never removed
			}
			return id
		case schema.Secret:
			return r.secrets[v]
		}
		return v
	}), nil
}

// ref returns the id of the object that a reference names.
func (r *runner) ref(ref schema.Ref) (string, error) {
	if ref.ID != "" {
		return ref.ID, nil
	}
	if id, pinned := strings.CutPrefix(ref.Name, schema.PinPrefix); pinned {
		return id, nil
	}
	r.mu.Lock()
	id := r.ids[ref.Addr]
	r.mu.Unlock()
	if id == "" {
		return "", fmt.Errorf("refers to %s, which does not exist", ref.Addr)
	}
	return id, nil
}
