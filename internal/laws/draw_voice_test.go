package laws

// settings draws how an agent sounds and writes.
func (d *drawer) settings(agent object) object {
	o := object{}
	d.maybe(o, "voice", func() any { return d.voice(agent) })
	d.maybe(o, "text", func() any {
		t := object{}
		for range d.count(3) {
			t[d.word()] = d.json(2, d.text)
		}
		return t
	})
	return o
}

func (d *drawer) voice(agent object) object {
	o := object{}
	d.maybe(o, "interaction", func() any {
		b := object{}
		d.maybe(b, "customer_speak_first", d.bool)
		for _, f := range []string{"inbound_first_message", "outbound_first_message", "voice_mail_message", "end_call_message", "silence_message"} {
			d.cleared(b, f, d.text)
		}
		d.maybe(b, "max_silence_prompts", d.whole)
		return b
	})
	d.maybe(o, "interruption", func() any { return d.interruption() })
	if len(d.catalog.voices) > 0 {
		d.maybe(o, "voice_profile", func() any { return d.voiceProfile(agent, o) })
	}
	d.maybe(o, "call_behavior", func() any {
		b := object{}
		for _, f := range []string{"audio_recording", "background_sound", "noise_cancellation"} {
			d.maybe(b, f, d.bool)
		}
		d.maybe(b, "background_sound_ambience", func() any { return pick(d, []any{"office", "lobby_ambiance", "bank_lobby_ambience"}) })
		d.maybe(b, "background_sound_volume", func() any { return pick(d, []any{0, 0.3, 1}) })
		d.maybe(b, "silence_timeout_seconds", d.whole)
		d.maybe(b, "max_call_duration_seconds", d.whole)
		d.cleared(b, "max_call_duration_message", d.text)
		return b
	})
	d.maybe(o, "compliance", func() any {
		b := object{}
		d.maybe(b, "eu_gdpr_compliance", d.bool)
		d.maybe(b, "hipaa_compliance", d.bool)
		return b
	})
	d.maybe(o, "normalizers", func() any {
		b := object{}
		for _, side := range []string{"outbound", "inbound"} {
			d.maybe(b, side, func() any {
				n := object{}
				d.cleared(n, "default_prefix", func() any { return "+49" })
				d.cleared(n, "condition_length", func() any { return "11" })
				d.cleared(n, "condition_prefix", func() any { return "0" })
				return n
			})
		}
		return b
	})
	return o
}

func (d *drawer) interruption() object {
	o := object{}
	d.maybe(o, "mode", func() any { return pick(d, []any{"sensitive", "balanced", "never_stop", "advance"}) })
	d.maybe(o, "advanced", func() any {
		a := object{}
		for _, f := range []string{"allow_interruptions", "preemptive_generation", "manual_word_count_interrupt", "resume_after_false_interruption"} {
			d.maybe(a, f, d.bool)
		}
		for _, f := range []string{"min_endpointing_delay", "max_endpointing_delay", "min_interruption_duration", "false_interruption_timeout"} {
			d.maybe(a, f, func() any { return pick(d, []any{0, 0.3, 1, 2.5}) })
		}
		for _, f := range []string{"min_interruption_words", "balanced_interrupt_word_count"} {
			d.maybe(a, f, d.whole)
		}
		return a
	})
	return o
}

// voiceProfile draws a voice, and fine tuning that this voice supports: inside its
// bounds or a little beyond, which the service moves to the bound.
func (d *drawer) voiceProfile(agent, voice object) object {
	o := object{}
	d.cleared(o, "language", func() any { return pick(d, d.catalog.languages) })
	v := pick(d, d.catalog.voices)
	o["voice"] = v.name
	agent["speed"] = "normal" // the service refuses a voice that does not support "fast"
	if v.fast {
		agent["speed"] = pick(d, []any{"normal", "fast"})
	}
	if len(v.tuning) > 0 {
		d.maybe(voice, "voice_advanced", func() any {
			a := object{}
			for _, t := range v.tuning {
				d.maybe(a, t.field, func() any { return t.draw(d) })
			}
			return a
		})
	}
	return o
}

// tuning is one fine setting that a voice supports.
type tuning struct {
	field   string
	kind    string
	low     float64
	high    float64
	options []any
}

func (t tuning) draw(d *drawer) any {
	switch {
	case len(t.options) > 0:
		return pick(d, t.options)
	case t.kind == "boolean" || t.kind == "bool":
		return d.bool()
	case d.chance(15):
		return t.high + 0.5
	case d.chance(15):
		return t.low - 0.25
	default:
		return pick(d, []any{t.low, t.high, (t.low + t.high) / 2})
	}
}
