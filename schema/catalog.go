package schema

import (
	"slices"
	"strings"

	"github.com/mihusync/mihusync/schema/tree"
)

// CatalogIndex maps the names of a catalog to ids, and ids to names. Several
// entries can share a name. What people see beside the name then tells them apart.
type CatalogIndex struct {
	ByName map[string][]string
	ByID   map[string]string
	// Items holds the API's objects by id.
	Items map[string]map[string]any

	kind *Kind
}

// NewCatalogIndex returns an index of a catalog without entries.
func NewCatalogIndex(k *Kind) *CatalogIndex {
	return &CatalogIndex{ByName: map[string][]string{}, ByID: map[string]string{}, Items: map[string]map[string]any{}, kind: k}
}

// Add adds an entry. It ignores an item without an id or a name, and returns false.
func (c *CatalogIndex) Add(item map[string]any) bool {
	id, _ := item[c.kind.ID].(string)
	title, _ := item[c.kind.Title].(string)
	if id == "" || title == "" {
		return false
	}
	if c.ByID[id] == "" {
		c.ByName[title] = append(c.ByName[title], id)
		c.ByID[id] = title
		c.Items[id] = item
	}
	return true
}

// qualified returns the name of an entry with the first n details of [Kind.Tells]
// behind it, for example "Nova (en-GB, female)". It leaves out details that the
// service does not show.
func (c *CatalogIndex) qualified(id string, n int) string {
	var details []string
	for _, key := range c.kind.Tells[:n] {
		if s := text(c.Items[id][key]); s != "" {
			details = append(details, s)
		}
	}
	if len(details) == 0 {
		return c.ByID[id]
	}
	return c.ByID[id] + " (" + strings.Join(details, ", ") + ")"
}

// Find returns the ids of the entries that a name means. The name may be a plain or
// a qualified one. within is the id of the entry's owner, see [Kind.Within]. If it is
// empty, or the service does not show the owner, the owner does not matter.
func (c *CatalogIndex) Find(name, within string) []string {
	ids := c.ByName[name]
	if len(ids) == 0 && strings.HasSuffix(name, ")") {
		for _, id := range tree.Keys(c.Items) {
			for n := 1; n <= len(c.kind.Tells); n++ {
				if c.qualified(id, n) == name {
					ids = append(ids, id)
					break
				}
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
		owner := c.Owner(id)
		return within != "" && owner != "" && owner != within
	})
}

// Owner returns the id of the entry that owns an entry, or "".
func (c *CatalogIndex) Owner(id string) string {
	if c.kind == nil || c.kind.OwnerKey == "" {
		return ""
	}
	return text(at(c.Items[id], c.kind.OwnerKey))
}

// Name returns the shortest name that means an entry and no other one, or "". The
// qualified form has at least two details.
func (c *CatalogIndex) Name(id, within string) string {
	forms := []string{c.ByID[id]}
	for n := min(2, len(c.kind.Tells)); n > 0 && n <= len(c.kind.Tells); n++ {
		forms = append(forms, c.qualified(id, n))
	}
	for _, name := range forms {
		if ids := c.Find(name, within); len(ids) == 1 && ids[0] == id {
			return name
		}
	}
	return ""
}

// Write returns the form in which files name an entry: its name, or a pin.
func (c *CatalogIndex) Write(id, within string) string {
	if name := c.Name(id, within); name != "" {
		return name
	}
	return PinPrefix + id
}

// Entries returns the ids of the catalog's entries that a reference means by its
// name. fields are the fields that have the reference: the app beside a connection
// owns it. known is false if the catalog was not read.
func (w *Workspace) Entries(r Ref, fields map[string]any) (ids []string, known bool) {
	c := w.Catalogs[r.Kind]
	if c == nil {
		return nil, false
	}
	return c.Find(r.Name, w.OwnerOf(r.Kind, fields)), true
}

// OwnerOf returns the id of the owner that the fields name for entries of a catalog,
// or "". It is the app for connections.
func (w *Workspace) OwnerOf(kind string, fields map[string]any) string {
	k := CatalogOf(kind)
	if k == nil || k.Within == "" {
		return ""
	}
	for _, name := range tree.Keys(fields) {
		r, ok := fields[name].(Ref)
		if !ok || r.Kind != k.Within {
			continue
		}
		if r.ID != "" {
			return r.ID
		}
		if owners := w.Catalogs[k.Within]; owners != nil {
			if ids := owners.Find(r.Name, ""); len(ids) == 1 {
				return ids[0]
			}
		}
	}
	return ""
}
