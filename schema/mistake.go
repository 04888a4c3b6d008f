package schema

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/mihusync/mihusync/schema/tree"
)

// Mistake is a value that has the right type and cannot be meant, whatever the
// service holds: hours that end before they start, a rule that forwards to its own
// agent. An export leaves out what a declaration must not hold.
type Mistake struct {
	// Path leads from the object to the value.
	Path    []string
	Summary string
	Detail  string
	// Suggestion says what to write.
	Suggestion string
	// Other is the object that the value contradicts, and OtherPath leads to the value
	// there. Other is nil if the value is wrong by itself.
	Other     *Object
	OtherPath []string
}

// Mistakes returns the mistakes in an object's own fields.
func (w *Workspace) Mistakes(o *Object) []Mistake {
	m := &mistakes{workspace: w, object: o}
	m.members(o.Kind.Fields, o.Fields)
	m.rows()
	return m.found
}

// mistakes collects the mistakes of one object.
type mistakes struct {
	workspace *Workspace
	object    *Object
	found     []Mistake
	at        []string // the path to the value that is checked now
}

func (m *mistakes) add(path []string, summary, detail, suggestion string) {
	m.found = append(m.found, Mistake{Path: slices.Clone(path), Summary: summary, Detail: detail, Suggestion: suggestion})
}

// member checks the value of a member of the value that is checked now.
func (m *mistakes) member(f *Field, name string, v any) {
	m.at = append(m.at, name)
	m.value(f, v)
	m.at = m.at[:len(m.at)-1]
}

func (m *mistakes) value(f *Field, v any) {
	if f.Numbered {
		m.numbered(v, m.at)
	}
	switch v := v.(type) {
	case map[string]any:
		m.members(f, v)
	case []any:
		for i, e := range v {
			if f.Elem != nil {
				m.member(f.Elem, strconv.Itoa(i), e)
			}
		}
	case Ref:
		m.reference(f, v, m.at)
	}
}

func (m *mistakes) members(f *Field, v map[string]any) {
	for name, e := range tree.Members(v) {
		member := f.Lookup(name)
		if member == nil {
			member = f.Elem
		}
		if member == nil {
			continue
		}
		if member.After != "" {
			m.after(member, e, v[member.After], append(m.at, name))
		}
		m.member(member, name, e)
	}
}

// after holds a time of day against the one that it must come after. What is no time
// of day is not compared.
func (m *mistakes) after(f *Field, v, from any, path []string) {
	end, ok := clock(v)
	start, known := clock(from)
	if !ok || !known || end > start {
		return
	}
	m.add(path, fmt.Sprintf("%s: %q is not after the %s, %q", f.Name, end, f.After, start), f.Doc, fmt.Sprintf("write a time after %q", start))
}

// clock returns a time of day as hours and minutes. Such texts compare like the times.
func clock(v any) (text string, ok bool) {
	text, _ = v.(string)
	if len(text) == len("09:00:00") {
		text = strings.TrimSuffix(text, ":00")
	}
	hours, minutes, found := strings.Cut(text, ":")
	return text, found && twoDigits(hours, 24) && twoDigits(minutes, 59)
}

func twoDigits(text string, most int) bool {
	n, err := strconv.Atoi(text)
	return err == nil && len(text) == 2 && n >= 0 && n <= most
}

// reference reports a rule that forwards to the agent that has it.
func (m *mistakes) reference(f *Field, r Ref, path []string) {
	if !f.Elsewhere {
		return
	}
	for at := m.object.Parent; at != nil; at = at.Parent {
		if at.Kind.Name == r.Kind && (r.Addr == at.Addr() || r.ID != "" && r.ID == at.ID) {
			m.add(path, fmt.Sprintf("%s: %s forwards to itself", f.Name, at.Addr()), f.Doc, "write another "+at.Kind.Label+", or who takes over instead")
		}
	}
}

// numbered checks the numbers of the placeholders in texts, {{1}}, {{2}} and so on.
// Each text counts from 1. Examples are values for placeholders, not texts.
func (m *mistakes) numbered(v any, path []string) {
	for at, e := range tree.All(v) {
		text, isText := e.(string)
		parts := at.Parts()
		if !isText || len(parts) == 0 || slices.Contains(parts, "example") {
			continue
		}
		for i, n := range placeholders(text) {
			if n == i+1 {
				continue
			}
			m.add(slices.Concat(path, parts), fmt.Sprintf("%s: {{%d}} stands where {{%d}} comes next", parts[len(parts)-1], n, i+1),
				"The placeholders of a text are numbered from 1 without a gap.", fmt.Sprintf("write {{%d}} for {{%d}}", i+1, n))
			break
		}
	}
}

// placeholders returns the numbers of the numbered placeholders of a text, in order.
// Named placeholders have none.
func placeholders(text string) []int {
	numbers := map[int]bool{}
	for _, part := range strings.Split(text, "{{")[1:] {
		name, _, closed := strings.Cut(part, "}}")
		if n, err := strconv.Atoi(strings.TrimSpace(name)); err == nil && closed {
			numbers[n] = true
		}
	}
	return slices.Sorted(maps.Keys(numbers))
}

// rows checks the contact fields that flags are for.
func (m *mistakes) rows() {
	f := m.object.Kind.Fields.RowsField()
	for _, id := range tree.Keys(m.object.Rows()) {
		if key, custom := CustomField(id); custom {
			m.customField(key, []string{f.Name, id})
		}
	}
}

// customFields returns the contact fields of the workspace.
func (m *mistakes) customFields() []*Object {
	var out []*Object
	for _, k := range TopKinds() {
		if k.Lifecycle == KeyedByName {
			out = append(out, m.workspace.Objects[k.Name]...)
		}
	}
	return out
}

// customField checks that the workspace has a contact field in use, if the workspace
// says which ones there are.
func (m *mistakes) customField(key string, path []string) {
	all := m.customFields()
	for _, o := range all {
		if o.Handle != key {
			continue
		}
		if !InUse(o) {
			m.found = append(m.found, Mistake{Path: path, Other: o, OtherPath: []string{"is_active"},
				Summary:    fmt.Sprintf("%s is the id of %s, which is not in use, and has flags here", customFieldPrefix+key, o.Addr()),
				Detail:     "Memory covers only the contact fields that are in use.",
				Suggestion: "leave the flags out, or write is_active: true for the field"})
		}
		return
	}
	for _, k := range TopKinds() {
		if k.Lifecycle != KeyedByName || !m.workspace.Sections[k.Name] {
			continue
		}
		detail, suggestion := "", "declare it under "+k.Name+", or leave the flags out"
		var ids []string
		for _, o := range all {
			ids = append(ids, customFieldPrefix+o.Handle)
		}
		if near := Nearest(customFieldPrefix+key, ids); near != "" {
			suggestion = "did you mean " + strconv.Quote(near) + "?"
		}
		if len(ids) > 0 && len(ids) <= 12 {
			detail = "Declared are: " + strings.Join(ids, ", ") + "."
		}
		m.add(path, fmt.Sprintf("there is no %s %q", k.Label, customFieldPrefix+key), detail, suggestion)
	}
}
