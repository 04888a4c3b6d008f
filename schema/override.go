package schema

import (
	"strconv"
	"strings"
)

// Carried finds an override's settings inside its agent as the API shows it (O2), nil
// where they are not there.
func (k *Kind) Carried(agent map[string]any) map[string]any {
	return object(at(agent, k.In))
}

// Rows returns the members of the field that the API keeps in rows. It returns
// nil if they are not declared or not read.
func (o *Object) Rows() map[string]any {
	f := o.Kind.Fields.RowsField()
	if f == nil {
		return nil
	}
	rows, _ := o.Fields[f.Name].(map[string]any)
	return rows
}

// CustomField is the key of the workspace's own contact field that a field id names.
func CustomField(id string) (key string, ok bool) {
	key, ok = strings.CutPrefix(id, customFieldPrefix)
	return key, ok && key != ""
}

// FieldIDs says which field ids a key of a contact field could mean.
func FieldIDs(key string) string {
	key = strings.TrimPrefix(strings.TrimPrefix(key, customFieldPrefix), builtinFieldPrefix)
	if key == "" {
		key = "KEY"
	}
	return "write " + strconv.Quote(customFieldPrefix+key) + " for a field of the workspace, " + strconv.Quote(builtinFieldPrefix+key) + " for a built-in one"
}

// InUse says whether a contact field is in use; memory covers no others (M6). A
// field that does not say so is in use.
func InUse(field *Object) bool { return field.Fields["is_active"] != false }
