package plan

import (
	"testing"

	"github.com/mihusync/mihusync/schema"
)

// A complete declaration leaves alone what files cannot hold: that an export does not
// have it does not mean that nothing is there.
func TestCompleteKeepsWhatFilesCannotHold(t *testing.T) {
	k := schema.KindOf("agents")
	live := schema.NewWorkspace()
	o := k.Decode(map[string]any{"agent_uuid": "a1", "name": "Desk", "role": map[string]any{"x": "y"}})
	o.Sections["webhooks"] = true
	o.Adopt(k.Child("webhooks"), map[string]any{"webhook_uuid": "w1", "url": "http://plain.example", "events": []any{}})
	live.Objects["agents"], live.Sections["agents"] = []*schema.Object{o}, true
	desired := schema.NewWorkspace()
	desired.Sections["agents"] = true
	desired.Objects["agents"] = []*schema.Object{{Kind: k, Handle: "desk", Fields: map[string]any{"name": "Desk"}, Sections: map[string]bool{}, Complete: "v1"}}
	p, err := Compute(desired, live, Options{Offline: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, op := range p.Ops {
		t.Errorf("%s %s: %v", op.Title, op.Addr, op.Body)
	}
}
