// Package bench measures how the work grows with the workspace: validate, a plan
// without changes, and export, over generated workspaces of any size. It has no
// product code.
//
//	go test -run '^$' -bench . -benchtime 1x ./internal/bench
//	MIHUSYNC_BENCH_AGENTS=10000 go test -run '^$' -bench . -benchtime 1x -timeout 60m ./internal/bench
package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Nested is how many objects belong to each generated agent.
const Nested = 20

// AgentsPerFlow is how many agents share a generated flow.
const AgentsPerFlow = 5

// Generate writes a workspace of n agents into dir, a file per agent and per flow
// as people keep them. Each agent has [Nested] objects that belong to it and refers
// to its neighbour; every [AgentsPerFlow] agents there is a deployed flow with a
// branch. The same n gives the same files.
func Generate(dir string, n int) error {
	files := map[string]string{
		"cue.mod/module.cue": moduleFile,
		"workspace.cue":      workspaceFile,
		"schedules.cue":      schedulesFile,
	}
	for i := range n {
		files[fmt.Sprintf("agent-%05d.cue", i)] = agentFile(i, n)
		if i%AgentsPerFlow == 0 {
			files[fmt.Sprintf("flow-%05d.cue", i)] = flowFile(i)
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, "cue.mod"), 0o755); err != nil {
		return err
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

const moduleFile = "module: \"bench.example\"\nlanguage: version: \"v0.16.0\"\n"

const workspaceFile = `package bench

import "mihusync.dev/schema"

workspace: schema.#Workspace
workspace: target: {subdomain: "bench", token: env: "BENCH_TOKEN"}
workspace: evaluate: is_active: true
`

const schedulesFile = `package bench

workspace: availability_types: standard: duration_minutes: 30
workspace: schedules: desk: {availability_type: "standard", color: "#3b82f6"}
`

// agentFile declares an agent with 5 intents, 4 procedures, 4 training rows, 3
// routing rules, 2 guard rules, a webhook and appointment settings.
func agentFile(i, n int) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("package bench\n\nworkspace: agents: agent_%05d: {", i)
	line("\tname: \"Agent %05d\"", i)
	line("\trole: \"Support specialist\"")
	line("\tobjective: \"Help the customers of branch %d with orders, returns and questions, and pass on what needs a person.\"", i)
	line("\tlanguage: \"en\"\n\ttimezone: \"Europe/Berlin\"")
	line("\tsettings: voice: {voice_profile: {voice: \"Aria\", language: \"en\"}, interruption: mode: \"balanced\"}")
	line("\tsettings: voice: call_behavior: {background_sound_ambience: \"office\", silence_timeout_seconds: 60}")
	line("\tguidelines: [\"Greet by name.\", \"Repeat numbers.\", \"Promise nothing.\"]\n\tnotes: [\"Open from nine to six.\"]")
	for j := range 5 {
		line("\tintents: wish_%d: {name: \"Wish %d\", description: \"The customer wants number %d\", confidence_threshold: 0.7, parameters: [{key: \"email\", type: \"string\", required: true}]}", j, j, j)
	}
	for j := range 4 {
		line("\tprocedures: \"Task %d\": {description: \"When number %d is asked for\", steps: [{description: \"Ask for the order.\", intent: \"wish_%d\"}, {description: \"Confirm.\"}]}", j, j, j)
		line("\ttraining: row_%d: {content: \"Question %d\", intent: \"wish_%d\", response: \"Answer %d\"}", j, j, j, j)
	}
	for j := range 3 {
		line("\trouting_rules: \"Department %d\": {detection_mode: \"exact\", trigger_keyword: \"word %d\", destination: agent: \"agent_%05d\", priority: %d}", j, j, (i+1)%n, j+1)
	}
	for j := range 2 {
		line("\tguard_rules: \"Guard %d\": {when_condition: \"Situation %d\", then_action: \"end_conversation\", say_before_end: \"Goodbye\"}", j, j)
	}
	line("\twebhooks: crm: {url: \"https://crm.bench.example/%d\", events: [\"conversation_end_report\"], secret_key: env: \"BENCH_SECRET\"}", i)
	line("\tappointments: {enabled: true, schedule_assignments: visit: {schedule: \"desk\", description: \"Visits\", slot_rules: max_appointments_per_day: 3}}")
	line("}")
	return b.String()
}

func flowFile(i int) string {
	return fmt.Sprintf(`package bench

workspace: flows: "flow-%05[1]d": {
	deployed: true
	trigger: {id: "lead", app: "Contacts", event: "contact_created", sample: {phone_number: "+12085550114"}}
	steps: [
		{id: "find", app: "Contacts", action: "find_contact", config: phone: "{{lead.phone_number}}"},
		{id: "known", app: "Logic", action: "if_condition", config: {left: "{{find.phone_number}}", operator: "not_empty"}
			then: [{id: "call", app: "Agents", action: "make_call", agent: "agent_%05[1]d", config: to: "{{find.phone_number}}"}]
			else: [{id: "tell", app: "Slack", action: "send_message", connection: "Acme Slack", config: {channel: "#desk", text: "No number"}}]},
	]
}
`, i)
}
