package flow

import (
	"hash/fnv"
	"maps"
	"slices"

	"github.com/mihusync/mihusync/internal/text"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// weight orders matchings: first by edits, then by tests, then by likeness.
type weight int64

const (
	oneEdit weight = 1 << 44
	oneTest weight = 1 << 26
)

// Costs of unlikeness, for each pair of steps.
const (
	otherUUID weight = 2048 // the wanted step has another live step's UUID
	otherID   weight = 512  // one of the two ids belongs to another step
	newID     weight = 32   // the ids differ
	otherKey  weight = 8
	otherApp  weight = 4
	mostOther weight = 16 // the configs have nothing in common
)

// classByLooks puts steps with the same action into one class. It is used while
// the matching is still unknown.
func (m *matcher) classByLooks() {
	keys := map[string]int{}
	looks := func(t *stepTree) []int {
		out := make([]int, len(t.nodes))
		for i := range t.nodes {
			k := t.nodes[i].step.Verb()
			if _, known := keys[k]; !known {
				keys[k] = len(keys)
			}
			out[i] = keys[k]
		}
		return out
	}
	m.setClasses(looks(m.live), looks(m.want))
}

// classByMatch puts steps that a matching pairs into one class.
func (m *matcher) classByMatch(match []int) {
	live, want := make([]int, len(m.live.nodes)), make([]int, len(m.want.nodes))
	for i := range live {
		live[i] = -1
	}
	for i := range want {
		want[i] = i
		if match[i] >= 0 {
			live[match[i]] = i
		}
	}
	m.setClasses(live, want)
}

func (m *matcher) setClasses(live, want []int) {
	m.liveClass, m.wantClass = live, want
	m.memo = map[int64]weight{}
}

func comparableConfigs(t *stepTree) []comparable {
	out := make([]comparable, len(t.nodes))
	for i := range t.nodes {
		config, _ := bare(t.nodes[i].step.Config()).(map[string]any)
		if len(config) == 0 {
			continue
		}
		for _, r := range schema.FlowRefs(config) {
			if n, ok := t.byID[r.ID]; ok && !r.Verbatim {
				out[i].refs = append(out[i].refs, n)
			}
		}
		out[i].text = schema.ValueText(schema.RenameRefs(config, func(id string) string {
			if _, ok := t.byID[id]; ok {
				return "\x00"
			}
			return id
		}))
	}
	return out
}

// bare drops what makes no difference: null members, because the API may leave them
// out, and a final line end of each text.
func bare(v any) any {
	return tree.Map(v, func(v any) any {
		switch v := v.(type) {
		case map[string]any:
			maps.DeleteFunc(v, func(_ string, e any) bool { return e == nil })
		case string:
			return text.Trim(v)
		}
		return v
	})
}

// step returns the cost of turning one live step into the wanted one, without
// its branches.
func (m *matcher) step(l, w int) weight {
	a, b := m.live.nodes[l].step, m.want.nodes[w].step
	var cost weight
	if m.forced != nil && (m.forced[0] == l) != (m.forced[1] == w) {
		cost = 8 * oneEdit
	}
	switch {
	case b.UUID != "" && b.UUID == a.UUID:
	case b.UUID != "" && a.UUID != "":
		cost += otherUUID
	case a.ID == b.ID:
	default:
		cost += newID
		_, here := m.want.byID[a.ID]
		_, there := m.live.byID[b.ID]
		if here || there {
			cost += otherID
		}
	}
	if !m.differs(l, w) {
		return cost
	}
	cost += oneEdit + oneTest
	if a.Verb() != b.Verb() {
		cost += otherKey
	}
	if !m.env.sameApp(a, b) {
		cost += otherApp
	}
	return cost + m.unlike(l, w)
}

func (m *matcher) differs(l, w int) bool {
	a, b := m.live.nodes[l].step, m.want.nodes[w].step
	return a.Verb() != b.Verb() || !m.env.sameApp(a, b) || !m.env.sameSettings(a, b) ||
		b.Config() != nil && !m.sameConfig(l, w)
}

func (m *matcher) sameConfig(l, w int) bool {
	a, b := &m.liveConf[l], &m.wantConf[w]
	return a.text == b.text && slices.EqualFunc(a.refs, b.refs, func(x, y int) bool {
		return m.liveClass[x] == m.wantClass[y]
	})
}

// unlike compares two configs leaf by leaf.
func (m *matcher) unlike(l, w int) weight {
	a, b := m.leavesOf(false, l), m.leavesOf(true, w)
	if len(a)+len(b) == 0 {
		return 0
	}
	common, i, j := 0, 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case a[i] == b[j]:
			common++
			i++
			j++
		case a[i] < b[j]:
			i++
		default:
			j++
		}
	}
	return mostOther * weight(len(a)+len(b)-2*common) / weight(len(a)+len(b))
}

func (m *matcher) leavesOf(want bool, i int) []uint64 {
	if l, ok := m.leaves[want][i]; ok {
		return l
	}
	side := m.live
	if want {
		side = m.want
	}
	var out []uint64
	for at, v := range tree.All(side.nodes[i].step.Config()) {
		switch v.(type) {
		case map[string]any, []any:
			continue
		}
		h := fnv.New64a()
		for _, part := range at {
			if key, named := part.(string); named { // list members are compared without their index
				h.Write([]byte("\x00" + key))
			}
		}
		h.Write([]byte("\x01" + schema.ValueText(v)))
		out = append(out, h.Sum64())
	}
	slices.Sort(out)
	m.leaves[want][i] = out
	return out
}
