package adopt

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"

	"github.com/mihusync/mihusync/internal/atomicfile"
	"github.com/mihusync/mihusync/internal/text"
)

// create adds a new file with data as its contents.
func (s *source) create(name string, data []byte) { s.texts[name] = data }

// edited returns the contents of the files after the edits, by file name. It
// returns an error if two edits overlap.
func (s *source) edited() (map[string][]byte, error) {
	out := map[string][]byte{}
	for name, data := range s.texts {
		out[name] = data
	}
	for _, f := range s.files {
		edits := s.edits[f.name]
		if len(edits) == 0 {
			continue
		}
		sort.SliceStable(edits, func(i, j int) bool { return edits[i].start < edits[j].start })
		var b bytes.Buffer
		at, onlyRemoves := 0, false
		for _, e := range edits {
			if e.start < at && onlyRemoves && e.text == "" { // neighbours that go share their comma
				at = max(at, e.end)
				continue
			}
			onlyRemoves = e.text == ""
			if e.start < at {
				return nil, fmt.Errorf("%s: two changes concern the same place", f.name)
			}
			b.Write(f.data[at:e.start])
			b.WriteString(e.text)
			at = e.end
		}
		b.Write(f.data[at:])
		out[f.name] = b.Bytes()
	}
	return out, nil
}

// writeFiles writes files, and returns a function that restores the old state. If
// it cannot write a file, it restores the files that it wrote before.
func writeFiles(files map[string][]byte) (undo func() error, err error) {
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	sort.Strings(names)
	var undos []func() error
	undo = func() error {
		var errs []error
		for i := len(undos) - 1; i >= 0; i-- {
			errs = append(errs, undos[i]())
		}
		return errors.Join(errs...)
	}
	for _, name := range names {
		back, err := writeOne(name, files[name])
		if err != nil {
			return nil, errors.Join(err, undo())
		}
		undos = append(undos, back)
	}
	return undo, nil
}

func writeOne(name string, data []byte) (undo func() error, err error) {
	before, err := os.ReadFile(name)
	mode := fs.FileMode(0o644)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		made, err := makeDirs(filepath.Dir(name))
		if err != nil {
			return nil, err
		}
		undo = func() error {
			err := os.Remove(name)
			for _, dir := range made {
				err = errors.Join(err, os.Remove(dir))
			}
			return err
		}
	case err != nil:
		return nil, err
	default:
		if info, err := os.Stat(name); err == nil {
			mode = info.Mode().Perm()
		}
		undo = func() error { return atomicfile.Write(name, before, mode) }
		data = text.Like(before, data)
	}
	return undo, atomicfile.Write(name, data, mode)
}

// makeDirs makes a directory with its parents. It returns the directories that it
// made, the deepest first.
func makeDirs(dir string) ([]string, error) {
	var made []string
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Stat(at); err == nil || at == filepath.Dir(at) {
			break
		}
		made = append(made, at)
	}
	return made, os.MkdirAll(dir, 0o755)
}
