package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/mihusync/mihusync/apply"
	"github.com/mihusync/mihusync/export"
	"github.com/mihusync/mihusync/mihu"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/policy"
	"github.com/mihusync/mihusync/schema"
)

// explain takes an error apart. The types of error of the engine are known here
// and nowhere else on the command line. What wraps another error is asked first.
func explain(err error) failure {
	var (
		usage      *usageError
		pattern    *schema.PatternError
		files      *schema.Diagnostics
		impossible *plan.Error
		stale      *plan.StaleError
		refused    *plan.RefusedError
		policies   *policy.Error
		broken     *policy.BrokenError
		file       *plan.FileError
		partial    *apply.PartialError
		secrets    *apply.SecretsError
		conflict   *export.ConflictError
		hint       *hintError
		operand    *operandError
		api        *mihu.Error
	)
	revision, isRevision := explainRevision(err)
	switch {
	case errors.As(err, &usage):
		suggestion := usage.command + " --help shows the usage."
		if errors.As(usage.err, &hint) && hint.hint != "" {
			suggestion = hint.hint
		}
		f := failed("usage", problem{summary: usage.Error(), suggestion: suggestion})
		f.exit = exitUsageErr
		return f
	case errors.As(err, &pattern):
		f := failed("usage", problem{summary: pattern.Error()})
		f.exit = exitUsageErr
		return f
	case isRevision:
		return revision
	case errors.As(err, &files):
		return explainFiles(files)
	case errors.As(err, &impossible):
		f := failed("no_plan")
		for _, p := range impossible.Problems {
			f.problems = append(f.problems, problem{pos: p.Pos, address: p.Addr, summary: p.Summary, detail: p.Detail, suggestion: p.Suggestion})
		}
		return f
	case errors.As(err, &stale):
		return explainStale(stale)
	case errors.As(err, &policies):
		return explainPolicies(policies, err)
	case errors.As(err, &broken):
		return explainBrokenPolicies(broken)
	case errors.As(err, &refused):
		return explainRefused(refused)
	case errors.As(err, &file):
		return failed("plan_file", problem{summary: file.Error(), suggestion: file.Hint})
	case errors.As(err, &partial):
		var saved *savedPlanError
		return explainPartial(partial.Result, errors.As(err, &saved))
	case errors.As(err, &secrets):
		return explainSecrets(secrets)
	case errors.As(err, &conflict):
		return explainConflict(conflict)
	}
	if p, ok := flowProblem(err); ok {
		return failed("api", p)
	}
	switch {
	case errors.Is(err, context.Canceled):
		return failed("interrupted", problem{summary: "interrupted", suggestion: "Run the command again; nothing is done twice."})
	case errors.As(err, &api):
		return failed("api", apiProblem(api))
	case errors.As(err, &operand):
		return failed("failed", problem{summary: operand.Error(), suggestion: operand.hint})
	case errors.As(err, &hint):
		return failed("failed", problem{summary: hint.message, detail: cause(hint.err), suggestion: hint.hint})
	}
	return failed("failed", problem{summary: err.Error()})
}

func cause(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func explainFiles(d *schema.Diagnostics) failure {
	f := failed("invalid_files")
	for _, one := range d.All {
		f.problems = append(f.problems, fileProblem(one))
	}
	f.closing = count(d.Errors(), "error", "errors")
	if n := len(d.All) - d.Errors(); n > 0 {
		f.closing += ", " + count(n, "warning", "warnings")
	}
	f.closing += "."
	return f
}

func explainRefused(e *plan.RefusedError) failure {
	f := failed("refused")
	f.exit = exitRefused
	for _, r := range e.Refused {
		f.problems = append(f.problems, problem{address: r.Addr, summary: "the change is refused", detail: r.Text, code: r.Code})
	}
	f.closing = count(len(e.Refused), "change was", "changes were") + " refused; the rest of the plan does not depend on that."
	return f
}

func explainPartial(r *apply.Result, saved bool) failure {
	f := failed("partial")
	f.exit = exitPartial
	for _, o := range r.Outcomes {
		if o.Status == apply.Failed {
			one := explain(o.Err).problems
			if len(one) > 0 && one[0].address == "" {
				one[0].address = o.Addr
			}
			f.problems = append(f.problems, one...)
		}
	}
	done, bad, skipped := r.Count(apply.Done), r.Count(apply.Failed), r.Count(apply.Skipped)
	rest := "Running apply again completes the rest."
	if saved {
		rest = "A new plan holds the rest."
	}
	f.closing = fmt.Sprintf("Applied in part: %d of %s done, %d failed, %d skipped because of that. %s",
		done, count(len(r.Outcomes), "write", "writes"), bad, skipped, rest)
	if done == 0 {
		f.code, f.exit = "failed", exitFailed
		f.closing = fmt.Sprintf("Nothing was applied: %s failed, %d skipped because of that.", count(bad, "write", "writes"), skipped)
	}
	return f
}

func explainSecrets(e *apply.SecretsError) failure {
	f := failed("missing_secrets")
	for _, m := range e.Missing {
		p := explain(m.Err).problems[0]
		p.detail = "It is needed by " + strings.Join(m.Addrs, ", ") + "."
		f.problems = append(f.problems, p)
	}
	f.closing = "Nothing was applied."
	return f
}

func explainConflict(e *export.ConflictError) failure {
	f := failed("files_in_the_way")
	for _, name := range e.Foreign {
		f.problems = append(f.problems, problem{summary: name + " was not written by an export"})
	}
	for _, name := range e.Edited {
		f.problems = append(f.problems, problem{summary: name + " was edited since it was exported"})
	}
	f.closing = "Nothing was exported to " + e.Dir + ": move these files, or choose another folder."
	return f
}
