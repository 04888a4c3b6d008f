package secondopinion

import (
	"fmt"
	"math"
	"sort"
)

// shape says which keys an object of a request may have. A value is a kind of
// leaf ("s" text, "b" bool, "i" whole number, "n" number, "l" list of texts, "o"
// any object, "*" anything), a shape, or a []shape of one element for a list.
type shape map[string]any

type fault struct {
	status        int
	code, details string
}

func invalid(format string, args ...any) *fault {
	return &fault{422, "VALIDATION_ERROR", fmt.Sprintf(format, args...)}
}

func (f *fault) answer() answer { return fail(f.status, f.code, "%s", f.details) }

// check refuses keys that the shape does not know, where the form is strict, and
// values of another type, in any form. null is taken for every field: no source
// says which may be null.
func (s *Server) check(at string, v, want any) *fault {
	if v == nil {
		return nil
	}
	bad := func(what string) *fault { return invalid("%s must be %s, not %v", at, what, v) }
	switch want := want.(type) {
	case shape:
		o, is := v.(obj)
		if !is {
			return bad("an object")
		}
		keys := make([]string, 0, len(o))
		for k := range o {
			keys = append(keys, k)
		}
		sort.Strings(keys)
		for _, k := range keys {
			w, known := want[k]
			if !known {
				if s.Forms.Strict {
					return invalid("%s.%s is not a known field", at, k)
				}
				continue
			}
			if f := s.check(at+"."+k, o[k], w); f != nil {
				return f
			}
		}
	case []shape:
		l, is := v.(list)
		if !is {
			return bad("a list")
		}
		for i, item := range l {
			if item == nil {
				return bad("a list of objects")
			}
			if f := s.check(fmt.Sprintf("%s[%d]", at, i), item, want[0]); f != nil {
				return f
			}
		}
	case string:
		return checkLeaf(v, want, bad)
	}
	return nil
}

func checkLeaf(v any, want string, bad func(string) *fault) *fault {
	switch want {
	case "s":
		if _, is := v.(string); !is {
			return bad("a text")
		}
	case "b":
		if _, is := v.(bool); !is {
			return bad("true or false")
		}
	case "n", "i":
		n, is := v.(float64)
		if !is || want == "i" && n != math.Trunc(n) {
			return bad("a number")
		}
	case "o":
		if _, is := v.(obj); !is {
			return bad("an object")
		}
	case "l":
		l, is := v.(list)
		if !is {
			return bad("a list of texts")
		}
		for _, t := range l {
			if _, is := t.(string); !is {
				return bad("a list of texts")
			}
		}
	}
	return nil
}

func need(body obj, keys ...string) *fault {
	for _, k := range keys {
		if empty(body[k]) {
			return invalid("%s is required", k)
		}
	}
	return nil
}

// among refuses a value outside the known list, unless the form goes beyond it.
func (s *Server) among(key string, v any, known ...string) *fault {
	if v == nil || s.Forms.Beyond {
		return nil
	}
	for _, k := range known {
		if v == k {
			return nil
		}
	}
	return invalid("%s must be one of %v, not %v", key, known, v)
}

// merge puts the fields of from into into. null sets a field back to its default
// or stores it, as the form says. Objects merge.
func (s *Server) merge(into, from, defaults obj) {
	for k, v := range from {
		d := defaults[k]
		if v == nil {
			into[k] = nil
			if s.Forms.RefillNull {
				into[k] = clone(d)
			}
			continue
		}
		sub, is := v.(obj)
		have, had := into[k].(obj)
		if is && had {
			deeper, _ := d.(obj)
			s.merge(have, sub, deeper)
			continue
		}
		into[k] = v
	}
}

func pick(body obj, keys ...string) obj {
	out := obj{}
	for _, k := range keys {
		if v, has := body[k]; has {
			out[k] = v
		}
	}
	return out
}

func sorted(keys shape) []string {
	out := make([]string, 0, len(keys))
	for k := range keys {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

// beside returns the fields that the shape does not know. A service that takes
// them keeps them.
func beside(body obj, known shape) obj {
	out := obj{}
	for k, v := range body {
		if _, is := known[k]; !is {
			out[k] = v
		}
	}
	return out
}
