package cli

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/mihusync/mihusync/apply"
	"github.com/mihusync/mihusync/apply/journal"
	"github.com/mihusync/mihusync/internal/record"
	"github.com/mihusync/mihusync/schema/load"
)

// sharing sends the runs of this machine to the remote of record: git.
type sharing struct {
	store   *record.Store
	journal *journal.Journal
	root    string // of the module
	target  string
	offline bool // the remote could not be reached when the run began

	mu    sync.Mutex
	late  error          // why the last run was not sent
	after sync.WaitGroup // of sending after a write
}

// sharing returns what sends the runs of a journal, or nil without record: git.
func (a *app) sharing(p *prepared, j *journal.Journal) *sharing {
	if p.writer == nil || p.writer.store == nil {
		return nil
	}
	return &sharing{store: p.writer.store, journal: j, root: p.config.ModuleRoot, target: p.conn.identity(), offline: p.writer.lock == nil}
}

// all sends what the remote does not have of the runs of this machine.
func (s *sharing) all(ctx context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	copies, err := s.journal.Copies()
	if err != nil {
		s.late = err
		return
	}
	var runs []record.Run
	for id, data := range copies {
		runs = append(runs, s.run(id, data))
	}
	slices.SortFunc(runs, func(a, b record.Run) int { return cmp.Compare(a.ID, b.ID) })
	s.late = s.store.Push(ctx, runs)
}

// one sends what the remote does not have of one run, and says whether it has all. Of
// several that wait, the first one sends for all of them.
func (s *sharing) one(ctx context.Context, id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	data, err := s.journal.Lines(id)
	if err == nil {
		err = s.store.Push(ctx, []record.Run{s.run(id, data)})
	}
	s.late = err
	return err == nil
}

// telling sends the record of a flow's change when it has ended, so that other machines do
// not take the flow for one that is down. It does not keep the other writes waiting.
type telling struct {
	*journal.Recording
	ctx   context.Context
	share *sharing
}

// Ended writes how a write ended.
func (t *telling) Ended(e apply.Ending) error {
	err := t.Recording.Ended(e)
	if f := e.Op.Flow; err == nil && f != nil && f.Down && f.Undeploys() {
		t.share.after.Go(func() { t.share.one(context.WithoutCancel(t.ctx), t.ID) })
	}
	return err
}

// sendLate sends what earlier runs on this machine could not send.
func (a *app) sendLate(ctx context.Context, p *prepared) {
	if p.writer == nil || p.writer.store == nil {
		return
	}
	if runs, _, err := journal.Read(p.config.ModuleRoot, p.conn.identity()); err != nil || len(runs) == 0 {
		return // the next run tells what is wrong with the journal
	}
	j, err := openJournal(p)
	if err != nil {
		return
	}
	defer j.Close()
	s := a.sharing(p, j)
	s.all(ctx)
	s.tellLate(a)
}

// seen ends an apply that has nothing to do. It writes down that flows run which the
// record has as down, so that no later run brings them up against somebody's will.
func (a *app) seen(ctx context.Context, p *prepared) error {
	if len(p.plan.Up) == 0 || p.writer == nil || p.writer.store == nil {
		a.sendLate(ctx, p)
		return nil
	}
	rec, err := a.record(ctx, p, "")
	if err == nil {
		rec.close(ctx, a, &apply.Result{}, nil)
	}
	return err
}

func (s *sharing) run(id string, data []byte) record.Run {
	return record.Run{ID: id, Records: data, Before: func() ([]byte, error) {
		state, err := os.ReadFile(filepath.Join(s.root, filepath.FromSlash(journal.BeforeName(s.target, id))))
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		return state, err
	}}
}

// tellLate says that runs are recorded here only.
func (s *sharing) tellLate(a *app) {
	if s.late != nil {
		a.warn("runs are recorded on this machine only: "+s.late.Error(), "The next apply from here sends them.")
	}
}

// remoteRuns reads the runs of a workspace in the remote, once in a command.
func (a *app) remoteRuns(ctx context.Context, store *record.Store, target string) ([]record.Run, error) {
	if copies, read := a.copies[target]; read {
		return copies, nil
	}
	a.status.step("Reading the runs in %s", store.Remote())
	copies, err := store.Runs(ctx)
	if a.copies == nil {
		a.copies = map[string][]record.Run{}
	}
	a.copies[target] = copies // none after an error, which is told once
	return copies, err
}

// down returns what the shared record says of flows that a run took down, or nil without
// record: git.
func (a *app) down(ctx context.Context, cfg *load.Config, conn *connection) (func(id string) bool, error) {
	if a.Sandbox || cfg.Target.Record != load.RecordGit {
		return nil, nil
	}
	runs, _, err := a.history(ctx, cfg, conn.identity())
	var none *record.Error
	if errors.As(err, &none) { // an apply is refused
		a.warn("flows that an earlier run took down are not known: "+err.Error(), none.Hint)
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	down := journal.Down(runs)
	return func(id string) bool { return down[id] }, nil
}

// history returns the runs of a workspace: those of this machine, and with record: git
// those in the remote. The oldest comes first. damaged is the number of bytes at the end
// of this machine's journal that no mihusync wrote.
func (a *app) history(ctx context.Context, cfg *load.Config, target string) (runs []*journal.Run, damaged int64, err error) {
	runs, damaged, err = journal.Read(cfg.ModuleRoot, target)
	if err != nil {
		return nil, 0, err
	}
	store, err := a.store(ctx, cfg.Target, cfg.ModuleRoot)
	if store == nil || err != nil {
		return runs, damaged, err
	}
	copies, err := a.remoteRuns(ctx, store, target)
	if ctx.Err() != nil {
		return nil, 0, ctx.Err()
	}
	if err != nil {
		a.warn("only the runs of this machine are known: "+err.Error(), "Check the network and the right to read: git ls-remote "+store.Remote())
		return runs, damaged, nil
	}
	here := map[string]bool{}
	for _, r := range runs {
		here[r.ID] = true
	}
	for _, c := range copies {
		if here[c.ID] {
			continue
		}
		more, err := journal.ParseRuns(target, c.Records)
		if err != nil {
			a.warn("run "+c.ID+" in "+store.Remote()+" cannot be read: "+err.Error(), "Use the mihusync that wrote it.")
		}
		runs = append(runs, more...)
	}
	slices.SortStableFunc(runs, func(a, b *journal.Run) int {
		return cmp.Or(a.Began.Compare(b.Began), cmp.Compare(a.ID, b.ID))
	})
	return runs, damaged, nil
}
