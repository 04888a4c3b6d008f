package field

import (
	"testing"

	"github.com/mihusync/mihusync/schema"
)

// TestSetsOfReferences compares references by what they mean, in any order: by address
// and by id.
func TestSetsOfReferences(t *testing.T) {
	f := schema.KindOf("schedules").Fields.Lookup("ai_agents")
	live := func(id, handle string) schema.Ref {
		return schema.Ref{Kind: "agents", Name: handle, Addr: "agents/" + handle, ID: id}
	}
	a, b := schema.NewRef("agents", "a", nil), schema.NewRef("agents", "b", nil)
	pin := schema.NewRef("agents", "uuid:1", nil)
	for name, c := range map[string]struct {
		want, have []any
		same       bool
	}{
		"another order":   {[]any{b, a}, []any{live("1", "a"), live("2", "b")}, true},
		"a pin":           {[]any{b, pin}, []any{live("1", "a"), live("2", "b")}, true},
		"another agent":   {[]any{a, b}, []any{live("1", "a"), live("3", "c")}, false},
		"one too few":     {[]any{a}, []any{live("1", "a"), live("2", "b")}, false},
		"one of them not": {[]any{a, a}, []any{live("1", "a"), live("2", "b")}, false},
		"none":            {[]any{}, nil, true},
	} {
		if got := Same(f, c.want, c.have, nil); got != c.same {
			t.Errorf("%s: %v", name, got)
		}
	}
}
