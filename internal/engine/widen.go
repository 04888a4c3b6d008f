package engine

import (
	"github.com/mihusync/mihusync/export"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
)

// WithBase adds what a base declared to the scope of a plan: the kinds from
// which the files removed something, and the parts whose origin the plan shows.
func WithBase(s export.Scope, desired, base *schema.Workspace) export.Scope {
	for _, o := range plan.Removed(base, desired) {
		if o.Parent == nil {
			s = s.WithKind(o.Kind.Name)
		}
	}
	now, then := s.Detail, export.ScopeOf(base).Detail
	s.Detail = func(o *schema.Object, part string) bool {
		return now != nil && now(o, part) || then != nil && then(o, part)
	}
	return s
}
