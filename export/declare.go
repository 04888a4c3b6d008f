package export

import (
	"fmt"
	"strings"

	"cuelang.org/go/cue/format"

	"github.com/mihusync/mihusync/schema"
)

// DeclaredFile is one file of a declaration. Its path is relative to the folder
// of the package.
type DeclaredFile struct {
	Name string
	Data []byte
}

// Declaration is an object as an export would write it.
type Declaration struct {
	Files []DeclaredFile
	// Env are the environment variables that hold the object's secrets.
	Env []string
}

// Declare writes a top-level object of a live workspace as a CUE file of its
// own, with its long texts in files beside it, as [Write] would. The workspace's
// handles must be assigned and its references resolved. taken says which file
// names are in use; Declare chooses others.
func Declare(ws *schema.Workspace, o *schema.Object, pkg string, taken func(name string) bool) (*Declaration, error) {
	b := builderFor(ws)
	kind := o.Kind.Name
	body := b.object(o, pinNeeded(ws.Objects[kind], o))
	b.secrets.name(reservedVariables[:]...)
	before, after, each := strings.Cut(fileOf(o.Kind), "*")
	word := wordOf(o.Handle)
	if !each {
		before, after = strings.TrimSuffix(before, ".cue")+"-", ".cue"
	}
	var claimed names
	for i := 1; ; i++ {
		name := before + claimed.claim(word, fmt.Sprint(o.Addr(), i)) + after
		s := source{name, o.Addr(), kind, []string{root, kind, o.Handle}, body, notes([]*schema.Object{o})}
		files, err := renderSource(s, pkg)
		if err != nil {
			return nil, err
		}
		if anyTaken(files, taken) {
			continue
		}
		d := &Declaration{Env: b.secrets.variables()}
		for _, f := range files {
			d.Files = append(d.Files, DeclaredFile{f.name, f.data})
		}
		return d, nil
	}
}

// reservedVariables must not hold secrets of objects.
var reservedVariables = [...]string{"MIHU_API_TOKEN", "MIHU_TENANT", "MIHU_BASE_URL"}

func anyTaken(files []file, taken func(string) bool) bool {
	for _, f := range files {
		if taken(f.name) {
			return true
		}
	}
	return false
}

func builderFor(ws *schema.Workspace) *builder {
	b := &builder{defaults: map[string]*schema.Object{}}
	for kind, objects := range ws.Objects {
		if len(objects) == 1 && objects[0].Kind.Semantics == schema.DefaultSemantics {
			b.defaults[kind] = objects[0]
		}
	}
	return b
}

func pinNeeded(siblings []*schema.Object, o *schema.Object) bool { return ambiguous(siblings)[o] }

// DeclareNested renders an object as the value of its field, at an indentation
// of depth tabs. env are the environment variables that hold its secrets.
func DeclareNested(ws *schema.Workspace, o *schema.Object, depth int) (text string, env []string, err error) {
	b := builderFor(ws)
	pinned := o.Kind.Shape == schema.Collection && o.Parent != nil && pinNeeded(o.Parent.ChildrenOf(o.Kind.Name), o)
	body := b.object(o, pinned)
	b.secrets.name(reservedVariables[:]...)
	text, err = valueText(body, depth)
	return text, b.secrets.variables(), err
}

// DeclareValue renders a field's value in normal form, for example "en" as
// `"en"`. f describes the field. It is nil for a value that is compared as a
// whole.
func DeclareValue(o *schema.Object, f *schema.Field, v any, depth int) (string, error) {
	if f == nil {
		f = &schema.Field{}
	}
	s := scope{builder: &builder{}, object: o, whole: true}
	return valueText(s.value(f, v, nil, []string{f.Name}), depth)
}

// valueText prints a document at an indentation. It aligns columns as in a file
// of its own.
func valueText(doc any, depth int) (string, error) {
	p := &cuePrinter{}
	p.print("x: ")
	p.value(doc, 0, nil, false, false)
	if p.err != nil {
		return "", p.err
	}
	out, err := format.Source(p.buf)
	if err != nil {
		return "", err
	}
	text := strings.TrimSuffix(strings.TrimPrefix(string(out), "x: "), "\n")
	if depth == 0 {
		return text, nil
	}
	// The lines of texts are indented too. CUE removes the indentation of the
	// closing quotes from them.
	tabs := strings.Repeat("\t", depth)
	lines := strings.Split(text, "\n")
	for i := 1; i < len(lines); i++ {
		if lines[i] != "" {
			lines[i] = tabs + lines[i]
		}
	}
	return strings.Join(lines, "\n"), nil
}
