package export

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Backup is what a commit of the exported files would change. Paths are relative to
// the export's folder, with slashes, and sorted.
type Backup struct {
	Added, Changed, Removed []string
	// Before and After are the export's files with their content, as the last commit
	// has them and as they are now.
	Before, After map[string][]byte
}

// Empty says whether the last commit has everything as it is.
func (b *Backup) Empty() bool { return len(b.Added)+len(b.Changed)+len(b.Removed) == 0 }

// Files counts what a commit would change.
func (b *Backup) Files() int { return len(b.Added) + len(b.Changed) + len(b.Removed) }

// Beside are paths in the folder of an export that are written with it.
type Beside struct {
	// Own are folders whose content is the tool's, Once are files that are written
	// where they are missing and then belong to the user.
	Own, Once []string
}

// Pending compares the files that exports wrote into the folder, and no others, with
// the last commit. What somebody edited since it was exported is theirs.
func (r *Repository) Pending(ctx context.Context, format Format, beside Beside) (*Backup, error) {
	prefix, err := r.prefix(ctx)
	if err != nil {
		return nil, err
	}
	now, err := r.current(format)
	if err != nil {
		return nil, err
	}
	then, err := r.committed(ctx, prefix, format)
	if err != nil {
		return nil, err
	}
	paths := map[string]bool{}
	for name := range now.all {
		paths[name] = true
	}
	for name := range then.all {
		// A file that is there and that no export wrote is somebody's.
		if _, err := os.Lstat(filepath.Join(r.dir, filepath.FromSlash(name))); err != nil || name == manifestFile {
			paths[name] = true
		}
	}
	if err := r.beside(ctx, prefix, beside, paths); err != nil {
		return nil, err
	}
	b := &Backup{Before: then.files, After: now.files}
	return b, r.compare(ctx, prefix, paths, b)
}

// prefix is the folder's path from the top, empty or ending in a slash.
func (r *Repository) prefix(ctx context.Context) (string, error) {
	return (&Repository{top: r.dir, env: r.env}).ask(ctx, "rev-parse", "--show-prefix")
}

// beside adds what is written with an export to its paths.
func (r *Repository) beside(ctx context.Context, prefix string, beside Beside, paths map[string]bool) error {
	for _, dir := range beside.Own {
		err := filepath.WalkDir(filepath.Join(r.dir, filepath.FromSlash(dir)), func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return ignoreMissing(err)
			}
			rel, err := filepath.Rel(r.dir, path)
			paths[filepath.ToSlash(rel)] = true
			return err
		})
		if err != nil {
			return err
		}
		known, err := r.listed(ctx, prefix, dir)
		if err != nil {
			return err
		}
		for _, name := range known {
			paths[name] = true
		}
	}
	for _, name := range beside.Once {
		known, err := r.listed(ctx, prefix, name)
		if err != nil {
			return err
		}
		if len(known) == 0 {
			paths[name] = true
		}
	}
	return nil
}

// listed are the files that the last commit has at or below a path.
func (r *Repository) listed(ctx context.Context, prefix, path string) ([]string, error) {
	if !r.born(ctx) {
		return nil, nil
	}
	out, err := r.git(ctx, nil, nil, "ls-tree", "-r", "-z", "--name-only", "--full-tree", "HEAD", "--", prefix+path)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, name := range split(out) {
		names = append(names, strings.TrimPrefix(name, prefix))
	}
	return names, nil
}

