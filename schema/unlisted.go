package schema

import (
	"cmp"
	"slices"
	"strings"
)

// A list of values in the documentation holds what was seen. The service may have
// other values. The files write such a value with a prefix, so that a misspelt word is
// not taken for one. The normal form has the prefix too. The API's form has not.

// unlistedPrefix begins a value that the list of its field does not have.
const unlistedPrefix = "unlisted:"

// unlistedDefinition is the definition that a list with such values refers to.
const unlistedDefinition = "#Unlisted"

// Unlisted returns the form in the files of a value that is in no list:
// "unlisted:forest" for "forest".
func Unlisted(value string) string { return unlistedPrefix + value }

// IsUnlisted says whether a text has the form of a value that is in no list.
func IsUnlisted(text string) bool {
	return len(text) > len(unlistedPrefix) && strings.HasPrefix(text, unlistedPrefix)
}

// Listed returns the value of a text with the form of an unlisted value, if the list
// has that value, and "" otherwise.
func (d Domain) Listed(text string) string {
	value, ok := strings.CutPrefix(text, unlistedPrefix)
	if !ok || !d.Unlisted || !d.rule.lists(value) {
		return ""
	}
	return value
}

// lists says whether a value is in the rule's list, or has the form that the rule asks
// for.
func (r *rule) lists(value string) bool {
	if len(r.words) == 0 && len(r.checks) > 0 {
		return !IsUnlisted(value) && r.breaks(value) == ""
	}
	return slices.Contains(r.words, value)
}

// Spell returns a text of the files in normal form: the value itself, if the list of
// the field has it. "unlisted:office" is the same as "office".
func (f *Field) Spell(text string) string {
	if !f.listed() || !IsUnlisted(text) {
		return text
	}
	return cmp.Or(f.Domain().Listed(text), text)
}

// Spelled says whether a value of the field can have two spellings in the files.
func (f *Field) Spelled() bool { return f.listed() && !f.Escape() }

// listed says whether the field has a list of values that the service may exceed.
func (f *Field) listed() bool { return f.rule != nil && f.rule.unlisted }

// fromService returns a live value of a list in the form of the files.
func (f *Field) fromService(value string) string {
	if !f.listed() || f.rule.lists(value) {
		return value
	}
	return Unlisted(value)
}

// toService returns a value of a list in the form of the API.
func (f *Field) toService(text string) string {
	if f.listed() && IsUnlisted(text) {
		return strings.TrimPrefix(text, unlistedPrefix)
	}
	return text
}

// Escape says whether the field holds the tag of a form that the schema does not
// list.
func (f *Field) Escape() bool { return f.listed() && len(f.rule.words)+len(f.rule.checks) == 0 }

// plain says whether the field's values in normal form are no lists, maps or structs.
func (f *Field) plain() bool { return f.Ref != "" || f.Time || f.Type == String && !f.IsSecret() }

func composite(v any) bool {
	switch v.(type) {
	case map[string]any, []any:
		return true
	}
	return false
}
