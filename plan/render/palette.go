package render

import (
	"github.com/fatih/color"

	"github.com/mihusync/mihusync/plan"
)

// A palette paints for one writer. The library decides once by the process's
// standard output; a palette overrides that decision for every colour.
type palette struct {
	create, update, remove, replace, unmanaged paint
	bold, dim, warn                            paint
	removedLine, addedLine                     paint
	removedWord, addedWord                     paint
	marks                                      marks
}

type paint func(a ...any) string

// marks are the characters that look better outside ASCII.
type marks struct{ arrow, ellipsis, warning, bullet, bar string }

func newPalette(opts Options) palette {
	p := func(attrs ...color.Attribute) paint {
		c := color.New(attrs...)
		if opts.Color {
			c.EnableColor()
		} else {
			c.DisableColor()
		}
		return c.SprintFunc()
	}
	out := palette{
		create: p(color.FgGreen), update: p(color.FgYellow), remove: p(color.FgRed),
		replace: p(color.FgMagenta), unmanaged: p(color.FgCyan),
		bold: p(color.Bold), dim: p(color.Faint), warn: p(color.FgYellow, color.Bold),
		removedLine: p(color.FgRed), addedLine: p(color.FgGreen),
		removedWord: p(color.FgRed, color.Bold, color.Underline), addedWord: p(color.FgGreen, color.Bold, color.Underline),
		marks: marks{arrow: "->", ellipsis: "...", warning: "!", bullet: "*", bar: "|"},
	}
	if opts.Unicode {
		out.marks = marks{arrow: "→", ellipsis: "…", warning: "⚠", bullet: "•", bar: "│"}
	}
	return out
}

// sign returns the mark and the colour of an action.
func (p palette) sign(a plan.Action) (string, paint) {
	switch a {
	case plan.Create:
		return "+", p.create
	case plan.Update:
		return "~", p.update
	case plan.Replace:
		return "!", p.replace
	case plan.Delete:
		return "-", p.remove
	}
	return "?", p.unmanaged
}
