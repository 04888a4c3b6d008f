package plan

import (
	"fmt"
	"unicode/utf8"

	"github.com/mihusync/mihusync/schema"
)

// Stale is one difference between the state at the plan and the state now: "role" was
// "Help" and is "Sales".
type Stale struct {
	Addr   string `json:"address"`
	Path   string `json:"path,omitempty"`
	Before any    `json:"before"`
	Now    any    `json:"now"`
	// Text describes a difference that is not in a field: the object is gone, or it
	// exists already.
	Text string `json:"text,omitempty"`
}

// StaleError says that objects of the plan have changed since it was made.
type StaleError struct {
	Differences []Stale
}

// Error tells the first difference and counts the others.
func (e *StaleError) Error() string {
	p := e.Differences[0].problem()
	text := "the plan is stale: " + p.Address + ": " + p.Summary
	if n := len(e.Differences); n > 1 {
		text += fmt.Sprintf(", and %d more differences", n-1)
	}
	return text
}

// Explain returns a problem for every object and field that changed.
func (e *StaleError) Explain() schema.Problems {
	var out schema.Problems
	for _, d := range e.Differences {
		out.Add(d.problem())
	}
	return out
}

func (d Stale) problem() schema.Problem {
	p := schema.Problem{Address: d.Addr, Summary: d.Text}
	if d.Text == "" {
		before, now := apart(d.Before, d.Now)
		p.Summary = fmt.Sprintf("%s was %s when the plan was made, and is %s now", d.Path, shortened(before), shortened(now))
	}
	return p
}

// shownText is the length of a value, in characters, that is shown.
const shownText = 72

// shortened returns a value as text, and the beginning of a long one.
func shortened(v any) string {
	text := []rune(schema.ValueText(v))
	if len(text) > shownText {
		return string(text[:shownText]) + "..."
	}
	return string(text)
}

// shownBefore is the length, in bytes, of the common beginning of two texts that
// is shown.
const shownBefore = 24

// apart shortens the common beginning of two long texts, so that a line has room
// for the difference.
func apart(a, b any) (any, any) {
	s, isText := a.(string)
	t, both := b.(string)
	if !isText || !both {
		return a, b
	}
	same := 0
	for same < len(s) && same < len(t) && s[same] == t[same] {
		same++
	}
	cut := same - shownBefore
	if cut <= shownBefore {
		return a, b
	}
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return "..." + s[cut:], "..." + t[cut:]
}
