package sandbox

import "maps"

// voiceBlocks are the parts of settings.voice that have endpoints of their own
// (A7).
var voiceBlocks = []struct{ op, key, title string }{
	{"Interaction", "interaction", "Interaction settings"},
	{"CallBehavior", "call_behavior", "Call behavior"},
	{"VoiceAdvanced", "voice_advanced", "Voice tuning"},
	{"VoiceProfile", "voice_profile", "Voice profile"},
	{"Interruption", "interruption", "Interruption settings"},
	{"Compliance", "compliance", "Compliance settings"},
	{"Normalizers", "normalizers", "Phone normalizers"},
}

func voiceHandlers() handlers {
	h := handlers{"getVoice": getVoice}
	for _, b := range voiceBlocks {
		h["get"+b.op], h["update"+b.op] = getBlock(b.key, b.title), updateBlock(b.key, b.title)
	}
	h["getVoiceAdvanced"] = getVoiceAdvanced
	return h
}

// showVoice returns settings.voice as a read answers it.
func (s *Sandbox) showVoice(agent map[string]any) map[string]any {
	stored := sub(sub(agent, "settings"), "voice")
	out := maps.Clone(stored)
	out["interruption"] = layeredInterruption(sub(stored, "interruption"))
	profile := maps.Clone(sub(stored, "voice_profile"))
	profile["voice_name"] = nil
	if v := s.catalog.voice(text(profile, "voice_uuid")); v != nil {
		profile["voice_name"] = v["name"]
	}
	out["voice_profile"] = profile
	out["voice_advanced"] = tuned(s.model(agent), sub(stored, "voice_advanced"))
	return out
}

func getVoice(c *call) (*reply, error) {
	agent, err := c.agent()
	if err != nil {
		return nil, err
	}
	return &reply{message: "Voice settings retrieved successfully", data: c.view(c.s.showVoice(agent))}, nil
}

func (c *call) showBlock(agent map[string]any, key string) view {
	return c.view(sub(c.s.showVoice(agent), key))
}

func getBlock(key, title string) func(*call) (*reply, error) {
	return func(c *call) (*reply, error) {
		agent, err := c.agent()
		if err != nil {
			return nil, err
		}
		return &reply{message: title + " retrieved successfully", data: c.showBlock(agent, key)}, nil
	}
}

// updateBlock merges what was sent, like all updates of voice settings [index].
func updateBlock(key, title string) func(*call) (*reply, error) {
	return func(c *call) (*reply, error) {
		return c.editAgent(func(agent map[string]any) (*reply, error) {
			voice := made(made(agent, "settings"), "voice")
			if err := c.fill(c.op.in, made(voice, key), c.body, "", false); err != nil {
				return nil, err
			}
			var tuning map[string]any
			if key == "voice_advanced" {
				tuning = c.body
			}
			if err := settleVoice(c, agent, tuning); err != nil {
				return nil, err
			}
			return &reply{message: title + " updated successfully", data: c.showBlock(agent, key)}, nil
		})
	}
}
