package sandbox

import (
	"math"

	"github.com/mihusync/mihusync/schema/tree"
)

// clone copies a canonical value as deep as it goes.
func clone[T any](v T) T { return tree.Copy(v).(T) }

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

func number(v any) (float64, bool) { return tree.Float(v) }

// integral turns a float that is an integer into one.
func integral(f float64) any {
	if f == math.Trunc(f) && math.Abs(f) < 1<<63 {
		return int64(f)
	}
	return f
}
