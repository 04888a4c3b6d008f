package render

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/mihusync/mihusync/plan"
)

// maxUnmanaged limits the unmanaged objects that the text names.
const maxUnmanaged = 20

func writeText(w io.Writer, p *plan.Plan, opts Options) error {
	t := &textWriter{Writer: bufio.NewWriter(w), opts: opts, palette: newPalette(opts)}
	t.plan(newView(p, opts))
	return t.Flush()
}

type textWriter struct {
	*bufio.Writer
	opts Options
	palette
}

func (t *textWriter) line(parts ...string) {
	t.WriteString(strings.TrimRight(strings.Join(parts, ""), " "))
	t.WriteByte('\n')
}

func (t *textWriter) plan(v view) {
	for _, warning := range v.Warnings {
		t.line(t.warn(t.marks.warning+" Warning: "), warning)
	}
	if len(v.Warnings) > 0 {
		t.line()
	}
	for _, e := range v.Entries {
		t.entry(e)
	}
	if t.opts.Summary && len(v.Entries) > 0 {
		t.line()
	}
	t.unmanagedList(v.Unmanaged)
	t.line(t.bold(v.Counts.line()))
}

func (t *textWriter) entry(e entry) {
	sign, paint := t.sign(e.Action)
	t.line("  ", paint(sign), " ", t.bold(e.Addr), "  ", paint(e.what()))
	if t.opts.Summary {
		return
	}
	t.fields("      ", e.Action, e.Fields)
	if e.Flow != nil {
		t.line("      ", e.Flow.Title)
		for i, act := range e.Flow.Acts {
			t.line("        ", act.numbered(i))
			t.fields("             ", act.Action, act.Fields)
		}
	}
	t.effective(e.Effective)
	for _, n := range e.Notes {
		t.line("      ", t.dim(t.marks.bullet+" "+n))
	}
	t.line()
}

// effective lists the values in force afterwards. The list is long and mostly
// known, so only Full shows it.
func (t *textWriter) effective(lines []string) {
	switch {
	case len(lines) == 0:
		return
	case !t.opts.Full:
		t.line("      ", t.dim(fmt.Sprintf("in force afterwards: %s, shown with --full", plural(len(lines), "value", "values"))))
		return
	}
	t.line("      ", t.dim("in force afterwards:"))
	for _, l := range lines {
		t.line("        ", t.dim(l))
	}
}

// fields writes fields, with their values aligned if the names are short.
func (t *textWriter) fields(indent string, action plan.Action, fields []fieldView) {
	width := 0
	for _, f := range fields {
		if f.Lines == nil && len(f.Path) <= 24 {
			width = max(width, len(f.Path))
		}
	}
	for _, f := range fields {
		if f.Lines != nil {
			t.line(indent, f.Path, ":", t.remark(f))
			t.block(indent+"  ", f)
			continue
		}
		path := f.Path + ":" + strings.Repeat(" ", max(0, width-len(f.Path))) + " "
		before, after := t.removedLine(f.Before), t.addedLine(f.After)
		if f.Before == "" {
			before = t.dim("(not set)")
		}
		if f.After == "" {
			after = t.dim("(cleared)")
		}
		switch action {
		case plan.Create:
			t.line(indent, path, after, t.remark(f))
		case plan.Delete:
			t.line(indent, path, before, t.remark(f))
		default:
			t.line(indent, path, before, " ", t.marks.arrow, " ", after, t.remark(f))
		}
	}
}

func (t *textWriter) remark(f fieldView) string {
	if f.Remark == "" {
		return ""
	}
	return "  " + t.dim("("+f.Remark+")")
}

// block writes compared lines. Unless Full is set, they are folded and cut.
func (t *textWriter) block(indent string, f fieldView) {
	for _, l := range f.shown(t.opts.Full) {
		if !t.opts.Full {
			l = shorten(l, t.marks.ellipsis)
		}
		t.diffLine(indent, l)
	}
}

func (t *textWriter) diffLine(indent string, l line) {
	if l.Op != same {
		l = showTrailing(l)
	}
	switch l.Op {
	case removed:
		t.line(indent, t.removedLine("- "), segments(l, t.removedLine, t.removedWord))
	case added:
		t.line(indent, t.addedLine("+ "), segments(l, t.addedLine, t.addedWord))
	case skipped:
		t.line(indent, t.dim(fmt.Sprintf("  %s %s", t.marks.ellipsis, plural(l.Count, "unchanged line", "unchanged lines"))))
	case cut:
		t.line(indent, t.dim(fmt.Sprintf("  %s %s, shown with --full", t.marks.ellipsis, plural(l.Count, "more line", "more lines"))))
	default:
		t.line(indent, "  ", l.text())
	}
}

// showTrailing makes white space at the end of a changed line visible.
func showTrailing(l line) line {
	if len(l.Segs) == 0 {
		return l
	}
	last := l.Segs[len(l.Segs)-1]
	bare := strings.TrimRight(last.Text, " \t\u00a0")
	if bare == last.Text {
		return l
	}
	tail := strings.NewReplacer(" ", `\x20`, "\t", `\t`, "\u00a0", `\u00a0`).Replace(last.Text[len(bare):])
	l.Segs = append(l.Segs[:len(l.Segs)-1:len(l.Segs)-1], seg{bare + tail, last.Changed})
	return l
}

func segments(l line, plain, word paint) string {
	var b strings.Builder
	for _, s := range l.Segs {
		if s.Text == "" {
			continue
		}
		if s.Changed {
			b.WriteString(word(s.Text))
		} else {
			b.WriteString(plain(s.Text))
		}
	}
	return b.String()
}

func (t *textWriter) unmanagedList(addrs []string) {
	if len(addrs) == 0 {
		return
	}
	shown := addrs
	if !t.opts.Full && len(addrs) > maxUnmanaged {
		shown = addrs[:maxUnmanaged]
	}
	sign, paint := t.sign(plan.Unmanaged)
	t.line("Not declared in the files, left alone:")
	for _, a := range shown {
		t.line("  ", paint(sign), " ", a)
	}
	if more := len(addrs) - len(shown); more > 0 {
		t.line("  ", t.dim(fmt.Sprintf("%s %s more, shown with --full", t.marks.ellipsis, thousands(more))))
	}
	t.line()
}
