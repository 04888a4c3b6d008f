package flow

import (
	"strings"

	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// Env is what the comparison of flows has to know of the workspace. The zero
// value compares apps by name and references by address.
type Env struct {
	// CompareOnly says that nothing is going to be applied: what stands in the way
	// of that does not matter.
	CompareOnly bool
	// ID answers the server's id of what an address names, such as "apps/Slack",
	// empty if it does not exist yet.
	ID func(addr string) string
	// App answers the catalog's entry of an app by its name, nil if unknown.
	App func(name string) map[string]any
	// Strategy, if not empty, overrides the strategy that a flow declares.
	Strategy Strategy
	// Leftover is what [SplitReplacements] found beside the live flow.
	Leftover []Leftover
}

func (e *Env) id(addr string) string {
	if e.ID == nil || addr == "" {
		return ""
	}
	return e.ID(addr)
}

// refID is the id of what a step refers to, empty if only its name is known.
func (e *Env) refID(r schema.Ref) string {
	if r.ID != "" {
		return r.ID
	}
	if id, pinned := strings.CutPrefix(r.Name, schema.PinPrefix); pinned {
		return id
	}
	return e.id(r.Addr)
}

// sameApp compares by id where both are known, so that a renamed app is the same.
func (e *Env) sameApp(live, want *schema.Step) bool {
	l, w := live.App(), want.App()
	if l.Name == w.Name && (w.ID == "" || l.ID == w.ID) {
		return true
	}
	a, b := e.refID(l), e.refID(w)
	return a != "" && a == b
}

// sameSettings compares what the wanted step declares besides its app, its verb and
// its templated settings.
func (e *Env) sameSettings(live, want *schema.Step) bool {
	for _, f := range want.Settings() {
		if w, declared := want.Fields[f.Name]; declared && !e.sameValue(f, w, live.Fields[f.Name]) {
			return false
		}
	}
	for k, v := range want.Extra {
		if !tree.Equal(v, live.Unknown[k]) {
			return false
		}
	}
	return true
}

func (e *Env) sameValue(f *schema.Field, want, live any) bool {
	if w, ok := want.(schema.Ref); ok {
		w.ID = e.refID(w)
		want = w
	}
	return field.Same(f, want, live, nil)
}
