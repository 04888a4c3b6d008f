package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	got := parse("  \x1b[32m+\x1b[0m \x1b[1magents/a\x1b[22m  \x1b[32mcreate\x1b[0m\n\n\x1b[31;1;4mx\x1b[0;22;24m < y\n")
	want := []line{
		{{"  ", ""}, {"+", "green"}, {" ", ""}, {"agents/a", "bold"}, {"  ", ""}, {"create", "green"}},
		nil,
		{{"x", "bold underline red"}, {" < y", ""}},
	}
	if d := cmp.Diff(want, got, cmp.AllowUnexported(span{})); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestExcerpt(t *testing.T) {
	lines := parse("1\n2\n3\n4\n5\n6")
	got := excerpt(lines, 2, 1)
	if len(got) != 4 || got[2][0].text != "... 3 more lines" || got[3][0].text != "6" {
		t.Errorf("got %v", got)
	}
	if got := excerpt(lines, 4, 1); len(got) != len(lines) {
		t.Errorf("one line was left out for a line that says so: %v", got)
	}
}

func TestDrawIsXML(t *testing.T) {
	svg := draw([]line{{{`a < b & "c"`, "red"}}, nil, {{strings.Repeat("x", 2*columns), ""}}})
	d := xml.NewDecoder(bytes.NewReader(svg))
	var texts []string
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if start, ok := tok.(xml.StartElement); ok && start.Name.Local == "text" {
			var s string
			if err := d.DecodeElement(&s, &start); err != nil {
				t.Fatal(err)
			}
			texts = append(texts, s)
		}
	}
	want := []string{`a < b & "c"`, strings.Repeat("x", columns-1) + "…"}
	if d := cmp.Diff(want, texts); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
