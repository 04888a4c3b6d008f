package git

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// WriteCommit writes a commit and returns its id. Its tree is that of the first parent,
// or empty without parents, with some files added or replaced. No ref refers to it yet.
// The paths have slashes.
func (r *Repository) WriteCommit(ctx context.Context, parents []string, files map[string][]byte, message string) (string, error) {
	tmp, err := os.MkdirTemp("", "mihusync-index-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(tmp)
	index := []string{"GIT_INDEX_FILE=" + filepath.Join(tmp, "index")}
	plain := []string{"-c", "core.splitIndex=false", "-c", "core.untrackedCache=false", "-c", "core.fsmonitor=false", "-c", "index.sparse=false"}
	from := []string{"read-tree", "--empty"}
	if len(parents) > 0 {
		from = []string{"read-tree", parents[0]}
	}
	if _, err := r.run(ctx, index, nil, append(plain, from...)...); err != nil {
		return "", err
	}
	var list bytes.Buffer
	for _, path := range slices.Sorted(maps.Keys(files)) {
		blob, err := r.run(ctx, nil, files[path], "hash-object", "-w", "-t", "blob", "--stdin")
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&list, "100644 %s\t%s\x00", strings.TrimSpace(string(blob)), path)
	}
	if _, err := r.run(ctx, index, list.Bytes(), append(plain, "update-index", "-z", "--index-info")...); err != nil {
		return "", err
	}
	tree, err := r.run(ctx, index, nil, append(plain, "write-tree")...)
	if err != nil {
		return "", err
	}
	options, _ := r.identity(ctx)
	args := append(options, "commit-tree", strings.TrimSpace(string(tree)))
	for _, p := range parents {
		args = append(args, "-p", p)
	}
	id, err := r.run(ctx, nil, []byte(message), args...)
	return strings.TrimSpace(string(id)), err
}

// Message returns the message of a commit that is here.
func (r *Repository) Message(ctx context.Context, id string) ([]byte, error) {
	raw, err := r.run(ctx, nil, nil, "cat-file", "commit", id)
	if err != nil {
		return nil, err
	}
	_, message, _ := bytes.Cut(raw, []byte("\n\n"))
	return message, nil
}

// TreeFile is a file of a commit.
type TreeFile struct {
	Path string // with slashes
	Blob string // its id
	Size int    // in bytes
}

// TreeFiles lists the files of a commit that is here.
func (r *Repository) TreeFiles(ctx context.Context, id string) ([]TreeFile, error) {
	out, err := r.run(ctx, nil, nil, "ls-tree", "-r", "-z", "-l", "--full-tree", id)
	if err != nil {
		return nil, err
	}
	var files []TreeFile
	for _, entry := range split(out) {
		head, path, _ := strings.Cut(entry, "\t")
		parts := strings.Fields(head)
		if len(parts) != 4 || parts[1] != "blob" {
			continue
		}
		size, err := strconv.Atoi(parts[3])
		if err != nil {
			return nil, fmt.Errorf("git ls-tree has the size %q", parts[3])
		}
		files = append(files, TreeFile{Path: path, Blob: parts[2], Size: size})
	}
	return files, nil
}

// ReadBlobs returns the content of blobs, by their ids.
func (r *Repository) ReadBlobs(ctx context.Context, ids []string) (map[string][]byte, error) {
	found := make(map[string][]byte, len(ids))
	if len(ids) == 0 {
		return found, nil
	}
	answer, err := r.run(ctx, nil, []byte(strings.Join(ids, "\n")+"\n"), "cat-file", "--batch=%(objectname) %(objectsize)")
	if err != nil {
		return nil, err
	}
	for range ids {
		head, rest, ok := bytes.Cut(answer, []byte("\n"))
		id, length, _ := strings.Cut(string(head), " ")
		size, err := strconv.Atoi(length)
		if !ok || err != nil || size >= len(rest) {
			return nil, fmt.Errorf("git cat-file answered %q", head)
		}
		found[id] = bytes.Clone(rest[:size])
		answer = rest[size+1:]
	}
	return found, nil
}

// ValidRef says whether git takes a name for a ref.
func (r *Repository) ValidRef(ctx context.Context, ref string) bool {
	_, err := r.run(ctx, nil, nil, "check-ref-format", ref)
	return err == nil
}
