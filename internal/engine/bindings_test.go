package engine_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mihusync/mihusync/apply"
	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/internal/testkit/service"
	"github.com/mihusync/mihusync/mihu/sandbox"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/field"
)

// Numbers of the sandbox. All take calls, the first two take text messages.
const (
	first  = "+12084439178"
	second = "+18885550142"
	third  = "+902125550143"
)

// numbered declares the agents a and b with a number, or null, on a channel.
func numbered(channel, a, b string) string {
	one := func(agent, number string) string {
		switch number {
		case "":
			return fmt.Sprintf("%s: {}\n", agent)
		case "null":
			return fmt.Sprintf("%s: channels: %s: null\n", agent, channel)
		}
		return fmt.Sprintf("%s: channels: %s: phone_number: %q\n", agent, channel, number)
	}
	return "agents: {\n" + one("a", a) + one("b", b) + "}"
}

// TestNumberMoves hands a number from one agent to another in one apply, whichever
// of them the alphabet puts first: it is taken before it is given.
func TestNumberMoves(t *testing.T) {
	for name, c := range map[string]struct{ channel, a1, b1, a2, b2 string }{
		"text, a to b":   {"sms", first, "null", "null", first},
		"text, b to a":   {"sms", "null", first, first, "null"},
		"text, in a row": {"sms", first, second, second, "null"},
		"call, in a row": {"call", first, second, second, third},
		"call, back":     {"call", second, first, third, second},
		"text, exchange": {"sms", first, second, second, first},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.apply(numbered(c.channel, c.a1, c.b1))
			w.apply(numbered(c.channel, c.a2, c.b2))
		})
	}
}

// TestExchange takes the one number away before both are given.
func TestExchange(t *testing.T) {
	w := newWorld(t)
	w.apply(numbered("sms", first, second))
	done := w.apply(numbered("sms", second, first))
	a, b := "/agents/"+w.id("a")+"/channels/sms", "/agents/"+w.id("b")+"/channels/sms"
	if want := []string{"DELETE " + a, "POST " + b, "POST " + a}; !slices.Equal(done, want) {
		t.Errorf("wrote %v, want %v", done, want)
	}
}

// TestNumberStays says before anything is written that a number cannot be had.
func TestNumberStays(t *testing.T) {
	for name, c := range map[string]struct {
		channel, before, after, want string
	}{
		"calls cannot be exchanged":   {"call", numbered("call", first, second), numbered("call", second, first), "agents/a, agents/b cannot exchange"},
		"the holder keeps it":         {"sms", numbered("sms", first, ""), numbered("sms", "", first), "is bound to agents/a on the channel sms"},
		"the holder goes with a call": {"call", numbered("call", first, ""), "removed: agents: [\"a\"]\nagents: b: channels: call: phone_number: \"" + first + "\"", "is bound to agents/a on the channel call"},
		"two ask for it":              {"sms", numbered("sms", "", ""), numbered("sms", first, first), "is asked for by"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.apply(c.before)
			w.writes = nil
			_, err := engine.Plan(context.Background(), w.client.Reader(), w.load(c.after), engine.PlanOptions{})
			if err == nil {
				t.Fatal("there is a plan")
			}
			if got := strings.Join(service.Problems(t, err), "\n"); !strings.Contains(got, c.want) {
				t.Errorf("says %s, want %s", got, c.want)
			}
			if len(w.writes) > 0 {
				t.Errorf("wrote %v", w.writes)
			}
		})
	}
}

// TestNumberOfRefusedDeletion keeps a number where it is while the deletion that
// would free it is refused.
func TestNumberOfRefusedDeletion(t *testing.T) {
	w := newWorld(t)
	w.apply(numbered("sms", first, ""))
	none := 0
	p := w.plan("removed: agents: [\"a\"]\nagents: b: channels: sms: phone_number: \""+first+"\"", engine.PlanOptions{Options: plan.Options{MaxDeletes: &none}})
	if len(p.Ops) > 0 || len(p.Refused) != 2 {
		dump(t, p)
		t.Errorf("%d writes, refused: %v", len(p.Ops), p.Refused)
	}
}

