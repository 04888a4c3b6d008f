package laws

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/mihusync/mihusync/export"
	"github.com/mihusync/mihusync/internal/adopt"
	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/mihu/sandbox"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
)

// The lists and bounds of the documentation are what was seen. These laws are about
// values that lie outside.

var beyond = &config{variants: sandbox.Variants{Beyond: true}}

// An export of values outside the lists and bounds is valid, plans empty, and makes
// the same workspace elsewhere and back.
func TestValuesBeyondTheListsGoRound(t *testing.T) {
	check(t, 1, func(l lab) {
		w := l.world(1, beyond)
		agent := l.write(w, "createAgent", nil, object{"name": "Desk", "status": "retired", "speed": "warp", "guidelines": []any{object{"content": "", "order": 0}},
			"settings": object{"voice": object{"interruption": object{"mode": "psychic"}, "call_behavior": object{"background_sound_ambience": "moon_base", "background_sound_volume": -0.5}}}})
		id := str(agent["agent_uuid"])
		book := l.write(w, "createIntent", []string{id}, object{"name": "Book", "confidence_threshold": 1.5})
		l.write(w, "setIntentEvent", []string{id, str(book["intent_uuid"])}, object{"event_type": "voicemail", "config": object{"box": 7}})
		l.write(w, "addGuardRule", []string{id}, object{"name": "Legal", "when_condition": "Threatens.", "then_action": "forward", "selected_channels": []any{"phone", "pager"}})
		l.write(w, "addGuardRule", []string{id}, object{"name": "Queue", "when_condition": "Waits.", "then_action": "park", "destination_type": "queue", "destination": "q1"})
		l.write(w, "addRoutingRule", []string{id}, object{"department_name": "Sales", "detection_mode": "telepathy"})
		l.write(w, "createWebhook", []string{id}, object{"url": "https://a.example/x", "events": []any{"intent_call", "moon_landing"}})
		l.write(w, "createAvailabilityType", nil, object{"name": "Visit", "duration_minutes": 0, "working_hours": object{"monday": []any{object{"start": "00:00", "end": "24:00"}}}})
		out := l.export(w)
		for _, want := range []string{`"unlisted:retired"`, `"unlisted:moon_base"`, `"unlisted:voicemail"`, `"unlisted:queue"`, `"unlisted:moon_landing"`, `"24:00"`, "1.5"} {
			if !strings.Contains(fmt.Sprint(l.tree(out)), want) {
				l.t.Errorf("the export has no %s", want)
			}
		}
		l.vet(out)
		l.empty(w, out, "of an export", withoutSecrets)
		other := l.world(2, beyond)
		l.sync(other, out)
		copied := l.export(other)
		l.sameTree(out, copied, "an export of a copy")
		back := l.world(3, beyond)
		l.sync(back, copied)
		l.sameTree(out, l.export(back), "an export of the copy's copy")
	})
}

// A value outside the list of a field is refused by a service that knows only the
// lists, as it is.
func TestListsAreRefusedByAServiceThatKeepsThem(t *testing.T) {
	check(t, 1, func(l lab) {
		w := l.world(1, nil)
		dir := l.files(document{object: object{"agents": object{"desk": object{"status": "unlisted:retired"}}}})
		err := l.tryApply(w, l.plan(w, dir), 1)
		if err == nil {
			l.t.Error("the service took a status that it does not list")
		}
	})
}

// odd draws a live value that no documentation describes.
func odd(t *rapid.T) any {
	return rapid.SampledFrom([]any{nil, "", "moon", int64(0), int64(-1), 1.5, true, []any{}, []any{"x", int64(1)}, []any{nil}, object{}, object{"x": int64(1)}, "24:00"}).Draw(t, "odd")
}

// raw draws a live object of a kind: what its fields are meant to be, and odd values.
func raw(t *rapid.T, f *schema.Field, depth int) object {
	out := object{}
	for _, m := range f.Fields {
		if m.Wire == "" || depth == 0 || !rapid.Bool().Draw(t, "has "+m.Wire) {
			continue
		}
		out[m.Wire] = rawValue(t, m, depth)
	}
	if f.Tag != "" {
		out[f.Tag] = rapid.SampledFrom([]any{"webhook", "agent", "scenario", "app", "extension", "moon", nil}).Draw(t, "tag")
	}
	return out
}

func rawValue(t *rapid.T, m *schema.Field, depth int) any {
	if rapid.IntRange(0, 5).Draw(t, "odd") == 0 {
		return odd(t)
	}
	d := m.Domain()
	switch {
	case m.Type == schema.Struct:
		return raw(t, m, depth-1)
	case m.Type == schema.Map && !m.Keyed:
		return object{"one": rawValue(t, m.Elem, depth-1)}
	case m.Type == schema.List || m.Keyed:
		list := []any{}
		for range rapid.IntRange(0, 2).Draw(t, "items") {
			if m.Items != "" {
				list = append(list, object{m.Items: odd(t)})
			} else {
				list = append(list, rawValue(t, m.Elem, depth-1))
			}
		}
		return list
	case len(d.Words) > 0:
		return rapid.SampledFrom(append(d.Words, "moon")).Draw(t, "word")
	case m.Type == schema.Bool:
		return rapid.Bool().Draw(t, "bool")
	case m.Type == schema.Number:
		return rapid.SampledFrom([]any{int64(0), int64(1), 0.5, int64(-1), int64(5000)}).Draw(t, "number")
	}
	return rapid.SampledFrom([]any{"", "a text", "HH", "09:00:00"}).Draw(t, "text")
}

