package main

import (
	"regexp"
	"strings"
)

// A span is a run of text in one look. class has class names of the style sheet.
type span struct{ text, class string }

// A line is the text in one row of the terminal.
type line []span

var escape = regexp.MustCompile("\x1b\\[([0-9;]*)m")

// look is the state that escape sequences set.
type look struct {
	bold, dim, underline bool
	color                string
}

var colors = map[string]string{"31": "red", "32": "green", "33": "yellow", "34": "blue", "35": "magenta", "36": "cyan"}

func (l *look) set(code string) {
	switch code {
	case "", "0":
		*l = look{}
	case "1":
		l.bold = true
	case "2":
		l.dim = true
	case "4":
		l.underline = true
	case "22":
		l.bold, l.dim = false, false
	case "24":
		l.underline = false
	case "39":
		l.color = ""
	default:
		if c := colors[code]; c != "" {
			l.color = c
		}
	}
}

func (l look) class() string {
	var names []string
	for _, n := range []struct {
		on   bool
		name string
	}{{l.bold, "bold"}, {l.dim, "dim"}, {l.underline, "underline"}, {l.color != "", l.color}} {
		if n.on {
			names = append(names, n.name)
		}
	}
	return strings.Join(names, " ")
}

// parse splits text with colour escapes into lines.
func parse(text string) []line {
	var lines []line
	var l look
	for _, row := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		var spans line
		add := func(s string) {
			if s != "" {
				spans = append(spans, span{s, l.class()})
			}
		}
		at := 0
		for _, m := range escape.FindAllStringSubmatchIndex(row, -1) {
			add(row[at:m[0]])
			for _, code := range strings.Split(row[m[2]:m[3]], ";") {
				l.set(code)
			}
			at = m[1]
		}
		add(row[at:])
		lines = append(lines, spans)
	}
	return lines
}
