package plan

import (
	"hash/fnv"
	"slices"

	"github.com/mihusync/mihusync/schema"
)

// Which live step becomes which wanted one decides how many edits a flow needs.
// A step never changes its parent or branch, steps that are kept keep their
// order, deleting a condition deletes all in it, and anything about a kept step
// can be updated in place, only not the action of a condition that has children
// (F11). So the fewest edits are found list by list: an edit distance between
// siblings, in which replacing one condition by another costs the distance of
// their branches.
//
// Among matchings with equally few edits the one with the fewest tests wins, then
// the one that keeps most ids, then the one with the likest configs.

// flowNode is a step in its place.
type flowNode struct {
	step      *schema.Step
	parent    int // -1 at top level
	branch    string
	then, els []int
	size      int // with everything below
}

// flowTree is a flow with its steps numbered in depth-first order. The trigger,
// if there is one, is node 0.
type flowTree struct {
	nodes   []flowNode
	top     []int
	trigger bool
	byID    map[string]int
}

func newFlowTree(b *schema.FlowBody) *flowTree {
	t := &flowTree{byID: map[string]int{}}
	at := map[*schema.Step]int{}
	b.Walk(func(s, parent *schema.Step, branch string) {
		i := len(t.nodes)
		at[s] = i
		t.nodes = append(t.nodes, flowNode{step: s, parent: -1, branch: branch, size: 1})
		if _, taken := t.byID[s.ID]; !taken {
			t.byID[s.ID] = i
		}
		switch {
		case parent == nil && s == b.Trigger:
			t.trigger = true
		case parent == nil:
			t.top = append(t.top, i)
		default:
			p := at[parent]
			t.nodes[i].parent = p
			if branch == "false" {
				t.nodes[p].els = append(t.nodes[p].els, i)
			} else {
				t.nodes[p].then = append(t.nodes[p].then, i)
			}
		}
	})
	for i := len(t.nodes) - 1; i >= 0; i-- {
		if p := t.nodes[i].parent; p >= 0 {
			t.nodes[p].size += t.nodes[i].size
		}
	}
	return t
}

func (n *flowNode) children() int { return len(n.then) + len(n.els) }

// flowCost orders matchings: edits before tests before likeness.
type flowCost int64

const (
	oneEdit flowCost = 1 << 44
	oneTest flowCost = 1 << 26
)

// likeness costs, per pair of steps.
const (
	otherUUID flowCost = 2048 // the wanted step is known to be another live one
	otherID   flowCost = 512  // one of the two ids stands for another step
	newID     flowCost = 32   // the ids differ
	otherKey  flowCost = 8
	otherApp  flowCost = 4
	mostOther flowCost = 16 // configs that have nothing in common
)

// flowMatcher finds the cheapest matching of two flows.
type flowMatcher struct {
	live, want *flowTree
	env        *FlowEnv
	// class tells, for the comparison of references, which steps count as the
	// same: a name for each live and each wanted step.
	liveClass, wantClass []string
	liveConf, wantConf   []string // configs in comparable form
	leaves               map[bool]map[int][]uint64
	memo                 map[int64]flowCost
}

// matchFlows answers, for each wanted step, the live one it is, or -1.
func matchFlows(live, want *flowTree, env *FlowEnv) []int {
	m := &flowMatcher{live: live, want: want, env: env, leaves: map[bool]map[int][]uint64{false: {}, true: {}}}
	m.classByLooks()
	best := m.match()
	cost := m.total(best)
	for range 4 {
		m.classByMatch(best)
		next := m.match()
		c := m.total(next)
		if c >= cost {
			break
		}
		best, cost = next, c
	}
	return best
}

// classByLooks takes steps with one app and key for the same: it is not known
// yet which will be.
func (m *flowMatcher) classByLooks() {
	looks := func(t *flowTree) []string {
		out := make([]string, len(t.nodes))
		for i := range t.nodes {
			out[i] = t.nodes[i].step.Key
		}
		return out
	}
	m.setClasses(looks(m.live), looks(m.want))
}

