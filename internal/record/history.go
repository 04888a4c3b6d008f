package record

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/mihusync/mihusync/internal/git"
)

// Run is one run as bytes.
type Run struct {
	ID string
	// Records are the run's records.
	Records []byte
	// Before returns the state before the run, or nil if none was kept. It may be nil.
	Before func() ([]byte, error)
}

// recordsPath and beforePath are the paths of a run's files in the history.
func recordsPath(run string) string { return "runs/" + month(run) + "/" + run + ".jsonl" }
func beforePath(run string) string  { return "before/" + month(run) + "/" + run + ".json" }

// month returns the year and the month that the id of a run begins with. The files of
// each month have a directory, so that a commit repeats no long list.
func month(run string) string { return run[:min(len(run), len("200601"))] }

// attempts is how often a push is tried again after another machine came first.
const attempts = 20

// Push brings runs to the remote. It sends what the remote does not have: runs, further
// records of a run, and states. If another machine pushes first, its runs stay, and
// these are added to them.
func (s *Store) Push(ctx context.Context, runs []Run) error {
	r := s.historyRefs()
	for try := range attempts {
		ref, base, err := s.base(ctx, r, try == 0)
		if err != nil {
			return err
		}
		files, err := missing(runs, base.sizes)
		if err != nil || len(files) == 0 {
			return err
		}
		next, err := s.add(ctx, ref, base, files, title(runs, s.target))
		switch {
		case err == nil:
			s.mu.Lock()
			s.history[ref] = next
			s.mu.Unlock()
			return nil
		case errors.Is(err, git.ErrMoved):
			s.forget()
			if err := pause(ctx, time.Duration(try+1)*100*time.Millisecond); err != nil {
				return err
			}
		case s.refused(err, ref, r):
			s.forget()
		default:
			return err
		}
	}
	return fmt.Errorf("the history of %s in %s could not be written: other machines came first %d times", s.target, s.remote, attempts)
}

func (s *Store) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.history)
}

// base returns the ref to write and what it has. With seen it takes what this process
// knows already.
func (s *Store) base(ctx context.Context, r refs, seen bool) (string, *tip, error) {
	if seen {
		s.mu.Lock()
		for _, ref := range []string{r.own, r.branch} {
			if t := s.history[ref]; t != nil {
				s.mu.Unlock()
				return ref, t, nil
			}
		}
		s.mu.Unlock()
	}
	there, err := s.look(ctx, r)
	if err != nil {
		return "", nil, err
	}
	ref := s.choose(r, there)
	t, err := s.tip(ctx, ref, there[ref])
	return ref, t, err
}

// tip reads which files a commit of the remote has.
func (s *Store) tip(ctx context.Context, ref, commit string) (*tip, error) {
	t := &tip{commit: commit, sizes: map[string]int{}}
	if commit == "" {
		return t, nil
	}
	if err := s.fetch(ctx, ref, commit); err != nil {
		return nil, err
	}
	files, err := s.repo.TreeFiles(ctx, commit)
	for _, f := range files {
		t.sizes[f.Path] = f.Size
	}
	return t, err
}

// missing returns the files that a commit does not have. Records only grow, so a longer
// file has more of them.
func missing(runs []Run, have map[string]int) (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, run := range runs {
		if size, there := have[recordsPath(run.ID)]; !there || size < len(run.Records) {
			files[recordsPath(run.ID)] = run.Records
		}
		if _, there := have[beforePath(run.ID)]; there || run.Before == nil {
			continue
		}
		state, err := run.Before()
		if err != nil {
			return nil, err
		}
		if state != nil {
			files[beforePath(run.ID)] = state
		}
	}
	return files, nil
}

// add pushes a commit with more files.
func (s *Store) add(ctx context.Context, ref string, base *tip, files map[string][]byte, message string) (*tip, error) {
	var parents []string
	if base.commit != "" {
		parents = []string{base.commit}
	}
	commit, err := s.repo.WriteCommit(ctx, parents, files, message)
	if err != nil {
		return nil, err
	}
	if err := s.push(ctx, ref, base.commit, commit); err != nil {
		return nil, err
	}
	next := &tip{commit: commit, sizes: maps.Clone(base.sizes)}
	for name, data := range files {
		next.sizes[name] = len(data)
	}
	return next, nil
}

func title(runs []Run, target string) string {
	if len(runs) == 1 {
		return "Run " + runs[0].ID + " of " + target + "\n"
	}
	return fmt.Sprintf("Runs of %s\n", target)
}

// Runs reads the records of all runs from the remote, in the order of their ids.
func (s *Store) Runs(ctx context.Context) ([]Run, error) {
	blobs, err := s.files(ctx, "runs/")
	if err != nil {
		return nil, err
	}
	data, err := s.repo.ReadBlobs(ctx, slices.Collect(maps.Values(blobs)))
	if err != nil {
		return nil, err
	}
	var out []Run
	for _, name := range slices.Sorted(maps.Keys(blobs)) {
		out = append(out, Run{ID: strings.TrimSuffix(path.Base(name), ".jsonl"), Records: data[blobs[name]]})
	}
	return out, nil
}

// Before reads the state before a run from the remote. It returns nil if the remote has
// none.
func (s *Store) Before(ctx context.Context, run string) ([]byte, error) {
	blobs, err := s.files(ctx, beforePath(run))
	if err != nil || blobs[beforePath(run)] == "" {
		return nil, err
	}
	data, err := s.repo.ReadBlobs(ctx, []string{blobs[beforePath(run)]})
	return data[blobs[beforePath(run)]], err
}

// files returns the blobs of the files below a path, of both refs. Where both have one
// of a name, it is the longer one.
func (s *Store) files(ctx context.Context, prefix string) (map[string]string, error) {
	r := s.historyRefs()
	there, err := s.look(ctx, r)
	if err != nil {
		return nil, err
	}
	blobs, sizes := map[string]string{}, map[string]int{}
	for _, ref := range []string{r.own, r.branch} {
		if there[ref] == "" {
			continue
		}
		if err := s.fetch(ctx, ref, there[ref]); err != nil {
			return nil, err
		}
		files, err := s.repo.TreeFiles(ctx, there[ref])
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			if strings.HasPrefix(f.Path, prefix) && f.Size >= sizes[f.Path] {
				blobs[f.Path], sizes[f.Path] = f.Blob, f.Size
			}
		}
	}
	return blobs, nil
}
