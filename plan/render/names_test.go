package render

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/field"
)

// TestNames lists everybody that a change reaches only when asked to.
func TestNames(t *testing.T) {
	var addrs []string
	for i := range 60 {
		addrs = append(addrs, fmt.Sprintf("agents/a%02d", i))
	}
	p := &plan.Plan{Changes: []*plan.Change{{Addr: "evaluate", Kind: "evaluate", Action: plan.Update,
		Fields: []field.Change{{Path: "is_active", Before: true, After: false}},
		Notes:  []field.Note{{Code: "inherits", Text: "60 agents inherit the change", Addrs: addrs}}}}}
	for _, names := range []bool{false, true} {
		var b bytes.Buffer
		if err := Plan(&b, p, Text, Options{Names: names}); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(b.String(), "agents/a59"); got != names || strings.Contains(b.String(), "and 54 more") == names {
			t.Errorf("names %v:\n%s", names, b.String())
		}
	}
}
