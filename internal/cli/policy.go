package cli

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/mihusync/mihusync/internal/below"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/policy"
	"github.com/mihusync/mihusync/plan/render"
	"github.com/mihusync/mihusync/schema"
)

// policing is the flag that names the policies; plan and apply share it.
type policing struct {
	Policy string `placeholder:"DIR" complete:"dir" help:"Hold the plan against the CUE policies in this directory; policy/ beside cue.mod by default, where there is one."`
}

// defaultPolicies is where policies lie unless a flag says otherwise, beside
// cue.mod.
const defaultPolicies = "policy"

// judge holds a plan against the policies that apply to it. The error is broken
// policies; violations are the result.
func (c policing) judge(ctx context.Context, a *app, p *plan.Plan, root string) ([]policy.Violation, error) {
	dir := c.Policy
	if dir == "" {
		var err error
		if dir, err = nearPolicies(root); dir == "" {
			return nil, err
		}
		a.say("Policies: %s", render.Clean(filepath.ToSlash(dir)))
	}
	a.status.tick("Checking policies")
	var doc bytes.Buffer
	if err := render.NewDocument(p).Write(&doc); err != nil {
		return nil, err
	}
	return policy.Check(ctx, dir, doc.Bytes())
}

// nearPolicies is the default directory as seen from the current one, empty where
// it does not exist or holds no CUE files. One that leads outside the module is an
// error: passing over it would lift the policies.
func nearPolicies(root string) (string, error) {
	dir := filepath.Join(root, defaultPolicies)
	module, err := below.Open(root)
	if err != nil {
		return "", nil // a saved plan may be all there is
	}
	defer module.Close()
	entries, err := module.ReadDir(defaultPolicies)
	var refused *below.Refusal
	if errors.As(err, &refused) {
		return "", &hintError{message: "the policies cannot be read: " + refused.Error(), hint: refused.Hint + " A directory elsewhere is named by --policy."}
	}
	for _, e := range entries {
		if !e.IsDir() && strings.HasSuffix(e.Name(), ".cue") {
			if cwd, err := os.Getwd(); err == nil {
				if rel, err := filepath.Rel(cwd, dir); err == nil {
					return rel, nil
				}
			}
			return dir, nil
		}
	}
	return "", nil
}

// verdict joins what guards and policies have against a plan, nil if nothing.
func verdict(guards error, violations []policy.Violation) error {
	if !policy.Denied(violations) {
		return guards
	}
	return &policy.Error{Violations: violations, Besides: guards}
}

// policyWarnings is what policies only warn of. Where they refuse the plan, the
// warnings are part of the failure.
func policyWarnings(violations []policy.Violation) schema.Problems {
	if policy.Denied(violations) {
		return nil
	}
	return policy.Problems(violations)
}

// tellWarnings prints the same.
func (a *app) tellWarnings(violations []policy.Violation) {
	if a.Quiet {
		return
	}
	a.status.clear()
	for _, p := range policyWarnings(violations) {
		a.problem(p)
	}
}
