package load

import (
	"github.com/mihusync/mihusync/schema"
)

// mistakes reports values that have the right type and cannot be meant.
func (s *semantics) mistakes(o *schema.Object) {
	for _, m := range s.w.Mistakes(o) {
		path := append(o.FilePath(), m.Path...)
		detail := m.Detail
		if m.Other != nil {
			other := append(m.Other.FilePath(), m.OtherPath...)
			detail = pathString(m.OtherPath) + " of " + m.Other.Addr() + " is set at " + s.at(m.Other, other).String() + ". " + detail
		}
		s.report(s.at(o, path), o, path, m.Summary, detail, m.Suggestion)
	}
}
