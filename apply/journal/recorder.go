package journal

import (
	"errors"

	"github.com/mihusync/mihusync/apply"
)

// Recording is the journal of one run. It is an [apply.Recorder].
type Recording struct {
	// ID is the id of the run.
	ID string
	j  *Journal
}

// Begin writes that a run starts. It sets the name of the digests' key.
func (j *Journal) Begin(s Start) (*Recording, error) {
	id, err := newID(j.now())
	if err != nil {
		return nil, err
	}
	s.Key = j.key.name()
	if s.Changes == nil {
		s.Changes = []Change{}
	}
	if err := j.append(&Record{Kind: KindStart, Run: id, Start: &s}); err != nil {
		return nil, err
	}
	return &Recording{ID: id, j: j}, nil
}

// Complete writes that a run without an end, or with a part left, was found to have done
// everything.
func (j *Journal) Complete(run *Run) error {
	return j.append(&Record{Kind: KindEnd, Run: run.ID, End: &End{Status: Done, Done: run.Start.Writes}})
}

// Intend writes what is about to be sent, with digests for secrets.
func (r *Recording) Intend(in apply.Intent) error {
	rec := &Intent{Op: in.Index, Addr: in.Op.Addr, Title: in.Op.Title, Call: in.Op.Call, Path: in.Path}
	if f := in.Op.Flow; f != nil {
		rec.Down = f.Down && f.Undeploys()
	}
	if in.Op.Lookup != nil {
		rec.Match = in.Op.Lookup.Match
	}
	for path, s := range in.Secrets {
		if rec.Secrets == nil {
			rec.Secrets, rec.Sources = map[string]string{}, map[string]string{}
		}
		rec.Secrets[path], rec.Sources[path] = r.j.key.digest(s.Value), sourceOf(s.Source)
	}
	return r.j.append(&Record{Kind: KindIntent, Run: r.ID, Intent: rec})
}

// Ended writes how a write ended.
func (r *Recording) Ended(e apply.Ending) error {
	rec := &Outcome{Op: e.Index, Addr: e.Op.Addr, Status: string(e.Status), ID: e.ID, Note: e.Note}
	if e.Err != nil {
		var dark *apply.FlowDarkError
		rec.Error, rec.Dark = e.Err.Error(), errors.As(e.Err, &dark)
	}
	for _, a := range e.Answered {
		rec.Answered = append(rec.Answered, Answered(a))
	}
	return r.j.append(&Record{Kind: KindOutcome, Run: r.ID, Outcome: rec})
}

// End writes how the run ended. err is the error of [apply.Run]; interrupted says that
// somebody stopped the run.
func (r *Recording) End(res *apply.Result, err error, interrupted bool) error {
	e := End{Status: Done, Done: res.Count(apply.Done), Failed: res.Count(apply.Failed), Skipped: res.Count(apply.Skipped)}
	var partial *apply.PartialError
	switch {
	case err != nil && !errors.As(err, &partial):
		e.Status = Refused
	case err != nil && interrupted:
		e.Status = Interrupted
	case err != nil:
		e.Status = Partial
	}
	return r.j.append(&Record{Kind: KindEnd, Run: r.ID, End: &e})
}

// Verified writes how what the run wrote compares with what the service has.
func (r *Recording) Verified(v Verified) error {
	return r.j.append(&Record{Kind: KindVerified, Run: r.ID, Verified: &v})
}
