package sandbox

import (
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/mihusync/mihusync/schema/tree"
)

// fill writes what a client sent into dst by the rules of a definition. dst
// belongs to the caller. If creating, fill also sets defaults and asks for
// required fields. at is the path of dst in the body.
//
// An unknown or server-owned field is a 422.
func (c *call) fill(d *def, dst, sent map[string]any, at string, creating bool) error {
	if d.free {
		overlay(dst, sent)
		return nil
	}
	if err := c.noStrangers(d, sent, at); err != nil {
		return err
	}
	for i := range d.fields {
		f := &d.fields[i]
		v, given := sent[f.name]
		if !given {
			if !creating {
				continue
			}
			if f.required {
				return invalid(join(at, f.name), "The field "+join(at, f.name)+" is required")
			}
			if err := c.preset(f, dst, at); err != nil {
				return err
			}
			continue
		}
		if v == nil {
			if f.firm {
				return invalid(join(at, f.name), "The field "+join(at, f.name)+" must not be null")
			}
			dst[f.name] = nil
			if c.s.opts.Variants.RefillNull {
				dst[f.name] = tree.Copy(f.refill())
			}
			if f.merge && !f.lazy {
				dst[f.name] = map[string]any{}
			}
			continue
		}
		if f.merge {
			if err := c.fillNested(f, dst, v, join(at, f.name), creating); err != nil {
				return err
			}
			continue
		}
		x, err := c.accept(f, v, join(at, f.name))
		if err != nil {
			return err
		}
		dst[f.name] = x
	}
	if creating {
		for name, f := range d.owned {
			if f.def != nil {
				dst[name] = tree.Copy(f.def)
			}
		}
	}
	if c.carriesExtra(d) {
		if v, given := sent[extraField]; given {
			dst[extraField] = v
		} else if creating && d.top {
			dst[extraField] = extraValue
		}
	}
	return nil
}

// extraField is the field nobody documented, see Variants.ExtraFields (O13).
const (
	extraField = "x_beta"
	extraValue = "standard"
)

// carriesExtra says whether an object may carry the field nobody documented.
func (c *call) carriesExtra(d *def) bool {
	v := &c.s.opts.Variants
	return v.ExtraFields && d.top || v.ExtraInside
}

// copyExtra copies the field nobody documented, if it is there.
func copyExtra(dst, src map[string]any) {
	if v, has := src[extraField]; has {
		dst[extraField] = v
	}
}

func (c *call) noStrangers(d *def, sent map[string]any, at string) error {
	var unknown []string
	for k := range sent {
		if d.field(k) != nil {
			continue
		}
		if k == extraField && c.carriesExtra(d) && !c.s.opts.Variants.Strict {
			if _, ok := sent[k].(string); !ok {
				return invalid(k, "The field "+k+" must be a string")
			}
			continue
		}
		unknown = append(unknown, k)
	}
	if len(unknown) == 0 {
		return nil
	}
	sort.Strings(unknown)
	name := join(at, unknown[0])
	if d.owned[unknown[0]] != nil {
		return invalid(name, "The field "+name+" is set by the server")
	}
	return invalid(name, "The field "+name+" is unknown")
}

// preset sets a field's default on create.
func (c *call) preset(f *field, dst map[string]any, at string) error {
	switch {
	case f.merge && f.sub != nil && !f.lazy:
		return c.fill(f.sub, made(dst, f.name), nil, join(at, f.name), true)
	case f.def != nil:
		dst[f.name] = tree.Copy(f.def)
	}
	return nil
}

func (c *call) fillNested(f *field, dst map[string]any, v any, at string, creating bool) error {
	m, ok := v.(map[string]any)
	if !ok {
		return wrongType(f, at)
	}
	if f.sub != nil {
		return c.fill(f.sub, made(dst, f.name), m, at, creating)
	}
	overlay(made(dst, f.name), m)
	return nil
}

// overlay merges src into dst. A null removes the key.
func overlay(dst, src map[string]any) {
	for k, v := range src {
		switch v := v.(type) {
		case nil:
			delete(dst, k)
		case map[string]any:
			overlay(made(dst, k), v)
		default:
			dst[k] = tree.Copy(v)
		}
	}
}

