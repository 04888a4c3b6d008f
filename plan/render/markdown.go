package render

import (
	"cmp"
	"fmt"
	"html"
	"io"
	"strings"

	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
)

// MarkdownLimit is the largest length of a GitHub comment, in characters.
const MarkdownLimit = 65536

// Limits of the part of a document that is never left out.
const (
	maxRisks    = 100
	maxRiskText = 240
	maxPerCell  = 8
	tailReserve = 400 // for the line that says what was left out
)

// writeMarkdown writes a comment: first the risks, then the numbers, then each
// object in a fold of its own as far as the limit allows. It counts bytes, which
// are never fewer than the characters that a site counts.
func writeMarkdown(w io.Writer, p *plan.Plan, opts Options) error {
	v := newView(p, opts)
	m := &markdown{opts: opts, limit: opts.Limit}
	if m.limit == 0 {
		m.limit = MarkdownLimit
	}
	m.head(v)
	if !opts.Summary {
		m.details(v)
	}
	_, err := io.WriteString(w, m.b.String())
	return err
}

type markdown struct {
	b     strings.Builder
	opts  Options
	limit int
}

func (m *markdown) line(format string, args ...any) {
	fmt.Fprintf(&m.b, format+"\n", args...)
}

func (m *markdown) head(v view) {
	m.line("## %s", EscapeMarkdown(title(m.opts)))
	m.line("")
	m.line("**%s**", EscapeMarkdown(v.Counts.line()))
	risks := append(findings(m.opts.Findings), risksOf(v)...)
	if len(risks) > 0 {
		m.line("")
		m.line("| ⚠️ risk | |")
		m.line("|---|---|")
		for i, r := range risks {
			if i == maxRisks {
				m.line("| … | %s |", plural(len(risks)-i, "more risk", "more risks"))
				break
			}
			m.line("| %s | %s |", r.What, r.Text)
		}
	}
	if v.Counts.Empty() && len(v.Unmanaged) == 0 {
		return
	}
	m.line("")
	m.line("| action | number | objects |")
	m.line("|---|--:|---|")
	for _, a := range []plan.Action{plan.Delete, plan.Replace, plan.Update, plan.Create} {
		m.row(a, addresses(v, a))
	}
	m.row(plan.Unmanaged, v.Unmanaged)
}

func (m *markdown) row(a plan.Action, addrs []string) {
	if len(addrs) == 0 {
		return
	}
	cells := make([]string, 0, maxPerCell)
	for _, addr := range addrs[:min(len(addrs), maxPerCell)] {
		cells = append(cells, mdCode(clip(addr, maxRiskText, "…")))
	}
	text := strings.Join(cells, ", ")
	if more := len(addrs) - maxPerCell; more > 0 {
		text += fmt.Sprintf(" and %s more", thousands(more))
	}
	m.line("| %s | %s | %s |", a, thousands(len(addrs)), text)
}

// risk is something that a reviewer should see first.
type risk struct{ What, Text string }

// findings returns what policies found, with the places of the values and of the rules.
func findings(list schema.Problems) []risk {
	var out []risk
	for _, p := range list {
		what := "policy"
		if p.Severity == schema.SeverityWarning {
			what = "policy warning"
		}
		subject := cmp.Or(p.Address, p.Path)
		text := EscapeMarkdown(clip(p.Summary, maxRiskText, "…"))
		if subject != "" {
			text = mdCode(clip(subject, maxRiskText, "…")) + " " + text
		}
		places := append([]schema.Pos{p.Pos}, p.Also...)
		for _, at := range places[:min(len(places), maxPerCell)] {
			if at.File != "" && at != p.Policy {
				text += ", " + mdCode(clip(at.String(), maxRiskText, "…"))
			}
		}
		if p.Policy.File != "" {
			text += "; rule " + EscapeMarkdown(clip(p.Rule, maxRiskText, "…"))
			text = strings.TrimSuffix(text, " ") + " at " + mdCode(clip(p.Policy.String(), maxRiskText, "…"))
		}
		out = append(out, risk{what, text})
	}
	return out
}

func risksOf(v view) []risk {
	var out []risk
	for _, w := range v.Warnings {
		out = append(out, risk{"warning", EscapeMarkdown(clip(w, maxRiskText, "…"))})
	}
	for _, e := range v.Entries {
		addr := mdCode(clip(e.Addr, maxRiskText, "…"))
		switch {
		case e.Refused:
			out = append(out, risk{"refused", addr + " would be affected: " + string(e.Action)})
		case e.Action == plan.Delete:
			out = append(out, risk{"delete", addr})
		case e.Action == plan.Replace:
			out = append(out, risk{"replace", addr + " is deleted and created anew"})
		case e.Flow != nil && e.Flow.Downtime:
			out = append(out, risk{"downtime", addr + " does not run while its steps change"})
		}
	}
	return out
}

func addresses(v view, a plan.Action) []string {
	var out []string
	for _, e := range v.Entries {
		if e.Action == a && !e.Refused {
			out = append(out, e.Addr)
		}
	}
	return out
}

