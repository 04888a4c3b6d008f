package journal

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/mihusync/mihusync/plan/render"
)

// Log is a list of runs for output.
type Log struct {
	// Target is the identity of the workspace.
	Target string
	// Runs are the runs, the oldest first.
	Runs []*Run
	// Whole shows what each run changed and wrote, not one line for each.
	Whole bool
}

// logVersion is the version of the JSON document.
const logVersion = 1

// Write writes the list as text, JSON or Markdown, the newest run first. It fails for
// another form and for errors of w.
func (l Log) Write(w io.Writer, format render.Format) error {
	switch format {
	case render.JSON:
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		runs := append([]*Run{}, l.Runs...)
		slices.Reverse(runs)
		return e.Encode(struct {
			Version int    `json:"version"`
			Target  string `json:"target"`
			Runs    []*Run `json:"runs"`
		}{logVersion, l.Target, runs})
	case render.Markdown:
		return l.print(w, markdown{})
	case render.Text:
		return l.print(w, text{})
	}
	return fmt.Errorf("a log has no form %q", format)
}

// form is how text and Markdown differ.
type form interface {
	// cell makes a text of a journal safe to show.
	cell(string) string
	heading(p *printer, text string)
	// table writes rows under column names.
	table(p *printer, names []string, rows [][]string)
	// fact writes one line of a run.
	fact(p *printer, name, value string)
}

type printer struct {
	*bufio.Writer
}

func (p *printer) line(format string, args ...any) { fmt.Fprintf(p, format+"\n", args...) }

func (l Log) print(w io.Writer, f form) error {
	p := &printer{bufio.NewWriter(w)}
	switch {
	case len(l.Runs) == 0:
		p.line("No run of %s is recorded here.", f.cell(l.Target))
	case l.Whole:
		for i := len(l.Runs) - 1; i >= 0; i-- {
			l.Runs[i].print(p, f)
		}
	default:
		l.list(p, f)
	}
	return p.Flush()
}

// list writes one line for each run.
func (l Log) list(p *printer, f form) {
	f.heading(p, "Runs of "+f.cell(l.Target))
	var rows [][]string
	for i := len(l.Runs) - 1; i >= 0; i-- {
		r := l.Runs[i]
		rows = append(rows, []string{r.ID, r.result(), r.writes(), f.cell(first(r.Commit, 10)), f.cell(r.who())})
	}
	f.table(p, []string{"run", "status", "writes", "commit", "who"}, rows)
}

// result says how a run ended, and whether some of its writes are not known.
func (r *Run) result() string {
	for _, w := range r.Wrote {
		if r.Status == Unfinished && w.Status == Unknown {
			return "unfinished, a write is unknown"
		}
	}
	return string(r.Status)
}

func (r *Run) writes() string { return fmt.Sprintf("%d of %d", r.Counts.Done, r.Start.Writes) }

// who names the author, and the machine where there is none.
func (r *Run) who() string {
	if r.Author != "" {
		return r.Author
	}
	return r.Host
}

// print writes everything about a run.
func (r *Run) print(p *printer, f form) {
	f.heading(p, "Run "+r.ID)
	commit := first(r.Commit, 40)
	if r.Dirty {
		commit += " with changes that were not committed"
	}
	for _, fact := range [][2]string{
		{"began", r.Began.Format(time.RFC3339)}, {"ended", r.Ended.Format(time.RFC3339)},
		{"status", r.result()}, {"writes", r.writes()},
		{"resumes", r.Resumes}, {"undoes", r.Undoes}, {"broke", r.Broke}, {"author", r.Author}, {"host", r.Host}, {"pipeline", r.CI},
		{"verified", r.Verified.String()},
		{"commit", strings.TrimSpace(commit)}, {"directory", r.Dir}, {"plan", r.Plan}, {"mihusync", r.Tool},
	} {
		if fact[1] != "" {
			f.fact(p, fact[0], f.cell(fact[1]))
		}
	}
	var rows [][]string
	for _, c := range r.Changes {
		rows = append(rows, []string{f.cell(c.Action), f.cell(c.Addr), f.cell(c.fields())})
	}
	if len(rows) > 0 {
		f.heading(p, "Changes")
		f.table(p, []string{"action", "object", "changed"}, rows)
	}
	rows = nil
	for _, w := range r.Wrote {
		rows = append(rows, []string{f.cell(w.Status), f.cell(w.Addr), f.cell(w.Title), f.cell(w.remark())})
	}
	if len(rows) > 0 {
		f.heading(p, "Writes")
		f.table(p, []string{"status", "object", "write", "remark"}, rows)
	}
	r.Verified.deviations(p, f)
}

