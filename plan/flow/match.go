package flow

import (
	"slices"

	"github.com/mihusync/mihusync/schema"
)

// The matching of live steps with wanted ones decides how many edits a flow
// needs. A step never changes its parent or branch. Kept steps keep their order.
// Deleting a condition deletes its branches. Everything else about a kept step
// can be updated in place, except the action of a condition that has children
// (F11). So the fewest edits are found list by list, as an edit distance between
// siblings. Replacing one condition by another costs the distance of their
// branches.
//
// Of the matchings with the fewest edits, the one with the fewest tests wins.
// Then the one that keeps the most ids wins, and then the one with the most
// similar configs.

// matcher finds the cheapest matching of two flows.
type matcher struct {
	live, want         *stepTree
	env                *Env
	liveConf, wantConf []comparable
	// liveClass and wantClass say which steps are the same when configs refer to
	// them: those with the same class, unless it is negative.
	liveClass, wantClass []int
	leaves               map[bool]map[int][]uint64
	memo                 map[int64]weight
	forced               *[2]int // a live and a wanted step that have to match
}

// comparable is a config in a form for comparison.
type comparable struct {
	text string // without the references to steps
	refs []int  // the steps referred to, in the order of [schema.FlowRefs]
}

// matchSteps returns the live step of each wanted step, or -1.
//
// References connect steps that are far apart. A step that uses another one is
// unchanged only if that one is kept under its present id. So the first matching
// takes steps with one action for the same, and each later matching uses the one
// before. Then the pairs that references ask for are tried. For small flows all
// matchings are tried.
func matchSteps(live, want *stepTree, env *Env) []int {
	m := &matcher{live: live, want: want, env: env, leaves: map[bool]map[int][]uint64{false: {}, true: {}}}
	m.liveConf, m.wantConf = comparableConfigs(live), comparableConfigs(want)
	m.classByLooks()
	best := m.match()
	refers := func(c comparable) bool { return len(c.refs) > 0 }
	if !slices.ContainsFunc(m.liveConf, refers) || !slices.ContainsFunc(m.wantConf, refers) {
		return best
	}
	if all := m.every(); all != nil {
		return all
	}
	best, cost := m.settle(best, m.total(best))
	for tries := maxForced; tries > 0; {
		improved := false
		for _, pair := range m.wished(best) {
			if tries--; tries < 0 {
				break
			}
			if next, c := m.forcing(best, pair); c < cost {
				best, cost, improved = next, c, true
				break
			}
		}
		if !improved {
			break
		}
	}
	return best
}

// maxForced limits the pairs that are tried. Each costs one more matching.
const maxForced = 24

// every tries all matchings of a small flow. It returns nil if there are too
// many.
func (m *matcher) every() []int {
	var best []int
	var least weight
	left := maxMatchings
	match := slices.Repeat([]int{-1}, len(m.want.nodes))
	if m.live.trigger && m.want.trigger {
		match[0] = 0
	}
	var lists func(live, want []int, then func())
	lists = func(live, want []int, then func()) {
		if left == 0 {
			return
		}
		if len(want) == 0 {
			then()
			return
		}
		w := want[0]
		lists(live, want[1:], then)
		for i, l := range live {
			match[w] = l
			rest := func() { lists(live[i+1:], want[1:], then) }
			if a, b := &m.live.nodes[l], &m.want.nodes[w]; m.keepsBranches(a, b) {
				lists(a.then, b.then, func() { lists(a.els, b.els, rest) })
			} else {
				rest()
			}
			match[w] = -1
		}
	}
	lists(m.live.top, m.want.top, func() {
		if left == 0 {
			return
		}
		left--
		if c := m.total(match); best == nil || c < least {
			best, least = slices.Clone(match), c
		}
	})
	if left == 0 {
		return nil
	}
	return best
}

// maxMatchings limits the matchings that are tried one by one. Two lists of six
// steps have 924.
const maxMatchings = 1000

// settle matches again by the matching before, as long as that lowers the cost.
func (m *matcher) settle(best []int, cost weight) ([]int, weight) {
	for range 4 {
		m.classByMatch(best)
		next := m.match()
		c := m.total(next)
		if c >= cost {
			break
		}
		best, cost = next, c
	}
	return best, cost
}

// wished lists pairs of a live and a wanted step that are not matched, although
// a kept step refers to both at the same place.
func (m *matcher) wished(match []int) [][2]int {
	var out [][2]int
	for w, l := range match {
		if l < 0 {
			continue
		}
		a, b := schema.FlowRefs(m.live.nodes[l].step.Config()), schema.FlowRefs(m.want.nodes[w].step.Config())
		if len(a) != len(b) {
			continue
		}
		for i := range a {
			from, okA := m.live.byID[a[i].ID]
			to, okB := m.want.byID[b[i].ID]
			pair := [2]int{from, to}
			if okA && okB && match[to] != from && !slices.Contains(out, pair) {
				out = append(out, pair)
			}
		}
	}
	return out
}

// forcing matches with one pair given.
func (m *matcher) forcing(match []int, pair [2]int) ([]int, weight) {
	given := slices.Clone(match)
	for w, l := range given {
		if l == pair[0] {
			given[w] = -1
		}
	}
	given[pair[1]] = pair[0]
	m.forced = &pair
	m.classByMatch(given)
	next := m.match()
	m.forced = nil
	return m.settle(next, m.total(next))
}