// TestNumberWithoutChannels learns from the phone numbers who is bound, where agents
// do not say it or in a form that nobody knows: an agent is unbound before it goes, and
// null unbinds.
func TestNumberWithoutChannels(t *testing.T) {
	for name, v := range map[string]sandbox.Variants{"none": {NoChannels: true}, "rows": {ChannelRows: true}} {
		t.Run(name, func(t *testing.T) {
			w := variantWorld(t, 1, v)
			w.apply(numbered("sms", first, second))
			b := "DELETE /agents/" + w.id("b") + "/channels/sms"
			if done := w.apply(numbered("sms", first, "null")); !slices.Equal(done, []string{b}) {
				t.Errorf("wrote %v, want %s", done, b)
			}
			a := "/agents/" + w.id("a")
			if done := w.apply(`removed: agents: ["a"]`); !slices.Equal(done, []string{"DELETE " + a + "/channels/sms", "DELETE " + a}) {
				t.Errorf("wrote %v", done)
			}
		})
	}
}

// TestPrunedAgentIsUnbound asks for all channels of an agent that nothing names.
func TestPrunedAgentIsUnbound(t *testing.T) {
	w := variantWorld(t, 1, sandbox.Variants{ChannelRows: true})
	w.apply(numbered("sms", first, ""))
	p := w.plan("agents: {}", engine.PlanOptions{Options: plan.Options{Prune: map[string]bool{"agents": true}}})
	var calls []string
	for _, op := range p.Ops {
		calls = append(calls, op.Call)
	}
	if slices.Sort(calls); !slices.Equal(calls, []string{"deleteAgent", "deleteAgent", "unbindSMS"}) {
		t.Errorf("plans %v", calls)
	}
}

// TestExternalNumber is assigned as a trunk: the call for bought numbers refuses it.
func TestExternalNumber(t *testing.T) {
	const own = "+4930555010199"
	w := newWorld(t)
	trunk := "PUT /phone-numbers/trunks/assign"
	if done := w.apply(numbered("call", own, "")); !slices.Contains(done, trunk) {
		t.Errorf("wrote %v", done)
	}
	a := "POST /agents/" + w.id("a") + "/channels/call/provision"
	if done := w.apply(numbered("call", first, own)); !slices.Equal(done, []string{a, trunk}) {
		t.Errorf("moved by %v", done)
	}
}

// TestNumberOfDeletedAgent unbinds an agent before it goes and gives its number to
// another in the same apply. The channel for calls cannot be unbound, which a
// warning says.
func TestNumberOfDeletedAgent(t *testing.T) {
	w := newWorld(t)
	w.apply(`agents: {a: channels: {sms: phone_number: "` + first + `", call: phone_number: "` + third + `"}, b: {}}`)
	a := "/agents/" + w.id("a")
	after := "removed: agents: [\"a\"]\nagents: b: channels: sms: phone_number: \"" + first + "\""
	p := w.plan(after, engine.PlanOptions{})
	if !slices.ContainsFunc(p.Warnings, func(n field.Note) bool { return n.Code == "bound" && strings.Contains(n.Text, "call") }) {
		t.Errorf("no warning of the channel call: %v", p.Warnings)
	}
	w.writes = nil
	if _, err := apply.Run(context.Background(), p, apply.Options{Client: w.client, Secret: service.Secret}); err != nil {
		t.Fatal(err)
	}
	at := func(write string) int { return slices.Index(w.writes, write) }
	unbound, deleted, given := at("DELETE "+a+"/channels/sms"), at("DELETE "+a), at("POST /agents/"+w.id("b")+"/channels/sms")
	if unbound < 0 || deleted < unbound || given < unbound {
		t.Errorf("wrote %v", w.writes)
	}
}
