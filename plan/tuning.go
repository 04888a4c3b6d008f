package plan

import (
	"fmt"
	"strings"

	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// adjust checks the voice tuning values of an agent's patch. The service clamps a
// value beyond the voice's bounds and does not refuse it [index]. If the live value
// is the clamped value already, adjust removes the value from the patch and warns.
// Otherwise it returns a note with the clamped value. A field that the voice does
// not support is a problem.
func (d *description) adjust(want, have *schema.Object, patch map[string]any, fields []field.Change) (map[string]any, []field.Change, []field.Note) {
	if want.Kind.Name != agentsKind {
		return patch, fields, nil
	}
	if changesVoice(patch) {
		return patch, fields, d.tuneNewVoice(want)
	}
	tuning := tuningOf(patch)
	supported, known := d.supported(want, have.ID, tuning)
	if !known {
		return patch, fields, nil
	}
	live := tuningOf(have.Fields)
	var notes []field.Note
	for _, name := range tree.Keys(tuning) {
		note, clamped := d.fits(want, name, tuning[name], supported)
		if note == nil {
			continue
		}
		if now, ok := asFloat(live[name]); ok && now == clamped {
			fields = without(fields, tuningPath+name)
			delete(tuning, name)
			note.Addrs = []string{want.Addr()}
			d.plan.Warnings = append(d.plan.Warnings, *note)
			continue
		}
		notes = append(notes, *note)
	}
	return patch, fields, notes
}

// tuneNewVoice checks the declared tuning of an agent that gets a voice: it is new, or
// the plan selects another voice. The service says what can be tuned only of an agent's
// selected voice [index], so another agent with the voice tells it. If there is none,
// the result is a note.
func (d *description) tuneNewVoice(want *schema.Object) []field.Note {
	tuning := tuningOf(want.Fields)
	if want.Kind.Name != agentsKind || len(tuning) == 0 || d.opts.Offline || d.opts.CompareOnly {
		return nil
	}
	voice := voiceRef(want.Fields)
	agent := d.speaker(voice)
	if agent == nil {
		why := "no agent with the voice " + quote(voice.String()) + " shows what it supports"
		if voice.String() == "" {
			why = "no voice is declared for it"
		}
		return []field.Note{{Code: codeNotKnown, Text: tuningPath[:len(tuningPath)-1] + " is not checked: " + why}}
	}
	supported, known := d.supported(want, agent.ID, tuning)
	if !known {
		return nil
	}
	var notes []field.Note
	for _, name := range tree.Keys(tuning) {
		if note, _ := d.fits(want, name, tuning[name], supported); note != nil {
			notes = append(notes, *note)
		}
	}
	return notes
}

// speaker returns a live agent that has selected a voice, or nil.
func (d *description) speaker(voice schema.Ref) *schema.Object {
	for _, agent := range d.live.Objects[agentsKind] {
		if r := voiceRef(agent.Fields); voice.ID != "" && r.ID == voice.ID {
			return agent
		}
	}
	return nil
}

func voiceRef(fields map[string]any) schema.Ref {
	profile, _ := voiceOf(fields)["voice_profile"].(map[string]any)
	r, _ := profile["voice"].(schema.Ref)
	return r
}

// supported returns what the selected voice of a live agent supports. It is not known
// before it is looked up, and not if the answer has an unknown form.
func (d *description) supported(want *schema.Object, id string, tuning map[string]any) (rows map[string]any, known bool) {
	if len(tuning) == 0 {
		return nil, false
	}
	rows, read := d.live.Tuning[id]
	if !read {
		d.plan.Needs = append(d.plan.Needs, Need{Tuning: id})
	} else if rows == nil {
		d.notKnown(want.Addr(), tuningPath[:len(tuningPath)-1], "what the voice supports is not checked")
	}
	return rows, rows != nil
}

// fits reports a tuning that the voice does not have. If the service clamps the value,
// the result is a note and the clamped value.
func (d *description) fits(want *schema.Object, name string, v any, supported map[string]any) (*field.Note, float64) {
	row, ok := supported[name].(map[string]any)
	if !ok {
		d.failAt(want, tuningPath+name, fmt.Sprintf("the selected voice has no tuning %q", name),
			"It supports: "+list(tree.Keys(supported))+".", "Remove the field, or choose another voice.")
		return nil, 0
	}
	value, isNumber := asFloat(v)
	clamped := clamp(value, row)
	if !isNumber || clamped == value {
		return nil, 0
	}
	return &field.Note{Code: codeClamped, Text: fmt.Sprintf("%s: the voice takes %v at most here, so %v becomes %v", tuningPath+name, clamped, value, clamped)}, clamped
}

// codeClamped is the code of notes on values that the service clamps.
const codeClamped = "clamped"

// clamps says whether a note tells that the service clamps the field of a path.
func clamps(n field.Note, path string) bool {
	return n.Code == codeClamped && strings.HasPrefix(n.Text, path+": ")
}

const tuningPath = "settings.voice.voice_advanced."

func tuningOf(fields map[string]any) map[string]any {
	advanced, _ := voiceOf(fields)["voice_advanced"].(map[string]any)
	return advanced
}

// changesVoice says whether the plan selects another voice. The bounds of a voice
// are known only after it is selected.
func changesVoice(patch map[string]any) bool {
	settings, _ := patch["settings"].(map[string]any)
	voice, _ := settings["voice"].(map[string]any)
	profile, _ := voice["voice_profile"].(map[string]any)
	_, changes := profile["voice"]
	return changes
}

func asFloat(v any) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

func clamp(v float64, row map[string]any) float64 {
	if least, ok := asFloat(row[schema.TuningMin]); ok && v < least {
		return least
	}
	if most, ok := asFloat(row[schema.TuningMax]); ok && v > most {
		return most
	}
	return v
}

func without(fields []field.Change, path string) []field.Change {
	out := fields[:0]
	for _, f := range fields {
		if f.Path != path {
			out = append(out, f)
		}
	}
	return out
}

// dependents adds the declared fine settings to a patch that selects another voice
// or interruption mode. The service drops the old fine settings with the old choice
// [index]. Some of the declared ones may be equal to them and would be lost.
func dependents(want, patch map[string]any) {
	sent, declared := voiceOf(patch), voiceOf(want)
	if profile, _ := sent["voice_profile"].(map[string]any); profile["voice"] != nil {
		if fine, ok := declared["voice_advanced"].(map[string]any); ok {
			sent["voice_advanced"] = field.Overlay(fine, nil)
		}
	}
	interruption, _ := sent["interruption"].(map[string]any)
	if interruption["mode"] != nil {
		all, _ := declared["interruption"].(map[string]any)
		if fine, ok := all["advanced"].(map[string]any); ok {
			interruption["advanced"] = field.Overlay(fine, nil)
		}
	}
}

// Dropped returns the path of the fine settings of an agent that the service drops with
// another value of the field at a path [index], or "".
func Dropped(path string) string {
	switch path {
	case "settings.voice.voice_profile.voice":
		return tuningPath[:len(tuningPath)-1]
	case "settings.voice.interruption.mode":
		return "settings.voice.interruption.advanced"
	}
	return ""
}

func voiceOf(fields map[string]any) map[string]any {
	settings, _ := fields["settings"].(map[string]any)
	voice, _ := settings["voice"].(map[string]any)
	return voice
}
