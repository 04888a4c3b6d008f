package cli

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

//go:generate go run ../gen/commands ../../docs/commands.md ../../docs/exit-codes.md

// Reference returns the description of every command as Markdown. It is made
// from the definition that parses the arguments.
func Reference() (string, error) {
	model, err := Model()
	if err != nil {
		return "", err
	}
	r := &reference{}
	r.line("# Commands")
	r.line("")
	r.line("This page is generated from the command line's own definition: `go generate ./internal/cli`.")
	r.line("")
	r.line("| command | does |")
	r.line("|---|---|")
	for _, n := range model.Children {
		r.line("| [`%s`](#%s) | %s |", n.Name, n.Name, cell(n.Help))
	}
	for _, n := range model.Children {
		r.command(n)
	}
	r.line("")
	r.line("## Global flags")
	r.line("")
	r.flags(model.Flags)
	r.b.WriteString(referenceTail)
	r.line("")
	r.line("| code | meaning |")
	r.line("|---|---|")
	for _, e := range exitCodes() {
		r.line("| %d | %s |", e.code, e.brief)
	}
	r.b.WriteString(referenceEnd)
	return r.b.String(), nil
}

const referenceTail = `
## Environment

| variable | meaning |
|---|---|
| ` + "`" + envToken + "`" + ` | the API token, where the files name none |
| ` + "`" + envTenant + "`" + ` | the workspace's subdomain; files or an address that name another one are refused |
| ` + "`" + envBaseURL + "`" + ` | the address of the API, instead of what the files say |
| ` + "`" + envAllowHosts + "`" + ` | hosts that ` + "`target: base_url`" + ` may name besides the service's own, with commas, like ` + "`--allow-host`" + ` |
| ` + "`" + envTokens + "`" + ` | variables that ` + "`target: token: env`" + ` may name, with commas; ` + "`*`" + ` stands for any characters. ` + "`" + defaultTokens + "`" + ` by default |
| ` + "`" + envSecretDirs + "`" + ` | directories outside the module that ` + "`file:`" + ` may name, listed like those of PATH |
| ` + "`" + envExec + "`" + ` | programs that ` + "`exec:`" + ` of a secret may name, with commas between them |
| ` + "`" + envNoColor + "`" + ` | no colour unless ` + "`--color always`" + ` asks for it |

Secrets in the files name variables of their own. How the first six keep a branch from
redirecting the token: [environments](environments.md#what-a-branch-may-not-decide).

## Exit codes
`

const referenceEnd = `
Results go to standard output, everything else to standard error. With
` + "`--format json`" + ` standard output is one JSON document in every case, failures
included; [plan.schema.json](plan.schema.json) describes it.
`

type reference struct{ b strings.Builder }

func (r *reference) line(format string, args ...any) {
	fmt.Fprintf(&r.b, format+"\n", args...)
}

func (r *reference) command(n *kong.Node) {
	r.line("")
	r.line("## %s", n.Name)
	r.line("")
	r.line("    %s", "mihusync "+strings.TrimSpace(strings.TrimPrefix(n.Summary(), "mihusync ")))
	r.line("")
	text, examples := splitDetail(n.Detail)
	r.line("%s %s", n.Help, text)
	if len(n.Positional) > 0 {
		r.line("")
		r.line("| argument | meaning |")
		r.line("|---|---|")
		for _, p := range n.Positional {
			r.line("| `%s` | %s |", strings.ToUpper(p.Name), cell(p.Help))
		}
	}
	if len(n.Flags) > 0 {
		r.line("")
		r.flags(n.Flags)
	}
	if examples != "" {
		r.line("")
		r.line("```sh\n%s\n```", examples)
	}
}

// splitDetail separates the text from the examples, which are indented.
func splitDetail(detail string) (text, examples string) {
	var t, e []string
	for _, l := range strings.Split(detail, "\n") {
		if x, ok := strings.CutPrefix(l, "    "); ok {
			e = append(e, x)
		} else if strings.TrimSpace(l) != "" {
			t = append(t, l)
		}
	}
	return strings.Join(t, "\n"), strings.Join(e, "\n")
}

func (r *reference) flags(flags []*kong.Flag) {
	r.line("| flag | meaning |")
	r.line("|---|---|")
	for _, f := range flags {
		if f.Hidden {
			continue
		}
		name := "--" + f.Name
		if !f.IsBool() {
			name += " " + strings.Trim(f.FormatPlaceHolder(), `"`)
		}
		if f.Short != 0 {
			name = "-" + string(f.Short) + ", " + name
		}
		r.line("| `%s` | %s |", strings.ReplaceAll(name, "|", `\|`), cell(f.Help))
	}
}

func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ", "*", `\*`, "<", "&lt;").Replace(s)
}
