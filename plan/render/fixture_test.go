package render

import (
	"fmt"
	"strings"

	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/plan/flow"
	"github.com/mihusync/mihusync/schema"
)

const promptBefore = `You are the support agent of Acme.
Greet the caller by name.
Ask for the order number before anything else.

Never promise a refund.
Speak slowly.
Keep answers short.
Offer a callback when the line is busy.
Say goodbye politely.
`

const promptAfter = `You are the support agent of Acme.
Greet the caller by first name.
Ask for the order number before anything else.

Never promise a refund.
Speak slowly.
Keep answers short.
Offer a callback when the line is busy.
Ask whether anything else is open.
Say goodbye politely and warmly.
`

// hostile tries what a text could do to each form of output.
const hostile = "\x1b[31mred\x1b[0m\x07 \u202eevil <script>alert(1)</script> ```` </details> \xff"

// samplePlan has one change of every sort.
func samplePlan() *plan.Plan {
	return &plan.Plan{
		Unchanged: 12,
		Warnings: []field.Note{
			{Code: "guard_rule_removed", Text: "a guard rule goes: agents/support/guard_rules/legal", Addrs: []string{"agents/support/guard_rules/legal"}},
			{Code: "channels", Text: "Agents with bound numbers are deleted", Addrs: []string{"agents/old"}},
		},
		Refused: []plan.Refusal{{Addr: "agents/old", Code: "protected", Text: "it is marked protect: true"}},
		Changes: []*plan.Change{
			{Addr: "agents/old", Kind: "agents", Action: plan.Delete, Refused: true, Notes: []field.Note{{Code: "refused", Text: "it is marked protect: true"}}},
			{Addr: "agents/billing", Kind: "agents", Action: plan.Create, Pos: schema.Pos{File: "agents/billing.cue", Line: 5, Col: 20},
				Fields: []field.Change{
					{Path: "name", After: "Billing"},
					{Path: "objective", After: numbered(30)},
					{Path: "guidelines", After: []any{"Confirm the invoice number.", "Never read out card numbers, and never ask for them either."}},
					{Path: "settings.voice.voice_profile.voice", After: schema.Ref{Kind: "voices", Name: "Aria", Addr: "voices/Aria"}},
				}},
			{Addr: "agents/support", Kind: "agents", Action: plan.Update, Pos: schema.Pos{File: "agents/support.cue", Line: 3, Col: 1},
				Fields: []field.Change{
					{Path: "role", Before: "Helper", After: "Customer support specialist"},
					{Path: "objective", Before: promptBefore, After: promptAfter},
					{Path: "temperature", Before: 0.5, After: int64(1)},
					{Path: "greeting", Before: nil, After: "Hello"},
					{Path: "pitch", Before: "A long opening that everybody knows by heart and that nobody wants to read again, then blue, and then a long tail that stays exactly as it always was, word by word.",
						After: "A long opening that everybody knows by heart and that nobody wants to read again, then green, and then a long tail that stays exactly as it always was, word by word."},
					{Path: "closing", Before: "Bye", After: nil},
					{Path: "parameters", Before: []any{map[string]any{"key": "email", "type": "string", "required": true, "description": "Where to send the receipt"}},
						After: []any{map[string]any{"key": "email", "type": "string", "required": false, "description": "Where to send the receipt"}, map[string]any{"key": "plate", "type": "string"}}},
				},
				Notes: []field.Note{{Code: "rename", Text: `renamed from "Help Desk"`}}},
			{Addr: "agents/support/guard_rules/legal", Kind: "guard_rules", Action: plan.Delete,
				Fields: []field.Change{{Path: "when_condition", Before: "The caller mentions a lawyer."}}},
			{Addr: "agents/support/webhooks/crm", Kind: "webhooks", Action: plan.Update,
				Fields: []field.Change{{Path: "secret_key", Before: schema.LiveSecret("canary-value"), After: schema.EnvSecret("CRM_SECRET")}}},
			{Addr: "agents/unsafe", Kind: "agents", Action: plan.Update,
				Fields: []field.Change{{Path: "objective", Before: hostile + "\nfirst", After: hostile + "\nsecond"}, {Path: "name", Before: hostile, After: "fine"}}},
			{Addr: "agents/sales", Kind: "agents", Action: plan.Unmanaged},
			{Addr: "evaluate", Kind: "evaluate", Action: plan.Update,
				Fields:    []field.Change{{Path: "sentiment.enabled", Before: false, After: true}},
				Notes:     []field.Note{{Code: "inherits", Text: "8 agents inherit this", Addrs: agents(8)}, {Code: "overridden", Text: "not affected, they have an override", Addrs: agents(2)}},
				Effective: map[string]any{"sentiment": map[string]any{"enabled": true, "scale": int64(5)}, "summary": map[string]any{"enabled": false}}},
			{Addr: "flows/lead-intake", Kind: "flows", Action: plan.Update,
				Fields: []field.Change{{Path: "description", Before: "Old", After: "New"}},
				Flow:   leadIntake()},
			{Addr: "schedules/night", Kind: "schedules", Action: plan.Unmanaged},
			{Addr: "templates/welcome", Kind: "templates", Action: plan.Replace,
				Fields: []field.Change{{Path: "body", Before: "Hi {{1}}", After: "Hello {{1}}", Origin: field.Conflict, Base: "Hey {{1}}"}},
				Notes:  []field.Note{{Code: "approval", Text: "deleted and created again, waits for approval"}}},
		},
	}
}

func leadIntake() *flow.Change {
	update := flow.Edit{Op: flow.UpdateStep, Step: "find", UUID: "u1",
		Fields: []field.Change{{Path: "config.phone", Before: "{{lead.phone}}", After: "{{lead.phone_number}}"}}}
	add := flow.Edit{Op: flow.AddStep, Step: "call", Parent: "known", Branch: "true"}
	return &flow.Change{
		Addr: "flows/lead-intake", ID: "f1", Strategy: flow.InPlace, WasDeployed: true, Deploy: true, Downtime: true,
		Script: []flow.Edit{update, add}, Tests: []string{"find", "call"},
		Acts: []flow.Act{{Text: "set description"}, {Text: "undeploy"}, {Text: update.String(), Edit: 1}, {Text: add.String(), Edit: 2}, {Text: "test 2 steps"}, {Text: "deploy"}},
	}
}

func numbered(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "Rule %d of the house.\n", i+1)
	}
	return b.String()
}

func agents(n int) []string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf("agents/a%d", i+1))
	}
	return out
}
