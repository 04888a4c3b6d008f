package cli

import (
	"bytes"
	"context"
	stdjson "encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/mihusync/mihusync/mihu/sandbox"
)

// bender stands between the client and a sandbox. What it changes in the body of a
// write reaches the stored state, and the answer tells of it, as a service would that
// drops or clamps a value.
type bender struct {
	*testing.T
	dir, url string

	mu sync.Mutex
	// bend changes the body of a write. path is that of the request, below the API's.
	bend func(method, path string, body map[string]any)
	// empty lets every write be answered with 204 and no body.
	empty bool
	// broken lets every read be refused.
	broken bool
	reads  []string
}

func newBender(t *testing.T, files string) *bender {
	t.Helper()
	b := &bender{T: t, dir: t.TempDir()}
	box, err := sandbox.New(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { box.Close() })
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.mu.Lock()
		defer b.mu.Unlock()
		path := strings.TrimPrefix(r.URL.Path, "/api/v1")
		switch {
		case r.Method == http.MethodGet && b.broken:
			w.WriteHeader(http.StatusForbidden)
			return
		case r.Method == http.MethodGet:
			b.reads = append(b.reads, path)
			box.ServeHTTP(w, r)
			return
		}
		var body map[string]any
		if text, _ := io.ReadAll(r.Body); len(text) > 0 {
			if err := stdjson.Unmarshal(text, &body); err != nil {
				t.Error(err)
			}
			if b.bend != nil {
				b.bend(r.Method, path, body)
			}
			text, _ = stdjson.Marshal(body)
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
		}
		answer := httptest.NewRecorder()
		box.ServeHTTP(answer, r)
		if b.empty && answer.Code < 300 {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		for k, v := range answer.Header() {
			w.Header()[k] = v
		}
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes())
	}))
	t.Cleanup(server.Close)
	b.url = server.URL + "/api/v1"
	b.files(files)
	return b
}

func (b *bender) files(files string) {
	b.Helper()
	if err := os.MkdirAll(filepath.Join(b.dir, "cue.mod"), 0o755); err != nil {
		b.Fatal(err)
	}
	for name, text := range map[string]string{
		"cue.mod/module.cue": moduleFile,
		"acme.cue":           "package acme\n\nimport \"mihusync.dev/schema\"\n\nworkspace: schema.#Workspace\nworkspace: {\n" + files + "}\n",
	} {
		if err := os.WriteFile(filepath.Join(b.dir, name), []byte(text), 0o644); err != nil {
			b.Fatal(err)
		}
	}
}

// setting sets how the service misbehaves, and forgets what was read.
func (b *bender) setting(set func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.reads = nil
	set()
}

func (b *bender) run(verb string, args ...string) (code int, stdout, stderr string) {
	b.Helper()
	code, stdout, stderr = run([]string{envToken + "=x", "HOOK=canary-92"}, append([]string{verb, "--base-url", b.url}, args...)...)
	if strings.Contains(stdout+stderr, "canary") {
		b.Errorf("%s shows a secret:\n%s%s", verb, stdout, stderr)
	}
	return code, stdout, stderr
}

// plant sets a value in a body at a path of keys, where the body has one.
func plant(body map[string]any, value any, path ...string) {
	at := body
	for _, k := range path[:len(path)-1] {
		at, _ = at[k].(map[string]any)
	}
	last := path[len(path)-1]
	if _, there := at[last]; !there {
		return
	}
	if value == nil {
		delete(at, last)
	} else {
		at[last] = value
	}
}

const verified = `
agents: desk: {
	name: "Desk", role: "Receptionist", objective: "Books visits."
	settings: voice: {call_behavior: silence_timeout_seconds: 30}
	guard_rules: legal: {when_condition: "A lawyer writes.", then_action: "end_conversation"}
	webhooks: crm: {url: "https://crm.acme.example/mihu", events: ["conversation_end_report"], secret_key: env: "HOOK"}
	evaluate: sessionization: timeout_minutes: 45
}
evaluate: sessionization: timeout_minutes: 60
flows: intake: {
	trigger: {id: "lead", app: "Contacts", event: "contact_created"}
	steps: [{id: "call", app: "Agents", action: "make_call", agent: "desk", config: to: "{{lead.phone_number}}"}]
}
`

