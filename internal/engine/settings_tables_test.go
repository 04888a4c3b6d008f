package engine_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/internal/testkit/service"
	"github.com/mihusync/mihusync/mihu"
	"github.com/mihusync/mihusync/plan"
)

// tableID returns the id of a table by its name.
func (w *world) tableID(name string) string {
	w.Helper()
	var id string
	err := w.client.Reader().List(context.Background(), "listData", mihu.Args{}, func(row map[string]any) error {
		if row["name"] == name {
			id = fmt.Sprint(row["uuid"])
		}
		return nil
	})
	if err != nil || id == "" {
		w.Fatalf("no table %s: %v", name, err)
	}
	return id
}

// TestSettingsReferToTables names a table, which only the service has, by what people
// see. In another workspace the name means the table there.
func TestSettingsReferToTables(t *testing.T) {
	one, two := seededWorld(t, 3), seededWorld(t, 4)
	one.apply(holding(`{table_uuid: {$ref: "tables/Product Catalog"}}`))
	for w, desired := range map[*world]bool{one: false, two: true} {
		if desired {
			w.carryOut(one.reloaded().Workspace, plan.Options{})
		}
		for _, config := range w.settingsOf() {
			if got, want := fmt.Sprint(config), fmt.Sprint(map[string]any{"table_uuid": w.tableID("Product Catalog")}); got != want {
				t.Errorf("the service holds %s, want %s", got, want)
			}
		}
	}
	if one.tableID("Product Catalog") == two.tableID("Product Catalog") {
		t.Error("the two workspaces have one id")
	}
	_, files := one.written()
	for name, text := range files {
		if strings.Contains(text, one.tableID("Product Catalog")) {
			t.Errorf("%s holds the id:\n%s", name, text)
		}
	}
	p, err := engine.Plan(context.Background(), one.client.Reader(), one.reloaded().Workspace, engine.PlanOptions{})
	if err != nil || len(p.Ops) > 0 {
		t.Errorf("the export does not plan empty: %v", err)
	}
	for _, config := range []string{`{table_uuid: "` + one.tableID("Product Catalog") + `"}`, `{table_uuid: {$ref: "tables/uuid:` + one.tableID("Product Catalog") + `"}}`} {
		if writes := one.apply(holding(config)); len(writes) > 0 {
			t.Errorf("%s writes %v", config, writes)
		}
	}
	_, err = engine.Plan(context.Background(), one.client.Reader(), one.load(holding(`{table_uuid: {$ref: "tables/Product Katalog"}}`)), engine.PlanOptions{})
	if got := strings.Join(service.Problems(t, err), "\n"); !strings.Contains(got, `no table "Product Katalog"`) {
		t.Errorf("a misspelt table: %s", got)
	}
}

// TestSettingsWithoutAListOfTables exports settings with an unknown id from a service
// that has no list of tables. The id stays as it is.
func TestSettingsWithoutAListOfTables(t *testing.T) {
	w := newWorld(t)
	const id = "0b7c1f9e-3c8d-4a52-9d0a-5f1e2d3c4b5a"
	w.apply(holding(`{table_uuid: "` + id + `"}`))
	w.answers = map[string]fixed{"/data": {404, `{"success": false, "message": "Not found"}`}}
	_, files := w.written()
	if !strings.Contains(files["flow-hold.cue"], id) {
		t.Errorf("the export has not the id:\n%s", files["flow-hold.cue"])
	}
}
