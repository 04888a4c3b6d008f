package graph

import (
	"fmt"
	"io"
	"strings"

	"github.com/mihusync/mihusync/plan/render"
)

// writeDOT writes the language of Graphviz.
func (g *Graph) writeDOT(w io.Writer) error {
	var b strings.Builder
	b.WriteString("digraph workspace {\n\trankdir=LR\n\tgraph [fontname=\"sans-serif\", color=\"#d5d9de\"]\n" +
		"\tnode [shape=box, style=\"rounded,filled\", fontname=\"sans-serif\", fontsize=11]\n" +
		"\tedge [fontname=\"sans-serif\", fontsize=9, color=\"#5b6470\"]\n")
	look := map[string]colour{}
	for _, c := range colours() {
		look[c.class] = c
	}
	id := map[*Node]string{}
	for i, gr := range g.groups() {
		fmt.Fprintf(&b, "\tsubgraph cluster_%d {\n\t\tlabel=%s\n", i, dotLines([]string{gr.Title}))
		for _, n := range gr.Nodes {
			id[n] = fmt.Sprintf("n%d", len(id))
			c := look[g.class(n)]
			fmt.Fprintf(&b, "\t\t%s [label=%s, tooltip=%s, fillcolor=\"%s\", color=\"%s\", fontcolor=\"%s\"]\n",
				id[n], dotLines(g.lines(n)), dotLines(n.where()), c.fill, c.stroke, c.text)
		}
		b.WriteString("\t}\n")
	}
	for _, e := range g.Edges {
		fmt.Fprintf(&b, "\t%s -> %s [label=%s]\n", id[e.From], id[e.To], dotLines(e.labels()))
	}
	b.WriteString("}\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// where returns a node's address and the place of its declaration.
func (n *Node) where() []string {
	out := []string{render.Clean(n.Addr)}
	if n.Pos.File != "" {
		out = append(out, render.Clean(n.Pos.String()))
	}
	return out
}

// dotLines quotes text. Graphviz reads backslashes and HTML's character codes
// within quotes.
func dotLines(lines []string) string {
	r := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "&", "&amp;", "<", "&lt;", ">", "&gt;")
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = r.Replace(l)
	}
	return `"` + strings.Join(out, `\n`) + `"`
}
