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

// exported are the files of a folder that exports wrote.
type exported struct {
	// all are the paths, those of every format and the record itself.
	all map[string]bool
	// files are those of one format with their content.
	files map[string][]byte
}

// current are the files as they are, without those that were edited since they were
// exported.
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

// committed are the files as the last commit has them.
func (f *Folder) committed(ctx context.Context, prefix string, format export.Format) (*exported, error) {
	out := &exported{all: map[string]bool{}, files: map[string][]byte{}}
	found, err := f.blobs(ctx, prefix, []string{export.RecordFile})
	if err != nil || found[export.RecordFile] == nil {
		return out, err
	}
	out.all[export.RecordFile] = true
	record, err := export.ParseRecord(found[export.RecordFile])
	if err != nil {
		return out, nil // it does not tell what was exported
	}
	for _, form := range record.Formats() {
		for _, name := range record.Names(form) {
			out.all[name] = true
		}
	}
	out.files, err = f.blobs(ctx, prefix, record.Names(format))
	return out, err
}

// blobs reads files of the last commit; those it does not have are left out.
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

// beside adds what is written with an export to its paths.
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
