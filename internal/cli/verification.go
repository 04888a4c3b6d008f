package cli

import (
	"cmp"
	"context"

	"github.com/mihusync/mihusync/apply"
	"github.com/mihusync/mihusync/apply/journal"
	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
)

// How much of what was written is compared with what the service has afterwards.
const (
	verifyNone    = "none"
	verifyChanged = "changed"
	verifyAll     = "all"
)

// verifying is the flag that decides what is compared after an apply.
type verifying struct {
	Verify string `enum:"none,changed,all" default:"changed" help:"What to compare with the service afterwards: ${enum}. changed compares what was written, all plans again: whatever is left is a difference."`
}

// checkVerify refuses a comparison that needs files where there are none.
func (c *applyCmd) checkVerify(saved bool) error {
	if saved && c.Verify == verifyAll {
		return newUsageError(&hintError{message: "--verify all plans again from the files, and " + c.Dir + " is a saved plan", hint: "Give --verify changed, and look at the workspace with mihusync drift afterwards."})
	}
	return nil
}

// verifyWritten compares what a run wrote with what the service has, and tells of it.
// failed is the error of the run: what it did is compared nevertheless. A run that was
// interrupted is not compared. The error has the declared values that deviate.
func (c *applyCmd) verifyWritten(ctx context.Context, a *app, p *prepared, rec *recording, res *apply.Result, failed error) error {
	if c.Verify == verifyNone || res.Count(apply.Done) == 0 {
		return nil
	}
	v := &plan.Verification{}
	if ctx.Err() != nil {
		v.NotDone("the run was interrupted, so what it wrote is not compared with what the service has")
	} else if read, err := c.readBack(ctx, a, p, res); err != nil {
		v.NotDone("what was written could not be compared with what the service has: " + apply.Explain(err)[0].Summary)
	} else {
		v = read
	}
	a.status.clear()
	c.report.verified(v)
	rec.verified(cmp.Or(c.Verify, verifyChanged), v) // other verbs that apply have no flag
	a.tellVerification(v)
	err := v.Err()
	if err != nil && failed != nil { // the run's error has the exit code
		a.problems(apply.Explain(err))
	}
	return err
}

// readBack compares what a run wrote, or with --verify all everything that is declared.
func (c *applyCmd) readBack(ctx context.Context, a *app, p *prepared, res *apply.Result) (*plan.Verification, error) {
	done := func(addr string) bool {
		done, _ := res.Wrote(addr)
		return done
	}
	if c.Verify == verifyAll {
		again, err := a.prepareAgain(ctx, p)
		if err != nil {
			return nil, err
		}
		return again.Left(p.plan, done), nil
	}
	confirmed := 0
	w := plan.Written{IDs: res.IDs, Secret: a.known(p.config.ModuleRoot), Has: func(addr string) bool {
		done, confirmed := res.Wrote(addr)
		return done && !confirmed
	}}
	open := false
	for _, ch := range p.plan.Changes {
		if done, sure := res.Wrote(ch.Addr); ch.Verifies() && done && sure {
			confirmed++
		} else if ch.Verifies() && done {
			open = true
		}
	}
	v := &plan.Verification{}
	if open {
		var err error
		src := &watched{Source: p.conn.client.Reader(), status: a.status, name: p.conn.name}
		if v, err = engine.ReadBack(ctx, src, p.plan, w, 0); err != nil {
			return nil, err
		}
	}
	v.Objects += confirmed
	return v, nil
}

// tellVerification tells what was compared, and what deviates without being declared.
func (a *app) tellVerification(v *plan.Verification) {
	for _, n := range v.Notes {
		a.say("Note: %s", tidy(n.Text))
	}
	for _, d := range v.Deviations {
		if !d.Declared {
			a.say("Note: %s: %s", d.Addr, tidy(d.Summary()))
		}
	}
	if a.events != nil && (!a.Quiet || len(v.Deviations) > 0) {
		a.events.verified(v)
	} else if a.Verbose {
		a.say("Verified %s: %s.", count(v.Objects, "object", "objects"), count(len(v.Deviations), "value deviates", "values deviate"))
	}
}

// verified tells what was compared after the writes.
func (e *events) verified(v *plan.Verification) {
	one := event{Event: "verify", Objects: v.Objects, Deviations: len(v.Deviations),
		Message: count(v.Objects, "object", "objects") + " compared, " + count(len(v.Deviations), "value deviates", "values deviate")}
	if v.Err() != nil {
		one.Level = levelError
	}
	e.emit(one)
}

// verified writes into the journal what was compared.
func (r *recording) verified(mode string, v *plan.Verification) {
	if r.run == nil {
		return
	}
	out := journal.Verified{Mode: mode, Objects: v.Objects}
	for _, d := range v.Deviations {
		out.Deviations = append(out.Deviations, journal.Deviation{Addr: d.Addr, Path: d.Path, Asked: schema.ShowValue(d.Asked), Is: schema.ShowValue(d.Is), Declared: d.Declared, Text: d.Text})
	}
	for _, n := range v.Notes {
		out.Notes = append(out.Notes, n.Text)
	}
	// The journal keeps its first error, and the end of the run meets it again.
	_ = r.run.Verified(out)
}

// runVerified is the part of [runDocument] that tells what was compared.
type runVerified struct {
	// Mode is the value of --verify.
	Mode    string `json:"mode"`
	Objects int    `json:"objects"`
	// Deviations are the values that the service has in place of those that were
	// asked for.
	Deviations []plan.Deviation `json:"deviations"`
	Notes      []string         `json:"notes"`
}

// verified adds what was compared.
func (d *runDocument) verified(v *plan.Verification) {
	d.Verified.Objects = v.Objects
	d.Verified.Deviations = append(d.Verified.Deviations, v.Deviations...)
	for _, n := range v.Notes {
		d.Verified.Notes = append(d.Verified.Notes, n.Text)
	}
}

func newVerified(mode string) runVerified {
	return runVerified{Mode: mode, Deviations: []plan.Deviation{}, Notes: []string{}}
}
