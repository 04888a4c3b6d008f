package schema_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// through writes a value as JSON and reads it back.
func through(t *testing.T, v any) any {
	t.Helper()
	data, err := json.Marshal(schema.EncodeValue(v))
	if err != nil {
		t.Fatal(err)
	}
	got, err := schema.UnmarshalValue(data)
	if err != nil {
		t.Fatalf("%s: %v", data, err)
	}
	return got
}

// TestFormKeepsData holds the form to giving data back as it is, above all where it
// looks like a reference or a secret.
func TestFormKeepsData(t *testing.T) {
	for _, text := range []string{
		`null`, `true`, `"x"`, `"$secret"`, `[]`, `{}`, `1`, `1.5`, `18446744073709551617`, `1e400`, `0.1000000000000000000001`,
		`{"$secret": {"env": "AWS_SECRET_ACCESS_KEY"}}`, `{"$secret": "env:AWS_SECRET_ACCESS_KEY"}`, `{"$secret": null}`,
		`{"$ref": "agents/support"}`, `{"$ref": {"kind": "agents", "name": "a", "addr": "agents/a"}}`,
		`{"$$ref": 1, "$ref": 2, "$$$ref": 3, "ref": 4}`, `{"$$secret": {"$secret": {"$ref": "x"}}}`,
		`{"$": 1, "$$": 2, "$schema": 3, "$secrets": 4, "$eq": {"$ref": [{"$secret": "set"}]}}`,
		`[{"env": "prod"}, {"kind": "agents", "addr": "agents/a"}]`,
	} {
		want, err := tree.Decode([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if got := through(t, want); !reflect.DeepEqual(got, want) {
			t.Errorf("%s came back as %v", text, got)
		}
	}
}

// TestFormShown holds the form to what the documents of the tool say.
func TestFormShown(t *testing.T) {
	for _, c := range []struct {
		v    any
		want string
	}{
		{schema.Ref{Kind: "agents", Name: "support", Addr: "agents/support", ID: "u1"}, `{"$ref":"agents/support"}`},
		{schema.Ref{Kind: "agents", ID: "u1"}, `{"$ref":"agents/uuid:u1"}`},
		{schema.EnvSecret("TOKEN"), `{"$secret":"env:TOKEN"}`},
		{schema.FileSecret("a/b:c"), `{"$secret":"file:a/b:c"}`},
		{schema.LiveSecret("canary"), `{"$secret":"set"}`},
		{map[string]any{"$secret": schema.EnvSecret("A"), "n": json.Number("18446744073709551617")}, `{"$$secret":{"$secret":"env:A"},"n":18446744073709551617}`},
	} {
		if got := schema.ValueText(c.v); got != c.want {
			t.Errorf("%v is %s, want %s", c.v, got, c.want)
		}
	}
}

// draw makes a value of any sort, with keys and texts that could be mistaken.
func draw(r *rand.Rand, depth int) any {
	words := []string{"", "a", "env", "set", "env:X", "$", "$ref", "$$ref", "$secret", "$$secret", "$$$secret", "$refs", "kind", "addr", "uuid:u", "agents/a", "/"}
	word := func() string { return words[r.IntN(len(words))] }
	switch n := r.IntN(13); {
	case n < 3 && depth > 0:
		m := map[string]any{}
		for range r.IntN(4) {
			m[word()] = draw(r, depth-1)
		}
		return m
	case n < 5 && depth > 0:
		list := make([]any, r.IntN(3))
		for i := range list {
			list[i] = draw(r, depth-1)
		}
		return list
	case n == 5:
		return schema.Ref{Kind: word(), Name: word(), Addr: word(), ID: word()}
	case n == 6:
		return schema.EnvSecret(word())
	case n == 7:
		return schema.FileSecret(word())
	case n == 8:
		return schema.Secret{Live: r.IntN(2) == 0}
	case n == 9:
		return nil
	case n == 10:
		return r.IntN(2) == 0
	case n == 11:
		v, err := tree.Number(fmt.Sprintf("%d.%de%d", r.Int64(), r.Int64(), r.IntN(800)-400))
		if err != nil {
			return err.Error()
		}
		return v
	}
	return word()
}

// FuzzForm draws values and holds them to coming back: no value is lost and none
// taken for another.
func FuzzForm(f *testing.F) {
	for seed := range uint64(300) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		v := draw(rand.New(rand.NewPCG(seed, 1)), 4)
		if got := through(t, v); !tree.Equal(got, v) {
			t.Fatalf("%#v came back as %#v", v, got)
		}
	})
}

// FuzzFormData does the same with any JSON that somebody may write, and holds the
// reader to refusing or rewriting what it reads, never more than that.
func FuzzFormData(f *testing.F) {
	for _, s := range []string{`{"$ref": "a/b"}`, `{"$ref": "a/b", "id": "x"}`, `{"$secret": "env:X"}`, `{"$$secret": 1, "$secret": "set"}`, `{"$ref": 1}`, `[1e400, {"$$$ref": null}]`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := tree.Decode(data)
		if err != nil {
			return // no input of this test
		}
		if got := through(t, v); !tree.Equal(got, v) {
			t.Fatalf("%s came back as %#v", data, got)
		}
		read, err := schema.UnmarshalValue(data)
		if err != nil {
			return
		}
		if again := through(t, read); !tree.Equal(again, read) {
			t.Fatalf("%s is %#v and then %#v", data, read, again)
		}
	})
}

