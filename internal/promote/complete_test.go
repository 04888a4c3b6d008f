package promote_test

import (
	"strings"
	"testing"

	"github.com/mihusync/mihusync/plan"
)

const full = `agents: desk: {
	name: "Desk", role: "Help", tone: "calm", notes: ["One."]
	settings: voice: interaction: {silence_message: "Hm?", inbound_first_message: "Hello"}
	intents: ask: {
		name: "Ask", description: "Asks.", recommendation_actions: "Say so.", parameters: [{key: "plate", default: "x"}]
		action: {app: "Tables", action: "ai_query", config: max_results: 3}
	}
	training: hours: {content: "When?", response: "At nine."}
	memorize: channels: voice: false
}
flows: lead: {name: "Lead", description: "Greets.", trigger: {id: "t", app: "Contacts", event: "contact_created", config: a: "b"}, steps: []}
`

// bare has the same objects, and less of them.
const bare = `agents: desk: {
	name: "Desk", role: "Help"
	intents: ask: {name: "Ask", action: {app: "Tables", action: "ai_query"}}
}
flows: lead: {name: "Lead", trigger: {id: "t", app: "Contacts", event: "contact_created"}, steps: []}
`

// TestPromoteOfACompleteSourceAgrees clears in the target what a complete source leaves
// out, of files and of a live workspace alike. What is nested in the target's objects
// stays until it is pruned, and is named.
func TestPromoteOfACompleteSourceAgrees(t *testing.T) {
	for name, live := range map[string]bool{"files": false, "live": true} {
		t.Run(name, func(t *testing.T) {
			from, to := seededWorld(t, 1), seededWorld(t, 2)
			from.apply(bare)
			to.apply(full)
			source := from.load("complete: \"v1\"\n" + bare)
			if live {
				source = from.live()
			}
			p, err := to.promote(source, ``, nil, false)
			if err != nil {
				t.Fatal(err)
			}
			var said []string
			for _, n := range p.Warnings {
				said = append(said, n.Text)
			}
			for _, kept := range []string{"agents/desk/training/when", "agents/desk/memorize"} {
				if !strings.Contains(strings.Join(said, "\n"), kept) {
					t.Errorf("the plan does not say that %s stays: %v", kept, said)
				}
			}
			to.carryOut(p)
			d, err := plan.Diff(from.live(), to.live())
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range d.Changed {
				if c.Addr != "agents/desk/memorize" && !(c.Addr == "agents/desk" && len(c.Fields) == 1 && c.Fields[0].Path == "settings.voice.interaction.inbound_first_message") {
					t.Errorf("%s differs: %+v", c.Addr, c.Fields)
				}
			}
			if p, err = to.promote(source, ``, nil, true); err != nil {
				t.Fatal(err)
			}
			to.carryOut(p)
			if d, err = plan.Diff(from.live(), to.live()); err != nil || len(d.OnlyA)+len(d.OnlyB) > 0 {
				t.Errorf("%v: after pruning one side has more: %+v %+v", err, d.OnlyA, d.OnlyB)
			}
		})
	}
}

// TestPromoteOfAnIncompleteSourceLeavesTheRest clears nothing that files leave out which
// do not say to be complete, and nothing that belongs to the target's environment.
func TestPromoteOfAnIncompleteSourceLeavesTheRest(t *testing.T) {
	from, to := seededWorld(t, 1), seededWorld(t, 2)
	from.apply(bare)
	to.apply(full)
	p, err := to.promote(from.load(bare), ``, nil, false)
	if err != nil || len(p.Ops) > 0 {
		t.Errorf("%v: %d writes", err, len(p.Ops))
	}
	own := `agents: desk: {custom_llm_url: "https://llm.example", intents: ask: webhook: {url: "https://hooks.example/x", auth_token: env: "T"}}
`
	to.apply(own)
	if p, err = to.promote(from.load("complete: \"v1\"\n"+bare), ``, nil, false); err != nil {
		t.Fatal(err)
	}
	for _, c := range p.Changes {
		for _, f := range c.Fields {
			if f.Path == "custom_llm_url" || strings.HasPrefix(f.Path, "webhook") {
				t.Errorf("%s: %s is %v, what is the target's own", c.Addr, f.Path, f.After)
			}
		}
	}
}
