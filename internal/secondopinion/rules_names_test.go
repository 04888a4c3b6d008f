package secondopinion

import (
	"fmt"
	"os/exec"
	"regexp"
	"sort"
	"strings"
	"testing"
)

// ---- Names are portable.

func TestVoicesOfOneName(t *testing.T) {
	fewServices(t, func(t *testing.T, n uint64, f Forms) {
		f.Twins = true
		p := start(t, New(f, uint32(n)+1))
		o := owner{t, p.Server}
		var british any
		for _, v := range p.voices {
			if v.(obj)["name"] == "Nova" && v.(obj)["accent"] == "british" {
				british = v.(obj)["uuid"]
			}
		}
		o.agent("Support", obj{"settings": obj{"voice": obj{"voice_profile": obj{"voice_uuid": british}}}})
		p.Forget()
		dir, _ := p.exported(t)
		if text := all(t, dir); strings.Contains(text, str(british)) || !strings.Contains(text, `"Nova (`) {
			t.Errorf("the voice is not named by what a person sees:\n%s", cut(text))
		}
		g := elsewhere(n, f)
		g.Twins = true
		to := start(t, New(g, uint32(n)+5000))
		to.applied(t, dir)
		got := find(to.agents, "name", "Support")["_voice"].(obj)["voice_profile"].(obj)["voice_uuid"]
		if v := find(to.voices, "uuid", str(got)); v == nil || v["accent"] != "british" {
			t.Errorf("the other workspace took %v", v)
		}
		dir = files(t, `workspace: agents: Support: settings: voice: voice_profile: voice: "Nova"`)
		p.refusedInPlan(t, dir, "Nova (", "en", "de")
	})
}

func TestConnectionsOfOneLabel(t *testing.T) {
	fewServices(t, func(t *testing.T, n uint64, f Forms) {
		f.Twins = true
		p := start(t, New(f, uint32(n)+1))
		dir := files(t, `workspace: agents: Support: {status: "ready", intents: Ask: action: {app: "Zoho", action: "create_lead", connection: "Acme Slack"}}
workspace: flows: Lead: {trigger: {id: "t", app: "Contacts", event: "contact_created", sample: a: "b"}, steps: [
	{id: "s", app: "Slack", action: "send_message", connection: "Acme Slack"},
	{id: "z", app: "Zoho", action: "create_lead", connection: "Acme Slack"},
], deployed: true}`)
		p.applied(t, dir)
		out, _ := p.exported(t)
		g := elsewhere(n, f)
		g.Twins = true
		to := start(t, New(g, uint32(n)+5000))
		to.applied(t, out)
	})
}

// template puts a template into the live workspace, with the status that Meta gave it.
func (o owner) template(name, waba, status string) obj {
	tpl := o.post("whatsapp/templates", obj{"name": name, "language": "en_US", "category": "UTILITY", "waba_id": waba, "components": list{obj{"type": "BODY", "text": "Hi " + waba[:3]}}})
	find(o.s.templates, "uuid", str(tpl["uuid"]))["status"] = status
	return tpl
}

func TestTemplatesOfTwoAccounts(t *testing.T) {
	fewServices(t, func(t *testing.T, n uint64, f Forms) {
		p := start(t, New(f, uint32(n)+1))
		o := owner{t, p.Server}
		o.template("hello", "123456789012345", "APPROVED")
		o.template("hello", "987654321098765", "APPROVED")
		p.Forget()
		dir, _ := p.exported(t)
		p.must(t, 0, dir, "drift", dir)
		says(t, "the export", all(t, dir), "123456789012345", "987654321098765")
		to := start(t, New(elsewhere(n, f), uint32(n)+5000))
		to.applied(t, dir)
		if len(to.templates) != 2 {
			t.Errorf("%d templates", len(to.templates))
		}
	})
}

func TestNamesInJapanese(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Fatal(err)
	}
	p := start(t, New(Plain(), 1))
	o := owner{t, p.Server}
	for _, name := range []string{"受付", "請求", "サポート"} {
		o.agent(name, obj{"objective": strings.Repeat("助ける。\n", 20)})
		o.post("contacts/tags", obj{"name": name})
	}
	p.Forget()
	p.env = append(p.env, "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@b.example", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@b.example")
	dir := t.TempDir()
	if out, err := exec.Command("git", "init", "-q", dir).CombinedOutput(); err != nil {
		t.Fatalf("git init: %v\n%s", err, out)
	}
	names := func() []string {
		var out []string
		for n := range tree(t, dir) {
			out = append(out, n)
		}
		sort.Strings(out)
		return out
	}
	p.must(t, 0, dir, "export", "--git", "--to", dir)
	before, texts := names(), tree(t, dir)
	o.agent("電話", obj{"objective": strings.Repeat("助ける。\n", 20)})
	o.agent("an earlier name")
	p.must(t, 0, dir, "export", "--git", "--to", dir)
	after := tree(t, dir)
	for _, n := range before {
		if text, has := after[n]; !has {
			t.Errorf("%s is gone: %v", n, names())
		} else if text != texts[n] && strings.Contains(n, "agent") {
			t.Errorf("%s changed", n)
		}
	}
	p.must(t, 0, dir, "plan", "--detailed-exitcode", dir)
}

// ---- Ties are broken.

func TestTiesAreBroken(t *testing.T) {
	f := Plain()
	f.ShuffleTies = true
	for seed := range uint32(4) {
		p := start(t, New(f, seed+1))
		o := owner{t, p.Server}
		_, at := o.agent("Support")
		var items, rules list
		for i := range 6 {
			items = append(items, obj{"content": fmt.Sprintf("Rule %d.", (i*5)%6), "order": 0})
			rules = append(rules, obj{"detection_mode": "exact", "trigger_keyword": fmt.Sprintf("k%d", i), "department_name": fmt.Sprintf("D%d", (i*5)%6), "priority": 1})
			o.post("contacts/pipeline", obj{"name": fmt.Sprintf("S%d", i), "order": 1})
		}
		o.put(at+"/guidelines", obj{"guidelines": items})
		o.put(at+"/notes", obj{"notes": items})
		o.put(at+"/routing-rules", obj{"routing_rules": rules})
		p.Forget()
		dir, _ := p.exported(t)
		for range 3 {
			again, _ := p.exported(t)
			sameTree(t, "exported again", tree(t, dir), tree(t, again))
			p.must(t, 0, dir, "drift", dir)
		}
		p.noWrites(t)
	}
}

var secretRef = regexp.MustCompile(`(auth_token|secret_key):\s`)

// ---- Restores and moves between services of other forms, complete.

func TestBackupRestoresExactly(t *testing.T) {
	fewServices(t, func(t *testing.T, n uint64, f Forms) {
		p := start(t, New(f, uint32(n)+1))
		live(t, p.Server)
		dir, _ := p.exported(t)
		if !secretRef.MatchString(all(t, dir)) {
			t.Error("no secret is referred to")
		}
		muts := mutations()
		for i := range 6 {
			muts[(int(n)*6+i)%len(muts)].do(owner{t, p.Server})
		}
		p.Forget()
		p.must(t, 0, dir, "apply", "--yes", dir)
		if len(p.Unknown()) > 0 || len(p.Refused()) > 0 {
			t.Error(p.trouble())
		}
		p.must(t, 0, dir, "plan", "--detailed-exitcode", dir)
	})
}
