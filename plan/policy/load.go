package policy

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/cuecontext"
	"cuelang.org/go/cue/errors"
	"cuelang.org/go/cue/load"
	"cuelang.org/go/cue/parser"
	"cuelang.org/go/cue/token"
	cuejson "cuelang.org/go/encoding/json"

	"github.com/mihusync/mihusync/internal/text"
	"github.com/mihusync/mihusync/schema"
)

// The fields that may stand at the top of a policy.
const (
	planField = "plan"
	denyField = "deny"
	warnField = "warn"
)

// documentFile is the name under which the plan's document joins the policies.
// No such file exists.
const documentFile = "mihusync-plan-document.cue"

// planDoc is the part of the document that says where things stand.
type planDoc struct {
	Changes []struct {
		Address  string     `json:"address"`
		Position schema.Pos `json:"position"`
		Fields   []struct {
			Path string `json:"path"`
		} `json:"fields"`
	} `json:"changes"`
}

// policies are the policies of a directory, unified with a plan.
type policies struct {
	dir      string // absolute
	shown    string // as the user wrote it
	base     string
	doc      planDoc
	raw      any    // the whole document
	document []byte // the same as JSON
	value    cue.Value
	problems schema.Problems
}

func newPolicies(dir string, doc []byte) (*policies, error) {
	p := &policies{shown: filepath.ToSlash(dir), document: doc}
	if err := json.Unmarshal(doc, &p.doc); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(doc, &p.raw); err != nil {
		return nil, err
	}
	var err error
	if p.dir, err = filepath.Abs(dir); err != nil {
		return nil, err
	}
	if p.base, err = os.Getwd(); err != nil {
		return nil, err
	}
	return p, nil
}

// load reads the files and joins them with the document. With lists, it leaves
// out what they say about plan: if the document broke a constraint, every list
// that refers to it would be an error.
func (p *policies) load(lists bool) error {
	files, err := p.files()
	if err != nil {
		return err
	}
	data, err := cuejson.Extract(documentFile, p.document)
	if err != nil {
		return err
	}
	parsed := make([]*ast.File, len(files))
	for i, name := range files {
		text, err := p.read(name)
		if err != nil {
			continue
		}
		f, err := parser.ParseFile(name, text)
		if err != nil {
			p.report(err)
			continue
		}
		p.prepare(f, lists)
		parsed[i] = f
	}
	if err := p.broken(); err != nil {
		return err
	}
	p.build(files, parsed, data)
	return p.broken()
}

// prepare checks the top of a policy file. It gives each deny and warn list a
// name of its own, so that the lists of several files add up and need not be
// equal. With only, it keeps nothing but the lists.
func (p *policies) prepare(f *ast.File, only bool) {
	rule := strings.TrimSuffix(filepath.Base(f.Filename), ".cue")
	lists := map[string]int{}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.Field:
			p.prepareField(d, rule, lists)
			if name, _, _ := ast.LabelName(d.Label); only && name == planField {
				d.Value = ast.NewIdent("_")
			}
		case *ast.EmbedDecl:
			p.problem(p.pos(d.Pos()), "a value stands at the top of the policy", topHint)
		}
	}
}

const topHint = "At the top stand plan, deny and warn; names of helpers begin with _ or #."

func (p *policies) prepareField(f *ast.Field, rule string, lists map[string]int) {
	name, _, err := ast.LabelName(f.Label)
	if err != nil {
		p.problem(p.pos(f.Pos()), "a pattern stands at the top of the policy", topHint)
		return
	}
	switch {
	case strings.HasPrefix(name, "_"), strings.HasPrefix(name, "#"), name == planField:
	case name == denyField, name == warnField:
		if _, named := f.Value.(*ast.StructLit); named {
			return
		}
		lists[name]++
		if n := lists[name]; n > 1 {
			rule += "-" + strconv.Itoa(n)
		}
		f.Value = ast.NewStruct(&ast.Field{Label: ast.NewString(rule), Value: f.Value})
	default:
		p.problem(p.pos(f.Pos()), "the policy has a field "+name+", which means nothing", topHint)
	}
}

