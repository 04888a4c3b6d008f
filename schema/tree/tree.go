// Package tree walks value trees: what JSON can say, in one canonical form.
//
// A tree is nil, a bool, a number, a string, a []any or a map[string]any. Anything
// else counts as a leaf, so that callers can keep values of their own in a tree,
// such as references and secrets. A number is an int64, a float64 or a
// [json.Number], see [Canonical]: every number has exactly one form.
//
// The package is the only place that takes containers apart without knowing what
// is in them. It has no dependencies, so that the client of the API can use it.
package tree

import (
	"iter"
	"maps"
	"reflect"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// Path leads from the root of a tree to a value: a string for the key of a map, an
// int for the index in a list.
type Path []any

// String writes a path as people read it, "fields[0].value".
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

// Parts lists a path's parts as texts, an index in decimal.
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

// All visits every value of a tree, a container before what it holds, lists in
// order and maps by key. The path is valid until the next value.
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
		for _, k := range Keys(v) {
			if !visit(append(at, k), v[k], yield) {
				return false
			}
		}
	}
	return true
}

// Map copies a tree with f applied to every value of it, a container after what it
// holds. f gets containers as the copies that they are and may change them.
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

// Replace is [Map] in place: the containers of v are changed, not copied.
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

// Rewrite replaces the values of a tree that f answers true for. It copies only the
// containers on the way to one and shares the others, so that v stays as it is. It says
// whether anything was replaced.
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

// Copy copies the containers of a tree as deep as they go.
func Copy(v any) any { return Map(v, func(v any) any { return v }) }

// Equal compares two trees by value: 1, 1.0 and 1e0 are one number, however they
// are held. A member that is null is something else than one that is absent.
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
	x, errX := Scalar(a)
	y, errY := Scalar(b)
	if errX != nil || errY != nil {
		return reflect.DeepEqual(a, b)
	}
	return x == y
}

// Keys lists the keys of a map in order.
func Keys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
