package complete

import "strings"

func (c commandLine) bash() string {
	var s script
	s.line("# bash completion for %s", c.Name)
	s.line("")
	s.line("_%s() {", c.Name)
	s.line("    local IFS=$' \\t\\n' cur prev verb='' count=0 i")
	s.line("    COMPREPLY=()")
	s.line("    cur=${COMP_WORDS[COMP_CWORD]}")
	s.line("    prev=${COMP_WORDS[COMP_CWORD-1]}")
	s.line("    # bash takes --flag=value for three words")
	s.line("    if [[ $cur == = ]]; then cur=''")
	s.line("    elif [[ $prev == = ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi")
	s.line("    for ((i = 1; i < COMP_CWORD; i++)); do")
	s.line("        case ${COMP_WORDS[i]} in")
	s.line("        %s)", strings.Join(c.allTaking(), "|"))
	s.line("            [[ ${COMP_WORDS[i+1]} == = ]] && ((i++))")
	s.line("            ((i++)) ;;")
	s.line("        -*|=) ;;")
	s.line("        *) if [[ -z $verb ]]; then verb=${COMP_WORDS[i]}; else ((count++)); fi ;;")
	s.line("        esac")
	s.line("    done")
	s.line("    case $verb:$prev in")
	for _, v := range c.Verbs {
		for _, f := range v.Flags {
			c.bashValue(&s, v.Name, f)
		}
	}
	for _, f := range c.Global {
		c.bashValue(&s, "*", f)
	}
	s.line("    esac")
	s.line("    case $verb in")
	s.line("    '') _%s_words %s ;;", c.Name, single(strings.Join(append(c.verbNames(), names(c.Global)...), " ")))
	for _, v := range c.Verbs {
		s.line("    %s)", v.Name)
		s.line("        if [[ $cur == -* ]]; then _%s_words %s; return; fi", c.Name, single(strings.Join(names(v.Flags, c.Global), " ")))
		for i, a := range v.Args {
			if do := c.bashDo(a.values); do != "" {
				s.line("        if ((count == %d)); then %s; fi", i, do)
			}
		}
		s.line("        ;;")
	}
	s.line("    esac")
	s.line("}")
	s.line("")
	s.line("_%s_words() { COMPREPLY=($(compgen -W \"$1\" -- \"$cur\")); }", c.Name)
	s.line("")
	s.line("_%s_paths() {", c.Name)
	s.line("    local IFS=$'\\n'")
	s.line("    compopt -o filenames 2>/dev/null")
	s.line("    COMPREPLY=($(compgen \"$1\" -- \"$cur\"))")
	s.line("}")
	s.line("")
	s.line("complete -F _%s %s", c.Name, c.Name)
	return s.String()
}

func (c commandLine) bashValue(s *script, verb string, f flag) {
	if !f.Value {
		return
	}
	patterns := make([]string, 0, 2)
	for _, n := range names([]flag{f}) {
		patterns = append(patterns, verb+":"+n)
	}
	do := c.bashDo(f.values)
	if do != "" {
		do += "; "
	}
	s.line("    %s) %sreturn ;;", strings.Join(patterns, "|"), do)
}

func (c commandLine) bashDo(v values) string {
	switch {
	case len(v.Choices) > 0:
		return "_" + c.Name + "_words " + single(strings.Join(v.Choices, " "))
	case v.Paths == "file":
		return "_" + c.Name + "_paths -f"
	case v.Paths == "dir":
		return "_" + c.Name + "_paths -d"
	}
	return ""
}

func (c commandLine) verbNames() []string {
	out := make([]string, len(c.Verbs))
	for i, v := range c.Verbs {
		out[i] = v.Name
	}
	return out
}

// allTaking lists every flag that takes a value; flags of the same name take
// one in every verb.
func (c commandLine) allTaking() []string {
	lists := [][]flag{c.Global}
	for _, v := range c.Verbs {
		lists = append(lists, v.Flags)
	}
	var out []string
	seen := map[string]bool{}
	for _, n := range taking(lists...) {
		if !seen[n] {
			seen[n] = true
			out = append(out, n)
		}
	}
	return out
}
