package schema

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/mihusync/mihusync/schema/tree"
)

// attributeTargets maps the keys of @mihu(key) and of @mihu(key=value) to the
// members of a field that they set. "order", "default" and "fills" are read separately,
// because their values are no texts.
func (f *Field) attributeTargets() (flags map[string]*bool, texts map[string]*string) {
	flags = map[string]*bool{
		"identity": &f.Identity, "unique": &f.Unique, "apart": &f.Apart, "judged": &f.Judged, "writeonly": &f.WriteOnly, "secret": &f.Secret, "server": &f.Server,
		"local": &f.Local, "set": &f.Set, "needed": &f.Needed, "sequence": &f.Sequence, "whole": &f.Whole, "filled": &f.Filled,
		"keyed": &f.Keyed, "time": &f.Time, "inline": &f.Inline, "state": &f.State, "verb": &f.Verb, "templated": &f.Templated, "refs": &f.Refs, "always": &f.Always, "rest": &f.Rest,
		"numbered": &f.Numbered, "elsewhere": &f.Elsewhere, "greets": &f.Greets, "gate": &f.Gate,
	}
	texts = map[string]*string{
		"ref": &f.Ref, "wire": &f.Wire, "items": &f.Items, "kind": &f.Kind, "rows": &f.Rows,
		"tag": &f.Tag, "aside": &f.Aside, "when": &f.When, "read": &f.Read, "shown": &f.Shown, "above": &f.Above, "alert": &f.Alert, "since": &f.Since, "expect": &f.Expect, "while": &f.While, "after": &f.After,
		"known": &f.Known,
	}
	return flags, texts
}

// applyAttribute reads the inside of one @mihu(...) into the field.
func (f *Field) applyAttribute(body string) error {
	flags, texts := f.attributeTargets()
	for _, part := range splitAttribute(body) {
		key, value, hasValue := strings.Cut(part, "=")
		flag, text := flags[key], texts[key]
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
		case (key == "default" || key == "fills") && hasValue:
			v, err := tree.Decode([]byte(value))
			if err != nil {
				return fmt.Errorf("@mihu(%s): %w", part, err)
			}
			if key == "fills" {
				f.Fills = v
				continue
			}
			f.Default, f.HasDef = v, true
		default:
			return fmt.Errorf("@mihu does not know %q", part)
		}
	}
	return nil
}

// splitAttribute splits at commas outside of strings and brackets.
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
		case ch == '[' || ch == '{' || ch == '(':
			depth++
		case ch == ']' || ch == '}' || ch == ')':
			depth--
		case ch == ',' && depth == 0:
			parts = append(parts, strings.TrimSpace(body[start:i]))
			start = i + 1
		}
	}
	return append(parts, strings.TrimSpace(body[start:]))
}
