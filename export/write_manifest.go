package export

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"

	"github.com/mihusync/mihusync/internal/text"
)

// manifestFile lists the files that exports wrote to a folder. It belongs under
// version control with them. Without it, no export knows its own files.
const manifestFile = ".mihusync/export.json"

// manifest lists the files of the last export in each format.
type manifest struct {
	Version int                         `json:"version"`
	Formats map[Format]map[string]entry `json:"formats"`
	saved   []byte
}

// entry is one file of an export.
type entry struct {
	// Kind and Addr say what the file declares. Both are empty for the workspace
	// itself.
	Kind string `json:"kind,omitempty"`
	Addr string `json:"address,omitempty"`
	// SHA256 are the digests of the contents that an export wrote: one, or two
	// while an export runs.
	SHA256 []string `json:"sha256"`
}

// has says whether an export wrote this content. git may have changed its line ends
// since. An empty file counts: exports write none, so a crash has lost its content.
// Earlier versions wrote texts with other line ends, so the content as it is counts
// too.
func (e entry) has(data []byte) bool {
	return len(data) == 0 || slices.Contains(e.SHA256, digest(text.Normal(data))) || slices.Contains(e.SHA256, digest(data))
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func readManifest(root *os.Root) (*manifest, error) {
	m := &manifest{Version: 1, Formats: map[Format]map[string]entry{}}
	data, err := root.ReadFile(manifestFile)
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil
	}
	if err != nil {
		return nil, err
	}
	err = json.Unmarshal(text.Normal(data), m)
	if err == nil && m.Version != 1 {
		err = fmt.Errorf("its version is %d, not 1", m.Version)
	}
	if err != nil {
		return nil, fmt.Errorf("%s does not list the files of an export: %w; restore it, or remove it together with the exported files", path.Join(root.Name(), manifestFile), err)
	}
	if m.Formats == nil {
		m.Formats = map[Format]map[string]entry{}
	}
	m.saved = text.Normal(data)
	return m, nil
}

// knownFiles returns the names of the CUE files that exports wrote to a folder, by the
// address that each declares.
func knownFiles(dir string) (map[string]string, error) {
	root, err := os.OpenRoot(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer root.Close()
	m, err := readManifest(root)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for name, e := range m.Formats[CUE] {
		if path.Ext(name) == ".cue" {
			out[e.Addr] = name
		}
	}
	return out, nil
}

// with returns the manifest after an export: its files and those kept from
// before.
func (m *manifest) with(format Format, files []file, kept []string) *manifest {
	entries := make(map[string]entry, len(files))
	for _, name := range kept {
		entries[name] = m.Formats[format][name]
	}
	for _, f := range files {
		entries[f.name] = entry{f.kind, f.addr, []string{digest(f.data)}}
	}
	after := &manifest{Version: 1, Formats: map[Format]map[string]entry{format: entries}, saved: m.saved}
	for other, e := range m.Formats {
		if other != format {
			after.Formats[other] = e
		}
	}
	return after
}

// union returns a manifest with the contents of both.
func (m *manifest) union(after *manifest) *manifest {
	u := &manifest{Version: 1, Formats: map[Format]map[string]entry{}, saved: m.saved}
	for _, side := range []*manifest{m, after} {
		for format, entries := range side.Formats {
			if u.Formats[format] == nil {
				u.Formats[format] = map[string]entry{}
			}
			for name, e := range entries {
				e.SHA256 = slices.Concat(u.Formats[format][name].SHA256, e.SHA256)
				slices.Sort(e.SHA256)
				e.SHA256 = slices.Compact(e.SHA256)
				u.Formats[format][name] = e
			}
		}
	}
	return u
}

// save writes the manifest if the folder has another one.
func (m *manifest) save(root *os.Root) error {
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	data = append(data, '\n')
	if string(data) == string(m.saved) {
		return nil
	}
	if err := root.MkdirAll(path.Dir(manifestFile), 0o755); err != nil {
		return err
	}
	return replaceFile(root, manifestFile, data)
}
