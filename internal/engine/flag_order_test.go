package engine_test

import (
	"slices"
	"strings"
	"testing"
)

// TestFlagsOfAReactivatedField waits for the update that makes a contact field active
// again, because the service takes flags of active fields alone.
func TestFlagsOfAReactivatedField(t *testing.T) {
	const files = `
contact_fields: plate: {name: "Plate", is_active: true}
memorize: contact_fields: f_plate: {enabled: true, required: true}
agents: a: memorize: contact_fields: f_plate: extract: false`
	w := newWorld(t)
	w.apply(files)
	w.do("updateContactField", map[string]any{"is_active": false}, "plate")
	done := w.apply(files)
	active := slices.Index(done, "PUT /contacts/fields/plate")
	for i, write := range done {
		if strings.HasSuffix(write, "/contact-fields") && i < active || active < 0 {
			t.Errorf("wrote %v", done)
		}
	}
}
