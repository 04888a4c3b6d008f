package export

import (
	"fmt"

	"github.com/mihusync/mihusync/schema"
)

// mainFile is the file that binds the package to the schema.
const mainFile = "workspace.cue"

// renderMain returns the file that declares the workspace itself.
func renderMain(opts WriteOptions) (file, error) {
	head := fmt.Sprintf("package %s\n\nimport %q\n\n%s: schema.#Workspace\n", opts.Package, schema.ImportPath, root)
	target := opts.Target.group()
	if target.empty() {
		return file{name: mainFile, data: []byte(head)}, nil
	}
	p := &cuePrinter{}
	p.label(root)
	p.field(member{"target", target}, 0, nil, false)
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
