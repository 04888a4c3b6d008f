package engine_test

import (
	"slices"
	"testing"

	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/mihu/sandbox"
	"github.com/mihusync/mihusync/plan"
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

// TestTuningOfANewVoice refuses a tuning that the voice of a new agent does not have, and
// one of another voice, as far as an agent has the voice already. Where none has, the plan
// says that nobody knows.
func TestTuningOfANewVoice(t *testing.T) {
	w := newWorld(t)
	w.apply(`agents: {l: settings: voice: voice_profile: voice: "Lucas", a: settings: voice: voice_profile: voice: "Aria"}`)
	w.writes = nil
	const lucas = `settings: voice: {voice_profile: voice: "Lucas", voice_advanced: `
	for _, agent := range []string{"new", "a"} {
		if got, want := w.refused(`agents: `+agent+`: `+lucas+`style: 0.4}`), `agents/`+agent+`: the selected voice has no tuning "style"`; got != want {
			t.Errorf("%s, want %s", got, want)
		}
		w.gets = nil
		p := w.plan(`agents: {`+agent+`: `+lucas+`speed: 9}, more: `+lucas+`speed: 1.1}}`, engine.PlanOptions{})
		if !noted(p, "agents/"+agent, "clamped") {
			dump(t, p)
			t.Error("the plan does not say that the value is clamped")
		}
		for i, path := range w.gets {
			if slices.Contains(w.gets[:i], path) {
				t.Errorf("%s was asked for twice", path)
			}
		}
	}
	for _, files := range []string{`agents: new: settings: voice: {voice_profile: voice: "Kenji", voice_advanced: speed: 1}`, `agents: new: settings: voice: voice_advanced: speed: 1`} {
		p := w.plan(files, engine.PlanOptions{})
		if !noted(p, "agents/new", "not known") {
			dump(t, p)
			t.Errorf("%s: the plan does not say that nobody knows", files)
		}
	}
	if len(w.writes) > 0 {
		t.Errorf("planning wrote %v", w.writes)
	}
	w.apply(`agents: new: ` + lucas + `speed: 9}`)
}

// noted says whether the change of an object has a note with a code.
func noted(p *plan.Plan, addr, code string) bool {
	return slices.ContainsFunc(p.Changes, func(ch *plan.Change) bool {
		return ch.Addr == addr && slices.ContainsFunc(ch.Notes, func(n field.Note) bool { return n.Code == code })
	})
}
