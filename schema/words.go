package schema

import (
	"slices"
	"strconv"
	"strings"
)

// Accepts says in words what the field takes, "a whole number or null".
func (d Domain) Accepts() string {
	var parts []string
	for _, w := range d.Words {
		parts = append(parts, strconv.Quote(w))
	}
	for _, k := range d.Kinds {
		switch {
		case k == "string" && len(d.Words) > 0:
		case k == "number" && len(d.Numbers) > 0:
			for _, n := range d.Numbers {
				parts = append(parts, strconv.FormatFloat(n, 'f', -1, 64))
			}
		case k == "number" && d.Whole:
			parts = append(parts, "a whole number")
		default:
			parts = append(parts, kindWords[k])
		}
	}
	if d.Null {
		parts = append(parts, "null")
	}
	return OrList(parts)
}

// OtherKind says in words what a value is, "a text", if the field takes no value of
// its kind. It is empty if the field does.
func (d Domain) OtherKind(v any) string {
	kind := kindOfValue(v)
	if len(d.Kinds) == 0 || slices.Contains(d.Kinds, kind) {
		return ""
	}
	return kindWords[kind]
}

// Breaks says in words which constraint a text, number or bool breaks, "-1 is out of
// range: it must be >=0". It is empty if the value breaks none. The kind of the value
// is one that the field takes.
func (d Domain) Breaks(v any) string {
	if d.rule == nil {
		return ""
	}
	return d.rule.breaks(v)
}

// Lacks says in words which constraint a map or list breaks as a whole, "has 6
// members, 5 are the most". It is empty if the value breaks none.
func (d Domain) Lacks(v any) string {
	if d.rule == nil {
		return ""
	}
	return d.rule.lacks(v)
}

var kindWords = map[string]string{
	"string": "a text", "number": "a number", "bool": "true or false", "list": "a list", "struct": "a struct", "null": "null",
}

// kindOfValue is the JSON kind of a value.
func kindOfValue(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case string:
		return "string"
	case bool:
		return "bool"
	case map[string]any:
		return "struct"
	case []any:
		return "list"
	default:
		return "number"
	}
}

// OrList joins words for a sentence: "a, b or c".
func OrList(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}
