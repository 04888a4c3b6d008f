package sandbox

import (
	"math"

	"github.com/mihusync/mihusync/schema/tree"
)

// clone returns a deep copy of a canonical value.
func clone[T any](v T) T { return tree.Copy(v).(T) }

// The following functions read canonical values. For a value of another type
// they return the zero value.

func text(m map[string]any, key string) string { s, _ := m[key].(string); return s }

func flag(m map[string]any, key string) bool { b, _ := m[key].(bool); return b }

func whole(m map[string]any, key string) int64 { n, _ := m[key].(int64); return n }

func sub(m map[string]any, key string) map[string]any { s, _ := m[key].(map[string]any); return s }

func list(m map[string]any, key string) []any { l, _ := m[key].([]any); return l }

// made returns the nested object at key, and creates it if it is missing.
func made(m map[string]any, key string) map[string]any {
	s, ok := m[key].(map[string]any)
	if !ok {
		s = map[string]any{}
		m[key] = s
	}
	return s
}

func number(v any) (float64, bool) { return tree.Float(v) }

// integral returns a float without a fraction as an integer.
func integral(f float64) any {
	if f == math.Trunc(f) && math.Abs(f) < 1<<63 {
		return int64(f)
	}
	return f
}
