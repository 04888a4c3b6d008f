package graph

import (
	"strings"

	"github.com/mihusync/mihusync/plan"
)

// Mark records what a plan does to each node. A change of something nested, such
// as a rule of an agent, updates the node that holds it. Objects that the plan
// deletes and that no file declares any more are added.
func (g *Graph) Mark(p *plan.Plan) {
	g.Planned = true
	nodes := map[string]*Node{}
	for _, n := range g.Nodes {
		nodes[n.Addr] = n
	}
	shown := referring()
	for _, ch := range p.Changes {
		if ch.Action == plan.Unmanaged {
			continue
		}
		if nodes[ch.Addr] == nil && shown[ch.Kind] && strings.Count(ch.Addr, "/") == 1 {
			n := &Node{Addr: ch.Addr, Kind: ch.Kind, Title: ch.Addr[strings.Index(ch.Addr, "/")+1:], Pos: ch.Pos}
			nodes[n.Addr] = n
			g.Nodes = append(g.Nodes, n)
		}
		for addr := ch.Addr; ; {
			if n := nodes[addr]; n != nil {
				n.take(ch, addr == ch.Addr)
			}
			i := strings.LastIndexByte(addr, '/')
			if i < 0 {
				break
			}
			addr = addr[:i]
		}
	}
	g.sort()
}

// take records a change of the node itself or of something nested in it. The
// node's own change counts more. A refused change counts least, because it does
// not happen.
func (n *Node) take(ch *plan.Change, own bool) {
	switch {
	case own && !ch.Refused:
		n.Change, n.Refused = ch.Action, false
	case own && n.Change == "":
		n.Change, n.Refused = ch.Action, true
	case !own && !ch.Refused && (n.Change == "" || n.Refused):
		n.Change, n.Refused = plan.Update, false
	}
}

// state returns the word for what a plan does to a node. It is empty if no plan
// marked the graph, or none can mark the node.
func (g *Graph) state(n *Node) string {
	switch {
	case !g.Planned || !n.Declared():
		return ""
	case n.Change == "":
		return "unchanged"
	case n.Refused:
		return string(n.Change) + " refused"
	}
	return string(n.Change)
}

// class is the name of a node's colour.
func (g *Graph) class(n *Node) string {
	switch {
	case !n.Declared():
		return "outside"
	case !g.Planned:
		return "declared"
	case n.Change == "" || n.Refused:
		return "unchanged"
	}
	return string(n.Change)
}
