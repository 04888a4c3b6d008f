package backup

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/mihusync/mihusync/export"
)

// exported are the files in a folder that exports wrote.
type exported struct {
	// all are the paths of every format and of the record itself.
	all map[string]bool
	// files are the contents of one format's files.
	files map[string][]byte
}

// current returns the files on disk, without those that were edited since their
// export.
func (f *Folder) current(format export.Format) (*exported, error) {
	root, err := os.OpenRoot(f.dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	record, err := export.ReadRecord(root)
	if err != nil {
		return nil, err
	}
	out := &exported{all: map[string]bool{export.RecordFile: true}, files: map[string][]byte{}}
	for _, form := range record.Formats() {
		for _, name := range record.Names(form) {
			data, err := root.ReadFile(name)
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				return nil, err
			}
			if !record.Wrote(form, name, data) {
				continue
			}
			out.all[name] = true
			if form == format {
				out.files[name] = data
			}
		}
	}
	return out, nil
}

// committed returns the files of the last commit.
func (f *Folder) committed(ctx context.Context, prefix string, format export.Format) (*exported, error) {
	out := &exported{all: map[string]bool{}, files: map[string][]byte{}}
	found, err := f.blobs(ctx, prefix, []string{export.RecordFile})
	if err != nil || found[export.RecordFile] == nil {
		return out, err
	}
	out.all[export.RecordFile] = true
	record, err := export.ParseRecord(found[export.RecordFile])
	if err != nil {
		return out, nil // the record does not say what was exported
	}
	for _, form := range record.Formats() {
		for _, name := range record.Names(form) {
			out.all[name] = true
		}
	}
	out.files, err = f.blobs(ctx, prefix, record.Names(format))
	return out, err
}

// blobs reads files of the last commit. It leaves out files that the commit
// lacks.
func (f *Folder) blobs(ctx context.Context, prefix string, names []string) (map[string][]byte, error) {
	found, err := f.repo.Blobs(ctx, below(prefix, names))
	if err != nil {
		return nil, err
	}
	out := map[string][]byte{}
	for _, name := range names {
		if data, ok := found[prefix+name]; ok {
			out[name] = data
		}
	}
	return out, nil
}

// beside adds the paths that are written with an export.
func (f *Folder) beside(ctx context.Context, prefix string, beside Beside, paths map[string]bool) error {
	for _, dir := range beside.Own {
		err := filepath.WalkDir(filepath.Join(f.dir, filepath.FromSlash(dir)), func(path string, d os.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil || d.IsDir() {
				return err
			}
			rel, err := filepath.Rel(f.dir, path)
			paths[filepath.ToSlash(rel)] = true
			return err
		})
		if err != nil {
			return err
		}
		known, err := f.repo.Listed(ctx, prefix+dir)
		if err != nil {
			return err
		}
		for _, name := range within(prefix, known) {
			paths[name] = true
		}
	}
	for _, name := range beside.Once {
		known, err := f.repo.Listed(ctx, prefix+name)
		if err != nil {
			return err
		}
		if len(known) == 0 {
			paths[name] = true
		}
	}
	return nil
}

func sortedKeys(m map[string]bool) []string { return slices.Sorted(maps.Keys(m)) }
