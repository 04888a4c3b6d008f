package flow

import (
	"strings"

	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// Env is what a comparison of flows knows of the workspace. The zero value
// compares apps by name and references by address.
type Env struct {
	// CompareOnly says that nothing will be applied. The comparison then reports
	// nothing that would only stop an apply.
	CompareOnly bool
	// ID returns the service's id of the object at an address such as
	// "apps/Slack", or "" if the object does not exist yet.
	ID func(addr string) string
	// App returns the catalog's entry of the app with a name, or nil if there is
	// none.
	App func(name string) map[string]any
	// Places returns the positions of a field of a declared step, or of the flow if step is
	// nil. Nil means that only the positions of steps are known.
	Places func(want *schema.Object, step *schema.Step, field string) []schema.Pos
	// Strategy, if not empty, overrides the flow's declared strategy.
	Strategy Strategy
	// Down says that a run took the flow down for a change and did not bring it up
	// again, as the record of runs has it.
	Down bool
	// Leftover is what [SplitReplacements] found beside the live flow.
	Leftover []Leftover
}

func (e *Env) id(addr string) string {
	if e.ID == nil || addr == "" {
		return ""
	}
	return e.ID(addr)
}

// refID returns the id of what a step refers to, or "" if only its name is
// known.
func (e *Env) refID(r schema.Ref) string {
	if r.ID != "" {
		return r.ID
	}
	if id, pinned := strings.CutPrefix(r.Name, schema.PinPrefix); pinned {
		return id
	}
	return e.id(r.Addr)
}

// sameApp compares the apps by id if both ids are known, so that a renamed app
// is the same.
func (e *Env) sameApp(live, want *schema.Step) bool {
	l, w := live.App(), want.App()
	if l.Name == w.Name && (w.ID == "" || l.ID == w.ID) {
		return true
	}
	a, b := e.refID(l), e.refID(w)
	return a != "" && a == b
}

// sameSettings compares what the wanted step declares besides its app, its
// action and its config.
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
