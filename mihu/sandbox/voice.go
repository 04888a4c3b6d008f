package sandbox

import (
	"maps"
	"net/http"
)

// voiceBlocks are the parts of settings.voice with endpoints of their own (A7).
var voiceBlocks = []struct{ op, path, key, title string }{
	{"Interaction", "interaction", "interaction", "Interaction settings"},
	{"CallBehavior", "call-behavior", "call_behavior", "Call behavior"},
	{"VoiceAdvanced", "voice-advanced", "voice_advanced", "Voice tuning"},
	{"VoiceProfile", "voice-profile", "voice_profile", "Voice profile"},
	{"Interruption", "interruption", "interruption", "Interruption settings"},
	{"Compliance", "compliance", "compliance", "Compliance settings"},
	{"Normalizers", "normalizers", "normalizers", "Phone normalizers"},
}

func voiceOperations() []*operation {
	ops := []*operation{{id: "getVoice", method: http.MethodGet, path: "/agents/{uuid}/voice", handle: getVoice}}
	for _, b := range voiceBlocks {
		get := getBlock(b.key, b.title)
		if b.key == "voice_advanced" {
			get = getVoiceAdvanced
		}
		path := "/agents/{uuid}/" + b.path
		ops = append(ops,
			&operation{id: "get" + b.op, method: http.MethodGet, path: path, handle: get},
			&operation{id: "update" + b.op, method: http.MethodPatch, path: path, writes: true, handle: updateBlock(b.key, b.title)})
	}
	return ops
}

// showVoice is settings.voice as it is read.
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
	return &reply{message: "Voice settings retrieved successfully", data: view{c.s.defs.voice, c.s.showVoice(agent)}}, nil
}

func (s *Sandbox) showBlock(agent map[string]any, key string) any {
	block := sub(s.showVoice(agent), key)
	if d := s.defs.voice.field(key).sub; d != nil {
		return view{d, block}
	}
	return block
}

func getBlock(key, title string) func(*call) (*reply, error) {
	return func(c *call) (*reply, error) {
		agent, err := c.agent()
		if err != nil {
			return nil, err
		}
		return &reply{message: title + " retrieved successfully", data: c.s.showBlock(agent, key)}, nil
	}
}

// updateBlock is partial like all updates of voice settings [index].
func updateBlock(key, title string) func(*call) (*reply, error) {
	return func(c *call) (*reply, error) {
		return c.editAgent(func(agent map[string]any) (*reply, error) {
			sent := c.body
			if sent == nil {
				sent = map[string]any{}
			}
			f := c.s.defs.voice.field(key)
			voice := made(made(agent, "settings"), "voice")
			if err := c.fillNested(f, voice, sent, "", false); err != nil {
				return nil, err
			}
			var tuning map[string]any
			if key == "voice_advanced" {
				tuning = sent
			}
			if err := settleVoice(c, agent, tuning); err != nil {
				return nil, err
			}
			return &reply{message: title + " updated successfully", data: c.s.showBlock(agent, key)}, nil
		})
	}
}
