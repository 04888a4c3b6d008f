package cli

import "testing"

func TestOperandsThatNameNothing(t *testing.T) {
	for _, text := range []string{"", "live:", "live:none", "none"} {
		if op, err := parseOperand(text); err == nil {
			t.Errorf("%q is %+v", text, op)
		}
	}
	op, err := parseOperand("origin/main:envs/production")
	if err != nil || op.kind != gitRevision || op.rev != "origin/main" || op.dir != "envs/production" {
		t.Errorf("%+v %v", op, err)
	}
}
