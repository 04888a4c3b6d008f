package journal_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/mihusync/mihusync/apply/journal"
)

// A flow is down in the record if a run took it down, was killed or could not restore
// it, and no run brought it up or saw it running since.
func TestDown(t *testing.T) {
	flow := func(status string, down, dark bool) *journal.Run {
		return &journal.Run{Wrote: []*journal.Write{{Intent: journal.Intent{Path: []string{"7"}, Down: down}, Status: status, Dark: dark}}}
	}
	killed, done, restored := flow(journal.Unknown, true, false), flow("done", true, false), flow("failed", true, false)
	dark, again := flow("failed", true, true), flow("failed", false, false)
	other := &journal.Run{Wrote: []*journal.Write{{Intent: journal.Intent{Call: "updateAgent", Path: []string{"7"}}, Status: "done"}}}
	seen := &journal.Run{Start: journal.Start{Up: []string{"7"}}}
	for name, c := range map[string]struct {
		runs []*journal.Run
		down bool
	}{
		"killed":                                 {[]*journal.Run{killed}, true},
		"done":                                   {[]*journal.Run{done}, false},
		"restored":                               {[]*journal.Run{restored}, false},
		"dark":                                   {[]*journal.Run{dark}, true},
		"dark, and its test fails again":         {[]*journal.Run{dark, again}, true},
		"killed, then done":                      {[]*journal.Run{killed, done}, false},
		"killed, then brought up":                {[]*journal.Run{killed, flow("done", false, false)}, false},
		"killed, then seen":                      {[]*journal.Run{killed, seen}, false},
		"killed, then another object is written": {[]*journal.Run{killed, other}, true},
		"seen, then killed":                      {[]*journal.Run{seen, killed}, true},
		"done, then killed":                      {[]*journal.Run{done, killed}, true},
		"the killed run brings it up":            {[]*journal.Run{flow(journal.Unknown, false, false)}, false},
	} {
		if got := strings.Join(slices.Sorted(maps.Keys(journal.Down(c.runs))), " "); (got == "7") != c.down {
			t.Errorf("%s: down are %q", name, got)
		}
	}
}