// details adds objects up to the limit. It leaves out an object that does not
// fit, and still adds later ones that do.
func (m *markdown) details(v view) {
	left := 0
	for _, e := range v.Entries {
		if !m.fits(m.entry(e)) {
			left++
		}
	}
	if len(v.Unmanaged) > maxPerCell {
		var b strings.Builder
		fmt.Fprintf(&b, "\n<details><summary>%s</summary>\n\n", plural(len(v.Unmanaged), "object is not declared in the files and left alone", "objects are not declared in the files and left alone"))
		for _, a := range v.Unmanaged {
			b.WriteString("- " + mdCode(a) + "\n")
		}
		b.WriteString("\n</details>\n")
		if !m.fits(b.String()) {
			left++
		}
	}
	if left > 0 {
		m.line("\n_%s left out because a comment cannot be longer. `mihusync plan` shows everything._", plural(left, "block is", "blocks are"))
	}
}

// fits adds a block if there is room for it, and says whether it did.
func (m *markdown) fits(block string) bool {
	if m.b.Len()+len(block)+tailReserve > m.limit {
		return false
	}
	m.b.WriteString(block)
	return true
}

func (m *markdown) entry(e entry) string {
	var b, body strings.Builder
	for _, f := range e.Fields {
		m.field(&body, f)
	}
	fmt.Fprintf(&b, "\n<details><summary>%s %s%s</summary>\n", e.what(), mdCode(e.Addr), EscapeMarkdown(fieldNames(e)))
	if body.Len() > 0 {
		b.WriteString("\n" + fenced("diff", body.String()))
	}
	if e.Flow != nil {
		fmt.Fprintf(&b, "\n%s\n\n", EscapeMarkdown(capital(e.Flow.Title)))
		for i, act := range e.Flow.Acts {
			fmt.Fprintf(&b, "%d. %s\n", i+1, EscapeMarkdown(act.Text))
			var inner strings.Builder
			for _, f := range act.Fields {
				m.field(&inner, f)
			}
			if inner.Len() > 0 {
				b.WriteString("\n" + indent("   ", fenced("diff", inner.String())) + "\n")
			}
		}
	}
	if len(e.Effective) > 0 {
		b.WriteString("\nIn force afterwards:\n\n" + fenced("yaml", strings.Join(e.Effective, "\n")+"\n"))
	}
	if len(e.Notes) > 0 {
		b.WriteString("\n")
	}
	for _, n := range e.Notes {
		b.WriteString("- " + EscapeMarkdown(n) + "\n")
	}
	b.WriteString("\n</details>\n")
	return b.String()
}

// field writes a field as a diff, because sites colour a diff by the first
// character of each line.
func (m *markdown) field(b *strings.Builder, f fieldView) {
	if f.Remark != "" {
		fmt.Fprintf(b, "# %s: %s\n", f.Path, f.Remark)
	}
	if f.Lines == nil {
		if f.Before != "" {
			fmt.Fprintf(b, "- %s: %s\n", f.Path, f.Before)
		}
		if f.After != "" {
			fmt.Fprintf(b, "+ %s: %s\n", f.Path, f.After)
		}
		return
	}
	fmt.Fprintf(b, "  %s:\n", f.Path)
	for _, l := range f.shown(m.opts.Full) {
		if !m.opts.Full {
			l = shorten(l, "…")
		}
		switch l.Op {
		case removed:
			fmt.Fprintf(b, "-   %s\n", showTrailing(l).text())
		case added:
			fmt.Fprintf(b, "+   %s\n", showTrailing(l).text())
		case skipped:
			fmt.Fprintf(b, "    … %s\n", plural(l.Count, "unchanged line", "unchanged lines"))
		case cut:
			fmt.Fprintf(b, "    … %s\n", plural(l.Count, "more line", "more lines"))
		default:
			fmt.Fprintf(b, "    %s\n", l.text())
		}
	}
}

// fieldNames lists the fields for the title of a fold.
func fieldNames(e entry) string {
	if e.Action != plan.Update || len(e.Fields) == 0 {
		return ""
	}
	names := make([]string, 0, 4)
	for _, f := range e.Fields[:min(len(e.Fields), 4)] {
		names = append(names, f.Path)
	}
	s := ": " + strings.Join(names, ", ")
	if more := len(e.Fields) - 4; more > 0 {
		s += fmt.Sprintf(" and %d more", more)
	}
	return clip(s, maxRiskText, "…")
}

// fenced puts a text between fences. A fence is longer than any run of its
// character inside the text, so no text can end it.
func fenced(lang, text string) string {
	longest, run := 0, 0
	for _, r := range text {
		if r == '`' {
			run++
			longest = max(longest, run)
		} else {
			run = 0
		}
	}
	fence := strings.Repeat("`", max(3, longest+1))
	return fence + lang + "\n" + text + fence + "\n"
}

func indent(by, text string) string {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	return by + strings.Join(lines, "\n"+by)
}

// EscapeMarkdown escapes a text. Nothing in it then acts as Markdown or HTML, mentions a
// person or refers to an issue.
func EscapeMarkdown(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	var b strings.Builder
	for _, r := range s {
		switch r {
		case '@', '#':
			b.WriteRune(r)
			b.WriteString("<!-- -->")
		case '<', '>', '&', '"', '\'':
			b.WriteString(html.EscapeString(string(r)))
		case '`', '*', '_', '[', ']', '|', '~', '\\', '$':
			fmt.Fprintf(&b, "&#%d;", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// mdCode writes a text as code. It uses the HTML element, which takes any text;
// backquotes do not.
func mdCode(s string) string {
	return "<code>" + strings.ReplaceAll(EscapeMarkdown(s), "<!-- -->", "") + "</code>"
}

func title(o Options) string {
	if o.Title == "" {
		return "Mihu plan"
	}
	return Clean(o.Title)
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
