package promote_test

import (
	"strings"
	"testing"

	"github.com/mihusync/mihusync/mihu/sandbox"
)

// TestPromoteUnsetValues takes no spelling of an unset value for one that belongs to
// an environment: nothing is asked of the target's files, and what the target has
// stays.
func TestPromoteUnsetValues(t *testing.T) {
	for _, form := range []string{"empty", "null", "absent"} {
		t.Run(form, func(t *testing.T) {
			from, to := variantWorld(t, 1, sandbox.Variants{EmptyAs: form}), seededWorld(t, 2)
			from.apply(`agents: {a: role: "Help", b: {}}`)
			to.apply(`agents: a: custom_llm_url: "https://llm.example"`)
			p, err := to.promote(from.live(), ``, nil, false)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range p.Changes {
				for _, f := range c.Fields {
					if f.Path == "custom_llm_url" {
						t.Errorf("%s: %s is changed to %v", c.Addr, f.Path, f.After)
					}
				}
			}
		})
	}
}

// TestPromoteFilledValues takes what the service fills in for an interruption mode for
// nothing that anybody declared, and what is declared in the mode that has fine settings
// along.
func TestPromoteFilledValues(t *testing.T) {
	for mode, want := range map[string]bool{"sensitive": false, "advance": true} {
		t.Run(mode, func(t *testing.T) {
			from, to := seededWorld(t, 1), seededWorld(t, 2)
			from.apply(`agents: a: settings: voice: interruption: {mode: "` + mode + `", advanced: min_interruption_words: 4}`)
			p, err := to.promote(from.live(), ``, nil, false)
			if err != nil {
				t.Fatal(err)
			}
			seen, modes := false, 0
			for _, c := range p.Changes {
				for _, f := range c.Fields {
					if f.Path == "settings.voice.interruption.mode" {
						modes++
					}
					seen = seen || strings.Contains(f.Path, "interruption.advanced")
				}
			}
			if seen != want || modes != 1 {
				t.Errorf("fine settings are promoted: %v, modes: %d", seen, modes)
			}
		})
	}
}