// accept checks one value and returns the value to store.
func (c *call) accept(f *field, v any, at string) (any, error) {
	switch f.typ {
	case tString:
		s, ok := v.(string)
		if !ok {
			return nil, wrongType(f, at)
		}
		if err := c.acceptText(f, s, at); err != nil {
			return nil, err
		}
	case tInt:
		if _, ok := v.(int64); !ok {
			return nil, wrongType(f, at)
		}
	case tNumber:
		if _, ok := number(v); !ok {
			return nil, wrongType(f, at)
		}
	case tBool:
		if _, ok := v.(bool); !ok {
			return nil, wrongType(f, at)
		}
	case tFree:
		if _, ok := v.(map[string]any); !ok {
			return nil, wrongType(f, at)
		}
		v = tree.Copy(v)
	case tObject:
		m, ok := v.(map[string]any)
		if !ok {
			return nil, wrongType(f, at)
		}
		x := make(map[string]any, len(m))
		if err := c.fill(f.sub, x, m, at, true); err != nil {
			return nil, err
		}
		v = x
	case tList:
		l, ok := v.([]any)
		if !ok {
			return nil, wrongType(f, at)
		}
		x, err := c.acceptList(f, l, at)
		if err != nil {
			return nil, err
		}
		v = x
	}
	if n, ok := number(v); ok && !c.beyond() {
		if f.min != nil && n < *f.min || f.max != nil && n > *f.max {
			return nil, invalid(at, "The field "+at+" must be "+limits(f))
		}
	}
	return v, nil
}

func (c *call) acceptText(f *field, s, at string) error {
	n := utf8.RuneCountInString(s)
	switch {
	case c.beyond():
	case f.enum != nil && !slices.Contains(f.enum, s):
		return invalid(at, "The field "+at+" must be one of "+strings.Join(f.enum, ", "))
	case f.firm && strings.TrimSpace(s) == "":
		return invalid(at, "The field "+at+" must not be empty")
	case n < f.minLen || f.maxLen > 0 && n > f.maxLen:
		return invalid(at, fmt.Sprintf("The field %s must have %d to %d characters", at, f.minLen, f.maxLen))
	case f.pattern != nil && !f.pattern.MatchString(s):
		return invalid(at, "The field "+at+" must be "+f.rule)
	}
	if f.ref != "" && !c.exists(f.ref, s) {
		return invalid(at, "The field "+at+" names an unknown "+singular(f.ref))
	}
	return nil
}

// beyond says whether values outside the known lists and bounds are accepted.
func (c *call) beyond() bool { return c.s.opts.Variants.Beyond }

func (c *call) acceptList(f *field, l []any, at string) ([]any, error) {
	if len(l) < f.minLen || f.maxLen > 0 && len(l) > f.maxLen {
		return nil, invalid(at, fmt.Sprintf("The field %s must have at least %d items", at, f.minLen))
	}
	out := make([]any, len(l))
	for i, it := range l {
		x, err := c.accept(f.elem, it, join(at, strconv.Itoa(i)))
		if err != nil {
			return nil, err
		}
		if f.id != "" {
			x.(map[string]any)[f.id] = c.newID()
		}
		out[i] = x
	}
	return out, nil
}

// exists says whether the object that a body refers to exists; if not, the
// answer is a 422 (G5).
func (c *call) exists(kind, id string) bool {
	if c.s.catalog.has(kind, id) {
		return true
	}
	_, ok := c.lookup(kind, id)
	return ok
}

func singular(kind string) string { return strings.ReplaceAll(strings.TrimSuffix(kind, "s"), "_", " ") }

func wrongType(f *field, at string) *fault {
	return invalid(at, "The field "+at+" must be of type "+typeNames[f.typ])
}

func limits(f *field) string {
	switch {
	case f.max == nil:
		return fmt.Sprintf("at least %g", *f.min)
	case f.min == nil:
		return fmt.Sprintf("at most %g", *f.max)
	}
	return fmt.Sprintf("between %g and %g", *f.min, *f.max)
}

func join(at, name string) string {
	if at == "" {
		return name
	}
	return at + "." + name
}
