package graph

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/mihusync/mihusync/plan/render"
)

// Format names a form of output.
type Format string

// The forms that [Graph.Write] can write.
const (
	Mermaid Format = "mermaid"
	DOT     Format = "dot"
	HTML    Format = "html"
)

// Write writes the graph in the given form. It fails only for an unknown form
// and for errors of w.
func (g *Graph) Write(w io.Writer, f Format) error {
	switch f {
	case Mermaid:
		return g.writeMermaid(w)
	case DOT:
		return g.writeDOT(w)
	case HTML:
		return g.writeHTML(w)
	}
	return fmt.Errorf("unknown format %q", f)
}

// Limits in a drawing, in runes, and of the list of labels at an edge.
const (
	longTitle = 40
	longLabel = 40
	manyRefs  = 4
)

// clip returns a name for a drawing: on one line, visible and not too long.
func clip(s string, most int) string {
	if utf8.RuneCountInString(s) > most {
		s = string([]rune(s)[:most-1]) + "…"
	}
	return render.Clean(s)
}

// lines returns the text of a node: its title, its handle if that differs, and
// what a plan does to it.
func (g *Graph) lines(n *Node) []string {
	out := []string{clip(n.Title, longTitle)}
	if h := handle(n); !strings.EqualFold(h, n.Title) {
		out = append(out, clip(h, longTitle))
	}
	if s := g.state(n); s != "" {
		out = append(out, s)
	}
	return out
}

// labels returns the texts at an edge.
func (e *Edge) labels() []string {
	var out []string
	for i, r := range e.Refs {
		if i == manyRefs && len(e.Refs) > manyRefs+1 {
			return append(out, fmt.Sprintf("and %d more", len(e.Refs)-manyRefs))
		}
		out = append(out, clip(r.Label, longLabel))
	}
	return out
}

// colour is the look of a class of nodes on paper and on light and dark screens.
type colour struct{ class, fill, stroke, text string }

func colours() []colour {
	return []colour{
		{"declared", "#eef2f7", "#5b6470", "#1c2024"},
		{"outside", "#ffffff", "#9aa4af", "#5b6470"},
		{"unchanged", "#eef2f7", "#9aa4af", "#3d444d"},
		{"create", "#dcf5e0", "#14713a", "#0b3d1f"},
		{"update", "#fff3d1", "#7a5200", "#4a3200"},
		{"replace", "#f3e3fa", "#7b2a9b", "#4b165f"},
		{"delete", "#ffe3e3", "#b01525", "#6b0c16"},
	}
}

// handle returns an object's handle, or the name of a catalog's member, which
// may have a slash.
func handle(n *Node) string {
	i := strings.IndexByte(n.Addr, '/')
	if n.Kind == "intents" {
		i = strings.LastIndexByte(n.Addr, '/')
	}
	return n.Addr[i+1:]
}
