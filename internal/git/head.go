package git

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Blobs reads files of the last commit. It leaves out files that the commit does
// not have, and all files if there is no commit. A path must not contain a
// newline.
func (r *Repository) Blobs(ctx context.Context, paths []string) (map[string][]byte, error) {
	out := map[string][]byte{}
	if !r.born(ctx) {
		return out, nil
	}
	var ask bytes.Buffer
	for _, p := range paths {
		ask.WriteString("HEAD:" + p + "\n")
	}
	answer, err := r.run(ctx, nil, ask.Bytes(), "cat-file", "--batch=%(objecttype) %(objectsize)")
	if err != nil {
		return nil, err
	}
	for _, p := range paths {
		head, rest, ok := bytes.Cut(answer, []byte("\n"))
		if !ok {
			return nil, fmt.Errorf("git cat-file ended before %s", p)
		}
		answer = rest
		kind, length, _ := strings.Cut(string(head), " ")
		size, err := strconv.Atoi(length)
		if err != nil {
			continue // "HEAD:… missing"
		}
		if size >= len(rest) {
			return nil, fmt.Errorf("git cat-file ended within %s", p)
		}
		if kind == "blob" {
			out[p] = bytes.Clone(rest[:size])
		}
		answer = rest[size+1:]
	}
	return out, nil
}

// Listed returns the files of the last commit at or below a path. Without a
// commit it returns none.
func (r *Repository) Listed(ctx context.Context, path string) ([]string, error) {
	if !r.born(ctx) {
		return nil, nil
	}
	out, err := r.run(ctx, nil, nil, "ls-tree", "-r", "-z", "--name-only", "--full-tree", "HEAD", "--", path)
	if err != nil {
		return nil, err
	}
	return split(out), nil
}

// Changes are the files in which the working tree differs from the last commit.
type Changes struct{ Added, Changed, Removed []string }

// Pending compares some paths with the last commit. It ignores ignore rules and
// uses an index of its own.
func (r *Repository) Pending(ctx context.Context, paths []string) (*Changes, error) {
	tmp, err := os.MkdirTemp("", "mihusync-index-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(tmp)
	index := []string{"GIT_INDEX_FILE=" + filepath.Join(tmp, "index")}
	born := r.born(ctx)
	if born {
		if _, err := r.run(ctx, index, nil, "read-tree", "HEAD"); err != nil {
			return nil, err
		}
	}
	if err := r.stage(ctx, index, paths); err != nil {
		return nil, err
	}
	c := &Changes{}
	if !born {
		out, err := r.run(ctx, index, nil, "ls-files", "-z", "--cached")
		c.Added = split(out)
		return c, err
	}
	out, err := r.run(ctx, index, nil, "diff-index", "--cached", "--no-renames", "--name-status", "-z", "HEAD", "--")
	if err != nil {
		return nil, err
	}
	for pair := range slices.Chunk(split(out), 2) {
		switch pair[0] {
		case "A":
			c.Added = append(c.Added, pair[1])
		case "D":
			c.Removed = append(c.Removed, pair[1])
		default:
			c.Changed = append(c.Changed, pair[1])
		}
	}
	return c, nil
}

// Commit is the last commit.
type Commit struct {
	// ID is the commit in hexadecimal. It is empty in a repository without commits.
	ID string
	// Author is the commit's author: "Ada <ada@acme.example>".
	Author string
	// Dirty says that a file at or below the path differs from the commit.
	Dirty bool
}

// Head describes the last commit and whether the files at or below a path are those
// of it. Files that git ignores do not count.
func (r *Repository) Head(ctx context.Context, path string) (Commit, error) {
	at, err := r.below(path)
	if err != nil {
		return Commit{}, err
	}
	var c Commit
	if r.born(ctx) {
		line, err := r.ask(ctx, "log", "-1", "--format=%H %an <%ae>")
		if err != nil {
			return Commit{}, err
		}
		c.ID, c.Author, _ = strings.Cut(line, " ")
	}
	changed, err := r.run(ctx, nil, nil, "status", "--porcelain", "-z", "--", at)
	c.Dirty = len(changed) > 0
	return c, err
}
