package plan

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/mihusync/mihusync/internal/below"
	"github.com/mihusync/mihusync/schema"
)

// files lists the CUE files of the directory by name.
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

// read reads a policy. Links are followed within the module that the directory lies
// in; a directory that is named may itself lie anywhere. What is refused is a
// problem.
func (p *policies) read(name string) ([]byte, error) {
	data, err := p.readWithin(p.top(), name)
	var refused *below.Refusal
	if errors.As(err, &refused) {
		p.problem(schema.Pos{File: p.relative(name), Line: 1, Col: 1}, refused.Error(), refused.Hint)
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
	return dir.ReadFile(rel, below.MaxFile)
}

// top is the root of the module that the policies lie in, their own directory where
// that is in none or a link out of it.
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
