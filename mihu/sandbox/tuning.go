package sandbox

import (
	"cmp"
	"sort"
	"strings"
)

// tuning is one field that tunes a voice.
type tuning struct {
	field    string
	typ      string // "number" or "boolean"
	min, max float64
	value    any // shown while nothing is stored
}

// voiceModel says what a model's voices can do.
type voiceModel struct {
	fast   bool // the speed "fast" is supported [index]
	fields []tuning
}

func (m *voiceModel) find(field string) *tuning {
	if m == nil {
		return nil
	}
	for i := range m.fields {
		if m.fields[i].field == field {
			return &m.fields[i]
		}
	}
	return nil
}

func (m *voiceModel) names() []any {
	out := []any{}
	if m != nil {
		for _, t := range m.fields {
			out = append(out, t.field)
		}
	}
	return out
}

// clamp brings a value into the field's bounds. The service does not refuse it
// [index].
func (t *tuning) clamp(v any) any {
	n, ok := number(v)
	if !ok {
		return v
	}
	return integral(min(max(n, t.min), t.max))
}

func (t *tuning) fits(v any) bool {
	if t.typ == "boolean" {
		_, ok := v.(bool)
		return ok
	}
	_, ok := number(v)
	return ok
}

func (s *Sandbox) model(agent map[string]any) *voiceModel {
	return s.catalog.models[text(sub(sub(sub(agent, "settings"), "voice"), "voice_profile"), "voice_uuid")]
}

// settleVoice makes the tuning and the speed fit the selected voice. A sent
// field that the voice lacks is a 422 that lists the supported ones (O3). A
// stored field that it lacks is removed. The other values are clamped.
func settleVoice(c *call, agent map[string]any, sent map[string]any) error {
	if c.s.opts.Variants.RefillNull {
		if hello := sub(sub(sub(agent, "settings"), "voice"), "interaction"); hello != nil && hello["inbound_first_message"] == nil {
			hello["inbound_first_message"] = greeting(agent)
		}
	}
	model := c.s.model(agent)
	names := make([]string, 0, len(sent))
	for k := range sent {
		names = append(names, k)
	}
	sort.Strings(names)
	for _, k := range names {
		t := model.find(k)
		if t == nil {
			return unsupported(k, model)
		}
		if sent[k] != nil && !t.fits(sent[k]) {
			return invalid("voice_advanced."+k, "The field "+k+" must be of type "+t.typ)
		}
	}
	stored := sub(sub(sub(agent, "settings"), "voice"), "voice_advanced")
	for k, v := range stored {
		if t := model.find(k); t == nil {
			delete(stored, k)
		} else {
			stored[k] = t.clamp(v)
		}
	}
	if text(agent, "speed") == "fast" && (model == nil || !model.fast) {
		return invalid("speed", "The selected voice does not support the speed fast")
	}
	return nil
}

func unsupported(field string, m *voiceModel) *fault {
	names := m.names()
	words := make([]string, len(names))
	for i, n := range names {
		words[i] = n.(string)
	}
	details := "The selected voice does not support " + field + "; supported: " + strings.Join(words, ", ")
	if len(words) == 0 {
		details = "No voice is selected, so that " + field + " cannot be tuned"
	}
	f := invalid(field, details)
	f.code = "unsupported_field"
	f.more = map[string]any{"supported": names}
	return f
}

// tuned returns the values as a read answers them: the stored ones over the
// voice's own.
func tuned(m *voiceModel, stored map[string]any) map[string]any {
	out := map[string]any{}
	if m != nil {
		for _, t := range m.fields {
			out[t.field] = t.value
			if v := stored[t.field]; v != nil {
				out[t.field] = v
			}
		}
	}
	return out
}

// getVoiceAdvanced answers the fields of the selected voice, or none without a
// voice [index]. The keys of a row are assumed (O3).
func getVoiceAdvanced(c *call) (*reply, error) {
	agent, err := c.agent()
	if err != nil {
		return nil, err
	}
	m := c.s.model(agent)
	out := []any{}
	if m != nil {
		values := tuned(m, sub(sub(sub(agent, "settings"), "voice"), "voice_advanced"))
		for _, t := range m.fields {
			row := map[string]any{cmp.Or(c.s.opts.Variants.TuningKey, "field"): t.field, "type": t.typ, "min": nil, "max": nil, "options": nil, "value": values[t.field]}
			if t.typ == "number" {
				row["min"], row["max"] = integral(t.min), integral(t.max)
			} else {
				row["options"] = []any{true, false}
			}
			out = append(out, row)
		}
	}
	return &reply{message: "Voice tuning fields retrieved successfully", data: c.tuningForm(m.names(), out)}, nil
}

// tuningForm brings the rows into the form that Variants.TuningForm says. names are
// the fields in the order of the rows.
func (c *call) tuningForm(names, rows []any) any {
	byName := map[string]any{}
	for i, row := range rows {
		byName[names[i].(string)] = row
	}
	switch c.s.opts.Variants.TuningForm {
	case "map":
		return byName
	case "fields map":
		return map[string]any{"fields": byName}
	case "fields":
		return map[string]any{"fields": rows}
	case "odd":
		return map[string]any{"tunable": names}
	}
	return rows
}

// listVoiceSpeeds answers normal for every model, and fast where the model has
// it [index].
func listVoiceSpeeds(c *call) (*reply, error) {
	if !c.s.catalog.has("voices", c.params[0]) {
		return nil, missing("Voice")
	}
	speeds := []any{map[string]any{"value": "normal", "label": "Normal"}}
	if c.s.catalog.models[c.params[0]].fast {
		speeds = append(speeds, map[string]any{"value": "fast", "label": "Fast"})
	}
	return c.catalogList(speeds)
}
