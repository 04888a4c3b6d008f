package engine_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mihusync/mihusync/apply"
	"github.com/mihusync/mihusync/export"
	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/internal/testkit/service"
	"github.com/mihusync/mihusync/mihu"
	"github.com/mihusync/mihusync/mihu/sandbox"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

var (
	mirrored = sandbox.Variants{Mirrors: true, ExtraFields: true}
	strict   = sandbox.Variants{Strict: true}
)

const clinic = `
availability_types: visit: {name: "Visit", duration_minutes: 30}
schedules: bay: {name: "Bay", availability_type: "visit"}
agents: desk: {
	appointments: {enabled: true, schedule_assignments: bay: {schedule: "bay", description: "A visit."}}
	channels: sms: phone_number: "+12084439178"
}`

// written writes an export into a new folder and returns what it did and its files.
func (w *world) written() (*export.Written, map[string]string) {
	w.Helper()
	dir := w.TempDir()
	done, err := export.Write(context.Background(), w.live(), export.WriteOptions{Dir: dir})
	if err != nil {
		w.Fatal(err)
	}
	files := map[string]string{}
	for _, name := range done.Created {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			w.Fatal(err)
		}
		files[name] = string(b)
	}
	return done, files
}

// TestMirrorsAreNotExported names what stays in the service and writes none of it.
func TestMirrorsAreNotExported(t *testing.T) {
	w := variantWorld(t, 1, mirrored)
	w.apply(clinic)
	done, files := w.written()
	if want := []string{"availability_type", "channel_bindings", "id", "schedules", "x_beta"}; !slices.Equal(done.Left, want) {
		t.Errorf("left in the service: %v, want %v", done.Left, want)
	}
	if want := "// left in the service: channel_bindings, schedules, x_beta\n"; !strings.Contains(files["agent-desk.cue"], want) {
		t.Errorf("the file of the agent has no %q:\n%s", want, files["agent-desk.cue"])
	}
	for name, text := range files {
		if file, note, found := strings.Cut(text, "\n// left in the service: "); found {
			names, rest, _ := strings.Cut(note, "\n")
			for left := range strings.SplitSeq(names, ", ") {
				if !slices.Contains(done.Left, left) {
					t.Errorf("%s names %s, and the export does not", name, left)
				}
			}
			text = file + rest
		}
		for _, key := range []string{"extra:", "channel_bindings", "x_beta", "schedules: ["} {
			if strings.Contains(text, key) {
				t.Errorf("%s has %s:\n%s", name, key, text)
			}
		}
	}
}

// TestMirrorsStay changes an object that shows mirrors: none is sent, and what can be
// written survives.
func TestMirrorsStay(t *testing.T) {
	w := variantWorld(t, 1, mirrored)
	w.apply(clinic)
	w.do("updateAgent", map[string]any{"x_beta": "mine"}, w.id("desk"))
	w.apply(strings.Replace(clinic, "A visit.", "A longer visit.", 1))
	w.apply(strings.Replace(clinic, `agents: desk: {`, `agents: desk: {
	role: "Clerk"`, 1))
	if got := w.get("getAgent", w.id("desk"))["x_beta"]; got != "mine" {
		t.Errorf("x_beta is %v", got)
	}
}

// TestMirrorsAreNotCompared finds two workspaces of one configuration the same, sends
// nothing from the one to the other, and still compares what a person declares.
func TestMirrorsAreNotCompared(t *testing.T) {
	a, b := variantWorld(t, 1, mirrored), variantWorld(t, 2, strict)
	a.apply(clinic)
	b.apply(clinic)
	if d, err := plan.Diff(a.live(), b.live()); err != nil || !d.Empty() {
		t.Errorf("equal workspaces differ: %v %v", d, err)
	}
	empty := variantWorld(t, 3, strict)
	p, err := empty.promote(a.live(), `agents: desk: channels: sms: phone_number: "+12084439178"`, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, op := range p.Ops {
		body, _ := op.Body.(map[string]any)
		for _, key := range []string{"x_beta", "schedules", "channel_bindings", "id"} {
			if _, sent := body[key]; sent {
				t.Errorf("%s sends %s", op.Title, key)
			}
		}
	}
	declared := clinic + "\nagents: desk: extra: x_beta: \"mine\""
	p = a.plan(declared, engine.PlanOptions{})
	if len(p.Changes) != 1 || len(p.Changes[0].Fields) != 1 || p.Changes[0].Fields[0].Path != "extra.x_beta" {
		dump(t, p)
		t.Error("a declared extra is not compared")
	}
	a.apply(declared)
	if d, err := engine.FindDrift(context.Background(), a.client.Reader(), a.load(clinic), engine.PlanOptions{}); err != nil || !d.Empty() {
		t.Errorf("unknown fields are drift: %v %v", d, err)
	}
}

// TestExtraOfACreateIsShown lists the unknown fields that a new object is sent.
func TestExtraOfACreateIsShown(t *testing.T) {
	w := variantWorld(t, 1, mirrored)
	p := w.plan(`agents: desk: extra: x_beta: "mine"`, engine.PlanOptions{})
	if !slices.ContainsFunc(p.Changes[0].Fields, func(f field.Change) bool { return f.Path == "extra.x_beta" && f.After == "mine" }) {
		dump(t, p)
		t.Error("extra is not shown")
	}
}

// TestUnwritableFieldOfAReplacement sends a replacement again without a field that
// the service shows and takes from nobody.
func TestUnwritableFieldOfAReplacement(t *testing.T) {
	w := variantWorld(t, 1, sandbox.Variants{ExtraFields: true, Strict: true})
	body := func(text string) string {
		return `templates: promo: {name: "promo", language: "en", category: "MARKETING", account: "` + w.account() + `", components: [{type: "BODY", text: "` + text + `"}]}`
	}
	w.apply(body("Hello"))
	p := w.plan(body("Goodbye"), engine.PlanOptions{Options: plan.Options{AllowReplace: true}})
	if _, err := apply.Run(context.Background(), p, apply.Options{Client: w.client, Secret: service.Secret}); err != nil {
		t.Fatal(err)
	}
	var texts []string
	w.live().Walk(func(o *schema.Object) {
		if o.Kind.Name == "templates" {
			texts = append(texts, strings.Join(tree.Keys(o.Unknown), " "))
		}
	})
	if len(texts) != 1 || !strings.Contains(texts[0], "x_beta") {
		t.Errorf("templates: %q", texts)
	}
}

// account is the name of the workspace's first WhatsApp account.
func (w *world) account() string {
	w.Helper()
	var name string
	k := schema.CatalogOf("whatsapp_accounts")
	if err := w.client.Reader().List(context.Background(), k.Calls.List, mihu.Args{}, func(a map[string]any) error {
		if name == "" {
			name, _ = a[k.Title].(string)
		}
		return nil
	}); err != nil || name == "" {
		w.Fatalf("no account: %v", err)
	}
	return name
}