// classByMatch takes steps for the same that a matching pairs.
func (m *flowMatcher) classByMatch(match []int) {
	live, want := make([]string, len(m.live.nodes)), make([]string, len(m.want.nodes))
	for i := range live {
		live[i] = goneClass
	}
	for i := range want {
		want[i] = m.want.nodes[i].step.ID
		if match[i] >= 0 {
			live[match[i]] = want[i]
		}
	}
	m.setClasses(live, want)
}

// goneClass is the class of live steps that no wanted one is: a reference to them
// is like no other.
const goneClass = "\x00"

func (m *flowMatcher) setClasses(live, want []string) {
	m.liveClass, m.wantClass = live, want
	m.liveConf = comparableConfigs(m.live, live)
	m.wantConf = comparableConfigs(m.want, want)
	m.memo = map[int64]flowCost{}
}

// comparableConfigs renders every config with its references renamed to classes.
func comparableConfigs(t *flowTree, class []string) []string {
	out := make([]string, len(t.nodes))
	for i := range t.nodes {
		config := t.nodes[i].step.Config
		if isEmpty(config) {
			continue
		}
		out[i] = canonical(withoutNulls(schema.RenameRefs(config, func(id string) string {
			if n, ok := t.byID[id]; ok {
				return class[n]
			}
			return id
		})))
	}
	return out
}

// withoutNulls drops null members, which the API may leave out.
func withoutNulls(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			if e != nil {
				out[k] = withoutNulls(e)
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = withoutNulls(e)
		}
		return out
	default:
		return v
	}
}

// match finds the cheapest matching under the present classes.
func (m *flowMatcher) match() []int {
	match := make([]int, len(m.want.nodes))
	for i := range match {
		match[i] = -1
	}
	if m.live.trigger && m.want.trigger {
		match[0] = 0
	}
	m.trace(m.live.top, m.want.top, match)
	return match
}

// total is a matching's cost with the references as they will really be.
func (m *flowMatcher) total(match []int) flowCost {
	m.classByMatch(match)
	var cost flowCost
	kept := make([]bool, len(m.live.nodes))
	for w, l := range match {
		if l < 0 {
			cost += oneEdit + oneTest
			continue
		}
		kept[l] = true
		cost += m.step(l, w)
	}
	for l := range m.live.nodes {
		if p := m.live.nodes[l].parent; !kept[l] && (p < 0 || kept[p]) {
			cost += oneEdit
		}
	}
	return cost
}

// step is the cost of making one live step the wanted one, without what is in
// its branches.
func (m *flowMatcher) step(l, w int) flowCost {
	a, b := m.live.nodes[l].step, m.want.nodes[w].step
	var cost flowCost
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
	if a.Key != b.Key {
		cost += otherKey
	}
	if !m.env.sameApp(a, b) {
		cost += otherApp
	}
	return cost + m.unlike(l, w)
}

func (m *flowMatcher) differs(l, w int) bool {
	a, b := m.live.nodes[l].step, m.want.nodes[w].step
	return a.Key != b.Key || !m.env.sameApp(a, b) || !m.env.sameParts(a, b) ||
		b.Config != nil && m.liveConf[l] != m.wantConf[w]
}

// unlike compares two configs leaf by leaf.
func (m *flowMatcher) unlike(l, w int) flowCost {
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
	return mostOther * flowCost(len(a)+len(b)-2*common) / flowCost(len(a)+len(b))
}

func (m *flowMatcher) leavesOf(want bool, i int) []uint64 {
	if l, ok := m.leaves[want][i]; ok {
		return l
	}
	tree := m.live
	if want {
		tree = m.want
	}
	var out []uint64
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for k, e := range v {
				walk(path+"\x00"+k, e)
			}
		case []any:
			for _, e := range v {
				walk(path, e)
			}
		default:
			h := fnv.New64a()
			h.Write([]byte(path + "\x01" + canonical(v)))
			out = append(out, h.Sum64())
		}
	}
	walk("", tree.nodes[i].step.Config)
	slices.Sort(out)
	m.leaves[want][i] = out
	return out
}