// compare finds out, by an index of its own, how the paths differ from the last
// commit.
func (r *Repository) compare(ctx context.Context, prefix string, paths map[string]bool, b *Backup) error {
	tmp, err := os.MkdirTemp("", "mihusync-index-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	index := []string{"GIT_INDEX_FILE=" + filepath.Join(tmp, "index")}
	born := r.born(ctx)
	if born {
		if _, err := r.git(ctx, index, nil, "read-tree", "HEAD"); err != nil {
			return err
		}
	}
	if err := r.stage(ctx, index, prefix, sortedKeys(paths)); err != nil {
		return err
	}
	if !born {
		out, err := r.git(ctx, index, nil, "ls-files", "-z", "--cached")
		for _, name := range split(out) {
			b.Added = append(b.Added, strings.TrimPrefix(name, prefix))
		}
		return err
	}
	out, err := r.git(ctx, index, nil, "diff-index", "--cached", "--no-renames", "--name-status", "-z", "HEAD", "--")
	if err != nil {
		return err
	}
	for pair := range slices.Chunk(split(out), 2) {
		name := strings.TrimPrefix(pair[1], prefix)
		switch pair[0] {
		case "A":
			b.Added = append(b.Added, name)
		case "D":
			b.Removed = append(b.Removed, name)
		default:
			b.Changed = append(b.Changed, name)
		}
	}
	return nil
}

// stage brings paths of an index to what the working tree has. It asks no ignore
// rules: what is exported is meant, and the list of files is in a folder that is
// usually ignored.
func (r *Repository) stage(ctx context.Context, index []string, prefix string, paths []string) error {
	_, err := r.git(ctx, index, listOf(prefix, paths), "update-index", "--add", "--remove", "-z", "--stdin")
	return err
}

// Commit commits a backup and nothing else: what is staged besides stays staged.
// It reports the identity it had to make up, empty if one is configured.
func (r *Repository) Commit(ctx context.Context, b *Backup, message string) (identity string, err error) {
	prefix, err := r.prefix(ctx)
	if err != nil {
		return "", err
	}
	paths := slices.Sorted(slices.Values(slices.Concat(b.Added, b.Changed, b.Removed)))
	if err := r.stage(ctx, nil, prefix, paths); err != nil {
		return "", &GitError{Message: "the exported files cannot be staged", Err: err, Hint: "Look at git status, and run the export again."}
	}
	tmp, err := os.CreateTemp("", "mihusync-message-")
	if err != nil {
		return "", err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.WriteString(message)
	if err := errors.Join(err, tmp.Close()); err != nil {
		return "", err
	}
	options, identity := r.identity(ctx)
	args := append(options, "--literal-pathspecs", "commit", "--quiet", "--only", "--cleanup=verbatim", "--file="+tmp.Name(), "--pathspec-from-file=-", "--pathspec-file-nul")
	if _, err := r.git(ctx, nil, listOf(prefix, paths), args...); err != nil {
		return "", &GitError{Message: "the files are exported, but git did not commit them", Err: err, Hint: "Correct what git complains about and run the export again: it commits what is left."}
	}
	return identity, nil
}

// fallbackName and fallbackMail stand in where nobody configured an author, as on a
// fresh runner.
const (
	fallbackName = "mihusync"
	fallbackMail = "mihusync@localhost"
)

// identity gives the options that complete what is configured, and who they name.
func (r *Repository) identity(ctx context.Context) (options []string, name string) {
	_, author := r.git(ctx, nil, nil, "-c", "user.useConfigOnly=true", "var", "GIT_AUTHOR_IDENT")
	_, committer := r.git(ctx, nil, nil, "-c", "user.useConfigOnly=true", "var", "GIT_COMMITTER_IDENT")
	if author == nil && committer == nil {
		return nil, ""
	}
	who, mail := fallbackName, fallbackMail
	if v, err := r.ask(ctx, "config", "--get", "user.name"); err == nil && v != "" {
		who = v
	}
	if v, err := r.ask(ctx, "config", "--get", "user.email"); err == nil && v != "" {
		mail = v
	}
	return []string{"-c", "user.name=" + who, "-c", "user.email=" + mail}, who + " <" + mail + ">"
}

// listOf writes paths the way git reads them.
func listOf(prefix string, paths []string) []byte {
	var b bytes.Buffer
	for _, p := range paths {
		b.WriteString(prefix + p + "\x00")
	}
	return b.Bytes()
}

func split(out []byte) []string {
	return strings.FieldsFunc(string(out), func(r rune) bool { return r == 0 })
}
