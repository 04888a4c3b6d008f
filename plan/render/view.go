package render

import (
	"fmt"
	"math"
	"strings"

	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema/tree"
)

// A view is a plan prepared for people. Every form but JSON shows it.
type view struct {
	Counts    counts
	Warnings  []string
	Entries   []entry
	Unmanaged []string
}

// An entry is one object that changes.
type entry struct {
	Addr   string
	Action plan.Action
	// Refused says that a guard refuses the change.
	Refused bool
	Where   string
	Fields  []fieldView
	Notes   []string
	Flow    *flowView
	// Effective lists the values in force afterwards, if they are more than the
	// fields.
	Effective []string
}

// what says in a word or two what happens to the object.
func (e entry) what() string {
	if e.Refused {
		return string(e.Action) + ", refused"
	}
	return string(e.Action)
}

// A fieldView is one field of an entry. A short one has one line, a long one a
// block of compared lines.
type fieldView struct {
	Path string
	// Before is empty if the field was not set, After if it is cleared. Both are
	// empty if Lines is set.
	Before, After string
	Lines         []line
	// Remark says who made the difference, if that is known.
	Remark string
	// OldText and NewText are both texts in full, for showing them side by side.
	OldText, NewText []string
}

// counts are the numbers of the summary line.
type counts struct {
	Create    int `json:"create"`
	Update    int `json:"update"`
	Replace   int `json:"replace"`
	Delete    int `json:"delete"`
	Unchanged int `json:"unchanged"`
	Unmanaged int `json:"unmanaged"`
	Refused   int `json:"refused"`
	Warnings  int `json:"warnings"`
}

// Empty says that there is nothing to do.
func (c counts) Empty() bool { return c.Create+c.Update+c.Replace+c.Delete == 0 }

func count(p *plan.Plan) counts {
	c := counts{Unchanged: p.Unchanged, Warnings: len(p.Warnings)}
	for _, ch := range p.Changes {
		if ch.Refused {
			c.Refused++
			continue
		}
		switch ch.Action {
		case plan.Create:
			c.Create++
		case plan.Update:
			c.Update++
		case plan.Replace:
			c.Replace++
		case plan.Delete:
			c.Delete++
		case plan.Unmanaged:
			c.Unmanaged++
		}
	}
	return c
}

// line says in one line what a plan would do.
func (c counts) line() string {
	rest := fmt.Sprintf("%s unchanged", thousands(c.Unchanged))
	if c.Unmanaged > 0 {
		rest += fmt.Sprintf(", %s unmanaged", thousands(c.Unmanaged))
	}
	if c.Refused > 0 {
		rest += fmt.Sprintf(", %s refused", thousands(c.Refused))
	}
	if c.Empty() {
		return "No changes. " + strings.ToUpper(rest[:1]) + rest[1:] + "."
	}
	parts := []string{thousands(c.Create) + " to create", thousands(c.Update) + " to update"}
	if c.Replace > 0 {
		parts = append(parts, thousands(c.Replace)+" to replace")
	}
	parts = append(parts, thousands(c.Delete)+" to delete")
	return "Plan: " + strings.Join(parts, ", ") + "; " + rest + "."
}

func newView(p *plan.Plan, opts Options) view {
	named := maxNamed
	if opts.Names {
		named = math.MaxInt
	}
	v := view{Counts: count(p)}
	for _, n := range p.Warnings {
		v.Warnings = append(v.Warnings, noteText(n, len(n.Addrs)))
	}
	for _, c := range p.Changes {
		if c.Action == plan.Unmanaged {
			v.Unmanaged = append(v.Unmanaged, Clean(c.Addr))
			continue
		}
		e := entry{Addr: Clean(c.Addr), Action: c.Action, Refused: c.Refused, Where: Clean(c.Pos.String())}
		for _, f := range c.Fields {
			if f.Path == "name" { // people look for the name first
				e.Fields = append([]fieldView{newField(f)}, e.Fields...)
			} else {
				e.Fields = append(e.Fields, newField(f))
			}
		}
		for _, n := range c.Notes {
			e.Notes = append(e.Notes, noteText(n, named))
		}
		e.Flow = newFlowView(c.Flow)
		if len(c.Effective) > 0 {
			e.Effective = effective(c.Effective)
		}
		v.Entries = append(v.Entries, e)
	}
	return v
}

func newField(f field.Change) fieldView {
	out := fieldView{Path: Clean(f.Path), Remark: remark(f)}
	before, shortB := inline(f.Before)
	after, shortA := inline(f.After)
	if shortB && shortA {
		if f.Before != nil {
			out.Before = before
		}
		if f.After != nil {
			out.After = after
		}
		return out
	}
	out.OldText, out.NewText = block(f.Before), block(f.After)
	b, isB := f.Before.(string)
	a, isA := f.After.(string)
	if isB && isA && strings.HasSuffix(b, "\n") != strings.HasSuffix(a, "\n") {
		out.OldText, out.NewText = markEnd(b, out.OldText), markEnd(a, out.NewText)
	}
	out.Lines = compareLines(out.OldText, out.NewText)
	return out
}

// remark says why a field changes that no file has, or where a difference comes
// from, for a plan with a base.
func remark(f field.Change) string {
	if f.Undeclared {
		if f.Origin == field.Drift {
			return "drifted in the workspace, not declared in a complete file"
		}
		return "not declared in a complete file"
	}
	switch f.Origin {
	case field.Branch:
		return "changed by this branch"
	case field.Drift:
		return "drifted in the workspace, was " + Value(f.Base)
	case field.Conflict:
		return "conflict: changed here and in the workspace, was " + Value(f.Base)
	}
	return ""
}

// markEnd marks a missing newline at the end, which no line shows.
func markEnd(text string, lines []string) []string {
	if text == "" || strings.HasSuffix(text, "\n") {
		return lines
	}
	return append(lines, `\ no line end`)
}

// effective returns one line for each value.
func effective(m map[string]any) []string {
	var out []string
	var walk func(prefix string, v any)
	walk = func(prefix string, v any) {
		if inner, ok := v.(map[string]any); ok && len(inner) > 0 {
			for _, k := range tree.Keys(inner) {
				walk(strings.TrimPrefix(prefix+"."+label(k), "."), inner[k])
			}
			return
		}
		out = append(out, prefix+": "+clip(flat(v), longLine, "..."))
	}
	walk("", m)
	return out
}

// maxNamed is the largest number of addresses that a note names.
const maxNamed = 6

// noteText adds the addresses to a note whose text does not have them.
func noteText(n field.Note, most int) string {
	text := Clean(n.Text)
	var missing []string
	for _, a := range n.Addrs {
		if !strings.Contains(n.Text, a) {
			missing = append(missing, Clean(a))
		}
	}
	if len(missing) == 0 {
		return text
	}
	names := strings.Join(missing[:min(len(missing), most)], ", ")
	if more := len(missing) - min(len(missing), most); more > 0 {
		names += fmt.Sprintf(" and %s more", thousands(more))
	}
	return strings.TrimSuffix(text, ".") + ": " + names
}

// thousands groups digits by commas.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return thousands(n) + " " + many
}