// build unifies the prepared files with the plan. They may import the standard
// packages and those of their own module. Nothing is fetched.
func (p *policies) build(files []string, parsed []*ast.File, data ast.Expr) {
	document := &ast.File{Filename: filepath.Join(p.dir, documentFile)}
	if pkg := packageOf(parsed); pkg != "" {
		document.Decls = append(document.Decls, &ast.Package{Name: ast.NewIdent(pkg)})
	}
	document.Decls = append(document.Decls, &ast.Field{Label: ast.NewIdent(planField), Value: data})
	overlay := map[string]load.Source{document.Filename: load.FromFile(document)}
	byName := map[string]*ast.File{document.Filename: document}
	args := []string{document.Filename}
	for i, name := range files {
		byName[name] = parsed[i]
		args = append(args, name)
	}
	insts := load.Instances(args, &load.Config{
		Dir: p.dir, Overlay: overlay, Env: append(os.Environ(), "CUE_REGISTRY=none"),
		ParseFile: func(name string, src any, cfg parser.Config) (*ast.File, error) {
			if f := byName[name]; f != nil {
				return f, nil
			}
			data, err := readImported(name, src)
			if err != nil {
				return nil, err
			}
			return parser.ParseFile(name, data, cfg)
		},
	})
	inst := insts[0]
	if p.importsOutside(inst) {
		return
	}
	if inst.Err != nil {
		p.report(inst.Err)
		return
	}
	p.value = cuecontext.New().BuildInstance(inst)
	// Only the errors of the files count here, such as a name that nothing
	// declares. The errors of evaluation are found rule by rule.
	if inst.ResolutionErr != nil {
		p.report(inst.ResolutionErr)
	}
}

// readImported returns the text of an imported file, given the bytes that CUE has
// read. The error has the position of a byte that is not UTF-8.
func readImported(name string, src any) (any, error) {
	data, ok := src.([]byte)
	if !ok {
		return src, nil
	}
	normal, err := text.Read(data)
	var wrong *text.Error
	if errors.As(err, &wrong) {
		f := token.NewFile(name, -1, len(data))
		f.SetLinesForContent(data)
		return nil, errors.Newf(f.Pos(wrong.Offset, token.NoRelPos), "it %s", wrong.Error())
	}
	return normal, err
}

func packageOf(files []*ast.File) string {
	for _, f := range files {
		if name := f.PackageName(); name != "" {
			return name
		}
	}
	return ""
}

func (p *policies) problem(pos schema.Pos, summary, suggestion string) {
	p.problems.Add(schema.Problem{Pos: pos, Summary: summary, Suggestion: suggestion})
}

// report adds each error of the CUE library as a problem of the policies.
func (p *policies) report(err error) {
	for _, e := range errors.Errors(err) {
		p.problem(p.position(e), message(e), "")
	}
}

// broken returns the error for the problems found so far, or nil.
func (p *policies) broken() error {
	if len(p.problems) == 0 {
		return nil
	}
	return &BrokenError{Dir: p.shown, Problems: p.problems.Unique()}
}

// position returns the place of an error in the policies.
func (p *policies) position(err error) schema.Pos {
	for _, t := range errors.Positions(err) {
		if at := p.pos(t); at.File != "" {
			return at
		}
	}
	return schema.Pos{}
}

// pos returns a position as it is shown. It is empty if no file has it.
func (p *policies) pos(t token.Pos) schema.Pos {
	if !t.IsValid() || !filepath.IsAbs(t.Filename()) || filepath.Base(t.Filename()) == documentFile {
		return schema.Pos{}
	}
	at := t.Position()
	return schema.Pos{File: p.relative(at.Filename), Line: at.Line, Col: at.Column}
}

// relative returns a file's name as it is shown.
func (p *policies) relative(name string) string {
	if rel, err := filepath.Rel(p.base, name); err == nil {
		name = rel
	}
	return filepath.ToSlash(name)
}

// message returns an error's own text, without the path before it.
func message(err errors.Error) string {
	format, args := err.Msg()
	if format == "" {
		return err.Error()
	}
	text := errors.Newf(token.NoPos, format, args...).Error()
	if cause, ok := errors.Unwrap(err).(errors.Error); ok {
		text += ": " + message(cause)
	}
	return text
}
