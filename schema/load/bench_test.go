package load

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"cuelang.org/go/cue"

	"github.com/mihusync/mihusync/schema"
)

// generate writes a workspace of n agents with about twenty nested objects each
// and a flow for every five agents.
func generate(tb testing.TB, n int) string {
	tb.Helper()
	dir := tb.TempDir()
	write := func(name, text string) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			tb.Fatal(err)
		}
	}
	write("cue.mod/module.cue", "module: \"bench.example/w\"\nlanguage: version: \"v0.16.0\"\n")
	write("workspace.cue", "package w\n\nimport \"mihusync.dev/schema\"\n\nworkspace: schema.#Workspace\nworkspace: target: {subdomain: \"acme\", token: env: \"TOKEN\"}\n")
	write("schedules.cue", "package w\n\nworkspace: availability_types: std: {duration_minutes: 30}\nworkspace: schedules: bay: {availability_type: \"std\", color: \"#fff\"}\nworkspace: evaluate: {is_active: true}\n")
	for i := range n {
		var b strings.Builder
		fmt.Fprintf(&b, "package w\n\nworkspace: agents: agent_%05d: {\n\tname: \"Agent %d\"\n\trole: \"Support\"\n\tobjective: \"Help customer number %d with everything.\"\n\tlanguage: \"en\"\n\ttimezone: \"Europe/Berlin\"\n", i, i, i)
		b.WriteString("\tsettings: voice: {voice_profile: {voice: \"Aria\", language: \"en\"}, interruption: mode: \"balanced\", call_behavior: {background_sound_ambience: \"office\", silence_timeout_seconds: 60}}\n")
		b.WriteString("\tguidelines: [\"One.\", \"Two.\", \"Three.\"]\n\tnotes: [\"A note.\"]\n")
		for j := range 5 {
			fmt.Fprintf(&b, "\tintents: intent_%d: {name: \"Intent %d\", description: \"When it is number %d\", confidence_threshold: 0.7, parameters: [{key: \"email\", type: \"string\", required: true}]}\n", j, j, j)
		}
		for j := range 4 {
			fmt.Fprintf(&b, "\tprocedures: \"Procedure %d\": {description: \"Do it\", steps: [{description: \"First\", intent: \"intent_%d\"}, {description: \"Then\"}]}\n", j, j)
			fmt.Fprintf(&b, "\ttraining: row_%d: {content: \"Question %d\", intent: \"ask\", response: \"Answer\"}\n", j, j)
		}
		for j := range 3 {
			fmt.Fprintf(&b, "\trouting_rules: dep_%d: {detection_mode: \"exact\", trigger_keyword: \"word%d\", destination: agent: \"agent_%05d\", priority: %d}\n", j, j, (i+1)%n, j)
			fmt.Fprintf(&b, "\tguard_rules: guard_%d: {when_condition: \"If %d\", then_action: \"end_conversation\", say_before_end: \"Bye\"}\n", j, j)
		}
		b.WriteString("\twebhooks: crm: {url: \"https://crm.example/mihu\", events: [\"conversation_end_report\"], secret_key: env: \"CRM\"}\n")
		b.WriteString("\tappointments: {enabled: true, schedule_assignments: service: {schedule: \"bay\", description: \"Visits\", slot_rules: max_appointments_per_day: 3}}\n")
		b.WriteString("\tevaluate: \"inherit\"\n}\n")
		write(fmt.Sprintf("agent_%05d.cue", i), b.String())
		if i%5 == 0 {
			write(fmt.Sprintf("flow_%05d.cue", i), fmt.Sprintf(`package w

workspace: flows: "flow-%d": {
	deployed: true
	trigger: {id: "lead", app: "Contacts", event: "contact_created"}
	steps: [
		{id: "find", app: "Contacts", action: "find_contact", config: phone: "{{lead.phone_number}}"},
		{id: "known", app: "Logic", action: "if_condition", config: {a: 1}
			then: [{id: "call", app: "Agents", action: "make_call", agent: "agent_%05d", config: to: "{{find.phone_number}}"}]
			else: [{id: "post", app: "Slack", action: "send_message", connection: "Slack", config: {text: "x"}}]},
	]
}
`, i, i))
		}
	}
	return dir
}

// bareCUE does what a user of CUE alone would do with the same files.
func bareCUE(tb testing.TB, dir string) {
	tb.Helper()
	l, err := newLoader(Options{Dir: dir})
	if err != nil {
		tb.Fatal(err)
	}
	root := newContext().BuildInstance(l.instance(schema.Sources()))
	if err := root.Validate(cue.Concrete(true)); err != nil {
		tb.Fatal(err)
	}
}

func BenchmarkLoad(b *testing.B) {
	for _, n := range []int{100, 1000} {
		dir := generate(b, n)
		b.Run(fmt.Sprintf("bare/%d", n), func(b *testing.B) {
			for b.Loop() {
				bareCUE(b, dir)
			}
		})
		b.Run(fmt.Sprintf("load/%d", n), func(b *testing.B) {
			for b.Loop() {
				c, err := Dir(context.Background(), Options{Dir: dir})
				if err != nil {
					b.Fatal(err)
				}
				if got := len(c.Workspace.Objects["agents"]); got != n {
					b.Fatalf("%d agents", got)
				}
				runtime.KeepAlive(c)
			}
		})
	}
}
