package journal

import "time"

// Run is what a journal knows of one apply.
type Run struct {
	ID    string    `json:"run"`
	Began time.Time `json:"began"`
	// Ended is the time of the last record.
	Ended time.Time `json:"ended"`
	Start
	// Before describes the state that was kept before the run. It is nil if none was.
	Before *Image `json:"before,omitempty"`
	// Status is how the run ended.
	Status Status `json:"status"`
	// Wrote lists the writes that the run began, in the order of their beginnings.
	Wrote []*Write `json:"wrote"`
	// Verified says how what was written compares with what the service has. It is nil
	// if nothing was compared.
	Verified *Verified `json:"verified,omitempty"`
	// Counts are the numbers of writes at the run's end. A run without an end has
	// those that its records show.
	Counts End `json:"-"`
}

// Write is one write of a run. A write without an outcome has the status "unknown":
// it may or may not have reached the service.
type Write struct {
	Intent
	Status   string     `json:"status"`
	ID       string     `json:"id,omitempty"`
	Error    string     `json:"error,omitempty"`
	Dark     bool       `json:"dark,omitempty"`
	Note     string     `json:"note,omitempty"`
	Answered []Answered `json:"answered,omitempty"`
	// Compared says of a secret, by its path in the body, how its value stands to the one
	// that an earlier write of the object sent there: "same", "changed" or, if the API
	// token has changed since, "unknown". A secret that was not sent before is absent.
	Compared map[string]string `json:"compared,omitempty"`
}

// Unknown is the status of a write without an outcome.
const Unknown = "unknown"

// runsOf groups records by their runs.
func runsOf(records []*Record) []*Run {
	var out []*Run
	byID := map[string]*Run{}
	for _, r := range records {
		run := byID[r.Run]
		if r.Kind == KindStart && r.Start != nil && run == nil {
			run = &Run{ID: r.Run, Began: r.At, Start: *r.Start, Status: Unfinished}
			byID[r.Run] = run
			out = append(out, run)
		}
		if run != nil {
			run.Ended = r.At
			run.take(r)
		}
	}
	compareSecrets(out)
	return out
}

func (run *Run) take(r *Record) {
	switch {
	case r.Kind == KindBefore && r.Before != nil:
		run.Before = r.Before
	case r.Kind == KindIntent && r.Intent != nil:
		run.Wrote = append(run.Wrote, &Write{Intent: *r.Intent, Status: Unknown})
	case r.Kind == KindOutcome && r.Outcome != nil:
		run.end(r.Outcome)
	case r.Kind == KindVerified && r.Verified != nil:
		run.Verified = r.Verified
	case r.Kind == KindEnd && r.End != nil:
		run.Status, run.Counts = r.End.Status, *r.End
	}
}

// end keeps the outcome of a write. A skipped write has no intent.
func (run *Run) end(o *Outcome) {
	switch o.Status {
	case "done":
		run.Counts.Done++
	case "failed":
		run.Counts.Failed++
	default:
		run.Counts.Skipped++
	}
	for _, w := range run.Wrote {
		if w.Op == o.Op {
			w.Status, w.ID, w.Dark, w.Error, w.Note, w.Answered = o.Status, o.ID, o.Dark, o.Error, o.Note, o.Answered
			return
		}
	}
	run.Wrote = append(run.Wrote, &Write{Intent: Intent{Op: o.Op, Addr: o.Addr}, Status: o.Status, Error: o.Error})
}

// Find returns the run of an id, or of the beginning of one that no other id has.
// "last" names the newest run. It returns nil if there is no such run.
func Find(runs []*Run, id string) *Run {
	if id == "last" && len(runs) > 0 {
		return runs[len(runs)-1]
	}
	var found *Run
	for _, r := range runs {
		if r.ID == id {
			return r
		}
		if id != "" && len(r.ID) > len(id) && r.ID[:len(id)] == id {
			if found != nil {
				return nil
			}
			found = r
		}
	}
	return found
}
