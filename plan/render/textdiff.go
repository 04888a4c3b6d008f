package render

import (
	"strings"
	"unicode"

	"github.com/sergi/go-diff/diffmatchpatch"
)

// Limits of a comparison. Longer texts are shown as replaced, because the time
// of an exact comparison grows with the square of the change.
const (
	maxDiffLines = 2000 // changed lines on one side
	maxDiffWords = 600  // words of one line
)

// contextLines is the number of unchanged lines around a change.
const contextLines = 2

type lineOp int

const (
	same lineOp = iota
	removed
	added
	// skipped stands for unchanged lines that are not shown.
	skipped
	// cut stands for lines beyond the limit of a long text.
	cut
)

// A line is one line of a compared text.
type line struct {
	Op lineOp
	// Segs are the parts of the line. Together they are its text.
	Segs []seg
	// Count is the number of lines that a skipped or cut line stands for.
	Count int
	// Old and New are the line's numbers in both texts, from 1. 0 means that the
	// text does not have the line.
	Old, New int
}

type seg struct {
	Text string
	// Changed marks words that differ from the paired line.
	Changed bool
}

func (l line) text() string {
	if len(l.Segs) == 1 {
		return l.Segs[0].Text
	}
	var b strings.Builder
	for _, s := range l.Segs {
		b.WriteString(s.Text)
	}
	return b.String()
}

// compareLines returns all lines of both texts in reading order. It pairs
// changed lines and marks the words that differ.
func compareLines(before, after []string) []line {
	var out []line
	var del, ins []line
	oldN, newN := 0, 0
	flush := func() {
		markWords(del, ins)
		out = append(append(out, del...), ins...)
		del, ins = nil, nil
	}
	for _, d := range diffSeq(before, after, maxDiffLines) {
		for _, text := range d.items {
			l := line{Segs: []seg{{Text: text}}}
			switch d.op {
			case diffmatchpatch.DiffDelete:
				oldN++
				l.Op, l.Old = removed, oldN
				del = append(del, l)
			case diffmatchpatch.DiffInsert:
				newN++
				l.Op, l.New = added, newN
				ins = append(ins, l)
			default:
				oldN++
				newN++
				flush()
				l.Op, l.Old, l.New = same, oldN, newN
				out = append(out, l)
			}
		}
	}
	flush()
	return out
}

type run struct {
	op    diffmatchpatch.Operation
	items []string
}

// diffSeq compares two sequences item by item. Each distinct item becomes one
// character. The line mode of the library does the same with more conversions.
func diffSeq(a, b []string, limit int) []run {
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	var out []run
	emit := func(op diffmatchpatch.Operation, items []string) {
		if len(items) > 0 {
			out = append(out, run{op, items})
		}
	}
	emit(diffmatchpatch.DiffEqual, a[:head])
	midA, midB := a[head:len(a)-tail], b[head:len(b)-tail]
	if len(midA) > limit || len(midB) > limit {
		emit(diffmatchpatch.DiffDelete, midA)
		emit(diffmatchpatch.DiffInsert, midB)
	} else {
		for _, d := range diffRunes(midA, midB) {
			emit(d.op, d.items)
		}
	}
	emit(diffmatchpatch.DiffEqual, a[len(a)-tail:])
	return out
}

func diffRunes(a, b []string) []run {
	code := map[string]rune{}
	var items []string
	const first = 0xE000 // behind the surrogates, which cannot be encoded
	encode := func(s []string) []rune {
		out := make([]rune, len(s))
		for i, item := range s {
			r, ok := code[item]
			if !ok {
				r = rune(first + len(items))
				code[item] = r
				items = append(items, item)
			}
			out[i] = r
		}
		return out
	}
	ra, rb := encode(a), encode(b)
	dmp := diffmatchpatch.New()
	dmp.DiffTimeout = 0 // with a deadline the result would depend on the machine
	var out []run
	for _, d := range dmp.DiffMainRunes(ra, rb, false) {
		r := run{op: d.Type}
		for _, c := range d.Text {
			r.items = append(r.items, items[c-first])
		}
		out = append(out, r)
	}
	return out
}

// markWords marks the words that differ between the lines of a change. Each
// removed line is paired, in order, with the first added line that has enough in
// common with it. A line without a pair stays unmarked, because there the marks
// would cover the whole line.
func markWords(del, ins []line) {
	next := 0
	for i := range del {
		for j := next; j < min(len(ins), next+maxPairing); j++ {
			a, b, alike := compareWords(del[i].text(), ins[j].text())
			if alike {
				del[i].Segs, ins[j].Segs = a, b
				next = j + 1
				break
			}
		}
	}
}

// maxPairing is the largest number of added lines that a removed line is
// compared with.
const maxPairing = 12

func compareWords(before, after string) (del, ins []seg, alike bool) {
	a, b := words(before), words(after)
	if len(a) > maxDiffWords || len(b) > maxDiffWords {
		return nil, nil, false
	}
	common, total := 0, 0
	for _, d := range diffSeq(a, b, maxDiffWords) {
		text := strings.Join(d.items, "")
		total += len(text)
		switch d.op {
		case diffmatchpatch.DiffDelete:
			del = append(del, seg{text, true})
		case diffmatchpatch.DiffInsert:
			ins = append(ins, seg{text, true})
		default:
			common += 2 * len(strings.TrimSpace(text))
			total += len(text)
			del = append(del, seg{text, false})
			ins = append(ins, seg{text, false})
		}
	}
	return joinGaps(del), joinGaps(ins), common*5 >= total*2
}

// joinGaps merges marked parts that only white space separates, because that
// reads more easily.
func joinGaps(segs []seg) []seg {
	var out []seg
	for i, s := range segs {
		blank := !s.Changed && strings.TrimSpace(s.Text) == ""
		between := i > 0 && i < len(segs)-1
		if n := len(out); n > 0 && (s.Changed == out[n-1].Changed || blank && between && out[n-1].Changed) {
			out[n-1].Text += s.Text
			continue
		}
		out = append(out, s)
	}
	return out
}

// words splits a line into words, single marks and runs of white space.
func words(s string) []string {
	class := func(r rune) int {
		switch {
		case unicode.IsSpace(r):
			return 1
		case unicode.IsLetter(r), unicode.IsNumber(r), unicode.IsMark(r), r == '_':
			return 2
		}
		return 0
	}
	var out []string
	start, prev := 0, -1
	for i, r := range s {
		c := class(r)
		if i > 0 && (c != prev || c == 0) {
			out = append(out, s[start:i])
			start = i
		}
		prev = c
	}
	if start < len(s) {
		out = append(out, s[start:])
	}
	return out
}
