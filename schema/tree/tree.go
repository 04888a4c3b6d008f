// Package tree walks value trees: JSON values in one canonical form.
//
// A tree is nil, a bool, a number, a string, a []any or a map[string]any. Any
// other value is a leaf, so callers can keep values of their own in a tree, such
// as references and secrets. A number is an int64, a float64 or a [json.Number];
// every number has exactly one form, see [Canonical].
//
// Only this package walks maps and lists without knowing what they mean. It has
// no dependencies, so that the API's client can use it.
package tree

import (
	"iter"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Path leads from the root of a tree to a value, for example Path{"fields", 0,
// "value"}. A string is the key of a map, an int the index in a list.
type Path []any

// String returns a path as people read it, "fields[0].value".
func (p Path) String() string {
	var b strings.Builder
	for i, part := range p {
		switch part := part.(type) {
		case int:
			b.WriteString("[" + strconv.Itoa(part) + "]")
		case string:
			if i > 0 {
				b.WriteByte('.')
			}
			b.WriteString(part)
		}
	}
	return b.String()
}

// Parts returns the parts of a path as texts, an index in decimal.
func (p Path) Parts() []string {
	out := make([]string, len(p))
	for i, part := range p {
		if n, ok := part.(int); ok {
			out[i] = strconv.Itoa(n)
		} else {
			out[i], _ = part.(string)
		}
	}
	return out
}

// All visits every value of a tree: a map or list before its members, lists in
// order, maps by key. The path is valid until the next value.
func All(v any) iter.Seq2[Path, any] {
	return func(yield func(Path, any) bool) { visit(make(Path, 0, 8), v, yield) }
}

func visit(at Path, v any, yield func(Path, any) bool) bool {
	if !yield(at, v) {
		return false
	}
	switch v := v.(type) {
	case []any:
		for i, e := range v {
			if !visit(append(at, i), e, yield) {
				return false
			}
		}
	case map[string]any:
		var few [fewKeys]string
		for _, k := range sortedInto(few[:0], v) {
			if !visit(append(at, k), v[k], yield) {
				return false
			}
		}
	}
	return true
}

// Values visits what [All] visits, in the same order, without paths. It allocates
// nothing for maps of a usual size.
func Values(v any) iter.Seq[any] {
	return func(yield func(any) bool) { values(v, yield) }
}

func values(v any, yield func(any) bool) bool {
	if !yield(v) {
		return false
	}
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			if !values(e, yield) {
				return false
			}
		}
	case map[string]any:
		var few [fewKeys]string
		for _, k := range sortedInto(few[:0], v) {
			if !values(v[k], yield) {
				return false
			}
		}
	}
	return true
}

// Members visits the members of a map in the order of the alphabet. It allocates
// nothing for maps of a usual size.
func Members(m map[string]any) iter.Seq2[string, any] {
	return func(yield func(string, any) bool) {
		var few [fewKeys]string
		for _, k := range sortedInto(few[:0], m) {
			if !yield(k, m[k]) {
				return
			}
		}
	}
}

// fewKeys is a number of keys that few maps exceed.
const fewKeys = 24

// sortedInto appends the keys of a map to keys, in the order of the alphabet.
func sortedInto(keys []string, m map[string]any) []string {
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// Map copies a tree and replaces every value by f's result, a map or list after
// its members. f gets the copies of maps and lists, and may change them.
func Map(v any, f func(any) any) any {
	switch c := v.(type) {
	case []any:
		if c == nil {
			break
		}
		out := make([]any, len(c))
		for i, e := range c {
			out[i] = Map(e, f)
		}
		v = out
	case map[string]any:
		if c == nil {
			break
		}
		out := make(map[string]any, len(c))
		for k, e := range c {
			out[k] = Map(e, f)
		}
		v = out
	}
	return f(v)
}

// Replace does what [Map] does, in place. It changes the maps and lists of v.
func Replace(v any, f func(any) any) any {
	switch c := v.(type) {
	case []any:
		for i, e := range c {
			c[i] = Replace(e, f)
		}
	case map[string]any:
		for k, e := range c {
			c[k] = Replace(e, f)
		}
	}
	return f(v)
}

// Rewrite replaces the values of a tree for which f returns true. It copies only the
// containers above such a value and shares the others, so v stays as it is. It says
// whether it replaced anything.
func Rewrite(v any, f func(any) (any, bool)) (any, bool) {
	changed := false
	switch c := v.(type) {
	case []any:
		out := c
		for i, e := range c {
			n, is := Rewrite(e, f)
			if is && !changed {
				out, changed = slices.Clone(c), true
			}
			if is {
				out[i] = n
			}
		}
		v = out
	case map[string]any:
		out := c
		for k, e := range c {
			n, is := Rewrite(e, f)
			if is && !changed {
				out, changed = maps.Clone(c), true
			}
			if is {
				out[k] = n
			}
		}
		v = out
	}
	n, is := f(v)
	if is {
		return n, true
	}
	return v, changed
}

// Copy returns a deep copy of the maps and lists of a tree.
func Copy(v any) any { return Map(v, func(v any) any { return v }) }

// Equal compares two trees by value. 1, 1.0 and 1e0 are one number in any Go
// type. A null member differs from an absent one.
func Equal(a, b any) bool {
	switch x := a.(type) {
	case []any:
		y, ok := b.([]any)
		if !ok || len(x) != len(y) {
			return false
		}
		for i := range x {
			if !Equal(x[i], y[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		y, ok := b.(map[string]any)
		if !ok || len(x) != len(y) {
			return false
		}
		for k := range x {
			e, there := y[k]
			if !there || !Equal(x[k], e) {
				return false
			}
		}
		return true
	}
	x, errX := scalar(a)
	y, errY := scalar(b)
	if errX != nil || errY != nil {
		return reflect.DeepEqual(a, b)
	}
	return x == y
}

// Keys returns the sorted keys of a map. Output must not depend on the random order
// of Go's maps.
func Keys[V any](m map[string]V) []string {
	keys := slices.AppendSeq(make([]string, 0, len(m)), maps.Keys(m))
	slices.Sort(keys)
	return keys
}
