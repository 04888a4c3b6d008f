package policy

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"cuelang.org/go/cue/build"

	"github.com/mihusync/mihusync/internal/below"
	"github.com/mihusync/mihusync/schema"
)

// files returns the CUE files of the directory, sorted by name.
func (p *policies) files() ([]string, error) {
	entries, err := os.ReadDir(p.dir)
	if err != nil {
		p.problem(schema.Pos{}, "there is no directory "+p.shown, "Write policies there, or name another directory by --policy.")
		return nil, p.broken()
	}
	var out []string
	for _, e := range entries {
		name := e.Name()
		if !e.IsDir() && strings.HasSuffix(name, ".cue") && !strings.HasPrefix(name, ".") && !strings.HasPrefix(name, "_") {
			out = append(out, filepath.Join(p.dir, name))
		}
	}
	if len(out) == 0 {
		p.problem(schema.Pos{}, "there is no CUE file in "+p.shown, "Write a policy there, or name another directory by --policy.")
	}
	return out, p.broken()
}

// read reads a policy. It follows links within the module of the directory. The
// directory itself may lie anywhere. A refused file is a problem.
func (p *policies) read(name string) ([]byte, error) {
	data, err := p.readWithin(p.top(), name)
	var refused *below.Refusal
	if errors.As(err, &refused) {
		p.problem(schema.Pos{File: p.relative(name), Line: max(refused.Line, 1), Col: max(refused.Col, 1)}, refused.Error(), refused.Hint)
	} else if err != nil {
		p.problem(schema.Pos{File: p.relative(name), Line: 1, Col: 1}, "the policy cannot be read: "+err.Error(), "")
	}
	return data, err
}

func (p *policies) readWithin(top, name string) ([]byte, error) {
	dir, err := below.Open(top)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	rel, err := filepath.Rel(top, name)
	if err != nil {
		return nil, err
	}
	return dir.ReadText(rel, below.MaxFile)
}

// top returns the root of the policies' module. If they lie in no module, or in
// one only by a link, it returns their own directory.
func (p *policies) top() string {
	real, err := filepath.EvalSymlinks(p.dir)
	for at := p.dir; err == nil; at = filepath.Dir(at) {
		if info, err := os.Stat(filepath.Join(at, "cue.mod")); err == nil && info.IsDir() {
			if root, err := filepath.EvalSymlinks(at); err == nil {
				if rel, err := filepath.Rel(root, real); err == nil && filepath.IsLocal(rel) {
					return at
				}
			}
			break
		}
		if at == filepath.Dir(at) {
			break
		}
	}
	return p.dir
}

// importsOutside finds imported packages that a link takes from outside the
// module. They are problems, whatever they hold.
func (p *policies) importsOutside(inst *build.Instance) bool {
	top := p.top()
	dir, err := below.Open(top)
	if err != nil {
		return false // the files themselves could not be read
	}
	defer dir.Close()
	found := false
	seen := map[*build.Instance]bool{}
	var look func(*build.Instance)
	look = func(inst *build.Instance) {
		for _, imported := range inst.Imports {
			if seen[imported] {
				continue
			}
			seen[imported] = true
			names := []string{imported.Dir}
			for _, f := range imported.Files {
				names = append(names, f.Filename)
			}
			for _, name := range names {
				var refused *below.Refusal
				rel, err := filepath.Rel(top, name)
				if err == nil {
					_, err = dir.Stat(rel)
				}
				if errors.As(err, &refused) {
					p.problem(schema.Pos{File: p.relative(name), Line: 1, Col: 1}, refused.Error(), refused.Hint)
					found = true
				}
			}
			look(imported)
		}
	}
	look(inst)
	return found
}
