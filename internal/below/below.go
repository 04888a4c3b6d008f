// Package below reads files below a directory, and nothing outside of it.
//
// Anybody who can open a pull request can write a checkout. A link in it can
// name any file of the machine, a pipe can keep a reader waiting for ever, and a
// device has no end. So files are opened through the directory itself. Links are
// followed only within it, only regular files are read, and only up to a size.
// The named directory may itself be a link.
package below

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"github.com/mihusync/mihusync/internal/text"
)

// MaxFile is the largest file that is read, in bytes.
const MaxFile = 16 << 20

// Dir is a directory whose contents may be read. It is safe for concurrent use.
// Names are relative to it, with slashes or as the system writes them.
type Dir struct {
	root *os.Root
	path string // absolute, as it was named
	real string // absolute, without links
}

// Refusal says that something exists and is not read.
type Refusal struct {
	// Name is the name as it was asked for, with slashes.
	Name string
	// Reason follows the name in the message: "leads outside".
	Reason string
	// Hint says what to do.
	Hint string
	// Line and Col are the position in the file of what is refused. They are 0 if it
	// is the file as a whole.
	Line, Col int
}

// Error names the file and the reason.
func (r *Refusal) Error() string { return r.Name + " " + r.Reason }

// Open opens a directory. The caller closes it.
func Open(dir string) (*Dir, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	real, err := filepath.EvalSymlinks(abs)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(real)
	if err != nil {
		return nil, err
	}
	return &Dir{root: root, path: abs, real: real}, nil
}

// Close closes the directory.
func (d *Dir) Close() error { return d.root.Close() }

// Name turns an absolute path into a name below the directory. The path may
// begin with either of the directory's two spellings. Name does not look at the
// file.
func (d *Dir) Name(path string) (string, bool) {
	for _, top := range []string{d.path, d.real} {
		if rel, err := filepath.Rel(top, path); err == nil && filepath.IsLocal(rel) {
			return rel, true
		}
	}
	return "", false
}

// Stat describes a file or directory. The error is a [*Refusal] if it is
// outside, and wraps [fs.ErrNotExist] if it does not exist.
func (d *Dir) Stat(name string) (fs.FileInfo, error) {
	_, info, err := d.find(name)
	return info, err
}

// ReadFile reads a regular file of at most limit bytes. For anything else the
// error is a [*Refusal].
func (d *Dir) ReadFile(name string, limit int64) ([]byte, error) {
	inside, info, err := d.find(name)
	if err != nil {
		return nil, err
	}
	if err := readable(name, info, limit); err != nil {
		return nil, err
	}
	f, err := d.open(name, inside)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	// Another file may have replaced the one that Stat looked at.
	if info, err = f.Stat(); err != nil {
		return nil, unreadable(name, err)
	}
	if err := readable(name, info, limit); err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, unreadable(name, err)
	}
	if int64(len(data)) > limit {
		return nil, tooLarge(name, limit)
	}
	return data, nil
}

// ReadText reads a file like ReadFile, as [text.Read] returns it. A file that is not
// UTF-8 is a [*Refusal] with a position.
func (d *Dir) ReadText(name string, limit int64) ([]byte, error) {
	data, err := d.ReadFile(name, limit)
	if err != nil {
		return nil, err
	}
	data, err = text.Read(data)
	var wrong *text.Error
	if errors.As(err, &wrong) {
		return nil, &Refusal{Name: slashed(name), Reason: wrong.Error(), Hint: text.Hint, Line: wrong.Line, Col: wrong.Col}
	}
	return data, err
}

// ReadDir lists a directory, sorted by name. It lists links as links.
func (d *Dir) ReadDir(name string) ([]fs.DirEntry, error) {
	inside, info, err := d.find(name)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: syscall.ENOTDIR}
	}
	entries, err := fs.ReadDir(d.root.FS(), filepath.ToSlash(inside))
	if err != nil {
		return nil, unreadable(name, err)
	}
	return entries, nil
}

