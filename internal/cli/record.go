package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/mihusync/mihusync/apply"
	"github.com/mihusync/mihusync/apply/journal"
	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/internal/git"
	"github.com/mihusync/mihusync/plan"
)

// recording is the journal of one apply. Its zero value records nothing.
type recording struct {
	journal *journal.Journal
	run     *journal.Recording
	share   *sharing // nil without record: git
}

// record opens the journal of a plan's workspace and writes that a run starts. A
// module that cannot be written has no journal, which is a warning; a journal that
// cannot be used is an error.
// resumes is the id of the run that this one goes on with, or "".
func (a *app) record(ctx context.Context, p *prepared, resumes string) (*recording, error) {
	root := p.config.ModuleRoot
	if root == "" {
		return &recording{}, nil
	}
	j, err := openJournal(p)
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		a.warn("no journal is kept: "+err.Error(), "Let this user write to "+filepath.Join(root, stateDir)+", so that mihusync log can tell what was done.")
		return &recording{}, nil
	}
	if err != nil {
		return nil, err
	}
	if j.Repaired > 0 {
		a.warn("the journal ended with "+count(int(j.Repaired), "damaged byte", "damaged bytes")+", which were cut off: the run before was killed or the disk was full", "mihusync log shows which of its writes may have reached the service.")
	}
	start := a.startOf(ctx, p)
	start.Resumes, start.Undoes, start.Broke = resumes, p.undoes, p.writer.broke()
	start.Up = p.plan.Up
	run, err := j.Begin(start)
	if err != nil {
		return nil, errors.Join(err, j.Close())
	}
	if a.Verbose {
		a.say("Run %s", run.ID)
	}
	p.writer.runs(run.ID)
	return &recording{journal: j, run: run, share: a.sharing(p, j)}, nil
}

// begin sends the beginning of the run, so that every machine knows of it before the
// first write, and what earlier runs could not send.
func (r *recording) begin(ctx context.Context, a *app) {
	if r.share == nil || r.share.offline {
		return
	}
	a.status.step("Sending the record of the run to %s", r.share.store.Remote())
	r.share.all(ctx)
}

// keep keeps the state that the plan is about to change, so that rollback finds the way
// back. It reads what the plan did not. Nothing may be written if it fails.
func (r *recording) keep(ctx context.Context, a *app, p *prepared) error {
	if r.run == nil {
		return nil
	}
	img, err := engine.Before(ctx, p.conn.client.Reader(), p.plan, p.live, 0)
	var data []byte
	if err == nil {
		data, err = img.Encode()
	}
	if err == nil {
		err = r.run.Keep(data)
	}
	return err
}

func openJournal(p *prepared) (*journal.Journal, error) {
	return journal.Open(journal.Options{Root: p.config.ModuleRoot, Target: p.conn.identity(), Token: p.conn.token})
}

// recorder returns what apply tells its writes to, or nil.
func (r *recording) recorder(ctx context.Context) apply.Recorder {
	switch {
	case r.run == nil:
		return nil
	case r.share != nil:
		return &telling{Recording: r.run, ctx: ctx, share: r.share}
	}
	return r.run
}

// goesDown sends the intent of a change before its flow goes down, and says whether other
// machines can read it.
func (r *recording) goesDown(ctx context.Context, _ *plan.Op) bool {
	return r.share != nil && !r.share.offline && r.share.one(ctx, r.run.ID)
}

// id returns the run's id, "" without a journal.
func (r *recording) id() string {
	if r.run == nil {
		return ""
	}
	return r.run.ID
}

// close writes how the run ended and closes the journal. What could not be written
// is a warning: the writes are done.
func (r *recording) close(ctx context.Context, a *app, res *apply.Result, failed error) {
	if r.run == nil {
		return
	}
	err := errors.Join(res.Unrecorded, r.run.End(res, failed, ctx.Err() != nil))
	if r.share != nil {
		r.share.after.Wait()
		r.share.all(context.WithoutCancel(ctx))
		r.share.tellLate(a)
	}
	if err := errors.Join(err, r.journal.Close()); err != nil {
		a.warn("the journal of this run is not complete: "+err.Error(), "Look at the workspace with mihusync drift; the report above has what was done.")
	}
}

// startOf says who applies a plan, and what it changes.
func (a *app) startOf(ctx context.Context, p *prepared) journal.Start {
	s := journal.Start{Tool: readBuild().version, CI: a.env.pipeline(), Plan: p.plan.Digest(), Writes: len(p.plan.Ops)}
	if host, err := os.Hostname(); err == nil {
		s.Host = host
	}
	if rel, err := filepath.Rel(p.config.ModuleRoot, p.config.Dir); err == nil {
		s.Dir = filepath.ToSlash(rel)
	}
	// Without a repository the journal does not know the commit.
	if r, err := git.Open(ctx, p.config.ModuleRoot, a.env.list()); err == nil {
		if c, err := r.Head(ctx, p.config.ModuleRoot); err == nil {
			s.Commit, s.Author, s.Dirty = c.ID, c.Author, c.Dirty
		}
	}
	writes := map[string]int{}
	for _, op := range p.plan.Ops {
		writes[op.Addr]++
	}
	for _, c := range p.plan.Changes {
		if c.Action == plan.Unmanaged || c.Refused {
			continue
		}
		one := journal.Change{Addr: c.Addr, Action: string(c.Action), Writes: writes[c.Addr]}
		for _, f := range c.Fields {
			one.Fields = append(one.Fields, f.Path)
		}
		s.Changes = append(s.Changes, one)
	}
	return s
}

// pipeline returns the address of the pipeline's run that this is, as the common
// services tell it to their jobs, or "".
func (e environment) pipeline() string {
	if e["GITHUB_RUN_ID"] != "" && e["GITHUB_REPOSITORY"] != "" {
		return e["GITHUB_SERVER_URL"] + "/" + e["GITHUB_REPOSITORY"] + "/actions/runs/" + e["GITHUB_RUN_ID"]
	}
	for _, name := range []string{"CI_JOB_URL", "BUILDKITE_BUILD_URL", "CIRCLE_BUILD_URL", "TRAVIS_BUILD_WEB_URL", "BUILD_URL"} {
		if e[name] != "" {
			return e[name]
		}
	}
	return ""
}
