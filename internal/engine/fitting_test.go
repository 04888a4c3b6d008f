package engine_test

import (
	"strings"
	"testing"

	"github.com/mihusync/mihusync/internal/engine"
)

const fastAgent = `agents: support: {speed: "fast", settings: voice: voice_profile: voice: "Aria"}
`

// TestVoiceTakesItsSpeedAlong sets another speed in the same request in which a complete
// declaration takes away the voice that the speed needs, or names one that lacks it. A
// voice that has the speed leaves it.
func TestVoiceTakesItsSpeedAlong(t *testing.T) {
	for name, c := range map[string]struct{ files, speed string }{
		"no voice":       {`agents: support: complete: "v1"`, "normal"},
		"a slower voice": {`agents: support: {complete: "v1", settings: voice: voice_profile: voice: "Kenji"}`, "normal"},
		"the same voice": {`agents: support: {complete: "v1", role: "x", settings: voice: voice_profile: voice: "Aria"}`, "fast"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.apply(fastAgent)
			w.apply(c.files)
			if p := w.plan(c.files, engine.PlanOptions{}); len(p.Ops) > 0 {
				dump(t, p)
				t.Error("an apply left something")
			}
			if got := w.live().Objects["agents"][0].Fields["speed"]; got != c.speed {
				t.Errorf("the speed is %v, want %v", got, c.speed)
			}
		})
	}
}

// TestSpeedWithoutVoiceIsRefusedInThePlan says before the first write that a voice cannot
// go while a speed or fine settings need it.
func TestSpeedWithoutVoiceIsRefusedInThePlan(t *testing.T) {
	for files, says := range map[string]string{
		`agents: support: settings: voice: voice_profile: voice: null`:                                                  "the speed \"fast\" needs one",
		`agents: support: {complete: "v1", speed: "fast"}`:                                                              "the speed \"fast\" needs one",
		`agents: support: {speed: "normal", settings: voice: {voice_profile: voice: null, voice_advanced: speed: 1.1}}`: "its fine settings need one",
		`agents: support: {complete: "v1", speed: "normal", settings: voice: voice_advanced: speed: 1.1}`:               "its fine settings need one",
	} {
		w := newWorld(t)
		w.apply(fastAgent)
		w.writes = nil
		if got := w.refused(files); !strings.Contains(got, says) {
			t.Errorf("%s: %s", files, got)
		}
	}
}
