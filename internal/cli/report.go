package cli

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/fatih/color"

	"github.com/mihusync/mihusync/plan/render"
	"github.com/mihusync/mihusync/schema"
)

// report prints err, if it is not nil, and returns the exit code. It is the only
// place that prints errors. It says for each of them what is wrong, where, why,
// and what to do.
func (a *app) report(err error) int {
	a.status.clear()
	if err == nil {
		return exitOK
	}
	var code codeError
	if errors.As(err, &code) {
		return int(code)
	}
	f := explain(err)
	a.problems(f.problems)
	if f.closing != "" {
		a.close(f.closing)
	}
	if a.json && !a.answered {
		var d document = f.document()
		if a.failed != nil {
			d = a.failed(f.document())
		}
		if err := a.document(d); err != nil {
			fmt.Fprintln(a.err, err)
		}
	}
	return f.exit
}

// close prints the closing text of a failure.
func (a *app) close(text string) {
	if a.events != nil {
		a.events.tell("note", text)
		return
	}
	fmt.Fprintln(a.err, text)
}

// end ends the log and returns the exit code.
func (a *app) end(exit int) int {
	if a.events != nil {
		a.events.end(exit)
	}
	return exit
}

// problems prints problems, those of one cause as one: a time zone that the service
// does not have is one mistake, in however many agents it stands.
func (a *app) problems(all schema.Problems) {
	if a.events != nil {
		for _, p := range all {
			a.events.problem(p)
		}
		return
	}
	for _, same := range all.ByCause() {
		a.problem(same[0], same[1:]...)
	}
}

// morePlaces is how many places of one problem are printed at the most.
const morePlaces = 12

// problem prints one problem, and the other places that have it too.
func (a *app) problem(p schema.Problem, others ...schema.Problem) {
	if a.events != nil {
		a.events.problem(p)
		return
	}
	paint := a.paint(color.FgRed, color.Bold)
	word := "Error"
	if p.Severity == schema.SeverityWarning {
		paint, word = a.paint(color.FgYellow, color.Bold), "Warning"
	}
	subject := cmp.Or(p.Address, p.Path)
	if subject != "" {
		subject += ": "
	}
	if len(others) > 0 {
		subject = ""
		p.Summary += fmt.Sprintf(" (%d places)", 1+len(others))
	}
	fmt.Fprintln(a.err, paint(word+":")+" "+a.paint(color.Bold)(tidy(subject+p.Summary)))
	label := a.paint(color.Faint)
	for i, at := range append([]schema.Problem{p}, others...) {
		where := at.Pos.String()
		if len(others) > 0 {
			where = strings.Trim(cmp.Or(at.Address, at.Path)+"  "+where, " ")
		}
		if i == morePlaces && len(others) > morePlaces {
			fmt.Fprintln(a.err, "  "+label("at  ")+" "+fmt.Sprintf("and %d more", 1+len(others)-i))
			break
		}
		if at.Pos.File != "" || len(others) > 0 && where != "" {
			fmt.Fprintln(a.err, "  "+label("at  ")+" "+tidy(where))
		}
		for _, also := range at.Also {
			fmt.Fprintln(a.err, "       "+tidy("also set at "+also.String()))
		}
	}
	if p.Call != (schema.Call{}) {
		fmt.Fprintln(a.err, "  "+label("call")+" "+tidy(callLine(p.Call)))
	}
	if p.Detail != "" {
		fmt.Fprintln(a.err, "  "+label("why ")+" "+tidy(p.Detail))
	}
	if p.Suggestion != "" {
		fmt.Fprintln(a.err, "  "+label("do  ")+" "+tidy(p.Suggestion))
	}
}

// warn prints a warning of the command line itself.
func (a *app) warn(summary, suggestion string) {
	a.problem(schema.Problem{Severity: schema.SeverityWarning, Summary: summary, Suggestion: suggestion})
}

// tidy makes a message safe for a terminal, and indents its further lines.
func tidy(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	for i, l := range lines {
		lines[i] = render.Clean(l)
	}
	return strings.Join(lines, "\n       ")
}

func (a *app) paint(attrs ...color.Attribute) func(...any) string {
	c := color.New(attrs...)
	if a.err.color {
		c.EnableColor()
	} else {
		c.DisableColor()
	}
	return c.SprintFunc()
}
