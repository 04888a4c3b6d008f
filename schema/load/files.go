package load

import (
	"bytes"
	"errors"
	"io/fs"
	"path"
	"sync"

	"github.com/mihusync/mihusync/internal/below"
)

// files are the files of a module as CUE sees them: what is inside, and nothing
// that a link leads to outside. Names are relative to the module's root, with
// slashes.
//
// CUE passes over errors of files in many places, and tells others without their
// reason. Whatever is refused is therefore remembered.
type files struct {
	dir     *below.Dir
	prefix  string // of a sub-tree, with a slash at its end
	refused *refusals
}

// refusals are what was there and was not read, by name.
type refusals struct {
	mu  sync.Mutex
	all map[string]*below.Refusal
}

func newFiles(dir *below.Dir) *files {
	return &files{dir: dir, refused: &refusals{all: map[string]*below.Refusal{}}}
}

// again sees the same files and has refused none of them.
func (f *files) again() *files { return newFiles(f.dir) }

// Sub is the tree below a directory, for [fs.Sub].
func (f *files) Sub(dir string) (fs.FS, error) {
	if dir == "." {
		return f, nil
	}
	return &files{dir: f.dir, prefix: f.prefix + dir + "/", refused: f.refused}, nil
}

// Open opens a file, whose contents are read at once, or a directory.
func (f *files) Open(name string) (fs.File, error) {
	info, err := f.Stat(name)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return &openFile{info: info}, nil
	}
	data, err := f.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return &openFile{Reader: bytes.NewReader(data), info: info}, nil
}

// ReadFile reads a regular file.
func (f *files) ReadFile(name string) ([]byte, error) {
	data, err := f.dir.ReadFile(path.Join(f.prefix, name), below.MaxFile)
	return data, f.note(err)
}

// Stat tells about a directory or a file. One that would not be read is an error.
func (f *files) Stat(name string) (fs.FileInfo, error) {
	name = path.Join(f.prefix, name)
	info, err := f.dir.Stat(name)
	if err == nil && !info.IsDir() {
		err = below.Regular(name, info)
	}
	switch {
	case err == nil:
		return info, nil
	case path.Base(name) == "cue.mod" && name != "cue.mod":
		return nil, err // CUE only looks whether a module begins there
	}
	return nil, f.note(err)
}

// ReadDir lists a directory.
func (f *files) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := f.dir.ReadDir(path.Join(f.prefix, name))
	return entries, f.note(err)
}

func (f *files) note(err error) error {
	var r *below.Refusal
	if errors.As(err, &r) {
		f.refused.mu.Lock()
		defer f.refused.mu.Unlock()
		f.refused.all[r.Name] = r
	}
	return err
}

// openFile is an opened file or directory.
type openFile struct {
	*bytes.Reader
	info fs.FileInfo
}

func (f *openFile) Stat() (fs.FileInfo, error) { return f.info, nil }

func (f *openFile) Read(p []byte) (int, error) {
	if f.Reader == nil {
		return 0, &fs.PathError{Op: "read", Path: f.info.Name(), Err: errors.New("is a directory")}
	}
	return f.Reader.Read(p)
}

func (f *openFile) Close() error { return nil }
