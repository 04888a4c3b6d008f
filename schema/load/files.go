package load

import (
	"bytes"
	"errors"
	"io/fs"
	"path"
	"sync"

	"github.com/mihusync/mihusync/internal/below"
)

// files are the files of a module, as CUE sees them. They include only files inside
// the module, and follow no link to the outside. Names are relative to the module's
// root, with slashes.
//
// CUE ignores errors of files in many places, and reports others without their
// reason. files therefore keeps every refusal.
type files struct {
	dir     *below.Dir
	prefix  string // the folder of a sub-tree, with a slash at its end
	refused *refusals
	// binary are the files that attributes embed as bytes. They need not be text.
	binary map[string]bool
}

// refusals are the files that exist and were not read, by name.
type refusals struct {
	mu  sync.Mutex
	all map[string]*below.Refusal
}

func newFiles(dir *below.Dir) *files {
	return &files{dir: dir, refused: &refusals{all: map[string]*below.Refusal{}}, binary: map[string]bool{}}
}

// again returns the same files without any refusals.
func (f *files) again() *files { return newFiles(f.dir) }

// Sub returns the tree below a directory, for [fs.Sub].
func (f *files) Sub(dir string) (fs.FS, error) {
	if dir == "." {
		return f, nil
	}
	return &files{dir: f.dir, prefix: f.prefix + dir + "/", refused: f.refused, binary: f.binary}, nil
}

// Open opens a file or a directory. It reads the contents of a file at once.
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

// ReadFile reads a regular file of at most [below.MaxFile] bytes. It is text, unless
// an attribute embeds it as bytes.
func (f *files) ReadFile(name string) ([]byte, error) {
	name = path.Join(f.prefix, name)
	if f.binary[name] {
		data, err := f.dir.ReadFile(name, below.MaxFile)
		return data, f.note(err)
	}
	data, err := f.dir.ReadText(name, below.MaxFile)
	return data, f.note(err)
}

// Stat describes a directory or a file. The error refuses files that ReadFile would
// refuse.
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
		return nil, err // CUE only checks whether another module begins there
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
