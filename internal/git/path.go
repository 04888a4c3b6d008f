package git

import (
	"context"
	"os"
	"path/filepath"
	"strings"
)

// Prefix returns the path of a directory from the top, empty or with a final
// slash. The directory has to exist.
func (r *Repository) Prefix(ctx context.Context, dir string) (string, error) {
	return (&Repository{top: dir, env: r.env}).ask(ctx, "rev-parse", "--show-prefix")
}

// below returns the path of a directory from the top, "." for the top itself.
// The directory need not exist.
func (r *Repository) below(dir string) (string, error) {
	there, gone, err := existing(dir)
	if err != nil {
		return "", err
	}
	// git returns the real path, whatever links lead to it.
	if there, err = filepath.EvalSymlinks(there); err != nil {
		return "", err
	}
	top, err := filepath.EvalSymlinks(r.top)
	if err != nil {
		return "", err
	}
	rel, err := filepath.Rel(top, filepath.Join(there, gone))
	if err != nil {
		return "", err
	}
	if rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return "", &Error{Message: dir + " is not in the repository " + r.top, Hint: "Keep the directory that holds cue.mod in the same repository."}
	}
	return filepath.ToSlash(rel), nil
}

// existing splits a path into the directory that exists, as an absolute path,
// and the rest.
func existing(path string) (there, gone string, err error) {
	if there, err = filepath.Abs(path); err != nil {
		return "", "", err
	}
	for {
		if info, err := os.Stat(there); err == nil && info.IsDir() {
			return there, gone, nil
		}
		up := filepath.Dir(there)
		if up == there {
			return there, gone, nil
		}
		there, gone = up, filepath.Join(filepath.Base(there), gone)
	}
}