// TestDeviationsAreReported lets the service drop, clamp or change a field in what it
// stores. The apply names it by address and path, with what was asked and what is there,
// and ends with the code of an apply in part; the document and the log have it too.
func TestDeviationsAreReported(t *testing.T) {
	for _, c := range []struct {
		what string
		bend func(method, path string, body map[string]any)
		want []string
	}{
		{"a field of an agent is dropped", func(_, path string, body map[string]any) {
			if path == "/agents" {
				plant(body, nil, "objective")
			}
		}, []string{`agents/desk: objective was set to "Books visits.", and the service has no value`}},
		{"a text of an agent is changed", func(_, path string, body map[string]any) {
			if path == "/agents" {
				plant(body, "RECEPTIONIST", "role")
			}
		}, []string{`agents/desk: role was set to "Receptionist", and the service has "RECEPTIONIST"`}},
		{"a nested rule", func(_, path string, body map[string]any) {
			rules, _ := body["guard_rules"].([]any)
			for _, r := range append(rules, body) {
				plant(r.(map[string]any), "A lawyer", "when_condition")
			}
		}, []string{`agents/desk/guard_rules/legal: `}},
		{"a default is clamped", func(_, path string, body map[string]any) {
			if path == "/evaluate/default" {
				plant(body, 15, "sessionization", "timeout_minutes")
			}
		}, []string{`evaluate: sessionization.timeout_minutes was set to 60, and the service has 15`}},
		{"an override is clamped", func(_, path string, body map[string]any) {
			if strings.HasSuffix(path, "/evaluate") {
				plant(body, 15, "sessionization", "timeout_minutes")
			}
		}, []string{`agents/desk/evaluate: sessionization.timeout_minutes was set to 45, and the service has 15`}},
	} {
		for _, mode := range []string{verifyChanged, verifyAll} {
			b := newBender(t, verified)
			b.setting(func() { b.bend = c.bend })
			code, stdout, stderr := b.run("apply", "--yes", "--format", "json", "--verify", mode, b.dir)
			for _, want := range c.want {
				if !strings.Contains(stderr, "Error: "+want) {
					t.Errorf("%s, %s: no %q in\n%s", c.what, mode, want, stderr)
				}
			}
			if code != exitPartial || !strings.Contains(stderr, "Everything was written, and the service does not have") {
				t.Errorf("%s, %s: it ended with %d:\n%s", c.what, mode, code, stderr)
			}
			var d runDocument
			if err := stdjson.Unmarshal([]byte(stdout), &d); err != nil {
				t.Fatal(err)
			}
			if len(d.Verified.Deviations) != 1 || d.Verified.Mode != mode || d.Verified.Objects == 0 || d.Error.Code != "deviates" || !d.Verified.Deviations[0].Declared {
				t.Errorf("%s, %s: the document has %+v", c.what, mode, d.Verified)
			}
			_, stdout, _ = b.run("log", "-C", b.dir, "last")
			if !strings.Contains(stdout, "1 values deviate") || !strings.Contains(stdout, "Deviations") {
				t.Errorf("%s, %s: the log says\n%s", c.what, mode, stdout)
			}
		}
		b := newBender(t, verified)
		b.setting(func() { b.bend = c.bend })
		if code, stdout, stderr := b.run("apply", "--yes", "--verify", verifyNone, b.dir); code != exitOK {
			t.Errorf("%s: without a comparison it ended with %d:\n%s%s", c.what, code, stdout, stderr)
		}
	}
}

// TestStepIsNotKept lets the service change the config of a flow's step. The flow's own
// writes find it.
func TestStepIsNotKept(t *testing.T) {
	b := newBender(t, verified)
	b.setting(func() {
		b.bend = func(_, path string, body map[string]any) {
			if strings.Contains(path, "/steps") {
				plant(body, "+15550199", "config", "to")
			}
		}
	})
	code, _, stderr := b.run("apply", "--yes", b.dir)
	for _, want := range []string{"flows/intake/steps/call", "config.to", "{{lead.phone_number}}", `"+15550199"`} {
		if !strings.Contains(stderr, want) {
			t.Errorf("no %q in\n%s", want, stderr)
		}
	}
	if code != exitPartial {
		t.Errorf("it ended with %d", code)
	}
}

