package secondopinion

import (
	"bytes"
	stdjson "encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/cuecontext"
	"cuelang.org/go/encoding/json"
	"cuelang.org/go/encoding/jsonschema"
)

// published is a schema of docs.
type published struct {
	ctx *cue.Context
	v   cue.Value
}

func schemaOf(t *testing.T, name string) published {
	t.Helper()
	path := "../../docs/" + name + ".schema.json"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	expr, err := json.Extract(path, text)
	if err != nil {
		t.Fatal(err)
	}
	ctx := cuecontext.New()
	f, err := jsonschema.Extract(ctx.BuildExpr(expr), &jsonschema.Config{Strict: true})
	if err != nil {
		t.Fatal(err)
	}
	return published{ctx, ctx.BuildFile(f)}
}

func (s published) holds(text []byte) error {
	expr, err := json.Extract("document", text)
	if err != nil {
		return err
	}
	return s.v.Unify(s.ctx.BuildExpr(expr)).Validate(cue.Concrete(true), cue.Final())
}

// document reads the one JSON document of text.
func document(t *testing.T, what string, s published, text string) obj {
	t.Helper()
	d := stdjson.NewDecoder(strings.NewReader(text))
	var out obj
	if err := d.Decode(&out); err != nil {
		t.Errorf("%s: no document: %v in %q", what, err, cut(text))
		return nil
	}
	if _, err := d.Token(); err != io.EOF {
		t.Errorf("%s: more than one document: %s", what, cut(text))
	}
	if err := s.holds([]byte(text)); err != nil {
		t.Errorf("%s: not as published: %v\n%s", what, err, cut(text))
	}
	return out
}

// events reads the lines of text; the last one is the end, with the exit code.
func events(t *testing.T, what string, s published, text string, code int) []obj {
	t.Helper()
	var out []obj
	for i, line := range bytes.Split(bytes.TrimSuffix([]byte(text), []byte("\n")), []byte("\n")) {
		var e obj
		if err := stdjson.Unmarshal(line, &e); err != nil {
			t.Errorf("%s: line %d is no event: %q", what, i+1, line)
			return nil
		}
		if err := s.holds(line); err != nil {
			t.Errorf("%s: line %d is not as published: %v\n%s", what, i+1, err, line)
		}
		if e["event"] == "end" && i != bytes.Count([]byte(text), []byte("\n"))-1 {
			t.Errorf("%s: line %d ends before the last one", what, i+1)
		}
		out = append(out, e)
	}
	if last := out[len(out)-1]; last["event"] != "end" || fmt.Sprint(last["exit"]) != fmt.Sprint(code) {
		t.Errorf("%s: exit %d, and the last event is %v", what, code, last)
	}
	return out
}

const twoAgents = `workspace: agents: {support: {role: "Help"}, sales: {role: "Sell", routing_rules: Office: {detection_mode: "exact", trigger_keyword: "help", destination: agent: "support"}}}
`

