package cli

import (
	"fmt"
	"unicode/utf8"

	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/render"
	"github.com/mihusync/mihusync/schema"
)

// staleProblems names every object and field that changed since the plan was
// made.
func staleProblems(e *plan.StaleError) schema.Problems {
	var out schema.Problems
	for _, d := range e.Differences {
		p := schema.Problem{Address: d.Addr, Summary: d.Text}
		if d.Text == "" {
			before, now := apart(d.Before, d.Now)
			p.Summary = fmt.Sprintf("%s was %s when the plan was made, and is %s now", d.Path, render.Value(before), render.Value(now))
		}
		out.Add(p)
	}
	return out
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
