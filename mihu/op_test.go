package mihu_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"github.com/mihusync/mihusync/internal/contract"
	"github.com/mihusync/mihusync/mihu"
	"github.com/mihusync/mihusync/schema"
)

// contractOps reads the operations from the contract, independently of the
// generator.
func contractOps(t *testing.T) map[string]mihu.Op {
	t.Helper()
	doc, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	ops := map[string]mihu.Op{}
	for path, item := range doc.Paths.Map() {
		for method, o := range item.Operations() {
			if _, twice := ops[o.OperationID]; twice {
				t.Errorf("operation %s stands twice", o.OperationID)
			}
			ops[o.OperationID] = mihu.Op{
				ID: o.OperationID, Method: method, Path: path,
				Provenance: mihu.Provenance(ext(o, "x-provenance")),
				Assumption: ext(o, "x-assumption"),
				Paging:     mihu.Paging(ext(o, "x-paging")),
				ItemID:     ext(o, "x-item-id"),
				ListKey:    ext(o, "x-list-key"),
				Idempotent: o.Extensions["x-idempotent"] == true,
				MayBeEmpty: o.Responses.Value("204") != nil,
			}
		}
	}
	return ops
}

func ext(o *openapi3.Operation, name string) string {
	s, _ := o.Extensions[name].(string)
	return s
}

func TestTableIsTheContract(t *testing.T) {
	want, got := contractOps(t), map[string]mihu.Op{}
	for _, o := range mihu.Ops() {
		got[o.ID] = o
	}
	if len(want) < 150 {
		t.Fatalf("only %d operations were read from the contract", len(want))
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("the table differs from openapi.yaml, run go generate ./mihu (-contract +table):\n%s", d)
	}
	for id, o := range want {
		if found, ok := mihu.Lookup(id); !ok || found != o {
			t.Errorf("Lookup(%q) = %v, %v", id, found, ok)
		}
	}
	if _, ok := mihu.Lookup("noSuchOperation"); ok {
		t.Error("an unknown operation was found")
	}
}

func TestProvenance(t *testing.T) {
	for _, o := range mihu.Ops() {
		switch o.Provenance {
		case mihu.Documented, mihu.Indexed, mihu.FromClient:
			if o.Assumption != "" {
				t.Errorf("%s is %s and yet rests on %s", o.ID, o.Provenance, o.Assumption)
			}
		case mihu.Inferred:
			if _, ok := mihu.Assumption(o.Assumption); !ok {
				t.Errorf("%s is inferred from %q, which is no known assumption", o.ID, o.Assumption)
			}
		default:
			t.Errorf("%s has provenance %q", o.ID, o.Provenance)
		}
		if o.IsRead() && o.Idempotent {
			t.Errorf("%s is a read, x-idempotent is for writes", o.ID)
		}
		if list := strings.HasPrefix(o.ID, "list"); list != (o.Paging != mihu.NotAList) || list != (o.ItemID != "") {
			t.Errorf("%s: x-paging %q and x-item-id %q do not fit its name", o.ID, o.Paging, o.ItemID)
		}
	}
}

// Every decision stands in one place, and every id that is mentioned is known.
func TestAssumptionIDs(t *testing.T) {
	src := string(mihu.OpenAPI)
	open := map[string]int{}
	for _, m := range regexp.MustCompile(`x-open: (O\d+)`).FindAllStringSubmatch(src, -1) {
		open[m[1]]++
	}
	for _, id := range []string{"O1", "O2", "O3", "O4", "O5", "O6", "O7", "O8", "O9", "O10", "O11", "O12", "O13", "O14"} {
		if open[id] != 1 {
			t.Errorf("%s stands %d times, want once", id, open[id])
		}
	}
	for _, m := range regexp.MustCompile(`\(([ACFGMSO]\d+)\)|x-(?:open|assumption): ([A-Z]\d+)`).FindAllStringSubmatch(src, -1) {
		id := m[1] + m[2]
		if text, ok := mihu.Assumption(id); !ok || text == "" {
			t.Errorf("%s is mentioned but not listed under x-assumptions", id)
		}
	}
}

func TestSecretFields(t *testing.T) {
	for _, name := range []string{"auth_token", "secret_key", "token", "password", "username", "authorization"} {
		if !slices.Contains(mihu.SecretFields(), name) {
			t.Errorf("%s is not a secret field", name)
		}
	}
	for _, name := range []string{"url", "name", "event_type", "webhook"} {
		if slices.Contains(mihu.SecretFields(), name) {
			t.Errorf("%s is a secret field", name)
		}
	}
}

// The table of kinds names operations that exist and do what they are used for.
func TestKindsNameOperations(t *testing.T) {
	seen := 0
	for _, k := range schema.Table() {
		for call, methods := range map[string]string{
			k.Calls.List: "GET", k.Calls.Get: "GET", k.Calls.Create: "POST", k.Calls.Update: "PUT PATCH", k.Calls.Delete: "DELETE",
		} {
			if call == "" {
				continue
			}
			seen++
			o, ok := mihu.Lookup(call)
			if !ok {
				t.Errorf("kind %s: operation %s is not in the contract", k.Name, call)
			} else if !slices.Contains(strings.Fields(methods), o.Method) {
				t.Errorf("kind %s: %s is a %s, want %s", k.Name, call, o.Method, methods)
			}
		}
		if k.Calls.List != "" && k.ID != "" {
			if o, ok := mihu.Lookup(k.Calls.List); ok && o.ItemID != k.ID {
				t.Errorf("kind %s has id %s, the contract's %s has %s", k.Name, k.ID, o.ID, o.ItemID)
			}
		}
	}
	if seen == 0 {
		t.Error("the table of kinds names no operation")
	}
}
