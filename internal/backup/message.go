package backup

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/plan/render"
)

// Message describes a backup: the number of objects in the subject, their
// addresses and fields in the body. It has no values.
type Message struct {
	Workspace string // its name
	Subject   string // instead of the usual one, empty for that
	Backup    *Backup
	// Differences are the changes of the backup. If they are nil, the message
	// lists files.
	Differences *plan.Differences
}

// Limits of a message: lines of the body, fields of a line, characters of a
// name.
const (
	maxMessageLines  = 100
	maxMessageFields = 8
	maxMessageName   = 100
)

// Title returns the subject line.
func (m *Message) Title() string {
	if m.Subject != "" {
		return oneLine(m.Subject)
	}
	var parts []string
	add := func(n int, what string) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, what))
		}
	}
	switch d := m.Differences; {
	case d == nil:
		parts = append(parts, files(m.Backup.Files()))
	case d.Empty():
		parts = append(parts, "same content")
	default:
		add(len(d.OnlyB), "created")
		add(len(d.Changed), "updated")
		add(len(d.OnlyA), "deleted")
	}
	return oneLine("Back up " + m.Workspace + ": " + strings.Join(parts, ", "))
}

// String returns the whole message. No line begins with a #.
func (m *Message) String() string {
	body := m.body()
	if over := len(body) - maxMessageLines; over > 0 {
		body = append(body[:maxMessageLines], fmt.Sprintf("... and %d more", over))
	}
	return m.Title() + "\n\n" + strings.Join(body, "\n") + "\n"
}

func (m *Message) body() []string {
	d := m.Differences
	if d == nil || d.Empty() {
		head := "The workspace is as it was; only the files that tell it are new:"
		if d == nil {
			head = "The backup before this one cannot be compared with it. Files:"
		}
		lines := []string{head, ""}
		for _, group := range []struct {
			sign  string
			files []string
		}{{"+", m.Backup.Added}, {"~", m.Backup.Changed}, {"-", m.Backup.Removed}} {
			for _, f := range group.files {
				lines = append(lines, group.sign+" "+oneLine(f))
			}
		}
		return lines
	}
	var lines []string
	for _, ch := range d.OnlyB {
		lines = append(lines, "+ "+oneLine(ch.Addr))
	}
	for _, ch := range d.Changed {
		lines = append(lines, "~ "+oneLine(ch.Addr)+": "+fieldList(ch.Fields))
	}
	for _, ch := range d.OnlyA {
		lines = append(lines, "- "+oneLine(ch.Addr))
	}
	return lines
}

func fieldList(fields []field.Change) string {
	var names []string
	for i, f := range fields {
		if i == maxMessageFields {
			names = append(names, fmt.Sprintf("%d more", len(fields)-i))
			break
		}
		names = append(names, oneLine(f.Path))
	}
	return strings.Join(names, ", ")
}

// oneLine turns a text from the workspace into a part of a line.
func oneLine(s string) string {
	s = render.Clean(strings.Join(strings.Fields(s), " "))
	if utf8.RuneCountInString(s) > maxMessageName {
		s = string([]rune(s)[:maxMessageName-3]) + "..."
	}
	return s
}

func files(n int) string {
	if n == 1 {
		return "1 changed file"
	}
	return fmt.Sprintf("%d changed files", n)
}
