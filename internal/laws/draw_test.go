package laws

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/mihusync/mihusync/schema"
)

// object is a JSON object in the form of the files.
type object = map[string]any

// drawer draws parts of a workspace. What a part may refer to is drawn before.
type drawer struct {
	t       *rapid.T
	catalog *catalog
	// size bounds the members of collections.
	size int
	// extras lets objects carry the sandbox's unknown field.
	extras bool
	// inside lets objects in others and members of lists carry it too.
	inside bool
	// beyond lets fields have values that their lists do not have.
	beyond bool
	serial int
	// later says that a successor is drawn. It has no members without a name beside
	// those there were: one under another handle would be taken for one that went.
	later bool
	// kinds are those at the top of the workspace.
	kinds []*schema.Kind

	scope        map[string][]string // by kind, the handles that references may name
	ready        []string            // agents that flows can use
	numbers      []number            // phone numbers not used yet
	memoryFields []string            // ids of contact fields that memory can cover
}

func newDrawer(t *rapid.T, c *catalog, size int, extras bool) *drawer {
	return &drawer{
		t: t, catalog: c, size: size, extras: extras, kinds: schema.TopKinds(), scope: map[string][]string{},
		numbers: slices.Clone(c.numbers), memoryFields: slices.Clone(c.memoryFields),
	}
}

func (d *drawer) chance(percent int) bool {
	return rapid.IntRange(0, 99).Draw(d.t, "chance") < percent
}

func (d *drawer) count(most int) int { return rapid.IntRange(0, most).Draw(d.t, "count") }

func (d *drawer) between(low, high int) int { return rapid.IntRange(low, high).Draw(d.t, "number") }

func pick[T any](d *drawer, from []T) T { return rapid.SampledFrom(from).Draw(d.t, "pick") }

func (d *drawer) bool() any { return rapid.Bool().Draw(d.t, "bool") }

// next is a number no other call returns, for names that must differ.
func (d *drawer) next() int {
	d.serial++
	return d.serial
}

// maybe sets a field in some draws.
func (d *drawer) maybe(o object, name string, draw func() any) {
	if d.chance(45) {
		o[name] = draw()
	}
}

var words = []string{"order", "support", "Reise", "visit", "paid", "tomorrow", "Zürich", "naïve", "ok", "call-back", "e.g.", "10%"}

func (d *drawer) word() string { return pick(d, words) }

func (d *drawer) line() string {
	n := d.between(1, 8)
	parts := make([]string, n)
	for i := range parts {
		parts[i] = d.word()
	}
	return strings.Join(parts, " ")
}

// oddities are texts that some format has a meaning for.
var oddities = []string{
	`she said "no"`, `back\slash and \(x)`, `"""`, "'''", "#\"raw\"#", "tab\there", "🙂 日本語 العربية", "a: b", "- item", "# heading",
	"null", "true", "1.0", "0123", "{", "[]", "%s %d", "$(env)", "<b>&amp;</b>", "line\u2028separator", "`code`", "//comment", "~", "*", "\u00e9 e\u0301",
}

// text draws a text for a person or a model, now and then an empty one.
func (d *drawer) text() any {
	if d.chance(3) {
		return ""
	}
	return d.textWith(true)
}

// plainText is a text without braces, which mean something in flows.
func (d *drawer) plainText() any { return d.textWith(false) }

func (d *drawer) textWith(braces bool) string {
	switch d.between(0, 11) {
	case 0, 1, 2:
		return d.line()
	case 3, 4:
		return d.prompt()
	case 5:
		return pick(d, oddities)
	case 6:
		return d.line() + pick(d, oddities) + d.line()
	case 7:
		return pick(d, []string{" ", "\n", "\t", "  "}) + d.line() + pick(d, []string{" ", "\n", "\n\n", "\t", ""})
	case 8:
		if braces {
			return "Hello {{" + d.word() + "}} and {" + d.word() + "}"
		}
		return "Hello {" + d.word() + "}"
	case 9:
		return "first\r\nsecond\r\n"
	case 10:
		return strings.Repeat(d.line()+". ", d.between(10, 60))
	default:
		return d.word()
	}
}

// prompt is a text of several lines, blank ones and indented ones among them.
func (d *drawer) prompt() string {
	var b strings.Builder
	b.WriteString(d.line() + "\n")
	for range d.between(1, 14) {
		switch d.between(0, 6) {
		case 0:
			b.WriteString("\n")
		case 1:
			fmt.Fprintf(&b, "  - %s\n", d.line())
		case 2:
			fmt.Fprintf(&b, "## %s\n", d.line())
		default:
			fmt.Fprintf(&b, "%s.\n", d.line())
		}
	}
	if d.chance(50) {
		return strings.TrimRight(b.String(), "\n")
	}
	return b.String()
}

// name draws a text that no other name of this workspace equals.
func (d *drawer) name() string {
	n := d.next()
	switch d.between(0, 5) {
	case 0:
		return fmt.Sprintf("%s %d", d.word(), n)
	case 1:
		return fmt.Sprintf("Ünïcode / %d 🙂", n)
	case 2:
		return fmt.Sprintf(`The "%s" %d!`, d.word(), n)
	case 3:
		return fmt.Sprintf("%s & %s (%d)", d.word(), d.word(), n)
	default:
		return fmt.Sprintf("%s-%d", d.word(), n)
	}
}

// handle draws a key that no other object of this workspace has.
func (d *drawer) handle(stem string) string {
	n := d.next()
	switch d.between(0, 5) {
	case 0:
		return fmt.Sprintf("%s %d", stem, n)
	case 1:
		return fmt.Sprintf("%s_%d", stem, n)
	case 2:
		return fmt.Sprintf("%s.%d", stem, n)
	default:
		return fmt.Sprintf("%s-%d", stem, n)
	}
}

// number draws a JSON number, whole or not.
func (d *drawer) number() any {
	return pick(d, []any{0, 1, 2, 3.5, 0.25, 0.1, 10, 1e-7, 1234567, 0.30000000000000004})
}

// json draws a value of an opaque object.
func (d *drawer) json(depth int, text func() any) any {
	switch n := d.between(0, 9); {
	case n == 0 && depth > 0:
		o := object{}
		for range d.count(3) {
			o[d.word()] = d.json(depth-1, text)
		}
		return o
	case n == 1 && depth > 0:
		list := []any{}
		for range d.count(3) {
			list = append(list, d.json(depth-1, text))
		}
		return list
	case n < 4:
		return d.number()
	case n == 4:
		return d.bool()
	default:
		return text()
	}
}

// document is a drawn workspace, the first or a later one of its line. It prints as
// JSON when a law fails.
type document struct {
	object
	generation int
	// numbers are the phone numbers that no workspace of the line has bound.
	numbers []number
}

func (w document) String() string   { return string(encodeJSON(w.object)) }
func (w document) GoString() string { return w.String() }

func encodeJSON(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		panic(err)
	}
	return b.Bytes()
}
