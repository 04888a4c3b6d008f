package export

import (
	"fmt"

	"github.com/mihusync/mihusync/schema"
)

// mainFile is the file that binds the package to the schema.
const mainFile = "workspace.cue"

// renderMain returns the file that declares the workspace itself. It names the objects
// that no file has, because files cannot hold them.
func renderMain(opts WriteOptions, unsaid []string) (file, error) {
	var left []string
	if len(unsaid) > 0 {
		left = append(left, unsaidNote+list(unsaid))
	}
	head := fmt.Sprintf("package %s\n\nimport %q\n\n%s%s: schema.#Workspace\n", opts.Package, schema.ImportPath, comment(left), root)
	p := &cuePrinter{}
	for _, m := range opts.members() {
		if len(p.buf) > 0 {
			p.print("\n")
		}
		p.label(root)
		p.field(m, 0, nil, false)
	}
	if len(p.buf) == 0 {
		return file{name: mainFile, data: []byte(head)}, nil
	}
	if p.err != nil {
		return file{}, p.err
	}
	return file{name: mainFile, data: []byte(head + "\n" + string(p.buf) + "\n")}, nil
}

// group returns the declaration of the target.
func (t Target) group() *group {
	g := &group{}
	if t.Subdomain != "" {
		g.add("subdomain", t.Subdomain)
	}
	if t.BaseURL != "" {
		g.add("base_url", t.BaseURL)
	}
	if t.TokenEnv != "" {
		g.add("token", &secret{from: schema.EnvSecret(t.TokenEnv)})
	}
	return g
}

// members returns what an export says about the workspace itself.
func (o WriteOptions) members() []member {
	var out []member
	if o.Complete == InWorkspace {
		out = append(out, member{schema.CompleteField, schema.Version})
	}
	if o.Workspace != "" {
		out = append(out, member{schema.PinnedInField, o.Workspace})
	}
	if target := o.Target.group(); !target.empty() {
		out = append(out, member{"target", target})
	}
	return out
}
