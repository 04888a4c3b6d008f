package export

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/load"
)

func said(t *testing.T, b *builder, o *schema.Object) string {
	t.Helper()
	raw, err := json.Marshal(b.object(o, false))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// A kind with a field of every sort, independent of the real schema.
func sortsOfFields() *schema.Kind {
	str := func(name string) *schema.Field { return &schema.Field{Name: name, Wire: name, Type: schema.String} }
	withDefault := func(f *schema.Field, v any) *schema.Field { f.Default, f.HasDef = v, true; return f }
	return &schema.Kind{Name: "things", Identity: []string{"name"}, Fields: &schema.Field{Type: schema.Struct, Fields: []*schema.Field{
		{Name: "uuid", Server: true},
		str("name"),
		withDefault(str("mode"), "normal"),
		withDefault(&schema.Field{Name: "volume", Type: schema.Number}, int64(1)),
		withDefault(&schema.Field{Name: "watch", Type: schema.List, Set: true, Elem: str("")}, []any{"phone"}),
		{Name: "tags", Type: schema.List, Set: true, Elem: str("")},
		{Name: "steps", Type: schema.List, Elem: &schema.Field{Type: schema.Struct, Fields: []*schema.Field{str("text"), withDefault(str("type"), "text")}}},
		{Name: "box", Type: schema.Struct, Fields: []*schema.Field{str("inner"), withDefault(str("kind"), "small")}},
		{Name: "by_key", Type: schema.Map, Elem: &schema.Field{Type: schema.Struct, Fields: []*schema.Field{withDefault(str("type"), "text")}}},
		{Name: "free"},
		{Name: "seen", Type: schema.String, Server: true},
		{Name: "key", Type: schema.String, WriteOnly: true},
	}}}
}

func TestWhatNeedNotBeSaid(t *testing.T) {
	for _, test := range []struct {
		name   string
		fields fields
		want   string
	}{
		{"nothing", fields{}, `{}`},
		{"nothing in many words", fields{"name": nil, "tags": []any{}, "box": fields{"inner": "", "kind": "small"}, "by_key": fields{}, "free": fields{}}, `{}`},
		{"the handle as a name", fields{"name": "one"}, `{}`},
		{"a name", fields{"name": "One"}, `{"name":"One"}`},
		{"documented defaults", fields{"mode": "normal", "volume": 1.0, "watch": []any{"phone"}}, `{}`},
		{"other values", fields{"mode": "loud", "volume": 0.5, "watch": []any{"sms", "phone"}}, `{"mode":"loud","volume":0.5,"watch":["phone","sms"]}`},
		{"nothing where the default is something", fields{"mode": "", "watch": []any{}}, `{"mode":"","watch":[]}`},
		{"a set in any order", fields{"tags": []any{"b", "a"}}, `{"tags":["a","b"]}`},
		{"list items are said in full", fields{"steps": []any{fields{"text": "", "type": "text"}}}, `{"steps":[{"text":"","type":"text"}]}`},
		{"members of a map exist by being there", fields{"by_key": fields{"b": fields{"type": "text"}, "a": fields{"type": "x"}}}, `{"by_key":{"a":{"type":"x"},"b":{}}}`},
		{"opaque values are whole", fields{"free": fields{"b": nil, "a": []any{}}}, `{"free":{"a":[],"b":null}}`},
		{"what the server owns", fields{"seen": "yesterday", "uuid": "1"}, `{}`},
		{"what nobody described", fields{"zeta": true, "alpha": "x"}, `{"alpha":"x","zeta":true}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := &schema.Object{Kind: sortsOfFields(), Handle: "one", Fields: test.fields}
			if got := said(t, &builder{}, o); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// A secret never leaves, not even from a field that holds it as plain text.
func TestSecretsAreReferences(t *testing.T) {
	b := &builder{}
	for handle, v := range map[string]any{"plain": "canary", "live": schema.LiveSecret("canary"), "named": schema.EnvSecret("MINE"), "file": schema.FileSecret("k.txt")} {
		b.object(&schema.Object{Kind: sortsOfFields(), Handle: handle, Fields: fields{"key": v}}, false)
	}
	b.secrets.name()
	got := map[string]string{}
	for _, s := range b.secrets.all {
		got[s.owners[0]] = s.from.Arg
	}
	want := map[string]string{"plain": "PLAIN_KEY", "live": "LIVE_KEY", "named": "MINE", "file": "k.txt"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestVariablesDiffer(t *testing.T) {
	handles := []string{"a b", "a-b", "A_B", "ab", "2nd", "ключ", "token"}
	name := func(reverse bool) map[string]string {
		b := &builder{}
		for i := range handles {
			if reverse {
				i = len(handles) - 1 - i
			}
			b.object(&schema.Object{Kind: sortsOfFields(), Handle: handles[i], Fields: fields{"key": schema.LiveSecret("")}}, false)
		}
		b.secrets.name("TOKEN_KEY")
		out, taken := map[string]string{}, map[string]bool{}
		for _, s := range b.secrets.all {
			if s.env() == "" || s.env() == "TOKEN_KEY" || taken[s.env()] || strings.ContainsAny(s.env(), " -") || s.env()[0] <= '9' {
				t.Errorf("%s: variable %q", s.addr, s.env())
			}
			taken[s.env()], out[s.addr] = true, s.env()
		}
		return out
	}
	if diff := cmp.Diff(name(false), name(true)); diff != "" {
		t.Errorf("the order of the objects matters:\n%s", diff)
	}
}

func TestTwinsArePinned(t *testing.T) {
	kind := sortsOfFields()
	var twins []*schema.Object
	for _, h := range []string{"b", "a", "c"} {
		twins = append(twins, &schema.Object{Kind: kind, Handle: h, ID: "id-" + h, Fields: fields{"name": "Same"}})
	}
	twins[2].Fields["name"] = "Other"
	raw, err := json.Marshal((&builder{}).collection(twins, false))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"a":{"uuid":"id-a","name":"Same"},"b":{"uuid":"id-b","name":"Same"},"c":{"name":"Other"}}`
	if string(raw) != want {
		t.Errorf("got %s", raw)
	}
}

// An override says everything that a copy of the default would not bring.
func TestOverridesAreExplicit(t *testing.T) {
	base := sortsOfFields()
	base.Shape, base.Semantics = schema.Singleton, schema.DefaultSemantics
	own := *base
	own.Semantics = schema.OverrideSemantics
	b := &builder{defaults: map[string]*schema.Object{"things": {Kind: base, Fields: fields{"tags": []any{"x"}, "box": fields{"inner": "text"}}}}}
	o := &schema.Object{Kind: &own, Mode: schema.Own, Fields: fields{"mode": "normal", "tags": []any{}, "box": fields{"inner": ""}, "by_key": fields{}}}
	if got, want := said(t, b, o), `{"mode":"normal","tags":[],"box":{"inner":""}}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	o.Mode = schema.Inherit
	if got, want := said(t, b, o), `"inherit"`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	o.Mode, o.Fields = schema.FromFactory, fields{}
	if got, want := said(t, b, o), `{"from":"factory"}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// What Write wrote, Load reads as the same workspace.
func TestWriteThenLoad(t *testing.T) {
	dir := t.TempDir()
	ws := acme()
	write(t, ws, dir, acmeOptions)
	config, err := load.Dir(context.Background(), load.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if config.Target.Subdomain != "acme-staging" || config.Target.Token.Arg != "MIHU_API_TOKEN" {
		t.Errorf("target: %+v", config.Target)
	}
	again := t.TempDir()
	write(t, config.Workspace, again, acmeOptions)
	if diff := cmp.Diff(filesIn(t, dir), filesIn(t, again)); diff != "" {
		t.Errorf("the loaded workspace is written otherwise:\n%s", diff)
	}
	live, loaded := ws.ByAddr(), config.Workspace.ByAddr()
	for addr, want := range live {
		got := loaded[addr]
		if want.System || addr == "memorize" { // nothing to say about them
			if got != nil {
				t.Errorf("%s was exported", addr)
			}
			continue
		}
		if got == nil {
			t.Errorf("%s is lost", addr)
			continue
		}
		for name, v := range got.Fields {
			if v, ok := v.(string); ok && !cmp.Equal(want.Fields[name], any(v), finalLineEnds) {
				t.Errorf("%s: %s is %q, was %q", addr, name, v, want.Fields[name])
			}
		}
	}
}

// TestWhatAFileWouldBreakIsNotFiled writes a text that is as long as its field allows, and
// a name of several lines. A file adds a line end.
func TestWhatAFileWouldBreakIsNotFiled(t *testing.T) {
	target := strings.Repeat("long ", 51) // 255 characters
	ws := schema.NewWorkspace()
	object(ws, "campaign_rules", "r", fields{"name": "two\nlines", "type": "call", "escalation_target": target})
	object(ws, "campaign_rules", "s", fields{"name": "S", "type": "call", "escalation_target": target[:250]})
	dir := t.TempDir()
	write(t, ws, dir, acmeOptions)
	for name, data := range filesIn(t, dir) {
		if strings.HasSuffix(name, ".md") && data != target[:250]+"\n" {
			t.Errorf("%s is a file: %q", name, data)
		}
	}
}

// TestWhatDecidesIsSaid says the type of a campaign rule although it is the documented
// default: a rule that somebody makes a text has none of the other fields.
func TestWhatDecidesIsSaid(t *testing.T) {
	rule := &schema.Object{Kind: schema.KindOf("campaign_rules"), Handle: "r", Fields: fields{"name": "Rule", "type": "call", "dnc_check": true}}
	if got := said(t, &builder{}, rule); !strings.HasPrefix(got, `{"name":"Rule","type":"call",`) || strings.Contains(got, "dnc_check") {
		t.Error(got)
	}
}
