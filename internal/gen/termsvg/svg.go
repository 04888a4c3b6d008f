package main

import (
	"bytes"
	"fmt"
	"html"
	"unicode/utf8"
)

// Measures of the picture in pixels.
const (
	cell    = 8.0  // width of a character
	row     = 19.0 // height of a line
	margin  = 18.0
	bar     = 34.0 // the window's title bar
	columns = 104  // longer lines are cut
)

const style = `
  text { font: 13.3px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #d6deeb; white-space: pre; }
  .bold { font-weight: 700; } .dim { fill: #8393a7; } .underline { text-decoration: underline; }
  .red { fill: #ff7b84; } .green { fill: #7fd88f; } .yellow { fill: #f0c674; }
  .blue { fill: #82aaff; } .magenta { fill: #c792ea; } .cyan { fill: #7fdbca; }
`

// draw renders lines as a terminal window.
func draw(lines []line) []byte {
	width, height := columns*cell+2*margin, bar+float64(len(lines))*row+margin
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %g %g" width="%g" height="%g" role="img" aria-label="A terminal running mihusync">`+"\n", width, height, width, height)
	fmt.Fprintf(&b, "<style>%s</style>\n", style)
	fmt.Fprintf(&b, `<rect width="%g" height="%g" rx="9" fill="#101820"/>`+"\n", width, height)
	for i, fill := range []string{"#ff5f57", "#febc2e", "#28c840"} {
		fmt.Fprintf(&b, `<circle cx="%g" cy="17" r="5.5" fill="%s"/>`+"\n", margin+2+float64(i)*18, fill)
	}
	for i, l := range lines {
		y := bar + float64(i)*row + 13
		column := 0
		for _, s := range clip(l) {
			// Each span has its own position and width. The columns then stay in
			// place in every font.
			n := utf8.RuneCountInString(s.text)
			fmt.Fprintf(&b, `<text x="%g" y="%g" textLength="%g" lengthAdjust="spacingAndGlyphs" xml:space="preserve"`, margin+float64(column)*cell, y, float64(n)*cell)
			if s.class != "" {
				fmt.Fprintf(&b, ` class="%s"`, s.class)
			}
			fmt.Fprintf(&b, ">%s</text>\n", html.EscapeString(s.text))
			column += n
		}
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// clip cuts a line that is wider than the window and adds "…".
func clip(l line) line {
	left := columns
	var out line
	for _, s := range l {
		runes := []rune(s.text)
		if len(runes) > left {
			if left > 0 {
				out = append(out, span{string(runes[:left-1]) + "…", s.class})
			}
			return out
		}
		left -= len(runes)
		out = append(out, s)
	}
	return out
}
