package secondopinion

import (
	"fmt"
	"strings"
	"testing"
)

func TestEmptySecretStopsBeforeTheFirstWrite(t *testing.T) {
	for name, secret := range map[string][3]string{
		"empty variable": {`env: "S"`, "S=", ""}, "blank variable": {`env: "S"`, "S= \n", ""}, "no variable": {`env: "S"`, "T=x", ""},
		"empty file": {`file: "s"`, "T=x", ""}, "blank file": {`file: "s"`, "T=x", " \n\t\n"}, "line end": {`file: "s"`, "T=x", "\r\n"},
	} {
		for _, saved := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s saved %v", name, saved), func(t *testing.T) {
				p := start(t, New(Plain(), 1))
				o := owner{t, p.Server}
				a := o.post("agents", obj{"name": "support"})
				o.post("agents/"+str(a["agent_uuid"])+"/webhooks", obj{"url": "https://a.example/x", "events": list{"intent_call"}, "secret_key": "live"})
				p.Forget()
				p.env = append(p.env, secret[1])
				dir := write(t, "a.cue", head+`workspace: availability_types: visit: {}
workspace: agents: support: {role: "New", webhooks: {
	crm: {url: "https://a.example/x", events: ["intent_call", "conversation_update"], secret_key: `+secret[0]+`}
	two: {url: "https://a.example/y", events: ["intent_call"], secret_key: `+secret[0]+`}
}}
`, "s", secret[2])
				r := p.run(t, dir, "apply", "--yes", dir)
				if saved {
					if r = p.run(t, dir, "plan", "--out", "x.plan", dir); r.code == 0 {
						r = p.run(t, dir, "apply", "--yes", "x.plan")
					}
				}
				if r.code == 0 {
					t.Errorf("it ends with 0: %v", r)
				}
				p.noWrites(t)
			})
		}
	}
}

func TestLineEndOfASecretIsTrimmedAlike(t *testing.T) {
	for _, end := range []string{"", "\n", "\r\n"} {
		p := start(t, New(Plain(), 1))
		p.env = append(p.env, "S=abc"+end)
		dir := write(t, "a.cue", head+`workspace: agents: support: webhooks: {
	one: {url: "https://a.example/x", events: ["intent_call"], secret_key: env: "S"}
	two: {url: "https://a.example/y", events: ["intent_call"], secret_key: file: "s"}
}
`, "s", "abc"+end)
		p.must(t, 0, dir, "apply", "--yes", dir)
		n := 0
		for _, w := range p.Writes() {
			if strings.HasSuffix(w.Path, "/webhooks") {
				n++
				if !strings.Contains(w.Body, `"secret_key":"abc"`) {
					t.Errorf("end %q: sent %s", end, w.Body)
				}
			}
		}
		if n != 2 {
			t.Errorf("%d webhooks, want 2", n)
		}
	}
}
