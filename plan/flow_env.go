package plan

import (
	"strings"

	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// FlowEnv is what the comparison of flows has to know of the workspace. The zero
// value compares apps by name and references by address.
type FlowEnv struct {
	// CompareOnly says that nothing is going to be applied: what stands in the way
	// of that does not matter.
	CompareOnly bool
	// ID answers the server's id of what an address names, such as "apps/Slack",
	// empty if it does not exist yet.
	ID func(addr string) string
	// App answers the catalog's entry of an app by its name, nil if unknown.
	App func(name string) map[string]any
	// Strategy, if not empty, overrides the strategy that a flow declares.
	Strategy FlowStrategy
	// Interrupted says that an earlier run took the flow down and did not get to
	// deploying it again. A flow that does not declare whether it runs is then
	// brought back.
	Interrupted bool
	// Leftover is what [SplitReplacements] found beside the live flow.
	Leftover []FlowLeftover
}

func (e *FlowEnv) id(addr string) string {
	if e.ID == nil || addr == "" {
		return ""
	}
	return e.ID(addr)
}

// appUID is the id of a step's app, empty if only its name is known.
func (e *FlowEnv) appUID(s *schema.Step) string {
	if s.AppUID != "" {
		return s.AppUID
	}
	if uid, pinned := strings.CutPrefix(s.App, schema.PinPrefix); pinned {
		return uid
	}
	return e.id("apps/" + s.App)
}

// sameApp compares by id where both are known, so that a renamed app is the same.
func (e *FlowEnv) sameApp(live, want *schema.Step) bool {
	if live.App == want.App && (want.AppUID == "" || live.AppUID == want.AppUID) {
		return true
	}
	a, b := e.appUID(live), e.appUID(want)
	return a != "" && a == b
}

// sameParts compares agent, connection and unknown fields, as far as the wanted
// step declares them.
func (e *FlowEnv) sameParts(live, want *schema.Step) bool {
	if want.Agent != (schema.Ref{}) && !e.sameRef(want.Agent, live.Agent) {
		return false
	}
	if want.Connection != (schema.Ref{}) && !e.sameRef(want.Connection, live.Connection) {
		return false
	}
	for k, v := range want.Extra {
		if !tree.Equal(v, live.Extra[k]) {
			return false
		}
	}
	return true
}

func (e *FlowEnv) sameRef(want, live schema.Ref) bool {
	if want.ID == "" {
		if id, pinned := strings.CutPrefix(want.Name, schema.PinPrefix); pinned {
			want.ID = id
		} else {
			want.ID = e.id(want.Addr)
		}
	}
	return sameRef(want, live)
}