// Regular checks that a file may be read: it is regular and not larger than
// [MaxFile]. The error is a [*Refusal].
func Regular(name string, info fs.FileInfo) error { return readable(name, info, MaxFile) }

// find returns the name by which the directory itself can open something. It
// differs from the given name if a link is an absolute path or takes a detour.
func (d *Dir) find(name string) (inside string, info fs.FileInfo, err error) {
	inside = filepath.Clean(filepath.FromSlash(name))
	if !filepath.IsLocal(inside) {
		return "", nil, outside(name)
	}
	if info, err = d.root.Stat(inside); err == nil {
		return inside, info, nil
	}
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return "", nil, err
	}
	if errors.Is(err, fs.ErrPermission) {
		return "", nil, unreadable(name, err)
	}
	if errors.Is(err, syscall.ELOOP) {
		return "", nil, &Refusal{Name: slashed(name), Reason: "is a link that leads back to itself", Hint: useRegular}
	}
	real, evalErr := filepath.EvalSymlinks(filepath.Join(d.real, inside))
	if evalErr != nil {
		return "", nil, outside(name)
	}
	detour, relErr := filepath.Rel(d.real, real)
	if relErr != nil || !filepath.IsLocal(detour) || detour == inside {
		return "", nil, outside(name)
	}
	if info, err = d.root.Stat(detour); err != nil {
		return "", nil, outside(name)
	}
	return detour, info, nil
}

// open never waits. A pipe without a writer would make it wait for ever.
func (d *Dir) open(name, inside string) (*os.File, error) {
	flags := os.O_RDONLY
	if runtime.GOOS != "windows" {
		flags |= syscall.O_NONBLOCK
	}
	f, err := d.root.OpenFile(inside, flags, 0)
	if err != nil {
		return nil, unreadable(name, err)
	}
	return f, nil
}

func readable(name string, info fs.FileInfo, limit int64) error {
	switch mode := info.Mode(); {
	case mode.IsRegular() && info.Size() > limit:
		return tooLarge(name, limit)
	case mode.IsRegular():
		return nil
	case mode.IsDir():
		return &Refusal{Name: slashed(name), Reason: "is a directory, not a file", Hint: "Name a file."}
	case mode&fs.ModeNamedPipe != 0:
		return &Refusal{Name: slashed(name), Reason: "is a named pipe, not a regular file", Hint: useRegular}
	case mode&fs.ModeSocket != 0:
		return &Refusal{Name: slashed(name), Reason: "is a socket, not a regular file", Hint: useRegular}
	case mode&fs.ModeDevice != 0:
		return &Refusal{Name: slashed(name), Reason: "is a device, not a regular file", Hint: useRegular}
	}
	return &Refusal{Name: slashed(name), Reason: "is not a regular file", Hint: useRegular}
}

const useRegular = "Put a regular file in its place."

func outside(name string) error {
	return &Refusal{Name: slashed(name), Reason: "leads outside the module, and only files of the module are read", Hint: "Put the file itself there instead of a link."}
}

func tooLarge(name string, limit int64) error {
	return &Refusal{Name: slashed(name), Reason: fmt.Sprintf("is larger than %s, the most that is read of a file", size(limit)), Hint: "Make it smaller, or divide it."}
}

func unreadable(name string, err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err // the message has the name already
	}
	return &Refusal{Name: slashed(name), Reason: "cannot be read: " + err.Error(), Hint: "Make it readable for whoever runs this."}
}

func slashed(name string) string { return strings.TrimPrefix(filepath.ToSlash(name), "./") }

func size(n int64) string {
	switch {
	case n >= 1<<20 && n%(1<<20) == 0:
		return fmt.Sprintf("%d MiB", n>>20)
	case n >= 1<<10 && n%(1<<10) == 0:
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return fmt.Sprintf("%d bytes", n)
}
