package secondopinion

var voiceShape = shape{
	"interaction": shape{"customer_speak_first": "b", "inbound_first_message": "s", "outbound_first_message": "s",
		"voice_mail_message": "s", "end_call_message": "s", "silence_message": "s", "max_silence_prompts": "i"},
	"interruption": shape{"mode": "s", "advanced": shape{"allow_interruptions": "b", "preemptive_generation": "b",
		"manual_word_count_interrupt": "b", "resume_after_false_interruption": "b", "min_endpointing_delay": "n",
		"max_endpointing_delay": "n", "min_interruption_duration": "n", "min_interruption_words": "i",
		"balanced_interrupt_word_count": "i", "false_interruption_timeout": "n"}},
	"voice_profile":  shape{"language": "s", "voice_uuid": "s"}, // voice_name is read-only
	"voice_advanced": "o",
	"call_behavior": shape{"audio_recording": "b", "background_sound": "b", "background_sound_ambience": "s",
		"background_sound_volume": "n", "noise_cancellation": "b", "silence_timeout_seconds": "i",
		"max_call_duration_seconds": "i", "max_call_duration_message": "s"},
	"compliance":  shape{"eu_gdpr_compliance": "b", "hipaa_compliance": "b"},
	"normalizers": shape{"outbound": normalizer, "inbound": normalizer},
}

// Working assumption A10: texts, on request.
var normalizer = shape{"default_prefix": "s", "condition_length": "s", "condition_prefix": "s"}

var blockPaths = map[string]string{"interaction": "interaction", "call-behavior": "call_behavior",
	"voice-advanced": "voice_advanced", "voice-profile": "voice_profile", "interruption": "interruption",
	"compliance": "compliance", "normalizers": "normalizers"}

var tuningDefaults = obj{"stability": 0.5, "similarity": 0.75, "style": 0.0, "speed": 1.0, "speaker_boost": true}

// voiceDefaults fills a new agent. Only the keys are facts; the values are chosen.
func voiceDefaults(name string) obj {
	return obj{
		"interaction": obj{"customer_speak_first": false, "inbound_first_message": "Hello, this is " + name + ".",
			"max_silence_prompts": 3.0},
		"interruption":   obj{"mode": "balanced", "advanced": obj{}},
		"voice_profile":  obj{"language": "en"},
		"voice_advanced": obj{},
		"call_behavior": obj{"audio_recording": true, "background_sound": false, "background_sound_ambience": "office",
			"background_sound_volume": 0.3, "noise_cancellation": true, "silence_timeout_seconds": 60.0, "max_call_duration_seconds": 1800.0},
		"compliance":  obj{"eu_gdpr_compliance": false, "hipaa_compliance": false},
		"normalizers": obj{"outbound": obj{}, "inbound": obj{}},
	}
}

// The defaults of each mode are unknown; these are chosen.
func modeDefaults(mode string) obj {
	d := obj{"allow_interruptions": true, "preemptive_generation": false, "manual_word_count_interrupt": false,
		"resume_after_false_interruption": false, "min_endpointing_delay": 0.3, "max_endpointing_delay": 1.0,
		"min_interruption_duration": 0.5, "min_interruption_words": 1.0, "balanced_interrupt_word_count": 2.0, "false_interruption_timeout": 2.0}
	switch mode {
	case "sensitive":
		d["min_interruption_duration"] = 0.2
	case "balanced":
		d["min_interruption_words"] = 2.0
	case "never_stop":
		d["allow_interruptions"] = false
	}
	return d
}

