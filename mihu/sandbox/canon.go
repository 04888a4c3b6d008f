package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"sort"
)

// decodeJSON decodes one JSON value into canonical form: nil, bool, int64 for
// every integral number, float64, string, []any, map[string]any.
func decodeJSON(b []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, errors.New("trailing data")
	}
	return canonical(v), nil
}

func canonical(v any) any {
	switch v := v.(type) {
	case json.Number:
		if i, err := v.Int64(); err == nil {
			return i
		}
		f, err := v.Float64()
		if err == nil && f == math.Trunc(f) && math.Abs(f) < 1<<63 {
			return int64(f)
		}
		return f
	case []any:
		for i, x := range v {
			v[i] = canonical(x)
		}
	case map[string]any:
		for k, x := range v {
			v[k] = canonical(x)
		}
	}
	return v
}

// clone copies a canonical value as deep as it goes.
func clone[T any](v T) T {
	return cloneAny(v).(T)
}

func cloneAny(v any) any {
	switch v := v.(type) {
	case map[string]any:
		m := make(map[string]any, len(v)+2)
		for k, x := range v {
			m[k] = cloneAny(x)
		}
		return m
	case []any:
		l := make([]any, len(v))
		for i, x := range v {
			l[i] = cloneAny(x)
		}
		return l
	}
	return v
}

// The following read canonical values with a zero value for anything else.

func text(m map[string]any, key string) string { s, _ := m[key].(string); return s }

func flag(m map[string]any, key string) bool { b, _ := m[key].(bool); return b }

func whole(m map[string]any, key string) int64 { n, _ := m[key].(int64); return n }

func sub(m map[string]any, key string) map[string]any { s, _ := m[key].(map[string]any); return s }

func list(m map[string]any, key string) []any { l, _ := m[key].([]any); return l }

// made returns the nested object at key, creating it.
func made(m map[string]any, key string) map[string]any {
	s, ok := m[key].(map[string]any)
	if !ok {
		s = map[string]any{}
		m[key] = s
	}
	return s
}

func number(v any) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

// integral turns a float that is an integer into one.
func integral(f float64) any {
	if f == math.Trunc(f) && math.Abs(f) < 1<<63 {
		return int64(f)
	}
	return f
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
