package laws

// settle draws what depends on several fields of a struct in ways that no
// definition tells. before is the declaration that there was, nil for a new one.
func (d *drawer) settle(at site, o, before object) bool {
	switch at.path {
	case "agents":
		d.tune(o, before)
	case "templates":
		if before != nil {
			delete(o, "protect") // a change is a replacement, which protection refuses
		}
	case "intents":
		if before != nil && o["protect"] == true {
			keep(o, before, "key") // another key is a replacement, which protection refuses
		}
	case "flows":
		if before == nil {
			d.flowBody(o)
		} else if o["strategy"] == "replace" {
			delete(o, "protect") // a change may be a replacement, which protection refuses
		}
		draftOnly(o)
	case "action":
		d.appCall(o, before)
	case "agents.settings.voice":
		if _, there := o["voice_profile"].(object); !there {
			delete(o, "voice_advanced")
		}
	case "evaluate", "memorize":
		if _, copied := o["from"]; copied && d.chance(20) { // a copy and nothing else
			for k := range o {
				if k != "from" {
					delete(o, k)
				}
			}
		}
	}
	return true
}

// tune gives an agent that declares its voice a speed and fine settings which this
// voice supports, because the service refuses others. A fine setting lies inside its
// bounds or a little beyond, which the service moves to the bound. An agent that does
// not declare its voice declares no fine settings, and no speed but the normal one.
func (d *drawer) tune(agent, before object) {
	settings, _ := agent["settings"].(object)
	spoken, _ := settings["voice"].(object)
	declared, there := voiceOf(agent)
	if !there {
		delete(spoken, "voice_advanced")
		if before != nil {
			// The voice is as it was, or a complete declaration clears it. Then it cannot
			// have the speed "fast", and may say nothing of its speed.
			if before["speed"] == "fast" {
				delete(agent, "speed")
			}
			return
		}
		delete(agent, "speed")
		if d.chance(30) {
			agent["speed"] = "normal"
		}
		return
	}
	if was, had := voiceOf(before); had && was == declared && d.chance(70) {
		return
	}
	agent["speed"] = "normal"
	for _, v := range d.catalog.voices {
		if v.name != declared {
			continue
		}
		if v.fast && d.chance(50) {
			agent["speed"] = "fast"
		}
		delete(spoken, "voice_advanced")
		if len(v.tuning) > 0 {
			d.maybe(spoken, "voice_advanced", func() any {
				a := object{}
				for _, t := range v.tuning {
					d.maybe(a, t.field, func() any { return t.draw(d) })
				}
				return a
			})
		}
	}
	if declared == nil {
		delete(spoken, "voice_advanced")
	}
}

// voiceOf is the voice that an agent declares.
func voiceOf(agent object) (any, bool) {
	settings, _ := agent["settings"].(object)
	spoken, _ := settings["voice"].(object)
	profile, _ := spoken["voice_profile"].(object)
	name, there := profile["voice"]
	return name, there
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

// appCall fills in the action of an app that an intent runs: no other alternative
// has a config, and none of them lacks what names it.
func (d *drawer) appCall(o, before object) {
	for _, other := range []string{"webhook", "flow", "agent"} {
		if _, is := o[other]; is {
			return
		}
	}
	if _, named := o["app"]; named && before != nil && d.chance(80) {
		return
	}
	a := pick(d, d.catalog.actions)
	o["app"], o["action"] = a.app, a.key
	delete(o, "connection")
	if a.connection != "" {
		o["connection"] = a.connection
	} else if d.chance(12) {
		o["connection"] = nil
	}
}
