package secondopinion

import (
	"fmt"
	"strings"
	"testing"
)

const first, second = "+12084439178", "+18885550142"

// bound makes agents with their numbers on a channel, in the order given.
func bound(t *testing.T, p *place, ch string, pairs ...string) map[string]string {
	t.Helper()
	o := owner{t, p.Server}
	ids := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		a := o.post("agents", obj{"name": pairs[i]})
		ids[pairs[i]] = str(a["agent_uuid"])
		path := "/channels/sms"
		if ch == "call" {
			path = "/channels/call/provision"
		}
		if pairs[i+1] != "" {
			o.post("agents/"+ids[pairs[i]]+path, obj{"phone_number_uuid": o.number(pairs[i+1])})
		}
	}
	p.Forget()
	return ids
}

func channels(ch, a, number string, b, other string) string {
	bind := func(n string) string {
		if n == "" {
			return "null"
		}
		return fmt.Sprintf("phone_number: %q", n)
	}
	return head + fmt.Sprintf("workspace: agents: {%q: channels: %s: %s, %q: channels: %s: %s}\n", a, ch, bind(number), b, ch, bind(other))
}

func TestNumberMovesInBothOrders(t *testing.T) {
	eachService(t, func(t *testing.T, n uint64, f Forms) {
		for _, names := range [][2]string{{"Alpha", "Beta"}, {"Beta", "Alpha"}} {
			p := start(t, New(f, uint32(n)+1))
			ids := bound(t, p, "sms", names[0], first, names[1], "")
			dir := write(t, "a.cue", channels("sms", names[0], "", names[1], first))
			p.must(t, 0, dir, "apply", "--yes", dir)
			p.clean(t)
			if got := find(p.numbers, "number", first)["_sms"]; got != ids[names[1]] {
				t.Errorf("%s: the number serves %v, want %s", names, got, ids[names[1]])
			}
			p.must(t, 0, dir, "plan", "--detailed-exitcode", dir)
		}
	})
}

// A swap goes over a free state, or the plan refuses it. It is never refused by
// the service with one of the numbers lost.
func TestNumbersSwap(t *testing.T) {
	eachService(t, func(t *testing.T, n uint64, f Forms) {
		p := start(t, New(f, uint32(n)+1))
		ids := bound(t, p, "sms", "Alpha", first, "Beta", second)
		dir := write(t, "a.cue", channels("sms", "Alpha", second, "Beta", first))
		r := p.run(t, dir, "apply", "--yes", dir)
		p.clean(t)
		if r.code != 0 && len(p.Writes()) > 0 {
			t.Errorf("refused, but after %d writes: %v", len(p.Writes()), r)
		}
		if r.code == 0 && find(p.numbers, "number", second)["_sms"] != ids["Alpha"] {
			t.Error("it says that it is done, and the number is not there")
		}
	})
}

// The facts have no path that takes a bought number off the call channel. The
// move is refused before the first write, or done with what the facts have.
func TestCallNumberMovesOrIsRefused(t *testing.T) {
	eachService(t, func(t *testing.T, n uint64, f Forms) {
		for _, names := range [][2]string{{"Alpha", "Beta"}, {"Beta", "Alpha"}} {
			p := start(t, New(f, uint32(n)+1))
			bound(t, p, "call", names[0], first, names[1], "")
			dir := write(t, "a.cue", channels("call", names[0], "", names[1], first))
			r := p.run(t, dir, "apply", "--yes", dir)
			p.clean(t)
			if r.code != 0 && len(p.Writes()) > 0 {
				t.Errorf("%s: refused, but after %d writes: %v", names, len(p.Writes()), r)
			}
		}
	})
}

func TestBoundAgentIsUnboundBeforeItGoes(t *testing.T) {
	eachService(t, func(t *testing.T, n uint64, f Forms) {
		p := start(t, New(f, uint32(n)+1))
		ids := bound(t, p, "sms", "Old bot", first, "Keeper", second)
		owner{t, p.Server}.post("agents/"+ids["Old bot"]+"/channels/whatsapp", obj{})
		p.Forget()
		dir := write(t, "a.cue", head+`workspace: removed: agents: ["Old bot"]
`)
		p.must(t, 0, dir, "apply", "--yes", dir)
		p.clean(t)
		if find(p.agents, "name", "Old bot") != nil || find(p.numbers, "number", second)["_sms"] == nil {
			t.Error("the wrong agent went, or none")
		}
	})
}

// No path takes a bought number off the call channel, so the agent stays, or the
// plan tells what is left behind.
func TestAgentOnACallStaysOrIsTold(t *testing.T) {
	eachService(t, func(t *testing.T, n uint64, f Forms) {
		p := start(t, New(f, uint32(n)+1))
		bound(t, p, "call", "Old bot", first)
		dir := write(t, "a.cue", head+`workspace: removed: agents: ["Old bot"]
`)
		r := p.run(t, dir, "apply", "--yes", dir)
		if len(p.Unknown()) > 0 || len(p.Refused()) > 0 {
			t.Error(p.trouble())
		}
		if r.code != 0 && len(p.Writes()) > 0 {
			t.Errorf("refused, but after %d writes: %v", len(p.Writes()), r)
		}
		if len(p.Orphans()) > 0 && !(strings.Contains(r.out, "Warning") && strings.Contains(r.out, "call")) {
			t.Errorf("nobody is told of %v: %v", p.Orphans(), r)
		}
	})
}

// An external number has an endpoint of its own; provisioning is for bought ones.
func TestTrunkIsAssignedNotProvisioned(t *testing.T) {
	f := Plain()
	f.BoughtOnly = true
	p := start(t, New(f, 1))
	ids := bound(t, p, "call", "Alpha", "", "Beta", "")
	dir := write(t, "a.cue", head+`workspace: agents: Alpha: channels: call: phone_number: "+4930555010199"
`)
	p.must(t, 0, dir, "apply", "--yes", dir)
	p.clean(t)
	if got := find(p.numbers, "number", "+4930555010199")["_call"]; got != ids["Alpha"] {
		t.Errorf("the trunk serves %v", got)
	}
}
