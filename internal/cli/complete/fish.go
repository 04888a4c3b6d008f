package complete

import "strings"

func (c commandLine) fish() string {
	var s script
	s.line("# fish completion for %s", c.Name)
	s.line("")
	s.line("complete -c %s -f", c.Name)
	for _, v := range c.Verbs {
		s.line("complete -c %s -n __fish_use_subcommand -a %s -d %s", c.Name, v.Name, fishQuote(strings.TrimSuffix(v.Help, ".")))
	}
	for _, f := range c.Global {
		c.fishFlag(&s, "", f)
	}
	for _, v := range c.Verbs {
		on := " -n " + fishQuote("__fish_seen_subcommand_from "+v.Name)
		for _, f := range v.Flags {
			c.fishFlag(&s, on, f)
		}
		for _, a := range v.Args {
			if values := fishValues(a.values); values != "" {
				s.line("complete -c %s%s%s", c.Name, on, values)
			}
		}
	}
	return s.String()
}

func (c commandLine) fishFlag(s *script, on string, f flag) {
	spec := " -l " + strings.TrimPrefix(f.Long, "--")
	if f.Short != "" {
		spec += " -s " + strings.TrimPrefix(f.Short, "-")
	}
	if f.Value {
		spec += " -x" + fishValues(f.values)
	}
	s.line("complete -c %s%s%s -d %s", c.Name, on, spec, fishQuote(f.Help))
}

func fishValues(v values) string {
	switch {
	case len(v.Choices) > 0:
		return " -a " + fishQuote(strings.Join(v.Choices, " "))
	case v.Paths == "file":
		return " -a '(__fish_complete_path)'"
	case v.Paths == "dir":
		return " -a '(__fish_complete_directories)'"
	}
	return ""
}

// fishQuote quotes a text; fish escapes within single quotes by a backslash.
func fishQuote(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}
