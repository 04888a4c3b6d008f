// Package complete writes static completion scripts for bash, zsh and fish from
// the model of a command line. A script has all verbs, flags and choices, and
// never runs the program. It has no addresses, because only a workspace knows
// those.
package complete

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

// Shells returns the shells that [Write] knows.
func Shells() []string { return []string{"bash", "zsh", "fish"} }

// Write writes the completion script of a shell. A field's tag says which paths
// its value takes: complete:"file" or complete:"dir". complete:"command" takes a
// command's name. An unknown shell is an error.
func Write(w io.Writer, shell string, model *kong.Application) error {
	c := read(model)
	var script string
	switch shell {
	case "bash":
		script = c.bash()
	case "zsh":
		script = c.zsh()
	case "fish":
		script = c.fish()
	default:
		return fmt.Errorf("no completion for the shell %q, only for %s", shell, strings.Join(Shells(), ", "))
	}
	_, err := io.WriteString(w, script)
	return err
}

// values says how a flag's or argument's value is completed.
type values struct {
	Choices []string
	Paths   string // "file", "dir" or empty
}

type flag struct {
	Long, Short string // with their dashes
	Help        string
	Value       bool // takes one
	Repeat      bool
	values
}

type verb struct {
	Name, Help string
	Flags      []flag
	Args       []argument
}

type argument struct {
	Name string
	values
}

type commandLine struct {
	Name   string
	Global []flag
	Verbs  []verb
}

func read(model *kong.Application) commandLine {
	c := commandLine{Name: model.Name, Global: flags(model.Node)}
	for _, n := range model.Children {
		if n.Hidden {
			continue
		}
		v := verb{Name: n.Name, Help: n.Help, Flags: flags(n)}
		for _, p := range n.Positional {
			v.Args = append(v.Args, argument{p.Name, valuesOf(p)})
		}
		c.Verbs = append(c.Verbs, v)
	}
	var names []string
	for _, v := range c.Verbs {
		names = append(names, v.Name)
	}
	for _, v := range c.Verbs {
		for i := range v.Args {
			if v.Args[i].Paths == "command" {
				v.Args[i].values = values{Choices: names}
			}
		}
	}
	return c
}

func flags(n *kong.Node) []flag {
	var out []flag
	for _, f := range n.Flags {
		if f.Hidden {
			continue
		}
		short := ""
		if f.Short != 0 {
			short = "-" + string(f.Short)
		}
		out = append(out, flag{
			Long: "--" + f.Name, Short: short, Help: strings.TrimSuffix(firstSentence(f.Help), "."),
			Value: !f.IsBool() && !f.IsCounter(), Repeat: f.IsCumulative(), values: valuesOf(f.Value),
		})
	}
	return out
}

func valuesOf(v *kong.Value) values {
	out := values{Paths: v.Tag.Get("complete")}
	for _, choice := range v.EnumSlice() {
		if choice != "" { // an optional choice has the empty one as its default
			out.Choices = append(out.Choices, choice)
		}
	}
	return out
}

// firstSentence is short enough for a list of choices.
func firstSentence(s string) string {
	for _, end := range []string{". ", "; ", ": "} {
		if i := strings.Index(s, end); i > 0 {
			s = s[:i]
		}
	}
	return s
}

// names lists both spellings of all flags.
func names(lists ...[]flag) []string {
	var out []string
	for _, l := range lists {
		for _, f := range l {
			out = append(out, f.Long)
			if f.Short != "" {
				out = append(out, f.Short)
			}
		}
	}
	return out
}

// taking lists both spellings of the flags that take a value.
func taking(lists ...[]flag) []string {
	var out []string
	for _, l := range lists {
		for _, f := range l {
			if f.Value {
				out = append(out, names([]flag{f})...)
			}
		}
	}
	return out
}

// script collects lines.
type script struct{ strings.Builder }

func (s *script) line(format string, args ...any) {
	fmt.Fprintf(s, format+"\n", args...)
}

// single quotes a text for any of the shells.
func single(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
