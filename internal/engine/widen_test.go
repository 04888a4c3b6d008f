package engine_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/plan"
)

// story plans what a branch says against a base, after the dashboard has changed
// what the base had applied.
func story(t *testing.T, base, dashboard, branch, onConflict string) []string {
	t.Helper()
	w := newWorld(t)
	w.apply(base)
	if dashboard != "" {
		w.apply(dashboard)
	}
	p := w.plan(branch, engine.PlanOptions{Options: plan.Options{Base: w.load(base), OnConflict: onConflict}})
	return told(p)
}

// told is a plan in lines.
func told(p *plan.Plan) []string {
	var out []string
	for _, ch := range p.Changes {
		line := string(ch.Action) + " " + ch.Addr
		if ch.Refused {
			line += " refused"
		}
		for _, f := range ch.Fields {
			if ch.Action == plan.Update {
				line += fmt.Sprintf(" %s:%s", f.Path, f.Origin)
			}
		}
		for _, n := range ch.Notes {
			if n.Code == "drift" || n.Code == "conflict" {
				line += " +" + n.Code
			}
		}
		out = append(out, line)
	}
	for _, n := range p.Warnings {
		if n.Code == "conflict" {
			out = append(out, "warning "+strings.Join(n.Addrs, " "))
		}
	}
	return out
}

func TestThreeWays(t *testing.T) {
	const (
		agent = `agents: a: {role: "r", tone: "t", guidelines: ["g"], evaluate: "inherit"}`
		hours = `availability_types: v: {name: "V", duration_minutes: 30}
schedules: s: {name: "S", availability_type: "v"}
`
	)
	flow := func(phone, tail string) string {
		return `flows: f: {trigger: {id: "lead", app: "Contacts", event: "contact_created", sample: phone_number: "+15550100"}
steps: [{id: "find", app: "Contacts", action: "find_contact", config: phone: "` + phone + `"}` + tail + `]}`
	}
	const more = `, {id: "more", app: "Contacts", action: "find_contact", config: phone: "+15550102"}`
	for _, tc := range []struct {
		name, base, dashboard, branch, onConflict string
		want                                      []string
	}{
		{"nobody moved", agent, "", agent, "", nil},
		{"each moved another field", agent, `agents: a: tone: "x"`, strings.Replace(agent, `"r"`, `"y"`, 1), "",
			[]string{"update agents/a role:branch tone:drift"}},
		{"both moved to the same value", agent, `agents: a: tone: "x"`, strings.Replace(agent, `"t"`, `"x"`, 1), "", nil},
		{"a field that the base did not manage", `agents: a: role: "r"`, `agents: a: tone: "x"`, `agents: a: {role: "r", tone: "y"}`, "",
			[]string{"update agents/a tone:branch"}},
		{"conflict", agent, `agents: a: tone: "x"`, strings.Replace(agent, `"t"`, `"y"`, 1), "",
			[]string{"update agents/a refused tone:conflict"}},
		{"conflict, the files win", agent, `agents: a: tone: "x"`, strings.Replace(agent, `"t"`, `"y"`, 1), "config",
			[]string{"update agents/a tone:conflict +conflict"}},
		{"conflict, the workspace wins, the rest goes ahead", agent, `agents: a: {tone: "x", guidelines: ["h"]}`, `agents: a: {role: "z", tone: "y", guidelines: ["g"]}`, "live",
			[]string{"update agents/a guidelines:drift role:branch", "warning agents/a"}},
		{"removed by the branch", agent + "\nagents: b: role: \"r\"", "", agent, "",
			[]string{"delete agents/b"}},
		{"removed by the branch, changed in the workspace", agent + "\nagents: b: role: \"r\"", `agents: b: role: "q"`, agent, "",
			[]string{"delete agents/b refused"}},
		{"the same, the workspace wins", agent + "\nagents: b: role: \"r\"", `agents: b: role: "q"`, agent, "live",
			[]string{"delete agents/b refused +conflict"}},
		{"a whole kind removed by the branch", agent + "\n" + hours, `schedules: other: {name: "O", availability_type: "v"}
availability_types: v: {name: "V"}`, agent, "",
			[]string{"delete availability_types/v", "delete schedules/s"}},
		{"nested, the dashboard's stays", `agents: a: guard_rules: {x: {when_condition: "x", then_action: "end_conversation"}, y: {when_condition: "y", then_action: "end_conversation"}}`,
			`agents: a: guard_rules: {x: {when_condition: "x"}, y: {when_condition: "y"}, z: {when_condition: "z", then_action: "end_conversation"}}`,
			`agents: a: guard_rules: x: {when_condition: "x", then_action: "end_conversation"}`, "",
			[]string{"delete agents/a/guard_rules/y", "unmanaged agents/a/guard_rules/z"}},
		{"an override removed by the branch", `agents: a: evaluate: voice: sentiment_analyzer: enabled: false`, "", `agents: a: {}`, "",
			[]string{"delete agents/a/evaluate"}},
		{"renamed by the branch", `agents: a: {name: "Old", role: "r"}`, "", `agents: b: {name: "New", formerly: ["Old"], role: "r"}`, "",
			[]string{"update agents/b name:branch"}},
		{"another handle, the same name", `agents: a: {name: "A", role: "r"}`, "", `agents: b: {name: "A", role: "r"}`, "", nil},
		{"taken away in the workspace", `contact_fields: plate: name: "Plate"`, `removed: contact_fields: ["plate"]`, `contact_fields: plate: name: "Plate"`, "",
			[]string{"create contact_fields/plate +drift"}},
		{"a step changed by the branch", flow("+15550100", ""), "", flow("+15550101", ""), "", []string{"update flows/f"}},
		{"a step changed in the workspace", flow("+15550100", ""), flow("+15550101", ""), flow("+15550100", ""), "", []string{"update flows/f +drift"}},
		{"steps changed in both", flow("+15550100", ""), flow("+15550100", more), flow("+15550101", ""), "", []string{"update flows/f refused"}},
		{"steps changed in both, the workspace wins", flow("+15550100", ""), flow("+15550100", more), flow("+15550101", ""), "live", []string{"warning flows/f"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if d := cmp.Diff(tc.want, story(t, tc.base, tc.dashboard, tc.branch, tc.onConflict)); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestSettledConflictsLeaveTheDeclarationsAlone keeps a second plan from the same
// configuration honest.
func TestSettledConflictsLeaveTheDeclarationsAlone(t *testing.T) {
	w := newWorld(t)
	w.apply(`agents: a: tone: "t"`)
	w.apply(`agents: a: tone: "x"`)
	desired, base := w.load(`agents: a: tone: "y"`), w.load(`agents: a: tone: "t"`)
	for range 2 {
		p, err := engine.Plan(context.Background(), w.client.Reader(), desired, engine.PlanOptions{Options: plan.Options{Base: base, OnConflict: plan.ConflictLive}})
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff([]string{"warning agents/a"}, told(p)); d != "" {
			t.Error(d)
		}
	}
	if got := desired.ByAddr()["agents/a"].Fields["tone"]; got != "y" {
		t.Errorf("the declaration says %v", got)
	}
}
