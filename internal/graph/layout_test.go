package graph

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// TestLayout states what holds for every graph, with cycles, loops and nodes that
// stand alone: boxes do not overlap and stay in the drawing, every edge but a loop
// has a way, and each way stays in a column or leads right through all of them.
func TestLayout(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := &Graph{}
		for i := range rapid.IntRange(0, 14).Draw(t, "nodes") {
			g.Nodes = append(g.Nodes, &Node{Addr: fmt.Sprintf("agents/%02d", i), Kind: "agents"})
		}
		loops := 0
		if len(g.Nodes) > 0 {
			at := rapid.IntRange(0, len(g.Nodes)-1)
			seen := map[[2]int]bool{}
			for range rapid.IntRange(0, 30).Draw(t, "edges") {
				from, to := at.Draw(t, "from"), at.Draw(t, "to")
				if seen[[2]int{from, to}] {
					continue
				}
				seen[[2]int{from, to}] = true
				if from == to {
					loops++
				}
				g.Edges = append(g.Edges, &Edge{From: g.Nodes[from], To: g.Nodes[to], Refs: []Reference{{Label: "x"}}})
			}
		}
		l := newLayout(g)
		for i, a := range g.Nodes {
			p := l.spots[a]
			if p.x < 0 || p.y < 0 || p.x+boxWidth > l.width || p.y+boxHeight > l.height {
				t.Fatalf("%s at %d,%d is outside of %dx%d", a.Addr, p.x, p.y, l.width, l.height)
			}
			for _, b := range g.Nodes[:i] {
				q := l.spots[b]
				if p.x < q.x+boxWidth && q.x < p.x+boxWidth && p.y < q.y+boxHeight && q.y < p.y+boxHeight {
					t.Fatalf("%s and %s overlap", a.Addr, b.Addr)
				}
			}
		}
		if len(l.routes) != len(g.Edges)-loops {
			t.Fatalf("%d ways for %d edges, %d of them loops", len(l.routes), len(g.Edges), loops)
		}
		for _, r := range l.routes {
			for i := 1; i < len(r.spots); i++ {
				if step := r.spots[i].layer - r.spots[i-1].layer; step != 1 && (step != 0 || len(r.spots) != 2) {
					t.Fatalf("the way from %s to %s jumps", r.edge.From.Addr, r.edge.To.Addr)
				}
			}
			first, last := r.spots[0].node, r.spots[len(r.spots)-1].node
			if r.turned {
				first, last = last, first
			}
			if first != r.edge.From || last != r.edge.To {
				t.Fatalf("a way does not end where its edge does")
			}
		}
	})
}