func TestEveryEndOfAnApplyIsOneDocument(t *testing.T) {
	doc, event := schemaOf(t, "apply"), schemaOf(t, "log")
	cases := []struct {
		name, files string
		code        int
		prepare     func(t *testing.T, p *place, dir string)
		args        []string
	}{
		{"done", twoAgents, 0, nil, nil},
		{"nothing to do", "workspace: agents: {}\n", 0, nil, nil},
		{"partial", twoAgents, 5, func(t *testing.T, p *place, _ string) {
			owner{t, p.Server}.post("agents", obj{"name": "support", "role": "Old"})
			p.FailAt = p.tick + 2
		}, []string{"--parallel", "1"}},
		{"connection ends", twoAgents, 0, func(_ *testing.T, p *place, _ string) { p.FailAt, p.FailLate = 2, true }, nil},
		{"misspelt field", "workspace: agents: support: rolle: \"x\"\n", 1, nil, nil},
		{"syntax", "workspace: agents: {{\n", 1, nil, nil},
		{"missing secret", "workspace: agents: support: webhooks: a: {url: \"https://a.example/a\", events: [\"intent_call\"], secret_key: env: \"NOT_THERE\"}\n", 1, nil, nil},
		{"wrong token", twoAgents, 1, func(_ *testing.T, p *place, _ string) { p.env = append(p.env, "MIHU_API_TOKEN=wrong") }, nil},
		{"no connection", twoAgents, 1, func(_ *testing.T, p *place, _ string) {
			p.env = append(p.env, "MIHU_BASE_URL=http://127.0.0.1:1/api/v1")
		}, nil},
		{"unknown flag", twoAgents, 80, nil, []string{"--nonsense"}},
		{"not confirmed", twoAgents, -2, nil, []string{"-yes"}},
		{"nothing to resume", twoAgents, -2, nil, []string{"--resume"}},
		{"too many deletes", "workspace: contact_tags: keep: {}\n", 4, func(t *testing.T, p *place, _ string) {
			for i := range 4 {
				owner{t, p.Server}.post("contacts/tags", obj{"name": fmt.Sprintf("Tag %d", i)})
			}
		}, []string{"--prune", "--max-deletes", "1"}},
		{"policy", twoAgents, 4, func(t *testing.T, _ *place, dir string) {
			put(t, dir, "policy/p.cue", "package policy\n\nplan: _\n\ndeny: [for c in plan.changes if c.action == \"create\" {address: c.address, message: \"no new ones\"}]\n")
		}, nil},
		{"broken policy", twoAgents, 1, func(t *testing.T, _ *place, dir string) {
			put(t, dir, "policy/p.cue", "package policy\n\nplan: {\n")
		}, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := start(t, New(Plain(), 1))
			dir := write(t, "a.cue", head+c.files)
			if c.prepare != nil {
				c.prepare(t, p, dir)
				p.Forget()
			}
			args := []string{"apply", "--format", "json", "--log-format", "json"}
			if len(c.args) == 0 || c.args[0] != "-yes" {
				args = append(append(args, "--yes"), c.args...)
			}
			r := p.run(t, dir, append(args, dir)...)
			if c.code == -2 && r.code == 0 || c.code >= 0 && r.code != c.code {
				t.Errorf("exit %d, want %d: %v", r.code, c.code, r)
			}
			d := document(t, "stdout", doc, r.out)
			events(t, "stderr", event, r.errout, r.code)
			failure := asObj(d["error"])
			if (r.code == 0) != (failure == nil) || failure != nil && fmt.Sprint(failure["exit"]) != fmt.Sprint(r.code) {
				t.Errorf("exit %d, and the document says %v", r.code, failure)
			}
			count := map[any]int{}
			for _, w := range asList(d["writes"]) {
				count[w.(obj)["status"]]++
			}
			for _, status := range []string{"done", "failed", "skipped"} {
				if fmt.Sprint(asObj(d["summary"])[status]) != fmt.Sprint(count[status]) {
					t.Errorf("%s: the summary says %v, the writes are %d", status, asObj(d["summary"])[status], count[status])
				}
			}
			accepted := 0
			for _, w := range p.Writes() {
				if w.Status < 300 {
					accepted++
				}
			}
			if late := p.FailLate; !late && accepted != count["done"] {
				t.Errorf("the service accepted %d writes, the document tells of %d", accepted, count["done"])
			}
		})
	}
}

func TestTheDocumentOfAStalePlan(t *testing.T) {
	p := start(t, New(Plain(), 1))
	dir := write(t, "a.cue", head+"workspace: agents: support: {role: \"Help\"}\n")
	a := owner{t, p.Server}.post("agents", obj{"name": "support"})
	p.must(t, 0, dir, "plan", "--out", "x.plan", dir)
	owner{t, p.Server}.patch("agents/"+str(a["agent_uuid"]), obj{"role": "Somebody's"})
	p.Forget()
	r := p.must(t, 3, dir, "apply", "--yes", "--format", "json", "--log-format", "json", "x.plan")
	d := document(t, "stdout", schemaOf(t, "apply"), r.out)
	events(t, "stderr", schemaOf(t, "log"), r.errout, 3)
	if asObj(d["error"])["code"] != "stale" || !strings.Contains(r.out, "agents/support") {
		t.Errorf("it is stale, and does not say what is: %s", r.out)
	}
	p.noWrites(t)
}
