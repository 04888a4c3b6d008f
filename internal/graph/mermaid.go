package graph

import (
	"fmt"
	"io"
	"strings"
)

// writeMermaid writes a flowchart as code hosts draw it in Markdown.
func (g *Graph) writeMermaid(w io.Writer) error {
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	id := map[*Node]string{}
	for i, gr := range g.groups() {
		fmt.Fprintf(&b, "    subgraph g%d [\"%s\"]\n", i, mermaidText(gr.Title))
		for _, n := range gr.Nodes {
			id[n] = fmt.Sprintf("n%d", len(id))
			fmt.Fprintf(&b, "        %s[\"%s\"]\n", id[n], mermaidLines(g.lines(n)))
		}
		b.WriteString("    end\n")
	}
	for _, e := range g.Edges {
		fmt.Fprintf(&b, "    %s -->|\"%s\"| %s\n", id[e.From], mermaidLines(e.labels()), id[e.To])
	}
	members := map[string][]string{}
	for _, n := range g.Nodes {
		members[g.class(n)] = append(members[g.class(n)], id[n])
	}
	for _, c := range colours() {
		if list := members[c.class]; len(list) > 0 {
			fmt.Fprintf(&b, "    classDef %s fill:%s,stroke:%s,color:%s\n", mermaidClass(c.class), c.fill, c.stroke, c.text)
			fmt.Fprintf(&b, "    class %s %s\n", strings.Join(list, ","), mermaidClass(c.class))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// mermaidClass keeps class names apart from the language's own words.
func mermaidClass(name string) string { return "is-" + name }

func mermaidLines(lines []string) string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = mermaidText(l)
	}
	return strings.Join(out, "<br/>")
}

// mermaidText writes every character that could mean something to Mermaid, to the
// Markdown in its labels or to HTML as the code of the character. Marks that make
// a list only at the start of a line stay elsewhere, so that addresses are read.
func mermaidText(s string) string {
	var b strings.Builder
	for i, r := range s {
		switch {
		case i > 0 && (r == '-' || r == '+' || r == ','), r == ' ', r >= '0' && r <= '9', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r > 0x9f:
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, "#%d;", r)
		}
	}
	return b.String()
}
