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
	"github.com/mihusync/mihusync/schema/load"
)

// policing is the flag that names the policies. plan and apply share it.
type policing struct {
	Policy string `placeholder:"DIR" complete:"dir" help:"Hold the plan against the CUE policies in this directory; policy/ beside cue.mod by default, where there is one."`
}

// defaultPolicies is the directory of policies beside cue.mod, if no flag names
// another.
const defaultPolicies = "policy"

// judge checks a plan against its policies and returns the violations. The error
// says that policies are broken.
func (c policing) judge(ctx context.Context, a *app, p *plan.Plan, cfg *load.Config) ([]policy.Violation, error) {
	dir, root := c.Policy, cfg.ModuleRoot
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
	found, err := policy.Check(ctx, dir, doc.Bytes())
	if cfg.Workspace != nil { // a saved plan has only the places of objects
		policy.Place(found, cfg.Workspace.PlacesAt)
	}
	return found, err
}

// nearPolicies returns the default directory relative to the current one. It
// returns "" if that does not exist or has no CUE files. A directory outside the
// module is an error, because skipping it would switch the policies off.
func nearPolicies(root string) (string, error) {
	dir := filepath.Join(root, defaultPolicies)
	module, err := below.Open(root)
	if err != nil {
		return "", nil // a saved plan may have no files beside it
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

// verdict joins the refusals of guards and policies, or returns nil.
func verdict(guards error, violations []policy.Violation) error {
	if !policy.Denied(violations) {
		return guards
	}
	return &policy.Error{Violations: violations, Besides: guards}
}

// policyWarnings returns the warnings of policies. If policies refuse the plan,
// the failure has the warnings, and it returns none.
func policyWarnings(violations []policy.Violation) schema.Problems {
	if policy.Denied(violations) {
		return nil
	}
	return policy.Problems(violations)
}

// tellWarnings prints the warnings of policies.
func (a *app) tellWarnings(violations []policy.Violation) {
	if a.Quiet {
		return
	}
	a.status.clear()
	a.problems(policyWarnings(violations))
}
