package graph

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/load"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func draw(t *testing.T, dir string) *Graph {
	t.Helper()
	cfg, err := load.Dir(context.Background(), load.Options{Dir: dir, Base: dir})
	if err != nil {
		t.Fatal(err)
	}
	return New(cfg.Workspace)
}

func write(t *testing.T, g *Graph, f Format) string {
	t.Helper()
	var b bytes.Buffer
	if err := g.Write(&b, f); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func edges(g *Graph) []string {
	var out []string
	for _, e := range g.Edges {
		var labels []string
		for _, r := range e.Refs {
			labels = append(labels, r.Label)
		}
		out = append(out, e.From.Addr+" -> "+e.To.Addr+": "+strings.Join(labels, ", "))
	}
	return out
}

func addresses(g *Graph) []string {
	var out []string
	for _, n := range g.Nodes {
		out = append(out, n.Addr)
	}
	return out
}

func TestReferences(t *testing.T) {
	g := draw(t, "testdata/workspace")
	want := []string{
		"flows/notify -> agents/help: step call",
		"flows/notify -> connections/Our Slack: step post",
		"flows/notify -> connections/Our shop: trigger start",
		"agents/front -> agents/help: routing rule Help",
		"agents/front -> agents/front/intents/book: intent",
		"agents/front -> agents/front/intents/quote: procedure Booking",
		"agents/front -> agents/front/intents/system:end_conversation: procedure Booking",
		"agents/front -> schedules/bay: schedule assignment Bay",
		"agents/front -> memorize: memorize inherited",
		"agents/front -> voices/Aria: voice",
		"agents/front -> phone_numbers/+12084439178: channel call, channel sms",
		"agents/front -> phone_numbers/112: guard rule Fire",
		"agents/front -> extensions/210: routing rule Office",
		"agents/help -> agents/front: routing rule Back",
		"agents/help -> agents/uuid:0b7c4e12-9a3d-4f6b-8c21-5d7e9f013a46: guard rule Pinned",
		"agents/help -> contact_fields/plate: memory",
		"agents/help -> memorize: memorize copied",
		"agents/front/intents/book -> flows/notify: action",
		"schedules/bay -> availability_types/visit: availability type",
		"templates/ready -> whatsapp_accounts/1029: account",
		"memorize -> contact_fields/plate: memory",
	}
	if d := cmp.Diff(want, edges(g)); d != "" {
		t.Errorf("references (-want +got):\n%s", d)
	}
	nodes := strings.Join(addresses(g), " ")
	for _, want := range []string{"agents/alone", "availability_types/unused"} {
		if !strings.Contains(nodes, want) {
			t.Errorf("%s is missing: nothing refers to it, which is worth seeing", want)
		}
	}
	for _, not := range []string{"pipeline_stages", "intents/unseen", "b_email"} {
		if strings.Contains(nodes, not) {
			t.Errorf("%s is drawn but takes part in no reference", not)
		}
	}
}

// changes is a plan with every sort of change.
func changes() *plan.Plan {
	return &plan.Plan{Changes: []*plan.Change{
		{Addr: "agents/front/guard_rules/Fire", Kind: "guard_rules", Action: plan.Delete},
		{Addr: "agents/front/intents/book/action", Kind: "action", Action: plan.Create},
		{Addr: "agents/help", Kind: "agents", Action: plan.Create},
		{Addr: "agents/help/routing_rules/Back", Kind: "routing_rules", Action: plan.Create},
		{Addr: "agents/old", Kind: "agents", Action: plan.Delete},
		{Addr: "agents/kept", Kind: "agents", Action: plan.Delete, Refused: true},
		{Addr: "agents/stranger", Kind: "agents", Action: plan.Unmanaged},
		{Addr: "memorize", Kind: "memorize", Action: plan.Update},
		{Addr: "pipeline_stages/New", Kind: "pipeline_stages", Action: plan.Create},
		{Addr: "templates/ready", Kind: "templates", Action: plan.Replace},
	}}
}

func TestMark(t *testing.T) {
	g := draw(t, "testdata/workspace")
	g.Mark(changes())
	got := map[string]string{}
	for _, n := range g.Nodes {
		if s := g.state(n); s != "unchanged" {
			got[n.Addr] = s
		}
	}
	want := map[string]string{
		"agents/front": "update", "agents/front/intents/book": "update", "agents/help": "create", "agents/old": "delete",
		"agents/kept": "delete refused", "memorize": "update", "templates/ready": "replace",
		// What no plan can change has no state.
		"agents/uuid:0b7c4e12-9a3d-4f6b-8c21-5d7e9f013a46": "", "agents/front/intents/system:end_conversation": "", "voices/Aria": "", "connections/Our Slack": "",
		"connections/Our shop": "", "phone_numbers/112": "", "phone_numbers/+12084439178": "", "whatsapp_accounts/1029": "", "extensions/210": "",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("states (-want +got):\n%s", d)
	}
}

func TestSelect(t *testing.T) {
	for _, tc := range []struct {
		name  string
		sel   schema.Selection
		nodes []string
		edges int
	}{
		{"only", schema.Selection{Only: []string{"schedules"}}, []string{"agents/front", "availability_types/visit", "schedules/bay"}, 2},
		{"only, except", schema.Selection{Only: []string{"schedules"}, Except: []string{"agents"}}, []string{"availability_types/visit", "schedules/bay"}, 1},
		{"nothing", schema.Selection{Only: []string{"agents/nobody"}}, nil, 0},
	} {
		g := draw(t, "testdata/workspace")
		g.Select(tc.sel)
		if d := cmp.Diff(tc.nodes, addresses(g)); d != "" || len(g.Edges) != tc.edges {
			t.Errorf("%s: %d references, want %d; nodes (-want +got):\n%s", tc.name, len(g.Edges), tc.edges, d)
		}
	}
	g := draw(t, "testdata/workspace")
	g.Select(schema.Selection{Except: []string{"memorize", "voices"}})
	for _, e := range edges(g) {
		if strings.Contains(e, "memorize") || strings.Contains(e, "voices") {
			t.Errorf("left out, but drawn: %s", e)
		}
	}
	if len(g.Edges) == 0 {
		t.Error("nothing is left")
	}
}

func TestGolden(t *testing.T) {
	for _, f := range []Format{Mermaid, DOT, HTML} {
		for _, planned := range []bool{false, true} {
			g := draw(t, "testdata/workspace")
			name := "graph." + string(f)
			if planned {
				g.Mark(changes())
				name = "planned." + string(f)
			}
			got := write(t, g, f)
			file := filepath.Join("testdata", name)
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				continue
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got); d != "" {
				t.Errorf("%s is not current, run go test ./internal/graph -update (-want +got):\n%s", file, d)
			}
		}
	}
}

// TestExample draws a workspace of realistic size twice: the same bytes.
func TestExample(t *testing.T) {
	dir := "../../examples/workspace/envs/staging"
	for _, f := range []Format{Mermaid, DOT, HTML} {
		if one, two := write(t, draw(t, dir), f), write(t, draw(t, dir), f); one != two {
			t.Errorf("%s differs between two runs", f)
		}
	}
}

func TestUnknownFormat(t *testing.T) {
	if err := (&Graph{}).Write(&bytes.Buffer{}, "png"); err == nil {
		t.Error("an unknown form is no error")
	}
}