// Whatever a service answers for an object, an export of it is valid.
func TestExportsOfOddAnswersAreValid(t *testing.T) {
	for _, k := range schema.TopKinds() {
		t.Run(k.Name, func(t *testing.T) {
			check(t, 8, func(l lab) {
				l.sayable(oddWorkspace(l.t, k))
			})
		})
	}
}

// oddWorkspace draws a live workspace with one object of a kind.
func oddWorkspace(t *rapid.T, k *schema.Kind) *schema.Workspace {
	ws := schema.NewWorkspace()
	ws.Sections[k.Name] = true
	item := raw(t, k.Fields, 6)
	item[k.ID] = "0b7c0000-0000-4000-8000-000000000001"
	o := k.Decode(item)
	for _, c := range k.Children {
		if c.Section == "" && c.Shape == schema.Collection {
			child := raw(t, c.Fields, 5)
			child[c.ID] = "0b7c0000-0000-4000-8000-000000000002"
			o.Sections[c.Name] = true
			grown := o.Adopt(c, child)
			for _, inner := range c.Children {
				if inner.Shape == schema.Singleton {
					grown.Sections[inner.Name] = true
					grown.Adopt(inner, raw(t, inner.Fields, 5))
				}
			}
		}
	}
	ws.Objects[k.Name] = []*schema.Object{o}
	return ws
}

// sayable fails unless an export of a live workspace is valid.
func (l lab) sayable(ws *schema.Workspace) {
	l.t.Helper()
	ws.AssignHandles(nil)
	ws.Resolve()
	dir := l.folder()
	if _, err := export.Write(context.Background(), ws, export.WriteOptions{Dir: dir, Schema: module}); err != nil {
		l.t.Fatalf("export: %v", err)
	}
	l.load(dir)
}

// Whatever a service answers for an object, files that adopted it are valid. The files
// declared it as it was before, or not at all.
func TestAdoptedOddAnswersAreValid(t *testing.T) {
	for _, k := range schema.TopKinds() {
		t.Run(k.Name, func(t *testing.T) {
			check(t, 6, func(l lab) {
				before, now := oddWorkspace(l.t, k), oddWorkspace(l.t, k)
				was, is := before.Objects[k.Name][0].Fields, now.Objects[k.Name][0].Fields
				for _, f := range k.Fields.Fields { // it is the same object
					switch {
					case slices.Contains(k.Identity, f.Name):
						was[f.Name], is[f.Name] = "desk", "desk"
					case f.Apart:
						was[f.Name], is[f.Name] = schema.NewRef(f.Ref, "one", nil), schema.NewRef(f.Ref, "one", nil)
					}
				}
				if rapid.Bool().Draw(l.t, "declares nothing") {
					before = schema.NewWorkspace()
				}
				complete := rapid.SampledFrom([]export.Completeness{export.Nowhere, export.InWorkspace}).Draw(l.t, "complete")
				before.AssignHandles(nil)
				before.Resolve()
				dir := l.folder()
				if _, err := export.Write(context.Background(), before, export.WriteOptions{Dir: dir, Schema: module, Complete: complete}); err != nil {
					l.t.Fatalf("export: %v", err)
				}
				l.adoptAll(dir, now)
			})
		})
	}
}

// adoptAll takes a live workspace over into the files, which are valid afterwards.
func (l lab) adoptAll(dir string, live *schema.Workspace) {
	l.t.Helper()
	cfg, opts := l.load(dir), planOptions()
	opts.CompareOnly, opts.Offline = true, true
	for _, k := range schema.TopKinds() {
		cfg.Workspace.Sections[k.Name] = cfg.Workspace.Sections[k.Name] || k.Shape == schema.Collection
	}
	p, err := plan.Compute(cfg.Workspace, live, opts.Options)
	if err != nil {
		l.t.Fatalf("the drift: %v", err)
	}
	plan.Align(cfg.Workspace, live)
	done, err := adopt.Write(context.Background(), cfg, &engine.Drift{Differences: plan.DifferencesOf(p).Reverse(), Plan: p, Live: live}, adopt.Options{Addresses: []string{"**"}})
	if err != nil {
		l.t.Fatalf("adopt: %v", err)
	}
	for _, left := range done.Left {
		if strings.Contains(left.Summary, "would not hold") {
			l.t.Fatalf("adopt wrote what the files cannot hold: %s: %s", left.Address, left.Detail)
		}
	}
	l.load(dir)
}
