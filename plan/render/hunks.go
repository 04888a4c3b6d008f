package render

import (
	"strings"
	"unicode/utf8"
)

// Limits of a text that is not shown in full.
const (
	maxShownLines = 40
	// newTextLines limits the lines of a text that has no old text.
	newTextLines = 8
	// longSegment is the length in characters from which the unchanged part of a
	// changed line is shortened.
	longSegment = 60
	// longLine is the length in characters from which a line is shortened.
	longLine = 240
)

// shown returns the lines of a block to show: the changes with the lines around
// them, up to a limit. With full it returns all lines.
func (f fieldView) shown(full bool) []line {
	lines, most := f.Lines, newTextLines
	if len(f.OldText) > 0 && len(f.NewText) > 0 {
		lines, most = fold(lines), maxShownLines
	}
	if full {
		return lines
	}
	return limit(lines, most)
}

// fold replaces unchanged lines far from a change by one line with their number.
// It does not fold a single line.
func fold(lines []line) []line {
	near := make([]bool, len(lines))
	for i, l := range lines {
		if l.Op == same {
			continue
		}
		for j := max(0, i-contextLines); j <= min(len(lines)-1, i+contextLines); j++ {
			near[j] = true
		}
	}
	var out []line
	for i := 0; i < len(lines); {
		if near[i] {
			out = append(out, lines[i])
			i++
			continue
		}
		j := i
		for j < len(lines) && !near[j] {
			j++
		}
		if j-i == 1 {
			out = append(out, lines[i])
		} else {
			out = append(out, line{Op: skipped, Count: j - i})
		}
		i = j
	}
	return out
}

// limit cuts a long block and says how many lines it left out.
func limit(lines []line, most int) []line {
	if len(lines) <= most+1 {
		return lines
	}
	left := 0
	for _, l := range lines[most:] {
		left += max(1, l.Count)
	}
	return append(lines[:most:most], line{Op: cut, Count: left})
}

// shorten cuts the middle of long unchanged parts of a changed line, and the end
// of any other long line.
func shorten(l line, mark string) line {
	if len(l.Segs) > 1 {
		segs := make([]seg, len(l.Segs))
		copy(segs, l.Segs)
		for i := range segs {
			if segs[i].Changed {
				segs[i].Text = clip(segs[i].Text, longLine, mark)
				continue
			}
			segs[i].Text = elide(segs[i].Text, i == 0, i == len(segs)-1, mark)
		}
		l.Segs = segs
		return l
	}
	if len(l.Segs) == 1 {
		l.Segs = []seg{{Text: clip(l.Segs[0].Text, longLine, mark), Changed: l.Segs[0].Changed}}
	}
	return l
}

// elide keeps the ends of an unchanged part that touch a change. It cuts at a
// space if one is near.
func elide(s string, first, last bool, mark string) string {
	r := []rune(s)
	if len(r) <= longSegment {
		return s
	}
	const half, slack = longSegment / 2, 12
	from, to := len(r)-half, half
	for i := range slack {
		if r[from+i] == ' ' {
			from += i
			break
		}
	}
	for i := range slack {
		if r[to-i] == ' ' {
			to -= i
			break
		}
	}
	head, tail := string(r[:to])+" "+mark, mark+string(r[from:])
	switch {
	case first:
		return tail
	case last:
		return head
	}
	return head + strings.TrimPrefix(tail, mark)
}

func clip(s string, most int, mark string) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	r := []rune(s)
	return strings.TrimRight(string(r[:most]), " ") + mark
}
