package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// applyAttribute reads the inside of one @mihu(...) into the field.
func (f *Field) applyAttribute(body string) error {
	for _, part := range splitAttribute(body) {
		key, value, hasValue := strings.Cut(part, "=")
		flag := map[string]*bool{
			"identity": &f.Identity, "unique": &f.Unique, "writeonly": &f.WriteOnly, "secret": &f.Secret, "server": &f.Server,
			"local": &f.Local, "set": &f.Set, "replace": &f.Replace, "needed": &f.Needed, "sequence": &f.Sequence, "whole": &f.Whole, "filled": &f.Filled,
			"keyed": &f.Keyed, "time": &f.Time, "inline": &f.Inline, "state": &f.State, "verb": &f.Verb, "templated": &f.Templated,
		}[key]
		text := map[string]*string{
			"ref": &f.Ref, "wire": &f.Wire, "items": &f.Items, "kind": &f.Kind, "rows": &f.Rows,
			"tag": &f.Tag, "aside": &f.Aside, "when": &f.When, "read": &f.Read, "shown": &f.Shown, "above": &f.Above,
		}[key]
		switch {
		case flag != nil && !hasValue:
			*flag = true
		case text != nil && value != "":
			*text = value
		case key == "order" && hasValue:
			n, err := strconv.Atoi(value)
			if err != nil {
				return fmt.Errorf("@mihu(order=%s): not a number", value)
			}
			f.Order, f.Ordered = n, true
		case key == "default" && hasValue:
			v, err := decodeCanonical([]byte(value))
			if err != nil {
				return fmt.Errorf("@mihu(default=%s): %w", value, err)
			}
			f.Default, f.HasDef = v, true
		default:
			return fmt.Errorf("@mihu does not know %q", part)
		}
	}
	return nil
}

// splitAttribute cuts at commas that stand outside of strings and brackets.
func splitAttribute(body string) []string {
	var parts []string
	depth, quoted, start := 0, false, 0
	for i := 0; i < len(body); i++ {
		switch ch := body[i]; {
		case quoted:
			if ch == '\\' {
				i++
			} else if ch == '"' {
				quoted = false
			}
		case ch == '"':
			quoted = true
		case ch == '[' || ch == '{':
			depth++
		case ch == ']' || ch == '}':
			depth--
		case ch == ',' && depth == 0:
			parts = append(parts, strings.TrimSpace(body[start:i]))
			start = i + 1
		}
	}
	return append(parts, strings.TrimSpace(body[start:]))
}

// decodeCanonical reads JSON into canonical values: nil, bool, int64 for integral
// numbers however they are written, float64 for others, string, []any and
// map[string]any.
func decodeCanonical(data []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	return canonical(v), nil
}

func canonical(v any) any {
	switch v := v.(type) {
	case json.Number:
		return canonicalNumber(string(v))
	case []any:
		for i, e := range v {
			v[i] = canonical(e)
		}
	case map[string]any:
		for k, e := range v {
			switch e.(type) {
			case json.Number, []any, map[string]any:
				v[k] = canonical(e)
			}
		}
	}
	return v
}

func canonicalNumber(s string) any {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n
	}
	x, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return s
	}
	if x == math.Trunc(x) && math.Abs(x) < 1<<63 {
		return int64(x)
	}
	return x
}
