// Package graph draws which objects of a workspace refer to which: agents,
// flows, schedules, phone numbers and everything else with references.
//
// It takes a declared workspace and, for the colours, a plan. It writes Mermaid,
// the DOT language of Graphviz, or one self-contained HTML page. The same input
// gives the same bytes. Names come from people and may be hostile, so each form
// escapes all of them.
package graph

import (
	"cmp"
	"slices"
	"strings"

	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
)

// Graph is the references of a workspace. Nodes are ordered by the table of
// kinds and then by address, edges by their nodes.
type Graph struct {
	Nodes []*Node
	Edges []*Edge
	// Planned says that a plan has marked the nodes.
	Planned bool
}

// Node is an object that refers or can be referred to.
type Node struct {
	// Addr is the object's address. A number or extension in a rule has one like
	// "extensions/210".
	Addr string
	// Kind is the name of the object's kind, or "extensions".
	Kind string
	// Title is what people call the object.
	Title string
	// Pos is the place of the declaration. It has no file for an object that
	// only the service has.
	Pos schema.Pos
	// Change is what a plan does to the object or to something nested in it, or
	// "".
	Change plan.Action
	// Refused says that a guard refuses the change.
	Refused bool
}

// Declared says whether the object can be part of a plan. Members of catalogs
// and numbers outside the workspace cannot; they are only referred to.
func (n *Node) Declared() bool { return n.Pos.File != "" || n.Change != "" }

// Edge holds all references from one node to another.
type Edge struct {
	From, To *Node
	Refs     []Reference
}

// Reference is one reason for an edge.
type Reference struct {
	// Label says what the reference is: "routing rule Billing".
	Label string
}

// New collects the references of a declared workspace.
func New(w *schema.Workspace) *Graph {
	c := newCollector()
	w.Walk(c.object)
	c.intents()
	return c.graph()
}

// Select removes what the selection does not match. With Only, the direct
// neighbours of selected nodes stay, so that all their references are shown.
func (g *Graph) Select(s schema.Selection) {
	if s.Empty() {
		return
	}
	allowed := schema.Selection{Except: s.Except}
	keep := map[*Node]bool{}
	for _, n := range g.Nodes {
		keep[n] = s.Match(n.Addr)
	}
	var edges []*Edge
	neighbours := map[*Node]bool{}
	for _, e := range g.Edges {
		if (keep[e.From] || keep[e.To]) && allowed.Match(e.From.Addr) && allowed.Match(e.To.Addr) {
			edges = append(edges, e)
			neighbours[e.From], neighbours[e.To] = true, true
		}
	}
	g.Edges = edges
	g.Nodes = slices.DeleteFunc(g.Nodes, func(n *Node) bool { return !keep[n] && !neighbours[n] })
}

func (g *Graph) sort() {
	rank := ranks()
	slices.SortFunc(g.Nodes, func(a, b *Node) int {
		return cmp.Or(cmp.Compare(rank[a.Kind], rank[b.Kind]), cmp.Compare(a.Addr, b.Addr))
	})
	place := map[*Node]int{}
	for i, n := range g.Nodes {
		place[n] = i
	}
	slices.SortFunc(g.Edges, func(a, b *Edge) int {
		return cmp.Or(cmp.Compare(place[a.From], place[b.From]), cmp.Compare(place[a.To], place[b.To]))
	})
}

// ranks orders kinds: flows first, because they start things; then the agents
// with their intents; then the rest in the order of the table.
func ranks() map[string]int {
	r := map[string]int{"flows": 0, "agents": 1, "intents": 2}
	for _, k := range schema.Table() {
		if _, there := r[k.Name]; !there {
			r[k.Name] = len(r)
		}
	}
	r[extensions] = len(r)
	return r
}

// group is the nodes of a kind with a heading.
type group struct {
	Title string
	Nodes []*Node
}

func (g *Graph) groups() []group {
	var out []group
	for i, n := range g.Nodes {
		if i == 0 || g.Nodes[i-1].Kind != n.Kind {
			out = append(out, group{Title: heading(n.Kind)})
		}
		last := &out[len(out)-1]
		last.Nodes = append(last.Nodes, n)
	}
	return out
}

func heading(kind string) string {
	label := kindLabel(kind)
	if k := schema.KindOf(kind); k == nil || k.Shape != schema.Singleton {
		label += "s"
	}
	return strings.ToUpper(label[:1]) + label[1:]
}

func kindLabel(kind string) string {
	for _, k := range schema.Table() {
		if k.Name == kind {
			return k.Label
		}
	}
	return strings.TrimSuffix(kind, "s")
}
