package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/mihusync/mihusync/apply"
	"github.com/mihusync/mihusync/export"
	"github.com/mihusync/mihusync/internal/git"
	"github.com/mihusync/mihusync/internal/record"
	"github.com/mihusync/mihusync/mihu"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/policy"
	"github.com/mihusync/mihusync/plan/render"
	"github.com/mihusync/mihusync/schema"
)

// ending says how errors of one type end a command.
type ending struct {
	code string // for machines; never changes
	exit int
	// take finds the error in err. It returns the error's problems and the text
	// after them. ok is false if err has no such error.
	take func(err error) (problems schema.Problems, closing string, ok bool)
}

// endings lists the types of errors in the order of the search, each with its
// code, its exit code and the text after the problems. An error that wraps
// another one stands first. The problems come from the errors themselves.
func endings() []ending {
	return []ending{
		end[*usageError]("usage", exitUsageErr, nil),
		end[*schema.PatternError]("usage", exitUsageErr, nil),
		end[*record.LockedError]("locked", exitFailed, nil),
		end[*lockedError]("locked", exitFailed, nil),
		end[*record.Error]("record", exitFailed, nil),
		end[*git.Error]("revision", exitFailed, nil),
		end("invalid_files", exitFailed, func(e *revisionError) string {
			return tally(e.problems) + " The configuration at " + e.rev + " cannot be used."
		}),
		end("invalid_files", exitFailed, tally),
		end[*plan.Error]("no_plan", exitFailed, nil),
		end("stale", exitStale, func(*plan.StaleError) string {
			return "The workspace changed since the plan was made: plan again."
		}),
		end("policy", exitRefused, func(e *policy.Error) string {
			return "Policies do not allow this plan: " + count(policy.Problems(e.Violations).Errors(), "violation", "violations") + ". Nothing was applied."
		}),
		end("broken_policy", exitFailed, func(e *policy.BrokenError) string {
			return "The policies in " + render.Clean(e.Dir) + " cannot be used, so nothing was checked against them."
		}),
		end("refused", exitRefused, func(e *plan.RefusedError) string {
			return count(len(e.Refused), "change was", "changes were") + " refused; the rest of the plan does not depend on that."
		}),
		end[*plan.FileError]("plan_file", exitFailed, nil),
		endIf((*apply.PartialError).Interrupted, "interrupted", exitInterrupted, func(e *apply.PartialError) string {
			return fmt.Sprintf("Interrupted: %d of %s done, %d failed, %d not begun. mihusync apply --resume goes on.%s",
				e.Result.Count(apply.Done), count(len(e.Result.Outcomes), "write", "writes"), e.Result.Count(apply.Failed), e.Result.Count(apply.Skipped), stillToDo(e.Result))
		}),
		endIf(notKept, "deviates", exitPartial, func(e *apply.PartialError) string {
			return fmt.Sprintf("The service does not keep what was written: %s failed, %d skipped because of that.",
				count(e.Result.Count(apply.Failed), "write", "writes"), e.Result.Count(apply.Skipped))
		}),
		endIf(appliedNothing, "failed", exitFailed, func(e *apply.PartialError) string {
			return fmt.Sprintf("Nothing was applied: %s failed, %d skipped because of that.",
				count(e.Result.Count(apply.Failed), "write", "writes"), e.Result.Count(apply.Skipped))
		}),
		end("partial", exitPartial, func(e *savedPlanError) string { return appliedInPart(e.PartialError) + " A new plan holds the rest." }),
		end("partial", exitPartial, func(e *apply.PartialError) string {
			return appliedInPart(e) + " Running apply again completes the rest."
		}),
		end("deviates", exitPartial, func(e *plan.DeviationError) string {
			return "Everything was written, and the service does not have " + count(len(e.Deviations), "declared value", "declared values") + ". Running apply again writes them again; a value that the service never keeps has to change in the files."
		}),
		end("missing_secrets", exitFailed, func(*apply.SecretsError) string { return "Nothing was applied." }),
		end("files_in_the_way", exitFailed, func(e *export.ConflictError) string {
			return "Nothing was exported to " + e.Dir + ": move these files, or choose another folder."
		}),
		{"interrupted", exitInterrupted, interrupted},
		end[*mihu.Error]("api", exitFailed, nil),
		end[error]("failed", exitFailed, nil),
	}
}

// end returns the ending of errors of the type E. closing may be nil.
func end[E error](code string, exit int, closing func(E) string) ending {
	return endIf(nil, code, exit, closing)
}

// endIf returns the ending of errors of the type E that meet a condition.
func endIf[E error](cond func(E) bool, code string, exit int, closing func(E) string) ending {
	return ending{code, exit, func(err error) (schema.Problems, string, bool) {
		var e E
		switch {
		case !errors.As(err, &e) || cond != nil && !cond(e):
			return nil, "", false
		case closing == nil:
			return apply.Explain(e), "", true
		}
		return apply.Explain(e), closing(e), true
	}}
}

// interrupted says that somebody stopped the command. Errors around the
// interruption add nothing.
func interrupted(err error) (schema.Problems, string, bool) {
	if !errors.Is(err, context.Canceled) {
		return nil, "", false
	}
	return apply.Explain(context.Canceled), "", true
}

// explain turns an error into a failure.
func explain(err error) failure {
	for _, e := range endings() {
		if problems, closing, ok := e.take(err); ok {
			return failure{e.code, e.exit, problems, closing}
		}
	}
	return failure{} // cannot happen: the last ending takes every error
}

// tally counts the problems of files.
func tally(p schema.Problems) string {
	text := count(p.Errors(), "error", "errors")
	if n := len(p) - p.Errors(); n > 0 {
		text += ", " + count(n, "warning", "warnings")
	}
	return text + "."
}

// stillToDo names the objects with writes that were not begun.
func stillToDo(r *apply.Result) string {
	var left []string
	for _, o := range r.Outcomes {
		if o.Status == apply.Skipped && !slices.Contains(left, o.Addr) {
			left = append(left, render.Clean(o.Addr))
		}
	}
	if len(left) == 0 {
		return ""
	}
	more := ""
	if n := len(left); n > morePlaces {
		left, more = left[:morePlaces], fmt.Sprintf(" and %d more", n-morePlaces)
	}
	return "\nNot begun: " + strings.Join(left, ", ") + more + "."
}

// notKept says that no write was done, and that one failed because the service took its
// requests and kept something else.
func notKept(e *apply.PartialError) bool {
	var deviates *plan.DeviationError
	return appliedNothing(e) && errors.As(e, &deviates)
}

func appliedNothing(e *apply.PartialError) bool { return e.Result.Count(apply.Done) == 0 }

func appliedInPart(e *apply.PartialError) string {
	r := e.Result
	return fmt.Sprintf("Applied in part: %d of %s done, %d failed, %d skipped because of that.",
		r.Count(apply.Done), count(len(r.Outcomes), "write", "writes"), r.Count(apply.Failed), r.Count(apply.Skipped))
}
