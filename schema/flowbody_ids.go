package schema

import (
	"strings"
	"unicode"

	"github.com/mihusync/mihusync/schema/tree"
)

// assignStepIDs gives an id to every step without one. An id is made of the step
// alone: of its key and of its agent or a part of its config. So it stays when a
// neighbour changes. Only steps with equal ids are numbered, in depth-first
// order.
func assignStepIDs(b *FlowBody) {
	taken := map[string]bool{}
	b.Walk(func(s, _ *Step, _ string) {
		if s.ID != "" {
			taken[s.ID] = true
		}
	})
	b.Walk(func(s, _ *Step, _ string) {
		if s.ID == "" {
			s.ID = uniqueStepID(stepIDBase(s), taken)
			taken[s.ID] = true
		}
	})
}

func uniqueStepID(base string, taken map[string]bool) string {
	return unique(base, '_', func(id string) bool { return taken[id] })
}

func stepIDBase(s *Step) string {
	base := Slug(s.Verb(), '_')
	if s.Verb() == "" {
		base = Slug(s.App().Name, '_')
	}
	detail := ""
	switch {
	case s.IsTrigger():
	case s.IsCondition():
		base = "if"
		if refs := FlowRefs(s.Config()); len(refs) > 0 {
			field := refs[0].Field
			detail = field[strings.LastIndex(field, ".")+1:]
		}
		if detail == "" {
			base = Slug(s.Verb(), '_')
		}
	default:
		if detail = s.usedObject(); detail == "" {
			detail = telling(s.Config())
		}
	}
	if detail != "" {
		if d := Slug(detail, '_'); d != "unnamed" && d != base {
			base += "_" + d
		}
	}
	return validStepID(base)
}

// usedObject returns the name of the workspace's object that a step uses.
func (s *Step) usedObject() string {
	for _, f := range s.Settings() {
		if f.Ref == "" || CatalogOf(f.Ref) != nil {
			continue
		}
		if r, _ := s.Fields[f.Name].(Ref); r.Name != "" {
			return r.Name
		}
	}
	return ""
}

// validStepID turns a name into a valid id: ASCII, no digit in front, and not
// stepN, which the API uses itself.
func validStepID(name string) string {
	name = strings.Trim(strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII {
			return -1
		}
		return r
	}, name), "_")
	if name == "" {
		return "unnamed"
	}
	if unicode.IsDigit(rune(name[0])) || reservedStepID(name) {
		return "s_" + name
	}
	return name
}

func reservedStepID(id string) bool {
	digits, ok := strings.CutPrefix(id, "step")
	return ok && digits != "" && strings.Trim(digits, "0123456789") == ""
}

// telling returns the first short plain text in a config, such as the name of a
// channel or a table. Prose, opaque ids and references make poor names.
func telling(config any) string {
	for v := range tree.Values(config) {
		s, _ := v.(string)
		digits := 0
		for _, r := range s {
			if unicode.IsDigit(r) {
				digits++
			}
		}
		if s != "" && len(s) <= 24 && digits < 3 && len(strings.Fields(s)) <= 3 && !strings.ContainsAny(s, "{}\n") && !strings.Contains(s, "://") {
			return s
		}
	}
	return ""
}
