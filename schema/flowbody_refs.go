package schema

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/mihusync/mihusync/schema/tree"
)

// FlowRef is one "{{…}}" in a step's config.
//
// The files have three forms. "{{find.email}}" is a field of an earlier step
// that has certainly run. "{{!find.email}}" is the same without that certainty;
// an export writes it for live references that point forward or into another
// branch. "{{!!text}}" stands for "{{text}}" unchanged: its target is gone
// (F11), or the braces are meant for another program.
type FlowRef struct {
	// Path leads from the config to the string, "fields[0].value".
	Path string
	// Text is the whole reference with its braces.
	Text string
	// ID is the step's id, and Field is what follows the first dot. Both are
	// empty if the text does not have that form.
	ID, Field string
	// Number is the N of the API's own form "{{stepN.field}}", and 0 for other
	// forms.
	Number int
	// Unchecked marks "{{!id.field}}". Verbatim marks "{{!!text}}".
	Unchecked, Verbatim bool
}

// FlowRefs returns the references in a canonical value such as
// map[string]any{"to": "{{lead.phone}}"}: list members in order, map members by
// key.
func FlowRefs(config any) []FlowRef {
	var out []FlowRef
	for at, v := range tree.All(config) {
		if s, ok := v.(string); ok {
			mapRefs(s, func(r FlowRef) string {
				r.Path = at.String()
				out = append(out, r)
				return r.Text
			})
		}
	}
	return out
}

// mapRefs replaces every reference in s.
func mapRefs(s string, replace func(FlowRef) string) string {
	if !strings.Contains(s, "{{") {
		return s
	}
	var b strings.Builder
	for {
		open := strings.Index(s, "{{")
		if open < 0 {
			break
		}
		length := strings.Index(s[open+2:], "}}")
		if length < 0 {
			break
		}
		end := open + 2 + length + 2
		// The innermost braces count: "{{{step1.x}}}" contains "{{step1.x}}".
		open += strings.LastIndex(s[open:end-2], "{{")
		b.WriteString(s[:open])
		b.WriteString(replace(parseRef(s[open:end])))
		s = s[end:]
	}
	b.WriteString(s)
	return b.String()
}

func parseRef(text string) FlowRef {
	r := FlowRef{Text: text}
	inner := strings.TrimSpace(text[2 : len(text)-2])
	if rest, ok := strings.CutPrefix(text[2:len(text)-2], "!!"); ok {
		r.Verbatim = true
		r.Field = rest
		return r
	}
	if rest, ok := strings.CutPrefix(inner, "!"); ok {
		r.Unchecked = true
		inner = strings.TrimSpace(rest)
	}
	id, field, ok := strings.Cut(inner, ".")
	if !ok || id == "" || field == "" || strings.ContainsAny(id, " \t\n[]") || strings.HasSuffix(field, "}") {
		return r // a brace at the end would close the reference one character too early
	}
	r.ID, r.Field = id, field
	r.Number = stepNumber(id)
	return r
}

// stepNumber returns the N of "stepN", and 0 for other ids.
func stepNumber(id string) int {
	digits, ok := strings.CutPrefix(id, "step")
	if !ok || digits == "" || digits[0] < '1' || digits[0] > '9' {
		return 0
	}
	n, err := strconv.Atoi(digits)
	if err != nil {
		return 0
	}
	return n
}

// mapStrings copies a canonical value with every string replaced.
func mapStrings(v any, replace func(string) string) any {
	return tree.Map(v, func(v any) any {
		if s, ok := v.(string); ok {
			return replace(s)
		}
		return v
	})
}

// NumberRefs returns a copy of a config in the API's form, with references by
// position. position returns 0 for an unknown id. A reference to such an id
// stays, and missing has the id.
func NumberRefs(config map[string]any, position func(id string) int) (numbered map[string]any, missing []string) {
	if config == nil {
		return nil, nil
	}
	out := mapStrings(config, func(s string) string {
		return mapRefs(s, func(r FlowRef) string {
			if r.Verbatim {
				return "{{" + r.Field + "}}"
			}
			if r.ID == "" {
				return r.Text
			}
			n := position(r.ID)
			if n == 0 {
				missing = append(missing, r.ID)
				return r.Text
			}
			return fmt.Sprintf("{{step%d.%s}}", n, r.Field)
		})
	})
	return out.(map[string]any), missing
}

// nameRefs returns a copy of a config with references by id instead of by
// position. name returns the id of the step at a position, or "", and whether
// the step has certainly run before.
func nameRefs(config map[string]any, name func(position int) (id string, sure bool)) map[string]any {
	if config == nil {
		return nil
	}
	return mapStrings(config, func(s string) string {
		return mapRefs(s, func(r FlowRef) string {
			inner := r.Text[2 : len(r.Text)-2]
			if r.Number == 0 || r.Unchecked || r.Verbatim {
				return "{{!!" + inner + "}}"
			}
			id, sure := name(r.Number)
			switch {
			case id == "":
				return "{{!!" + inner + "}}"
			case sure:
				return "{{" + id + "." + r.Field + "}}"
			default:
				return "{{!" + id + "." + r.Field + "}}"
			}
		})
	}).(map[string]any)
}

// LoseRefs returns a copy of a config in which references to lost steps are
// verbatim texts.
func LoseRefs(config map[string]any, lost func(id string) bool) map[string]any {
	if config == nil {
		return nil
	}
	return mapStrings(config, func(s string) string {
		return mapRefs(s, func(r FlowRef) string {
			if r.Verbatim || r.ID == "" || !lost(r.ID) {
				return r.Text
			}
			return "{{!!" + r.ID + "." + r.Field + "}}"
		})
	}).(map[string]any)
}

// MarkRefs returns a copy of a value in which the references are unchecked that are
// unchecked in another form of it. The two differ in nothing but ids and marks.
func MarkRefs(v, marked any) any {
	switch v := v.(type) {
	case string:
		text, _ := marked.(string)
		var unchecked []bool
		mapRefs(text, func(r FlowRef) string {
			unchecked = append(unchecked, r.Unchecked)
			return r.Text
		})
		n := -1
		return mapRefs(v, func(r FlowRef) string {
			if n++; n < len(unchecked) && unchecked[n] && r.ID != "" && !r.Verbatim {
				return "{{!" + r.ID + "." + r.Field + "}}"
			}
			return r.Text
		})
	case []any:
		like, _ := marked.([]any)
		out := slices.Clone(v)
		for i := range min(len(v), len(like)) {
			out[i] = MarkRefs(v[i], like[i])
		}
		return out
	case map[string]any:
		like, _ := marked.(map[string]any)
		out := maps.Clone(v)
		for k := range v {
			out[k] = MarkRefs(v[k], like[k])
		}
		return out
	}
	return v
}

// RenameRefs returns a copy of a config with the ids in its references replaced.
// All references get one form: without blanks inside the braces and without the
// mark of an unchecked one.
func RenameRefs(config map[string]any, rename func(id string) string) map[string]any {
	if config == nil {
		return nil
	}
	return mapStrings(config, func(s string) string { return RenameTextRefs(s, rename) }).(map[string]any)
}

// RenameTextRefs does what [RenameRefs] does, for one text.
func RenameTextRefs(text string, rename func(id string) string) string {
	return mapRefs(text, func(r FlowRef) string {
		if r.Verbatim || r.ID == "" {
			return r.Text
		}
		return "{{" + rename(r.ID) + "." + r.Field + "}}"
	})
}