// TestFormRefused reads marks that no part of the tool writes.
func TestFormRefused(t *testing.T) {
	for _, text := range []string{
		`{"$secret": {"env": "X"}}`, `{"$secret": "X"}`, `{"$secret": "url:X"}`, `{"$secret": "env:X", "more": 1}`, `{"a": [{"$secret": 1}]}`,
		`{"$ref": 1}`, `{"$ref": "a/b", "more": "x"}`, `{"$ref": "a/b", "id": 1}`, `{"$ref": "a/b", "$secret": "set"}`,
	} {
		if v, err := schema.UnmarshalValue([]byte(text)); err == nil {
			t.Errorf("%s was read as %v", text, v)
		} else if strings.HasPrefix(text, `{"a"`) && !strings.HasPrefix(err.Error(), "a[0]: ") {
			t.Errorf("%s: the error names no place: %v", text, err)
		}
	}
}

// TestFormInStructs writes references and secrets that are fields.
func TestFormInStructs(t *testing.T) {
	type pair struct {
		R schema.Ref    `json:"r,omitzero"`
		S schema.Secret `json:"s,omitzero"`
	}
	want := pair{schema.Ref{Kind: "intents", Name: "i", Addr: "agents/a/intents/i", ID: "u"}, schema.FileSecret("k.txt")}
	data, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got pair
	if err := json.Unmarshal(data, &got); err != nil || got != want {
		t.Errorf("%s came back as %+v (%v)", data, got, err)
	}
	if data, err := json.Marshal(pair{}); err != nil || string(data) != `{}` {
		t.Errorf("nothing is %s (%v)", data, err)
	}
	if err := json.Unmarshal([]byte(`{"r": {"$secret": "set"}}`), &got); err == nil {
		t.Error("a secret was read as a reference")
	}
	if data, err := json.Marshal(schema.LiveSecret("canary")); err != nil || bytes.Contains(data, []byte("canary")) {
		t.Errorf("a live secret is %s (%v)", data, err)
	}
}

// TestStraySecrets holds secrets to secret fields.
func TestStraySecrets(t *testing.T) {
	s := schema.EnvSecret("X")
	for _, c := range []struct {
		addr string
		body any
		want string
	}{
		{"agents/a/webhooks/w", map[string]any{"url": "x", "secret_key": s}, ""},
		{"agents/a/webhooks/w", map[string]any{"url": s}, "url"},
		{"agents/a/webhooks/w", map[string]any{"secret_key": map[string]any{"inner": s}}, "secret_key.inner"},
		{"agents/a/intents/i/action", map[string]any{"event_type": "webhook", "webhook": map[string]any{"auth_token": s}}, ""},
		{"agents/a/intents/i/action", map[string]any{"config": map[string]any{"auth_token": s}}, "config.auth_token"},
		{"agents/a", map[string]any{"x_note": s}, "x_note"},
		{"agents/a", map[string]any{"training": []any{map[string]any{"question": s}}}, "training[0].question"},
		{"agents/a", map[string]any{"settings": map[string]any{"text": map[string]any{"k": s}}}, "settings.text.k"},
		{"templates/t", map[string]any{"components": []any{map[string]any{"example": s}}}, "components[0].example"},
		{"flows/f", map[string]any{"config": s}, "config"},
		{"nothing/x", map[string]any{"secret_key": s}, "secret_key"},
	} {
		got := schema.KindAt(c.addr).StraySecrets(c.body)
		if strings.Join(got, ",") != c.want {
			t.Errorf("%s: %q, want %q", c.addr, got, c.want)
		}
	}
	if got := schema.KindAt("agents/a/intents/i/action").StraySecretsAt("webhook.auth_token", s); got != nil {
		t.Errorf("the token's own place is stray: %q", got)
	}
	if got := schema.KindAt("agents/a").StraySecretsAt("extra.x_note", []any{s}); len(got) != 1 || got[0] != "extra.x_note[0]" {
		t.Errorf("got %q", got)
	}
}

// TestKindAt finds kinds by address.
func TestKindAt(t *testing.T) {
	for addr, want := range map[string]string{
		"agents/a": "agents", "agents/a/intents/i": "intents", "agents/a/intents/i/action": "action", "evaluate": "evaluate", "agents/a/evaluate": "evaluate", "voices/Aria": "voices",
	} {
		if k := schema.KindAt(addr); k == nil || k.Name != want {
			t.Errorf("%s is of kind %v", addr, k)
		}
	}
	for _, addr := range []string{"", "x", "agents/a/x/y"} {
		if k := schema.KindAt(addr); k != nil {
			t.Errorf("%q is of kind %s", addr, k.Name)
		}
	}
}
