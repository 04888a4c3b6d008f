package laws

// features are the analyzers besides the one with a prompt [doc].
var features = []string{
	"sentiment_analyzer", "emotion_detection", "intensity_strength_levels", "intent_action_sentiment", "intent_labels",
	"knowledge_gap", "human_escalation_detection", "contextual_sentiment", "customer_satisfaction_score",
}

// evaluate draws settings with a few analyzers in each mode.
func (d *drawer) evaluate(analyzers int) object {
	o := object{}
	d.maybe(o, "is_active", d.bool)
	d.maybe(o, "sessionization", func() any {
		s := object{}
		d.maybe(s, "session_mode", func() any { return "sliding_timeout" })
		d.maybe(s, "timeout_minutes", d.whole)
		d.maybe(s, "report_language", func() any { return pick(d, []any{"English", "German"}) })
		d.cleared(s, "summary_prompt", d.text)
		return s
	})
	for _, mode := range []string{"text", "voice"} {
		d.maybe(o, mode, func() any {
			m := object{}
			for range d.count(analyzers) {
				f := object{}
				d.maybe(f, "enabled", d.bool)
				d.cleared(f, "description", d.text)
				m[pick(d, features)] = f
			}
			d.maybe(m, "success_evaluation_prompt", func() any {
				f := object{}
				d.maybe(f, "enabled", d.bool)
				d.cleared(f, "prompt", d.text)
				return f
			})
			return m
		})
	}
	return o
}

func (d *drawer) memorize() object {
	o := object{}
	d.maybe(o, "is_active", d.bool)
	d.maybe(o, "contact_memory", func() any { return object{"enabled": d.bool()} })
	d.maybe(o, "conversation_memory", func() any { return object{"enabled": d.bool()} })
	d.maybe(o, "channels", func() any {
		c := object{}
		d.maybe(c, "voice", d.bool)
		d.maybe(c, "text", d.bool)
		return c
	})
	d.maybe(o, "summary", func() any { return object{"cadence": pick(d, d.catalog.cadences)} })
	d.maybe(o, "contact_fields", func() any {
		flags := object{}
		for range d.count(3) {
			f := object{}
			for _, name := range []string{"enabled", "extract", "overwrite", "inject", "required"} {
				d.maybe(f, name, d.bool)
			}
			flags[pick(d, d.memoryFields)] = f
		}
		return flags
	})
	return o
}

// override draws an agent's declaration of settings: "inherit", an override, a
// copy of the default or of the factory's values.
func (d *drawer) override(draw func() object) any {
	switch d.between(0, 5) {
	case 0:
		return "inherit"
	case 1:
		return object{}
	case 2:
		o := draw()
		o["from"] = "default"
		return o
	case 3:
		o := draw()
		o["from"] = "factory"
		return o
	case 4:
		return object{"from": pick(d, []any{"default", "factory"})}
	default:
		return draw()
	}
}
