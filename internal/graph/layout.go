package graph

import (
	"cmp"
	"slices"
)

// The page's drawing is a layered one: nodes that nothing refers to stand left, and
// what they refer to right of them. Edges that close a cycle lead back, or stay
// within a column; an edge over several columns bends at a point in each of them.

// Sizes in the units of the drawing, which are pixels until somebody zooms.
const (
	boxWidth   = 190
	boxHeight  = 44
	gapX       = 170
	gapY       = 14
	bendHeight = 16
	sweeps     = 8
)

// spot is a node's place, or a bend's of a long edge.
type spot struct {
	node  *Node // nil for a bend
	layer int
	order float64
	x, y  int
	left  []*spot
	right []*spot
}

func (s *spot) height() int {
	if s.node == nil {
		return bendHeight
	}
	return boxHeight
}

// route is the way of an edge from left to right, or within a column. Turned says
// that the edge itself leads to the left.
type route struct {
	edge   *Edge
	spots  []*spot
	turned bool
}

// layout is where everything stands.
type layout struct {
	spots         map[*Node]*spot
	routes        []*route
	width, height int
}

func newLayout(g *Graph) *layout {
	l := &layout{spots: map[*Node]*spot{}}
	connected := map[*Node]bool{}
	for _, e := range g.Edges {
		connected[e.From], connected[e.To] = true, true
	}
	var alone []*spot
	var nodes []*Node
	for _, n := range g.Nodes {
		s := &spot{node: n}
		l.spots[n] = s
		if connected[n] {
			nodes = append(nodes, n)
		} else {
			alone = append(alone, s)
		}
	}
	l.assign(nodes, g.Edges)
	l.direct(g.Edges)
	columns := l.bend(nodes)
	arrange(columns)
	l.place(columns)
	l.shelve(alone)
	return l
}

// assign gives every node the column of its distance from the nodes that nothing
// refers to; where everything is part of a cycle, the first node counts as one. It
// keeps a drawing narrow however agents refer to each other.
func (l *layout) assign(nodes []*Node, edges []*Edge) {
	next := map[*Node][]*Node{}
	referred := map[*Node]bool{}
	for _, e := range edges {
		if e.From != e.To {
			next[e.From] = append(next[e.From], e.To)
			referred[e.To] = true
		}
	}
	seen := map[*Node]bool{}
	var queue []*Node
	visit := func(n *Node, layer int) {
		if !seen[n] {
			seen[n] = true
			l.spots[n].layer = layer
			queue = append(queue, n)
		}
	}
	spread := func() {
		for len(queue) > 0 {
			n := queue[0]
			queue = queue[1:]
			for _, to := range next[n] {
				visit(to, l.spots[n].layer+1)
			}
		}
	}
	for _, n := range nodes {
		if !referred[n] {
			visit(n, 0)
		}
	}
	spread()
	for _, n := range nodes {
		visit(n, 0)
		spread()
	}
}

// direct makes a route of every edge, from left to right. An edge to the node
// itself has none.
func (l *layout) direct(edges []*Edge) {
	for _, e := range edges {
		if e.From == e.To {
			continue
		}
		r := &route{edge: e, spots: []*spot{l.spots[e.From], l.spots[e.To]}}
		if r.turned = r.spots[0].layer > r.spots[1].layer; r.turned {
			slices.Reverse(r.spots)
		}
		l.routes = append(l.routes, r)
	}
}

// bend puts a point into each column that an edge crosses and links neighbours.
func (l *layout) bend(nodes []*Node) [][]*spot {
	var columns [][]*spot
	add := func(s *spot) {
		for len(columns) <= s.layer {
			columns = append(columns, nil)
		}
		columns[s.layer] = append(columns[s.layer], s)
	}
	for _, n := range nodes {
		add(l.spots[n])
	}
	for _, r := range l.routes {
		from, to := r.spots[0], r.spots[1]
		way := []*spot{from}
		for layer := from.layer + 1; layer < to.layer; layer++ {
			b := &spot{layer: layer}
			add(b)
			way = append(way, b)
		}
		r.spots = append(way, to)
		if from.layer == to.layer {
			continue
		}
		for i := 1; i < len(r.spots); i++ {
			a, b := r.spots[i-1], r.spots[i]
			a.right, b.left = append(a.right, b), append(b.left, a)
		}
	}
	return columns
}

// arrange orders each column by the mean place of what its members are tied to,
// from left to right and back, which removes most crossings.
func arrange(columns [][]*spot) {
	number := func(c []*spot) {
		for i, s := range c {
			s.order = float64(i)
		}
	}
	for _, c := range columns {
		number(c)
	}
	sortBy := func(c []*spot, ties func(*spot) []*spot) {
		mean := map[*spot]float64{}
		for _, s := range c {
			mean[s] = s.order
			if t := ties(s); len(t) > 0 {
				sum := 0.0
				for _, o := range t {
					sum += o.order
				}
				mean[s] = sum / float64(len(t))
			}
		}
		slices.SortStableFunc(c, func(a, b *spot) int { return cmp.Compare(mean[a], mean[b]) })
		number(c)
	}
	for range sweeps {
		for _, c := range columns {
			sortBy(c, func(s *spot) []*spot { return s.left })
		}
		for i := len(columns) - 1; i >= 0; i-- {
			sortBy(columns[i], func(s *spot) []*spot { return s.right })
		}
	}
}

// place turns columns into coordinates, each column centred.
func (l *layout) place(columns [][]*spot) {
	heights := make([]int, len(columns))
	for i, c := range columns {
		for _, s := range c {
			heights[i] += s.height() + gapY
		}
		l.height = max(l.height, heights[i])
	}
	for i, c := range columns {
		y := gapY + (l.height-heights[i])/2
		for _, s := range c {
			s.x, s.y = gapY+i*(boxWidth+gapX), y
			y += s.height() + gapY
		}
	}
	if len(columns) > 0 {
		l.height += gapY
		l.width = 2*gapY + len(columns)*boxWidth + (len(columns)-1)*gapX
	}
}

// shelve puts what has no references below, in rows.
func (l *layout) shelve(alone []*spot) {
	const least = 4
	perRow := max(least, (l.width-gapY)/(boxWidth+gapY))
	if l.height == 0 {
		l.height = gapY
	}
	for i, s := range alone {
		s.x, s.y = gapY+i%perRow*(boxWidth+gapY), l.height+i/perRow*(boxHeight+gapY)
		l.width = max(l.width, s.x+boxWidth+gapY)
	}
	if rows := (len(alone) + perRow - 1) / perRow; rows > 0 {
		l.height += rows * (boxHeight + gapY)
	}
}
