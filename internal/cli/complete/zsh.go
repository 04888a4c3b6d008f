package complete

import (
	"strconv"
	"strings"
)

func (c commandLine) zsh() string {
	var s script
	s.line("#compdef %s", c.Name)
	s.line("")
	s.line("_%s() {", c.Name)
	s.line("    local curcontext=$curcontext state line")
	s.line("    typeset -A opt_args")
	s.line("    local -a global verbs")
	s.line("    global=(")
	for _, f := range c.Global {
		zshFlag(&s, f)
	}
	s.line("    )")
	s.line("    verbs=(")
	for _, v := range c.Verbs {
		s.line("        %s", single(v.Name+":"+strings.TrimSuffix(v.Help, ".")))
	}
	s.line("    )")
	s.line("    _arguments -C $global '1: :->verb' '*:: :->rest' && return")
	s.line("    case $state in")
	s.line("    verb) _describe -t commands command verbs ;;")
	s.line("    rest)")
	s.line("        curcontext=${curcontext%%:*:*}:%s-$words[1]:", c.Name)
	s.line("        case $words[1] in")
	for _, v := range c.Verbs {
		s.line("        %s)", v.Name)
		s.line("            _arguments $global \\")
		for _, f := range v.Flags {
			for _, spec := range zshSpecs(f) {
				s.line("                %s \\", spec)
			}
		}
		for i, a := range v.Args {
			s.line("                %s \\", single(strconv.Itoa(i+1)+":"+a.Name+":"+zshAction(a.values)))
		}
		s.line("                && return")
		s.line("            ;;")
	}
	s.line("        esac")
	s.line("        ;;")
	s.line("    esac")
	s.line("}")
	s.line("")
	s.line("if [[ $funcstack[1] == _%s ]]; then _%s \"$@\"; else compdef _%s %s; fi", c.Name, c.Name, c.Name, c.Name)
	return s.String()
}

func zshFlag(s *script, f flag) {
	for _, spec := range zshSpecs(f) {
		s.line("        %s", spec)
	}
}

// zshSpecs describes each spelling; one excludes the other unless the flag may
// be repeated.
func zshSpecs(f flag) []string {
	both := names([]flag{f})
	help := strings.NewReplacer("[", "(", "]", ")", ":", "").Replace(f.Help)
	var out []string
	for _, name := range both {
		spec := "(" + strings.Join(both, " ") + ")"
		if f.Repeat {
			spec = "*"
		}
		spec += name
		if f.Value {
			if strings.HasPrefix(name, "--") {
				spec += "="
			} else {
				spec += "+"
			}
		}
		spec += "[" + help + "]"
		if f.Value {
			spec += ":value:" + zshAction(f.values)
		}
		out = append(out, single(spec))
	}
	return out
}

func zshAction(v values) string {
	switch {
	case len(v.Choices) > 0:
		return "(" + strings.Join(v.Choices, " ") + ")"
	case v.Paths == "file":
		return "_files"
	case v.Paths == "dir":
		return "_directories"
	}
	return " "
}