// TestReadBackIsOneListAKind counts what is read after an apply whose answers tell
// nothing. Answers that have everything need no reading back of agents at all.
func TestReadBackIsOneListAKind(t *testing.T) {
	files := func(role string) string {
		out := ""
		for _, name := range []string{"a", "b", "c", "d"} {
			out += "agents: " + name + ": {name: \"" + name + "\", role: \"" + role + "\", guard_rules: legal: {when_condition: \"" + role + "\", then_action: \"end_conversation\"}}\n"
			out += "contact_tags: " + name + ": {name: \"" + name + "\", description: \"" + role + "\"}\n"
		}
		return out
	}
	b := newBender(t, files("one"))
	if code, _, stderr := b.run("apply", "--yes", b.dir); code != exitOK {
		t.Fatal(stderr)
	}
	b.files(files("two"))
	b.setting(func() { b.empty = true })
	if code, _, stderr := b.run("plan", b.dir); code != exitOK {
		t.Fatal(stderr)
	}
	planned := len(b.reads)
	b.setting(func() {})
	if code, _, stderr := b.run("apply", "--yes", b.dir); code != exitOK {
		t.Fatal(stderr)
	}
	if len(b.reads) != 2*planned { // as much as the plan: the list of agents, and two pages of tags
		t.Errorf("planning takes %d reads, an apply that reads back takes %v", planned, b.reads)
	}
	b.files(files("three"))
	b.setting(func() {
		b.bend = func(_, path string, body map[string]any) { plant(body, nil, "role") }
	})
	code, _, stderr := b.run("apply", "--yes", b.dir)
	if code != exitPartial || !strings.Contains(stderr, "Error: role was set to \"three\", and the service has \"two\" (4 places)") {
		t.Errorf("an empty answer hides what was dropped: %d\n%s", code, stderr)
	}
}

// TestConfirmedWritesAreNotReadBack reads nothing back of what the answers show.
func TestConfirmedWritesAreNotReadBack(t *testing.T) {
	b := newBender(t, "contact_tags: vip: {name: \"vip\", description: \"one\"}\n")
	code, _, stderr := b.run("apply", "--yes", "-v", b.dir)
	if code != exitOK || !strings.Contains(stderr, "Verified 1 object: 0 values deviate.") {
		t.Errorf("%d\n%s", code, stderr)
	}
	if len(b.reads) != 1 {
		t.Errorf("it read %v", b.reads)
	}
}

// TestReadBackMayFail ends well when the service takes writes and answers no read
// afterwards: nobody knows that anything is wrong.
func TestReadBackMayFail(t *testing.T) {
	b := newBender(t, "agents: desk: {name: \"Desk\", role: \"Receptionist\"}\n")
	b.setting(func() {
		b.empty = true
		b.bend = func(string, string, map[string]any) { b.broken = true }
	})
	if code, _, _ := b.run("apply", "--yes", b.dir); code != exitFailed { // a create without an id
		t.Fatalf("a create without an answer ended with %d", code)
	}
	b.setting(func() { b.broken, b.empty, b.bend = false, false, nil })
	b.files("agents: desk: {name: \"Desk\", role: \"Adviser\"}\n")
	b.setting(func() {
		b.empty = true
		b.bend = func(string, string, map[string]any) { b.broken = true }
	})
	code, stdout, stderr := b.run("apply", "--yes", b.dir)
	if code != exitOK || !strings.Contains(stderr, "Note: what was written could not be compared") || !strings.Contains(stdout, "Applied: 1 write done.") {
		t.Errorf("it ended with %d:\n%s%s", code, stdout, stderr)
	}
}

// TestPartialRunIsVerified compares what was done of a run that stopped.
func TestPartialRunIsVerified(t *testing.T) {
	b := newBender(t, "agents: desk: {name: \"Desk\", role: \"Receptionist\"}\navailability_types: visit: name: \"Visit\"\n")
	b.setting(func() {
		b.bend = func(_, path string, body map[string]any) {
			plant(body, nil, "role")
			if path == "/availability-types" {
				clear(body)
			}
		}
	})
	code, stdout, stderr := b.run("apply", "--yes", "--format", "json", b.dir)
	var d runDocument
	if err := stdjson.Unmarshal([]byte(stdout), &d); err != nil {
		t.Fatal(err)
	}
	if code != exitPartial || d.Error.Code != "partial" || len(d.Verified.Deviations) != 1 || !strings.Contains(stderr, "agents/desk: role was set to") {
		t.Errorf("it ended with %d, %+v:\n%s", code, d.Verified, stderr)
	}
}

// TestInterruptedRunIsNotVerified says that it did not look.
func TestInterruptedRunIsNotVerified(t *testing.T) {
	b := newBender(t, "agents: desk: {name: \"Desk\", role: \"Receptionist\"}\nagents: shop: {name: \"Shop\", guard_rules: r: {when_condition: \"x\", then_action: \"forward\", destination: agent: \"desk\"}}\n")
	ctx, interrupt := context.WithCancelCause(context.Background())
	defer interrupt(nil)
	b.setting(func() { b.bend = func(string, string, map[string]any) { interrupt(errors.New("stop")) } })
	var out, errs bytes.Buffer
	code := Main(ctx, []string{"apply", "--base-url", b.url, "--yes", "--parallel", "1", b.dir}, []string{envToken + "=x"}, strings.NewReader(""), &out, &errs)
	if !strings.Contains(errs.String(), "Note: the run was interrupted, so what it wrote is not compared") {
		t.Errorf("it ended with %d:\n%s", code, errs.String())
	}
}
