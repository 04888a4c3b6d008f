package flow

// match finds the cheapest matching under the present classes.
func (m *matcher) match() []int {
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

// total returns a matching's cost. References are compared as they will be then.
func (m *matcher) total(match []int) weight {
	m.classByMatch(match)
	var cost weight
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

// pair returns the cost of turning a live step, branches included, into the
// wanted one.
func (m *matcher) pair(l, w int) weight {
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
		cost += oneEdit*weight(a.children()) + (oneEdit+oneTest)*weight(b.size-1)
	}
	m.memo[key] = cost
	return cost
}

// keepsBranches says whether the children can stay. Only a condition has
// children, and a condition with children keeps its app and action (F11).
func (m *matcher) keepsBranches(a, b *node) bool {
	return a.children() == 0 || a.step.Verb() == b.step.Verb() && m.env.sameApp(a.step, b.step)
}

// align fills the table of costs between the ends of two lists of siblings.
// table[i][j] is the cost of live[i:] and want[j:].
func (m *matcher) align(live, want []int) [][]weight {
	table := make([][]weight, len(live)+1)
	for i := range table {
		table[i] = make([]weight, len(want)+1)
	}
	for i := len(live); i >= 0; i-- {
		for j := len(want); j >= 0; j-- {
			if i == len(live) && j == len(want) {
				continue
			}
			best := weight(-1)
			try := func(c weight) {
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

func (m *matcher) insertion(w int) weight {
	return (oneEdit + oneTest) * weight(m.want.nodes[w].size)
}

// trace records the cheapest matching of two lists and of the branches below.
func (m *matcher) trace(live, want []int, match []int) {
	// Equal ends need no table. In a large flow a few steps remain.
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

// equal says whether two steps and everything below them are the same, and no id
// says otherwise.
func (m *matcher) equal(l, w int) bool {
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

func (m *matcher) take(l, w int, match []int) {
	match[w] = l
	if a, b := &m.live.nodes[l], &m.want.nodes[w]; m.keepsBranches(a, b) {
		m.trace(a.then, b.then, match)
		m.trace(a.els, b.els, match)
	}
}
