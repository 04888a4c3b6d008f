package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/mihusync/mihusync/internal/below"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/policy"
	"github.com/mihusync/mihusync/plan/render"
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
	return errors.Join(&policy.Error{Violations: violations}, guards)
}

// tellWarnings tells what policies only warn of. Where they refuse the plan, the
// warnings are part of the failure.
func (a *app) tellWarnings(violations []policy.Violation) {
	if a.Quiet || policy.Denied(violations) {
		return
	}
	a.status.clear()
	for _, v := range violations {
		a.problem(violation(v))
	}
}

// policyWarnings are the same for a document.
func policyWarnings(violations []policy.Violation) []render.Diagnostic {
	if policy.Denied(violations) {
		return nil
	}
	var out []render.Diagnostic
	for _, v := range violations {
		out = append(out, violation(v).diagnostic())
	}
	return out
}

// violation shows both ends: the object's place, and the rule with its own.
func violation(v policy.Violation) problem {
	p := problem{warning: v.Warning, address: v.Address, path: v.Path, pos: v.Declared, summary: v.Message}
	if v.Declared.File == "" {
		p.pos = v.Policy
	}
	if where := v.Where(); where != "" {
		p.detail = "policy: " + where
	}
	return p
}

// explainPolicies tells all violations, and what guards refused besides.
func explainPolicies(e *policy.Error, err error) failure {
	f := failure{code: "policy", exit: exitRefused}
	denied := 0
	// What refuses comes first: the first problem is the failure's message.
	for _, warning := range []bool{false, true} {
		for _, v := range e.Violations {
			if v.Warning == warning {
				f.problems = append(f.problems, violation(v))
				if !warning {
					denied++
				}
			}
		}
	}
	var guards *plan.RefusedError
	if errors.As(err, &guards) {
		f.problems = append(f.problems, explainRefused(guards).problems...)
	}
	f.closing = fmt.Sprintf("Policies do not allow this plan: %s. Nothing was applied.", count(denied, "violation", "violations"))
	return f
}

func explainBrokenPolicies(e *policy.BrokenError) failure {
	f := failed("broken_policy")
	for _, p := range e.Problems {
		f.problems = append(f.problems, problem{pos: p.Pos, summary: p.Summary, suggestion: p.Suggestion})
	}
	f.closing = "The policies in " + render.Clean(e.Dir) + " cannot be used, so nothing was checked against them."
	return f
}
