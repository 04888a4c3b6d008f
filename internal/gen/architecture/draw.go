package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// These marks enclose the picture in the page.
const (
	drawBegin = "<!-- imports: drawn by go generate -->\n"
	drawEnd   = "<!-- end of imports -->\n"
)

// Draw returns the page with a new picture. An arrow points from a package to a
// package that it imports. Draw leaves out an arrow if a path of other arrows leads
// to the same package. It returns an error if the page does not have the marks.
func Draw(page string, imports map[string][]string) (string, error) {
	before, rest, begun := strings.Cut(page, drawBegin)
	_, after, ended := strings.Cut(rest, drawEnd)
	if !begun || !ended {
		return "", errors.New("the page has no marks for the picture")
	}
	var b strings.Builder
	b.WriteString("```mermaid\nflowchart BT\n")
	for _, from := range sorted(imports) {
		fmt.Fprintf(&b, "  %s[%q]\n", node(from), from)
	}
	for _, from := range sorted(imports) {
		for _, to := range imports[from] {
			if !follows(imports, from, to) {
				fmt.Fprintf(&b, "  %s --> %s\n", node(from), node(to))
			}
		}
	}
	b.WriteString("```\n")
	return before + drawBegin + "\n" + b.String() + "\n" + drawEnd + after, nil
}

// follows says whether another imported package imports the same package, directly
// or not.
func follows(imports map[string][]string, from, to string) bool {
	return slices.ContainsFunc(imports[from], func(by string) bool { return by != to && reaches(imports, by, to) })
}

func reaches(imports map[string][]string, from, to string) bool {
	return slices.ContainsFunc(imports[from], func(next string) bool { return next == to || reaches(imports, next, to) })
}

func node(dir string) string { return strings.ReplaceAll(dir, "/", "_") }

func sorted(imports map[string][]string) []string {
	var out []string
	for dir := range imports {
		out = append(out, dir)
	}
	slices.Sort(out)
	return out
}

// Allowed reads the table of packages in the page. The first column names a
// package, and the last column the packages that it may import.
func Allowed(page string) map[string][]string {
	out := map[string][]string{}
	for _, line := range strings.Split(page, "\n") {
		cells := strings.Split(strings.TrimSuffix(strings.TrimPrefix(line, "|"), "|"), "|")
		if !strings.HasPrefix(line, "| `") || len(cells) != 4 {
			continue
		}
		names := quoted(cells[0])
		if len(names) == 1 {
			out[names[0]] = quoted(cells[3])
		}
	}
	return out
}

// quoted returns the texts between backquotes.
func quoted(cell string) []string {
	parts := strings.Split(cell, "`")
	out := []string{}
	for i := 1; i < len(parts); i += 2 {
		out = append(out, strings.TrimSuffix(parts[i], "/"))
	}
	return out
}
