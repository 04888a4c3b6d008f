package schema

import (
	"strconv"
	"strings"
)

// CompleteField is the field by which a workspace or an object says up to which
// revision of the schema its declaration says everything.
const CompleteField = "complete"

// PinnedInField is the field by which a workspace names the one that its pins are of.
const PinnedInField = "pinned_in"

// KnownTo says whether a revision of the schema has the field. A declaration that is
// complete to that revision says everything about the field, also by its absence.
func (f *Field) KnownTo(revision string) bool {
	return revision != "" && revisionNumber(f.Since) <= revisionNumber(revision)
}

// revisionNumber returns the number of a revision, 2 for "v2". A field without a
// revision came with the first.
func revisionNumber(revision string) int {
	n, err := strconv.Atoi(strings.TrimPrefix(revision, "v"))
	if err != nil {
		return 1
	}
	return n
}

// Unset returns the value that a field has if a complete declaration leaves it out:
// nil, an empty list, or the default that the schema states. The result is false if
// the declaration says nothing about the field even so. It says nothing about
// write-only secrets and about fields that the service always fills: those that do
// not accept null and have no stated default, and those that the service numbers or
// invents.
func (f *Field) Unset(revision string) (any, bool) {
	switch {
	case !f.KnownTo(revision), f.Local, f.Server, f.WriteOnly, f.State, f.Verb, f.Kind != "", f.Rows != "":
		return nil, false
	case f.Identity, f.Unique, f.Sequence, f.Needed:
		return nil, false
	case f.HasDef:
		return f.Default, true
	case f.Filled:
		return nil, false
	case f.Nullable:
		return nil, true
	case f.Keyed:
		return map[string]any{}, true
	case f.Type == List:
		return []any{}, true
	}
	return nil, false
}

// Omissible says whether a member of something that the API replaces as a whole has no
// value if a complete declaration leaves it out: the write leaves it out as well. That
// needs no null, so it holds for fields that do not accept null too. It does not hold
// for what the service fills, as far as that is known.
func (f *Field) Omissible(revision string) bool {
	switch {
	case !f.KnownTo(revision), f.Local, f.Server, f.IsSecret(), f.State, f.Verb, f.Kind != "", f.Rows != "", f.must:
		return false
	case f.Identity, f.Unique, f.Sequence, f.Needed, f.HasDef, f.Filled:
		return false
	}
	return f.Type == String || f.Type == Bool || f.Type == Number || f.Type == Any
}
