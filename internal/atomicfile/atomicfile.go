// Package atomicfile replaces whole files, in the same way on every platform.
//
// A file then has either its old content or all of the new one. A program that
// ends halfway, or a full disk, leaves the old file as it was. A failed write
// leaves no other file behind.
package atomicfile

import (
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
)

// Write writes data to the file name, and creates the file if it does not exist.
// The directory has to exist. A new file gets the permissions perm less the
// process's umask; an existing file keeps its own. A link is replaced by a file,
// and its target stays as it is. Windows only distinguishes files that may be
// written from others.
func Write(name string, data []byte, perm fs.FileMode) error {
	keep := false
	switch info, err := os.Lstat(name); {
	case err == nil && info.Mode().IsRegular():
		keep, perm = true, info.Mode().Perm()
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	made := perm
	if keep {
		// The new file has to take the content before it becomes read-only.
		made |= 0o200
	}
	f, err := create(name, made)
	if err != nil {
		return err
	}
	err = fill(f, data, perm, keep)
	if err == nil {
		// The new file stands in the same directory, so that the rename cannot turn
		// into a copy between two file systems.
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// fill writes the new file to the disk and closes it. Without the sync, a machine
// that stops could be left with the new name and no content.
func fill(f *os.File, data []byte, perm fs.FileMode, keep bool) error {
	var err error
	if keep {
		// The umask took its share when the file was made.
		err = f.Chmod(perm)
	}
	if err == nil {
		_, err = f.Write(data)
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// create makes a file of a free name beside the file it will replace.
func create(name string, perm fs.FileMode) (*os.File, error) {
	for range 1000 {
		hidden := filepath.Join(filepath.Dir(name), "."+filepath.Base(name)+"."+strconv.FormatUint(rand.Uint64(), 36))
		f, err := os.OpenFile(hidden, os.O_RDWR|os.O_CREATE|os.O_EXCL, perm)
		if !errors.Is(err, fs.ErrExist) {
			return f, err
		}
	}
	return nil, &fs.PathError{Op: "create", Path: name, Err: fs.ErrExist}
}
