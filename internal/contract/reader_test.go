package contract_test

import (
	"slices"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/mihusync/mihusync/internal/contract"
	"github.com/mihusync/mihusync/internal/openapi"
	"github.com/mihusync/mihusync/mihu"
)

// TestReader: the small reader, by which the sandbox goes, finds the operations and
// forms that a reader of the whole standard finds.
func TestReader(t *testing.T) {
	whole, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	small, err := openapi.Parse(mihu.OpenAPI)
	if err != nil {
		t.Fatal(err)
	}
	n, forms := 0, 0
	for path, item := range whole.Paths.Map() {
		for method, want := range item.Operations() {
			n++
			got := small.Lookup(want.OperationID)
			if got == nil || got.Method != method || got.Path != path {
				t.Errorf("%s is %+v, not %s %s", want.OperationID, got, method, path)
				continue
			}
			if (got.Request != nil) != (want.RequestBody != nil) {
				t.Errorf("%s: request %v", want.OperationID, got.Request)
			} else if got.Request != nil {
				forms += same(t, want.OperationID+" request", got.Request, want.RequestBody.Value.Content.Get("application/json").Schema)
			}
			forms += same(t, want.OperationID+" result", got.Result, payload(want))
			for _, q := range got.Query {
				if want.Parameters.GetByInAndName("query", q.Name) == nil {
					t.Errorf("%s has no parameter %s", want.OperationID, q.Name)
				}
			}
		}
	}
	if n != len(small.Operations) || forms < 1000 {
		t.Errorf("%d operations of %d, %d forms", n, len(small.Operations), forms)
	}
}

// payload is the form under data in an operation's success, of a row in a list's.
func payload(op *openapi3.Operation) *openapi3.SchemaRef {
	for _, status := range []string{"200", "2XX"} {
		res := op.Responses.Value(status)
		if res == nil {
			continue
		}
		parts := res.Value.Content.Get("application/json").Schema.Value.AllOf
		if len(parts) < 2 {
			return nil
		}
		data := parts[1].Value.Properties["data"]
		if shapes := data.Value.AnyOf; len(shapes) > 0 {
			data = shapes[0]
			if data.Value.Items != nil {
				return data.Value.Items
			}
		}
		return data
	}
	return nil
}

// same compares two readings of a form and counts the forms in it.
func same(t *testing.T, at string, got *openapi.Schema, ref *openapi3.SchemaRef) int {
	t.Helper()
	if (got == nil) != (ref == nil) {
		t.Errorf("%s: %v and %v", at, got, ref)
	}
	if got == nil || ref == nil {
		return 0
	}
	want := ref.Value
	nullable := want.Nullable
	if len(want.AllOf) == 1 {
		want = want.AllOf[0].Value
		nullable = nullable || want.Nullable
	}
	kind := ""
	if want.Type != nil {
		kind = want.Type.Slice()[0]
	}
	var enum []string
	for _, v := range want.Enum {
		if text, ok := v.(string); ok {
			enum = append(enum, text)
		}
	}
	for _, x := range []struct {
		what      string
		got, want any
	}{
		{"type", got.Type, kind}, {"nullable", got.Nullable, nullable}, {"pattern", got.Pattern, want.Pattern},
		{"minimum", value(got.Min), value(want.Min)}, {"maximum", value(got.Max), value(want.Max)},
		{"least length", got.MinLength, int(want.MinLength + want.MinItems)}, {"greatest length", got.MaxLength, int(value(want.MaxLength) + value(want.MaxItems))},
		{"members", len(got.Properties), len(want.Properties)}, {"open", got.Open, want.AdditionalProperties.Has != nil && *want.AdditionalProperties.Has},
	} {
		if x.got != x.want {
			t.Errorf("%s: %s is %v, not %v", at, x.what, x.got, x.want)
		}
	}
	if !slices.Equal(got.Enum, enum) {
		t.Errorf("%s: values %v, not %v", at, got.Enum, enum)
	}
	if n, ok := got.Default.(int64); ok && float64(n) != want.Default || !ok && got.Default != nil && kind != "array" && got.Default != want.Default {
		t.Errorf("%s: default %v, not %v", at, got.Default, want.Default)
	}
	count := 1
	for _, p := range got.Properties {
		member := want.Properties[p.Name]
		if member == nil {
			t.Errorf("%s has no %s", at, p.Name)
			continue
		}
		if p.Required != slices.Contains(want.Required, p.Name) {
			t.Errorf("%s: %s is required: %v", at, p.Name, p.Required)
		}
		count += same(t, at+"."+p.Name, p.Schema, member)
	}
	if got.Items != nil || want.Items != nil {
		count += same(t, at+"[]", got.Items, want.Items)
	}
	return count
}

// value is what a pointer of any number points to, 0 for none.
func value[N float64 | uint64](n *N) N {
	if n == nil {
		return 0
	}
	return *n
}
