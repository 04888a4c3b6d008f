package render

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// sides takes a comparison apart again.
func sides(lines []line) (before, after []string) {
	for _, l := range lines {
		if l.Op != added {
			before = append(before, l.text())
		}
		if l.Op != removed {
			after = append(after, l.text())
		}
	}
	return
}

func TestCompareKeepsBothSides(t *testing.T) {
	alphabet := rapid.SampledFrom([]string{"", "a", "a b", "a c", "b\tc", "Grüße, 世界", "  x"})
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.SliceOfN(alphabet, 0, 12).Draw(t, "before")
		b := rapid.SliceOfN(alphabet, 0, 12).Draw(t, "after")
		gotA, gotB := sides(compareLines(a, b))
		if strings.Join(gotA, "\n") != strings.Join(a, "\n") || strings.Join(gotB, "\n") != strings.Join(b, "\n") {
			t.Fatalf("compare(%q, %q) holds %q and %q", a, b, gotA, gotB)
		}
	})
}

func TestCompareFindsTheSmallestChange(t *testing.T) {
	lines := compareLines([]string{"a", "b", "c", "d"}, []string{"a", "x", "c", "d"})
	var ops string
	for _, l := range lines {
		ops += string("=-+"[l.Op])
	}
	if ops != "=-+==" {
		t.Errorf("got %s", ops)
	}
}

func TestWordsAreMarked(t *testing.T) {
	lines := compareLines([]string{"Never promise a refund today."}, []string{"Never promise a discount today."})
	var marked []string
	for _, l := range lines {
		for _, s := range l.Segs {
			if s.Changed {
				marked = append(marked, s.Text)
			}
		}
	}
	if strings.Join(marked, "|") != "refund|discount" {
		t.Errorf("marked %q", marked)
	}
}

func TestUnrelatedLinesStayUnmarked(t *testing.T) {
	for _, l := range compareLines([]string{"alpha beta gamma"}, []string{"one, two; three"}) {
		for _, s := range l.Segs {
			if s.Changed {
				t.Errorf("marked %q", s.Text)
			}
		}
	}
}

func TestHugeTextsAreReplacedAsAWhole(t *testing.T) {
	a, b := make([]string, maxDiffLines+10), make([]string, maxDiffLines+10)
	for i := range a {
		a[i], b[i] = numbered(1)+strings.Repeat("a", i%7), strings.Repeat("b", i%11+1)
	}
	gotA, gotB := sides(compareLines(a, b))
	if len(gotA) != len(a) || len(gotB) != len(b) {
		t.Errorf("lines lost: %d, %d", len(gotA), len(gotB))
	}
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"plain ä 世 👩‍🔬":   "plain ä 世 👩‍🔬",
		"a\x1b[2Jb":       `a\x1b[2Jb`,
		"x\u202ey":        `x\u202ey`,
		"\xff":            `\xff`,
		"\u2028\u0085\r":  `\u2028\u0085\r`,
		"tab\tand\u00a0s": "tab\tand\u00a0s",
	} {
		if got := Clean(in); got != want {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
	}
}
