//go:build unix

package below

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestReadFile has what may be read, and what is refused with a reason.
func TestReadFile(t *testing.T) {
	top := t.TempDir()
	inside, outside := filepath.Join(top, "in"), filepath.Join(top, "out")
	must := func(errs ...error) {
		t.Helper()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
	}
	at := func(name string) string { return filepath.Join(inside, name) }
	must(
		os.MkdirAll(at("dir"), 0o755), os.MkdirAll(outside, 0o755),
		os.WriteFile(at("dir/file"), []byte("1234"), 0o644), os.WriteFile(at("dir/long"), []byte("12345"), 0o644),
		os.WriteFile(filepath.Join(outside, "file"), []byte("out"), 0o644),
		os.Symlink("dir/file", at("link")), os.Symlink(at("dir/file"), at("absolute")), os.Symlink("../in/dir", at("detour")),
		os.Symlink("../out/file", at("away")), os.Symlink("../out", at("awaydir")), os.Symlink("away", at("chain")),
		os.Symlink("loop", at("loop")), os.Symlink("nothing", at("dangling")), os.Symlink("../nothing", at("danglingout")),
		os.Symlink("/dev/zero", at("zero")), syscall.Mkfifo(at("pipe"), 0o600),
		os.Symlink(inside, filepath.Join(top, "alias")),
	)
	for _, named := range []string{inside, filepath.Join(top, "alias")} {
		d, err := Open(named)
		must(err)
		defer d.Close()
		for name, want := range map[string]string{
			"dir/file": "", "./dir/../dir/file": "", "link": "", "absolute": "", "detour/file": "",
			"dir/long": "is larger than 4 bytes", "dir": "is a directory", "pipe": "is a named pipe",
			"away": "leads outside", "awaydir/file": "leads outside", "chain": "leads outside", "zero": "leads outside",
			"danglingout": "leads outside", "../out/file": "leads outside", "/etc/passwd": "leads outside", "dir/../../out/file": "leads outside",
			"loop": "is a link that leads back to itself", "dangling": "-", "none": "-", "dir/file/none": "-",
		} {
			data, err := d.ReadFile(name, 4)
			var refused *Refusal
			switch {
			case want == "":
				if err != nil || string(data) != "1234" {
					t.Errorf("%s gives %q, %v", name, data, err)
				}
			case want == "-": // nothing is there
				if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
					t.Errorf("%s gives %q, %v", name, data, err)
				}
			case !errors.As(err, &refused) || !strings.HasPrefix(refused.Reason, want) || refused.Hint == "" || data != nil:
				t.Errorf("%s gives %q, %v", name, data, err)
			}
		}
		if _, err := d.ReadDir("awaydir"); err == nil {
			t.Error("a directory outside is listed")
		}
		if name, ok := d.Name(at("dir/file")); !ok || name != "dir/file" {
			t.Errorf("the path is named %q, %v", name, ok)
		}
		if name, ok := d.Name(filepath.Join(outside, "file")); ok {
			t.Errorf("a path outside is named %q", name)
		}
	}
}
