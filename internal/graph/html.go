package graph

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"

	"github.com/mihusync/mihusync/plan/render"
)

//go:embed page/page.html
var pageTemplate string

//go:embed page/style.css
var pageStyle string

// page is the input of the template. All texts are plain strings, and the
// template escapes them for their place. There is no script, and the policy
// keeps a browser from running one.
type page struct {
	Summary       string
	Style         template.CSS
	Width, Height int
	Planned       bool
	Legend        []string
	Arrows        []arrow
	Boxes         []box
	Groups        []pageGroup
}

// box is a node of the drawing.
type box struct {
	N                    int
	X, Y                 int
	Class, Kind          string
	Title, Name, Tooltip string
}

// arrow is an edge of the drawing.
type arrow struct {
	From, To int
	Path     template.HTMLAttr
	Label    string
	Tooltip  string
	X, Y     int
	Turned   bool
}

type pageGroup struct {
	Title string
	Items []item
}

// item is a node in the list below the drawing.
type item struct {
	N                         int
	Title, Addr, Where, Class string
	State                     string
	To, From                  []link
}

type link struct {
	N      int
	Title  string
	Addr   string
	Labels string
}

// Widths of the texts in a box and beside an arrow, in columns of a fixed font.
const (
	boxText   = 25
	arrowText = 26
)

// bulge is how far an edge within a column leaves it, in the drawing's units.
const bulge = gapX / 2

func (g *Graph) writeHTML(w io.Writer) error {
	t, err := template.New("page").Parse(pageTemplate)
	if err != nil {
		return err
	}
	l := newLayout(g)
	number := map[*Node]int{}
	for i, n := range g.Nodes {
		number[n] = i
	}
	out := page{Style: template.CSS(pageStyle + g.highlights()), Width: l.width, Height: l.height, Planned: g.Planned}
	out.Summary = fmt.Sprintf("%s, %s.", plural(len(g.Nodes), "object"), plural(g.references(), "reference"))
	if g.Planned {
		out.Legend = []string{"create", "update", "replace", "delete", "unchanged"}
	}
	for _, n := range g.Nodes {
		s := l.spots[n]
		b := box{N: number[n], X: s.x, Y: s.y, Class: g.class(n), Kind: kindLabel(n.Kind), Title: fit(n.Title, boxText)}
		if st := g.state(n); st != "" {
			b.Kind += " · " + st
		}
		b.Tooltip = strings.Join(n.where(), "\n")
		b.Name = render.Clean(n.Addr) + ", " + b.Kind
		out.Boxes = append(out.Boxes, b)
	}
	for _, r := range l.routes {
		out.Arrows = append(out.Arrows, newArrow(r, number))
	}
	out.Groups = g.list(number)
	return t.Execute(w, out)
}

func (g *Graph) references() int {
	n := 0
	for _, e := range g.Edges {
		n += len(e.Refs)
	}
	return n
}

func newArrow(r *route, number map[*Node]int) arrow {
	labels := make([]string, len(r.edge.Refs))
	for i, ref := range r.edge.Refs {
		labels[i] = render.Clean(ref.Label)
	}
	a := arrow{From: number[r.edge.From], To: number[r.edge.To], Turned: r.turned, Label: fit(labels[0], arrowText)}
	if len(labels) > 1 {
		a.Label = fit(fmt.Sprintf("%s +%d", fit(labels[0], arrowText-3), len(labels)-1), arrowText)
	}
	a.Tooltip = fmt.Sprintf("%s → %s: %s", render.Clean(r.edge.From.Addr), render.Clean(r.edge.To.Addr), strings.Join(labels, ", "))
	var b strings.Builder
	x, y := r.spots[0].x+boxWidth, r.spots[0].y+r.spots[0].height()/2
	fmt.Fprintf(&b, "M%d %d", x, y)
	if last := r.spots[1]; last.layer == r.spots[0].layer {
		ty := last.y + last.height()/2
		fmt.Fprintf(&b, "C%d %d %d %d %d %d", x+bulge, y, x+bulge, ty, x, ty)
		a.X, a.Y = x+bulge*3/4, (y+ty)/2
		a.Path = template.HTMLAttr(`d="` + b.String() + `"`)
		return a
	}
	for i, s := range r.spots[1:] {
		tx, ty := s.x, s.y+s.height()/2
		mid := (x + tx) / 2
		fmt.Fprintf(&b, "C%d %d %d %d %d %d", mid, y, mid, ty, tx, ty)
		if i == 0 {
			a.X, a.Y = mid, (y+ty)/2
		}
		x, y = tx, ty
		if s.node == nil {
			x += boxWidth
			fmt.Fprintf(&b, "H%d", x)
		}
	}
	a.Path = template.HTMLAttr(`d="` + b.String() + `"`)
	return a
}

// highlights returns the styles that dim everything unrelated to a node while
// the pointer or the focus is on it. Nodes are numbered, so no names stand in
// the styles.
func (g *Graph) highlights() string {
	var b strings.Builder
	for i := range g.Nodes {
		at := fmt.Sprintf("svg:has(#b%d:is(:hover,:focus-visible))", i)
		fmt.Fprintf(&b, "%s .e:not(.f%d,.t%d){opacity:.12}%s .e:is(.f%d,.t%d) text{opacity:1}\n", at, i, i, at, i, i)
	}
	return b.String()
}

// list returns everything that the drawing shows, in words.
func (g *Graph) list(number map[*Node]int) []pageGroup {
	to, from := map[*Node][]link{}, map[*Node][]link{}
	for _, e := range g.Edges {
		labels := make([]string, len(e.Refs))
		for i, r := range e.Refs {
			labels[i] = render.Clean(r.Label)
		}
		why := strings.Join(labels, ", ")
		to[e.From] = append(to[e.From], link{number[e.To], render.Clean(e.To.Title), render.Clean(e.To.Addr), why})
		from[e.To] = append(from[e.To], link{number[e.From], render.Clean(e.From.Title), render.Clean(e.From.Addr), why})
	}
	var out []pageGroup
	for _, gr := range g.groups() {
		pg := pageGroup{Title: gr.Title}
		for _, n := range gr.Nodes {
			it := item{
				N: number[n], Title: render.Clean(n.Title), Addr: render.Clean(n.Addr),
				Class: g.class(n), State: g.state(n), To: to[n], From: from[n],
			}
			if n.Pos.File != "" {
				it.Where = render.Clean(n.Pos.String())
			}
			pg.Items = append(pg.Items, it)
		}
		out = append(out, pg)
	}
	return out
}

// fit cuts a text to a number of columns of a fixed font. East Asian characters
// and pictures take two columns.
func fit(s string, most int) string {
	s = render.Clean(s)
	width := func(r rune) int {
		if r >= 0x1100 {
			return 2
		}
		return 1
	}
	total := 0
	for _, r := range s {
		total += width(r)
	}
	if total <= most {
		return s
	}
	used := 1 // for the dots
	for i, r := range s {
		if used += width(r); used > most {
			return s[:i] + "…"
		}
	}
	return s
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
