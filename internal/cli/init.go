package cli

import (
	"embed"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/mihusync/mihusync/export"
	"github.com/mihusync/mihusync/internal/atomicfile"
)

type initCmd struct {
	Dir string `arg:"" optional:"" default:"." complete:"dir" help:"Where to write it; made if it is not there."`
}

// Help is the detailed help.
func (initCmd) Help() string {
	return `Writes a small workspace that validates and plans: one agent with its prompt, a schedule, environments for staging and production, and the schema for editors. Files that are there already are never changed.

    mihusync init acme
    mihusync plan --sandbox acme`
}

//go:embed skeleton
var skeleton embed.FS

// moduleFile names the module. Its path is never resolved; CUE only needs one.
const moduleFile = "module: \"workspace.example\"\nlanguage: version: \"v0.14.0\"\n"

// Run writes the workspace.
func (c *initCmd) Run(a *app) error {
	files, err := skeletonFiles()
	if err != nil {
		return err
	}
	if err := c.vacant(files); err != nil {
		return err
	}
	written, err := writeSkeleton(c.Dir)
	for _, name := range written {
		a.result("%s\n", filepath.ToSlash(filepath.Join(c.Dir, name)))
	}
	if err != nil {
		return err
	}
	at := ""
	if c.Dir != "." {
		at = " " + c.Dir
	}
	a.say("\nNext: mihusync plan --sandbox%s", at)
	return nil
}

type skeletonFile struct {
	name string
	text []byte
}

func skeletonFiles() ([]skeletonFile, error) {
	files := []skeletonFile{{"cue.mod/module.cue", []byte(moduleFile)}, {export.AttributesFile, []byte(export.Attributes)}}
	err := fs.WalkDir(skeleton, "skeleton", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := skeleton.ReadFile(path)
		name := strings.TrimPrefix(path, "skeleton/")
		if name == "gitignore" {
			name = ".gitignore" // a name with a leading dot would not be embedded
		}
		files = append(files, skeletonFile{name, text})
		return err
	})
	return files, err
}

// writeSkeleton writes the workspace and the schema. It returns the names of the
// files that a person will read.
func writeSkeleton(dir string) (written []string, err error) {
	files, err := skeletonFiles()
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		path := filepath.Join(dir, filepath.FromSlash(f.name))
		if _, err := os.Stat(path); err == nil {
			continue // vacant lets files of git pass, and they stay
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return written, err
		}
		if err := atomicfile.Write(path, f.text, 0o644); err != nil {
			return written, err
		}
		written = append(written, f.name)
	}
	_, err = writeSchema(dir)
	return written, err
}

// vacant refuses a directory if a file is in the way or if the directory belongs
// to a module.
func (c *initCmd) vacant(files []skeletonFile) error {
	if root := moduleRoot(c.Dir); root != "" {
		return &hintError{message: "there is a CUE module already, in " + root, hint: "Choose another directory, or refresh its schema with mihusync schema --write."}
	}
	for _, f := range files {
		path := filepath.Join(c.Dir, filepath.FromSlash(f.name))
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) && !strings.HasPrefix(f.name, ".git") {
			return &hintError{message: path + " is there already", hint: "Choose an empty directory."}
		}
	}
	return nil
}

// writeModule makes dir the root of a CUE module, unless it is one.
func writeModule(dir string) error {
	path := filepath.Join(dir, "cue.mod", "module.cue")
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return atomicfile.Write(path, []byte(moduleFile), 0o644)
}
