package engine_test

import (
	"slices"
	"testing"

	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/mihu/sandbox"
	"github.com/mihusync/mihusync/plan/field"
)

// TestTuningRows changes a tuning where the rows of what a voice supports come in every
// form. Bounds are known in all of them, except in one that nobody knows: the value is
// sent, with a note.
func TestTuningRows(t *testing.T) {
	const voice = `agents: a: settings: voice: {voice_profile: voice: "Aria", voice_advanced: speed: `
	for _, v := range []sandbox.Variants{
		{}, {TuningKey: "key"}, {TuningKey: "name", TuningForm: "fields"}, {TuningForm: "map"}, {TuningKey: "name", TuningForm: "map"},
	} {
		w := variantWorld(t, 1, v)
		w.apply(voice + "0.8}")
		if writes := w.apply(voice + "1.1}"); len(writes) != 1 {
			t.Errorf("%+v: the change sent %v", v, writes)
		}
		p := w.plan(voice+"5}", engine.PlanOptions{})
		if len(p.Changes) != 1 || !slices.ContainsFunc(p.Changes[0].Notes, func(n field.Note) bool { return n.Code == "clamped" }) {
			dump(t, p)
			t.Errorf("%+v: the plan does not say that the value is clamped", v)
		}
	}
	w := variantWorld(t, 1, sandbox.Variants{TuningForm: "odd"})
	w.apply(voice + "0.8}")
	p := w.plan(voice+"1.1}", engine.PlanOptions{})
	if len(p.Ops) != 1 || !slices.ContainsFunc(p.Warnings, func(n field.Note) bool { return n.Code == "not known" }) {
		dump(t, p)
		t.Errorf("the plan has %d writes and warns of %v", len(p.Ops), p.Warnings)
	}
	w.apply(voice + "1.1}")
}
