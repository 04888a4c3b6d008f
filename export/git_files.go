package export

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// exported are the files of a folder that exports wrote.
type exported struct {
	// all are the paths, those of every format and the list itself.
	all map[string]bool
	// files are those of one format with their content.
	files map[string][]byte
}

// names lists the paths that a manifest names and that stay inside the folder: it
// can be edited like any file.
func (m *manifest) names(format Format) []string {
	var out []string
	for name := range m.Formats[format] {
		if filepath.IsLocal(filepath.FromSlash(name)) && !strings.ContainsAny(name, "\n\x00") {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// current are the files as they are, without those that were edited since they were
// exported.
func (r *Repository) current(format Format) (*exported, error) {
	root, err := os.OpenRoot(r.dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	m, err := readManifest(root)
	if err != nil {
		return nil, err
	}
	out := &exported{all: map[string]bool{manifestFile: true}, files: map[string][]byte{}}
	for f, entries := range m.Formats {
		for _, name := range m.names(f) {
			data, err := root.ReadFile(name)
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				return nil, err
			}
			if !entries[name].has(data) {
				continue
			}
			out.all[name] = true
			if f == format {
				out.files[name] = data
			}
		}
	}
	return out, nil
}

// committed are the files as the last commit has them.
func (r *Repository) committed(ctx context.Context, prefix string, format Format) (*exported, error) {
	out := &exported{all: map[string]bool{}, files: map[string][]byte{}}
	if !r.born(ctx) {
		return out, nil
	}
	found, err := r.blobs(ctx, prefix, []string{manifestFile})
	if err != nil || found[manifestFile] == nil {
		return out, err
	}
	out.all[manifestFile] = true
	m := &manifest{}
	if err := json.Unmarshal(found[manifestFile], m); err != nil {
		return out, nil // not a list that could tell what was exported
	}
	for f := range m.Formats {
		for _, name := range m.names(f) {
			out.all[name] = true
		}
	}
	out.files, err = r.blobs(ctx, prefix, m.names(format))
	return out, err
}

// blobs reads files of the last commit; those it does not have are left out.
func (r *Repository) blobs(ctx context.Context, prefix string, names []string) (map[string][]byte, error) {
	var ask bytes.Buffer
	for _, name := range names {
		ask.WriteString("HEAD:" + prefix + name + "\n")
	}
	answer, err := r.git(ctx, nil, ask.Bytes(), "cat-file", "--batch=%(objecttype) %(objectsize)")
	if err != nil {
		return nil, err
	}
	out := map[string][]byte{}
	for _, name := range names {
		head, rest, ok := bytes.Cut(answer, []byte("\n"))
		if !ok {
			return nil, fmt.Errorf("git cat-file ended before %s", name)
		}
		answer = rest
		kind, length, _ := strings.Cut(string(head), " ")
		size, err := strconv.Atoi(length)
		if err != nil {
			continue // "HEAD:… missing"
		}
		if size >= len(rest) {
			return nil, fmt.Errorf("git cat-file ended within %s", name)
		}
		if kind == "blob" {
			out[name] = bytes.Clone(rest[:size])
		}
		answer = rest[size+1:]
	}
	return out, nil
}

func sortedKeys(m map[string]bool) []string { return slices.Sorted(maps.Keys(m)) }