// setVoice changes one block of a voice; the facts are the same for its own
// endpoint and for settings.voice of the agent.
func (s *Server) setVoice(agent obj, block string, body obj) *fault {
	voice := agent["_voice"].(obj)
	if f := s.check(block, body, voiceShape[block]); f != nil {
		return f
	}
	switch block {
	case "voice_profile":
		if id := body["voice_uuid"]; !empty(id) && find(s.voices, "uuid", str(id)) == nil {
			return invalid("voice_uuid names no voice of the library")
		}
		if l := body["language"]; !empty(l) && find(languages, "code", str(l)) == nil {
			return invalid("language %v is not in the catalog", l)
		}
	case "voice_advanced":
		supported := s.tuning(voice)
		for k, v := range body {
			if _, has := supported[k]; !has {
				return invalid("%s is not supported by the voice; supported: %v", k, supported)
			}
			if n, is := v.(float64); is { // out of range is clamped, not refused
				body[k] = min(max(n, 0), 2)
			}
		}
	case "call_behavior":
		if f := s.among("background_sound_ambience", body["background_sound_ambience"], "office", "call_center", "lobby_ambiance",
			"calm_office", "street", "restaurant", "restaurant_ambience", "building_lobby_ambience", "bank_lobby_ambience"); f != nil {
			return f
		}
	case "interruption":
		if f := s.among("mode", body["mode"], "sensitive", "balanced", "never_stop", "advance"); f != nil {
			return f
		}
	}
	known, isShape := voiceShape[block].(shape)
	if isShape {
		body = pick(body, sorted(known)...)
	}
	s.merge(voice[block].(obj), body, voiceDefaults(str(agent["name"]))[block].(obj))
	if block == "interruption" { // null takes an override away
		adv, _ := voice["interruption"].(obj)["advanced"].(obj)
		for k, v := range adv {
			if v == nil {
				delete(adv, k)
			}
		}
		if adv == nil {
			voice["interruption"].(obj)["advanced"] = obj{}
		}
	}
	return nil
}

// tuning returns the fields that the selected voice supports, with their values.
func (s *Server) tuning(voice obj) obj {
	v := find(s.voices, "uuid", str(voice["voice_profile"].(obj)["voice_uuid"]))
	out := obj{}
	if v == nil {
		return out
	}
	for _, k := range v["_tuning"].([]string) {
		out[k] = tuningDefaults[k]
		if set := voice["voice_advanced"].(obj)[k]; set != nil {
			out[k] = set
		}
	}
	return out
}

func (s *Server) blockView(agent obj, block string) any {
	voice := agent["_voice"].(obj)
	b := voice[block].(obj)
	out := obj{}
	switch block {
	case "voice_profile":
		s.show(out, "language", b["language"], "")
		s.show(out, "voice_uuid", b["voice_uuid"], "")
		name := any(nil)
		if v := find(s.voices, "uuid", str(b["voice_uuid"])); v != nil {
			name = v["name"]
		}
		s.show(out, "voice_name", name, "")
	case "voice_advanced":
		out = s.tuning(voice)
	case "interruption":
		adv := modeDefaults(str(b["mode"]))
		if over, is := b["advanced"].(obj); is && (b["mode"] == "advance" || !s.Forms.OverridesHidden) {
			for k, v := range over {
				adv[k] = v
			}
		}
		out["mode"], out["advanced"] = b["mode"], adv
	case "normalizers":
		for _, side := range []string{"outbound", "inbound"} {
			in, _ := b[side].(obj)
			o := obj{}
			for _, k := range sorted(normalizer) {
				s.show(o, k, in[k], "")
			}
			out[side] = o
		}
	default:
		known := voiceShape[block].(shape)
		for _, k := range sorted(known) {
			if known[k] == "s" {
				s.show(out, k, b[k], "")
			} else {
				out[k] = b[k]
			}
		}
	}
	return out
}

func (s *Server) voiceView(agent obj) obj {
	out := obj{"uuid": agent["_voiceuuid"]}
	for _, b := range sorted(voiceShape) {
		v := s.blockView(agent, b)
		if b == "voice_advanced" {
			s.show(out, b, v, obj{})
			continue
		}
		out[b] = v
	}
	return out
}

// tuningView is the list of supported fields, whose form is open.
func (s *Server) tuningView(agent obj) any {
	fields := s.tuning(agent["_voice"].(obj))
	byName, rows := obj{}, list{}
	for _, k := range []string{"stability", "similarity", "style", "speed", "speaker_boost"} {
		v, has := fields[k]
		if !has {
			continue
		}
		row := obj{s.Forms.TuningValue: v, "type": "number", "min": 0, "max": 2}
		if _, is := v.(bool); is {
			row = obj{s.Forms.TuningValue: v, "type": "boolean", "options": list{true, false}}
		}
		byName[k] = clone(row)
		row[s.Forms.TuningKey] = k
		rows = append(rows, row)
	}
	var out any = rows
	if s.Forms.TuningMap {
		out = byName
	}
	if s.Forms.TuningDeep {
		return obj{"voice_uuid": agent["_voice"].(obj)["voice_profile"].(obj)["voice_uuid"], "fields": out}
	}
	return out
}
