package export

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"

	"github.com/mihusync/mihusync/schema"
)

// Any text survives in every format, as a value and as a key.
func TestTrickyStringsAsData(t *testing.T) {
	doc := &group{}
	for i, s := range tricky {
		doc.add(fmt.Sprint("text", i), prose(s))
		doc.add(fmt.Sprint("list", i), []any{s, int64(i), 0.5, true, nil, &secret{from: schema.EnvSecret("X")}, &group{members: []member{{s, s}}}})
	}
	raw, err := toYAML(doc)
	if err != nil {
		t.Fatal(err)
	}
	var got any
	if err := yaml.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	back, err := encode(got)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wantOf(t, doc), decode(t, back)); diff != "" {
		t.Errorf("YAML: %s", diff)
	}
	raw, err = toJSON(doc)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wantOf(t, doc), decode(t, raw)); diff != "" {
		t.Errorf("JSON: %s", diff)
	}
}
