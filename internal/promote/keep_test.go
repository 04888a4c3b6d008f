package promote

import (
	"testing"

	"github.com/mihusync/mihusync/schema"
)

func TestKeep(t *testing.T) {
	k, err := newKeeper([]string{"agents/*#tone", "agents/bot", "agents/**#extra.flag"})
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		addr, path  string
		kept, bound bool
	}{
		{"agents/a/webhooks/w", "url", true, true},
		{"agents/a/webhooks/w", "events", false, false},
		{"agents/a/intents/i", "webhook.url", true, true},
		{"agents/a/intents/i", "webhook.url_of_another_kind", false, false},
		{"agents/a/intents/i/action", "connection", true, true},
		{"agents/a", "custom_llm_url", true, true},
		{"agents/a", "tone", true, false},
		{"agents/a/procedures/p", "tone", false, false}, // not a field of the agent itself
		{"agents/a/procedures/p", "extra.flag", true, false},
		{"flows/f/steps/s", "connection", true, true},
		{"templates/t", "account", true, true},
		{"templates/t", "language", false, false},
	} {
		kept, bound := k.field(tc.addr, tc.path, nil)
		if kept != tc.kept || bound != tc.bound {
			t.Errorf("%s#%s: kept %t bound %t", tc.addr, tc.path, kept, bound)
		}
	}
	if kept, bound := k.field("agents/a/webhooks/w", "secret_key", &schema.Field{WriteOnly: true}); !kept || !bound {
		t.Error("a secret is promoted")
	}
	for addr, want := range map[string]bool{"agents/bot": true, "agents/bot/intents/i": true, "agents/a": false, "agents/a/channels": true} {
		if got := k.object(addr); got != want {
			t.Errorf("%s: %t", addr, got)
		}
	}
	if _, err := newKeeper([]string{"agents/[#x"}); err == nil {
		t.Error("a malformed pattern passes")
	}
}