// pair is the cost of making a live step the wanted one, branches included.
func (m *flowMatcher) pair(l, w int) flowCost {
	a, b := &m.live.nodes[l], &m.want.nodes[w]
	if a.children()+b.children() == 0 {
		return m.step(l, w)
	}
	key := int64(l)<<32 | int64(w)
	if cost, ok := m.memo[key]; ok {
		return cost
	}
	cost := m.step(l, w)
	if m.keepsBranches(a, b) {
		cost += m.align(a.then, b.then)[0][0] + m.align(a.els, b.els)[0][0]
	} else {
		cost += oneEdit*flowCost(a.children()) + (oneEdit+oneTest)*flowCost(b.size-1)
	}
	m.memo[key] = cost
	return cost
}

// keepsBranches says whether children can stay: only a condition has any, and
// one that has keeps its app and action (F11).
func (m *flowMatcher) keepsBranches(a, b *flowNode) bool {
	return a.children() == 0 || a.step.Key == b.step.Key && m.env.sameApp(a.step, b.step)
}

// align fills the table of costs between the rests of two lists of siblings:
// table[i][j] for live[i:] and want[j:].
func (m *flowMatcher) align(live, want []int) [][]flowCost {
	table := make([][]flowCost, len(live)+1)
	for i := range table {
		table[i] = make([]flowCost, len(want)+1)
	}
	for i := len(live); i >= 0; i-- {
		for j := len(want); j >= 0; j-- {
			if i == len(live) && j == len(want) {
				continue
			}
			best := flowCost(-1)
			try := func(c flowCost) {
				if best < 0 || c < best {
					best = c
				}
			}
			if i < len(live) && j < len(want) {
				try(m.pair(live[i], want[j]) + table[i+1][j+1])
			}
			if i < len(live) {
				try(oneEdit + table[i+1][j])
			}
			if j < len(want) {
				try(m.insertion(want[j]) + table[i][j+1])
			}
			table[i][j] = best
		}
	}
	return table
}

func (m *flowMatcher) insertion(w int) flowCost {
	return (oneEdit + oneTest) * flowCost(m.want.nodes[w].size)
}

// trace records the cheapest matching of two lists and of everything below.
func (m *flowMatcher) trace(live, want []int, match []int) {
	// Equal ends need no table; in a large flow that leaves a few steps.
	for len(live) > 0 && len(want) > 0 && m.equal(live[0], want[0]) {
		m.take(live[0], want[0], match)
		live, want = live[1:], want[1:]
	}
	for len(live) > 0 && len(want) > 0 && m.equal(live[len(live)-1], want[len(want)-1]) {
		m.take(live[len(live)-1], want[len(want)-1], match)
		live, want = live[:len(live)-1], want[:len(want)-1]
	}
	if len(live) == 0 || len(want) == 0 {
		return
	}
	table := m.align(live, want)
	for i, j := 0, 0; i < len(live) && j < len(want); {
		switch table[i][j] {
		case m.pair(live[i], want[j]) + table[i+1][j+1]:
			m.take(live[i], want[j], match)
			i++
			j++
		case oneEdit + table[i+1][j]:
			i++
		default:
			j++
		}
	}
}

// equal says whether two steps are the same with everything below them, and no
// id says otherwise.
func (m *flowMatcher) equal(l, w int) bool {
	a, b := &m.live.nodes[l], &m.want.nodes[w]
	if a.size != b.size || len(a.then) != len(b.then) || m.step(l, w) >= otherID {
		return false
	}
	for i := range a.then {
		if !m.equal(a.then[i], b.then[i]) {
			return false
		}
	}
	for i := range a.els {
		if i >= len(b.els) || !m.equal(a.els[i], b.els[i]) {
			return false
		}
	}
	return len(a.els) == len(b.els)
}

func (m *flowMatcher) take(l, w int, match []int) {
	match[w] = l
	if a, b := &m.live.nodes[l], &m.want.nodes[w]; m.keepsBranches(a, b) {
		m.trace(a.then, b.then, match)
		m.trace(a.els, b.els, match)
	}
}