// String counts what was compared and what deviates, and says what was not compared.
func (v *Verified) String() string {
	if v == nil {
		return ""
	}
	out := []string{fmt.Sprintf("%s: %d objects, %d values deviate", v.Mode, v.Objects, len(v.Deviations))}
	return strings.Join(append(out, v.Notes...), "; ")
}

// deviations writes the values that the service does not have as they were asked for.
func (v *Verified) deviations(p *printer, f form) {
	if v == nil || len(v.Deviations) == 0 {
		return
	}
	var rows [][]string
	for _, d := range v.Deviations {
		asked, is := shown(d.Asked), shown(d.Is)
		if d.Text != "" {
			asked, is = d.Text, ""
		}
		rows = append(rows, []string{f.cell(d.Addr), f.cell(d.Path), f.cell(asked), f.cell(is)})
	}
	f.heading(p, "Deviations")
	f.table(p, []string{"object", "path", "asked", "is"}, rows)
}

// shown returns the beginning of a value as JSON.
func shown(v any) string {
	text, _ := json.Marshal(v)
	return first(string(text), 60)
}

// shownFields is the most fields of a change that are named.
const shownFields = 4

// fields names the fields of a change, or counts them where there are many.
func (c Change) fields() string {
	if n := len(c.Fields); n > shownFields {
		return strings.Join(c.Fields[:shownFields-1], ", ") + fmt.Sprintf(" and %d more", n-shownFields+1)
	}
	return strings.Join(c.Fields, ", ")
}

// remark is what a person should know of a write.
func (w *Write) remark() string {
	var out []string
	if w.Error != "" {
		out = append(out, w.Error)
	}
	if w.Note != "" {
		out = append(out, w.Note)
	}
	for _, a := range w.Answered {
		out = append(out, fmt.Sprintf("%s was sent as %s and is %s", a.Path, shown(a.Sent), shown(a.Got)))
	}
	out = append(out, w.secretRemarks()...)
	if w.Status == Unknown {
		out = append(out, "the run ended before its answer came")
	}
	return strings.Join(out, "; ")
}

// first returns the beginning of a text.
func first(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}

type text struct{}

func (text) cell(s string) string { return render.Clean(strings.Join(strings.Fields(s), " ")) }

func (text) heading(p *printer, s string) { p.line("%s", s) }

func (text) fact(p *printer, name, value string) { p.line("  %-10s %s", name, value) }

func (text) table(p *printer, names []string, rows [][]string) {
	width := make([]int, len(names))
	for _, row := range append([][]string{names}, rows...) {
		for i, c := range row {
			width[i] = max(width[i], len([]rune(c)))
		}
	}
	for _, row := range append([][]string{names}, rows...) {
		var b strings.Builder
		for i, c := range row {
			b.WriteString("  " + c + strings.Repeat(" ", width[i]-len([]rune(c))))
		}
		p.line("%s", strings.TrimRight(b.String(), " "))
	}
}

type markdown struct{}

func (markdown) cell(s string) string { return render.EscapeMarkdown(s) }

func (markdown) heading(p *printer, s string) { p.line("### %s\n", s) }

func (markdown) fact(p *printer, name, value string) { p.line("- %s: %s", name, value) }

func (markdown) table(p *printer, names []string, rows [][]string) {
	p.line("\n| %s |", strings.Join(names, " | "))
	p.line("|%s", strings.Repeat("---|", len(names)))
	for _, row := range rows {
		p.line("| %s |", strings.Join(row, " | "))
	}
	p.line("")
}
