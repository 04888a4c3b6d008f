package graph

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
)

// names try to break out of the place where they are written.
func names() []string {
	return []string{
		`<script>alert(1)</script>`,
		`"><img src=x onerror=alert(1)>`,
		`</style><script>alert(2)</script>`,
		"line\nbreak\r\n  n0 --> n1",
		`"] --> x["`,
		`quote " backslash \ end \`,
		`\N \G &lt;b&gt; &quot;`,
		"end", "subgraph x", "%% comment", "1. list", "- list", "`code`", "**bold**",
		"#quot; #35; #lt;script#gt;",
		"javascript:alert(3)",
		"\x1b[31mred \u202eevil \xff",
		strings.Repeat("long ", 200),
		"画像 😀 é",
		"",
	}
}

func hostile() *Graph {
	g := &Graph{Planned: true}
	for i, name := range names() {
		n := &Node{Addr: "agents/" + name, Kind: "agents", Title: name, Pos: schema.Pos{File: name + ".cue", Line: 1, Col: 1}, Change: plan.Update}
		g.Nodes = append(g.Nodes, n)
		if i > 0 {
			g.Edges = append(g.Edges, &Edge{From: g.Nodes[i-1], To: n, Refs: []Reference{{Label: "routing rule " + name}, {Label: name}}})
		}
	}
	return g
}

// lines checks every line of an output against the few shapes that one can have.
func lines(t *testing.T, text string, shapes ...string) {
	t.Helper()
	allowed := regexp.MustCompile(`^(` + strings.Join(shapes, "|") + `)$`)
	for i, l := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		if !allowed.MatchString(l) {
			t.Errorf("line %d breaks out: %q", i+1, l)
		}
	}
}

func TestHostileMermaid(t *testing.T) {
	g := hostile()
	text := write(t, g, Mermaid)
	const quoted = `"(?:[^"<>\x00-\x1f\x60*\[\]{}\\&#;]|#\d+;|<br/>)*"`
	lines(t, text, `flowchart LR`, `    subgraph g\d+ \[`+quoted+`\]`, `        n\d+\[`+quoted+`\]`, `    end`,
		`    n\d+ -->\|`+quoted+`\| n\d+`, `    classDef is-[a-z]+ fill:#\w+,stroke:#\w+,color:#\w+`, `    class (?:n\d+,?)+ is-[a-z]+`)
	if n := strings.Count(text, "-->|"); n != len(g.Edges) {
		t.Errorf("%d arrows, want %d", n, len(g.Edges))
	}
}

func TestHostileDOT(t *testing.T) {
	g := hostile()
	text := write(t, g, DOT)
	const quoted = `"(?:[^"\\<>\x00-\x1f]|\\["\\n])*"`
	lines(t, text, `digraph workspace \{`, `\trankdir=LR`, `\t(?:graph|node|edge) \[.*\]`, `\tsubgraph cluster_\d+ \{`, `\t\tlabel=`+quoted, `\t\}`, `\}`,
		`\t\tn\d+ \[label=`+quoted+`, tooltip=`+quoted+`, fillcolor="#\w+", color="#\w+", fontcolor="#\w+"\]`, `\tn\d+ -> n\d+ \[label=`+quoted+`\]`)
	if n := strings.Count(text, " -> n"); n != len(g.Edges) {
		t.Errorf("%d arrows, want %d", n, len(g.Edges))
	}
}

func TestHostileHTML(t *testing.T) {
	text := write(t, hostile(), HTML)
	doc, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	tags, styles := map[string]int{}, 0
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.ElementNode {
			tags[n.Data]++
			if n.Data == "style" {
				styles++
			}
			for _, a := range n.Attr {
				if strings.HasPrefix(a.Key, "on") || a.Key == "src" || a.Key == "style" {
					t.Errorf("<%s> has %s=%q", n.Data, a.Key, a.Val)
				}
				if a.Key == "href" && !strings.HasPrefix(a.Val, "#") {
					t.Errorf("a link leads out of the page: %q", a.Val)
				}
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(doc)
	for _, never := range []string{"script", "img", "link", "iframe", "foreignobject", "foreignObject", "use", "image"} {
		if tags[never] > 0 {
			t.Errorf("%d elements <%s>", tags[never], never)
		}
	}
	if styles != 1 || tags["article"] != len(names()) {
		t.Errorf("%d <style> and %d <article>, want 1 and %d", styles, tags["article"], len(names()))
	}
	if !strings.Contains(text, `content="default-src 'none'; style-src 'unsafe-inline';`) {
		t.Error("no policy forbids scripts")
	}
	if strings.ContainsAny(text, "\x1b\u202e") {
		t.Error("a control character is written as it is")
	}
}

// TestLongNamesAreCut keeps drawings readable: no name makes a line of any length.
func TestLongNamesAreCut(t *testing.T) {
	for _, f := range []Format{Mermaid, DOT} {
		for _, l := range strings.Split(write(t, hostile(), f), "\n") {
			if strings.Contains(l, "label=") && strings.Contains(l, "tooltip") {
				continue // a tooltip shows the whole address
			}
			if len(l) > 1200 {
				t.Errorf("%s: a line of %d bytes: %.80s…", f, len(l), l)
			}
		}
	}
}

func TestFit(t *testing.T) {
	for _, tc := range []struct {
		in   string
		most int
		want string
	}{
		{"short", 5, "short"}, {"longer", 5, "long…"}, {"画像画像", 8, "画像画像"}, {"画像画像画", 8, "画像画…"}, {"a\nb", 9, `a\nb`}, {"", 3, ""},
	} {
		if got := fit(tc.in, tc.most); got != tc.want {
			t.Errorf("fit(%q, %d) = %q, want %q", tc.in, tc.most, got, tc.want)
		}
	}
	if got := fmt.Sprint(clip("abcdef", 4)); got != "abc…" {
		t.Errorf("clip: %q", got)
	}
}
