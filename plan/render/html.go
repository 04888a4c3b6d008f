package render

import (
	"bufio"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"io"

	"github.com/mihusync/mihusync/plan"
)

//go:embed page/page.html
var pageTemplate string

//go:embed page/style.css
var pageStyle string

//go:embed page/script.js
var pageScript string

// page is the input of the template. All texts are plain strings, and the
// template escapes them for their place. Only the program's own style and script
// are marked as safe. The policy lets a browser run that script and nothing
// else, whatever a text contains.
type page struct {
	Title, Summary, Policy string
	Style                  template.CSS
	Script                 template.JS
	Actions                []actionCount
	Warnings               []string
	Entries                []pageEntry
	Unmanaged              []string
}

type actionCount struct {
	Action plan.Action
	Count  string
}

type pageEntry struct {
	entry
	Fields pageFields
	Flow   *pageFlow
	Names  string
	What   string
	// Open shows the object unfolded at first.
	Open bool
}

type pageFlow struct {
	Title string
	Acts  []pageAct
}

type pageAct struct {
	Text   string
	Fields pageFields
}

// pageFields are the fields on one line, and those shown side by side.
type pageFields struct {
	Short []fieldView
	Long  []pageText
}

type pageText struct {
	Path   string
	Remark string
	Groups []rowGroup
}

// rowGroup is a run of unchanged rows or of changed rows.
type rowGroup struct {
	Same bool
	Rows []row
}

// row is a line of the old text, the new text, or both.
type row struct {
	OldNo, NewNo       int
	Old, New           []seg
	OldClass, NewClass string
}

// openAtOnce is the largest number of objects that a page shows unfolded.
const openAtOnce = 12

func writeHTML(w io.Writer, p *plan.Plan, opts Options) error {
	t, err := template.New("page").Parse(pageTemplate)
	if err != nil {
		return err
	}
	v := newView(p, opts)
	sum := sha256.Sum256([]byte(pageScript))
	out := page{
		Title: title(opts), Summary: v.Counts.line(),
		Policy: "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'",
		Style:  template.CSS(pageStyle), Script: template.JS(pageScript),
		Warnings: v.Warnings, Unmanaged: v.Unmanaged,
	}
	for _, a := range []plan.Action{plan.Create, plan.Update, plan.Replace, plan.Delete} {
		if n := len(addresses(v, a)); n > 0 {
			out.Actions = append(out.Actions, actionCount{a, thousands(n)})
		}
	}
	for _, e := range v.Entries {
		pe := pageEntry{entry: e, Fields: newPageFields(e.Fields), Names: fieldNames(e), What: e.what(), Open: len(v.Entries) <= openAtOnce}
		if e.Flow != nil {
			pe.Flow = &pageFlow{Title: e.Flow.Title}
			for _, a := range e.Flow.Acts {
				pe.Flow.Acts = append(pe.Flow.Acts, pageAct{a.Text, newPageFields(a.Fields)})
			}
		}
		out.Entries = append(out.Entries, pe)
	}
	buffered := bufio.NewWriter(w) // the template writes a few bytes at a time
	if err := t.Execute(buffered, out); err != nil {
		return err
	}
	return buffered.Flush()
}

func newPageFields(fields []fieldView) pageFields {
	var out pageFields
	for _, f := range fields {
		if f.Lines == nil {
			out.Short = append(out.Short, f)
		} else {
			out.Long = append(out.Long, pageText{f.Path, f.Remark, sideBySide(f.Lines)})
		}
	}
	return out
}

// sideBySide puts the removed lines of a change beside the added ones.
func sideBySide(lines []line) []rowGroup {
	var out []rowGroup
	for i := 0; i < len(lines); {
		isSame := lines[i].Op == same
		g := rowGroup{Same: isSame}
		var del, ins []line
		for ; i < len(lines) && (lines[i].Op == same) == isSame; i++ {
			switch l := lines[i]; l.Op {
			case removed:
				del = append(del, showTrailing(l))
			case added:
				ins = append(ins, showTrailing(l))
			default:
				g.Rows = append(g.Rows, row{OldNo: l.Old, NewNo: l.New, Old: l.Segs, New: l.Segs})
			}
		}
		for j := range max(len(del), len(ins)) {
			var r row
			if j < len(del) {
				r.OldNo, r.Old, r.OldClass = del[j].Old, del[j].Segs, "removed"
			}
			if j < len(ins) {
				r.NewNo, r.New, r.NewClass = ins[j].New, ins[j].Segs, "added"
			}
			g.Rows = append(g.Rows, r)
		}
		out = append(out, g)
	}
	return out
}
