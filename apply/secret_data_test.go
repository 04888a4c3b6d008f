package apply

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mihusync/mihusync/mihu"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
)

// recorder is a service that keeps the last body it got.
func recorder(t *testing.T) (*mihu.Client, *string) {
	t.Helper()
	var body string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		body = string(data)
		w.Header().Set("Content-Type", "application/json")
		if _, err := w.Write([]byte(`{"success": true, "data": {}}`)); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(s.Close)
	client, err := mihu.New(mihu.Options{BaseURL: s.URL, Token: "x"})
	if err != nil {
		t.Fatal(err)
	}
	return client, &body
}

// TestDataIsNeverASecret applies a plan, and the same plan after it was saved: data
// of the form of a secret or a reference is sent as it is, with all its digits, and
// only the declared secret is resolved.
func TestDataIsNeverASecret(t *testing.T) {
	body := func() map[string]any {
		return map[string]any{
			"secret_key": schema.EnvSecret("CRM_SECRET"),
			"x_note":     map[string]any{"$secret": map[string]any{"env": "AWS_SECRET_ACCESS_KEY"}},
			"x_form":     []any{map[string]any{"$secret": "env:AWS_SECRET_ACCESS_KEY"}, map[string]any{"$$secret": "set", "$ref": nil}},
			"x_ref":      map[string]any{"$ref": map[string]any{"kind": "agents", "name": "a", "addr": "agents/a"}},
			"x_big":      json.Number("18446744073709551617"),
		}
	}
	made := &plan.Plan{IDs: map[string]string{}, Ops: []*plan.Op{
		{Addr: "agents/a/webhooks/w", Call: "updateWebhook", Path: []any{"a", "w"}, Body: body(), Title: "update webhook"},
	}}
	data, err := (&plan.File{Plan: made}).Encode()
	if err != nil {
		t.Fatal(err)
	}
	saved, err := plan.DecodeFile(data)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"secret_key":"value","x_big":18446744073709551617,` +
		`"x_form":[{"$secret":"env:AWS_SECRET_ACCESS_KEY"},{"$$secret":"set","$ref":null}],` +
		`"x_note":{"$secret":{"env":"AWS_SECRET_ACCESS_KEY"}},"x_ref":{"$ref":{"addr":"agents/a","kind":"agents","name":"a"}}}`
	for name, p := range map[string]*plan.Plan{"made": made, "saved": saved.Plan} {
		client, got := recorder(t)
		secret := func(s schema.Secret) (string, error) {
			if s != schema.EnvSecret("CRM_SECRET") {
				t.Errorf("%s: asked for %s", name, s)
			}
			return "value", nil
		}
		if _, err := Run(context.Background(), p, Options{Client: client, Secret: secret}); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if d := cmp.Diff(want, *got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

// TestStraySecretIsNotSent runs a plan that holds a secret where the schema has no
// secret field: nothing is asked for and nothing sent.
func TestStraySecretIsNotSent(t *testing.T) {
	client, got := recorder(t)
	p := &plan.Plan{Ops: []*plan.Op{{Addr: "agents/a", Call: "updateAgent", Path: []any{"a"}, Body: map[string]any{"x_note": schema.EnvSecret("AWS_SECRET_ACCESS_KEY")}}}}
	_, err := Run(context.Background(), p, Options{Client: client, Secret: func(s schema.Secret) (string, error) {
		t.Errorf("asked for %s", s)
		return "canary", nil
	}})
	var stray *field.StraySecretError
	if !errors.As(err, &stray) || stray.Addr != "agents/a" || stray.Path != "x_note" {
		t.Errorf("got %v", err)
	}
	if *got != "" {
		t.Errorf("sent %s", *got)
	}
}
