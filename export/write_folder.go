package export

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/mihusync/mihusync/internal/text"
	"github.com/mihusync/mihusync/schema"
)

// ConflictError lists the files that are in the way of an export. Nothing was
// written.
type ConflictError struct {
	Dir string
	// Foreign are files that no export wrote. Edited are files that were changed
	// since an export wrote them. Both are relative to Dir and sorted.
	Foreign, Edited []string
}

// Error names the folder and the files.
func (e *ConflictError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "nothing was exported to %s, because files there are in the way; move them or choose another folder", e.Dir)
	for _, p := range e.Explain() {
		b.WriteString("\n  " + p.Summary)
	}
	return b.String()
}

// Explain returns a problem for each file.
func (e *ConflictError) Explain() schema.Problems {
	var out schema.Problems
	for _, name := range e.Foreign {
		out.Add(schema.Problem{Summary: name + " was not written by an export"})
	}
	for _, name := range e.Edited {
		out.Add(schema.Problem{Summary: name + " was edited since it was exported"})
	}
	return out
}

// folder brings a folder to the state of an export. It changes only files that
// exports wrote. All paths stay within root, whatever symbolic links it has.
type folder struct {
	root   *os.Root
	format Format
	files  []file
	gone   func(kind string) bool

	manifest *manifest
	plan     Written
	write    []file
	conflict ConflictError
	// retained are files that this export does not concern.
	retained []string
}

func (f *folder) update(ctx context.Context) (*Written, error) {
	var err error
	if f.manifest, err = readManifest(f.root); err != nil {
		return nil, err
	}
	if err := f.compare(ctx); err != nil {
		return nil, err
	}
	stale, err := f.stale()
	if err != nil {
		return nil, err
	}
	// The manifest has the old and the new content while files change. If the
	// export is stopped, the next one still knows its files.
	after := f.manifest.with(f.format, f.files, append(f.retained, f.plan.Kept...))
	if f.plan.Changed() {
		if err := f.manifest.union(after).save(f.root); err != nil {
			return nil, err
		}
		if err := f.apply(ctx, stale); err != nil {
			return nil, err
		}
	}
	return &f.plan, after.save(f.root)
}

// compare finds the files to write and the files in the way.
func (f *folder) compare(ctx context.Context) error {
	known := f.manifest.Formats[f.format]
	states := make([]state, len(f.files))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallelFiles)
	for i, want := range f.files {
		group.Go(func() (err error) {
			if err := ctx.Err(); err != nil {
				return err
			}
			states[i], err = f.state(want, known)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	f.conflict.Dir = f.root.Name()
	for i, want := range f.files {
		switch states[i] {
		case missing:
			f.plan.Created = append(f.plan.Created, want.name)
			f.write = append(f.write, want)
		case outdated:
			f.plan.Updated = append(f.plan.Updated, want.name)
			f.write = append(f.write, want)
		case current:
			f.plan.Unchanged++
		case edited:
			f.conflict.Edited = append(f.conflict.Edited, want.name)
		case foreign:
			f.conflict.Foreign = append(f.conflict.Foreign, want.name)
		}
	}
	if len(f.conflict.Foreign)+len(f.conflict.Edited) > 0 {
		return &f.conflict
	}
	return nil
}

// state compares a file with what an export wants.
type state int

const (
	missing  state = iota
	current        // has the wanted content, whoever wrote it
	outdated       // has the content of an earlier export
	edited         // was exported once and changed since
	foreign        // was never exported, or is no plain file
)

// parallelFiles limits the files that are open at once.
const parallelFiles = 16

func (f *folder) state(want file, known map[string]entry) (state, error) {
	if !f.plain(path.Dir(want.name)) {
		return foreign, nil
	}
	info, err := f.root.Lstat(want.name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return missing, nil
	case err != nil:
		return foreign, err
	case !info.Mode().IsRegular():
		return foreign, nil
	}
	data, err := f.root.ReadFile(want.name)
	if err != nil {
		return foreign, err
	}
	e, listed := known[want.name]
	switch {
	case string(text.Normal(data)) == string(want.data):
		return current, nil
	case listed && e.has(data):
		return outdated, nil
	case listed:
		return edited, nil
	default:
		return foreign, nil
	}
}

// plain says whether a folder is a real one or does not exist. A file or a
// symbolic link is neither.
func (f *folder) plain(dir string) bool {
	for ; dir != "."; dir = path.Dir(dir) {
		if info, err := f.root.Lstat(dir); err == nil && !info.IsDir() {
			return false
		}
	}
	return true
}

// stale returns the files of objects that no longer exist.
func (f *folder) stale() ([]string, error) {
	wanted := make(map[string]bool, len(f.files))
	for _, w := range f.files {
		wanted[w.name] = true
	}
	for name, e := range f.manifest.Formats[f.format] {
		if wanted[name] {
			continue
		}
		if !f.gone(e.Kind) {
			f.retained = append(f.retained, name)
			continue
		}
		s, err := f.state(file{name: name}, f.manifest.Formats[f.format])
		if err != nil {
			return nil, err
		}
		switch s {
		case missing:
		case outdated, current:
			f.plan.Removed = append(f.plan.Removed, name)
		default:
			f.plan.Kept = append(f.plan.Kept, name)
		}
	}
	slices.Sort(f.plan.Removed)
	slices.Sort(f.plan.Kept)
	return f.plan.Removed, nil
}

func (f *folder) apply(ctx context.Context, stale []string) error {
	var dirs sync.Map
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallelFiles)
	for _, w := range f.write {
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			dir := path.Dir(w.name)
			if _, made := dirs.Load(dir); !made {
				if err := f.root.MkdirAll(dir, 0o755); err != nil {
					return err
				}
				dirs.Store(dir, true)
			}
			return replaceFile(f.root, w.name, w.data)
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for _, name := range stale {
		if err := f.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		// Empty folders are removed. A folder that is not empty is no error.
		for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
			if f.root.Remove(dir) != nil {
				break
			}
		}
	}
	return nil
}

// replaceFile replaces a file's content at once. A reader sees the old or the
// new content, never a part. The content is not forced to the disk, because that
// would take longer than everything else. If a crash loses it, the manifest
// shows that, and the export can be repeated.
func replaceFile(root *os.Root, name string, data []byte) error {
	dir, base := path.Split(name)
	tmp := dir + "." + base + ".tmp"
	if err := root.WriteFile(tmp, data, 0o644); err != nil {
		return errors.Join(err, ignoreMissing(root.Remove(tmp)))
	}
	if err := root.Rename(tmp, name); err != nil {
		return errors.Join(err, ignoreMissing(root.Remove(tmp)))
	}
	return nil
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
