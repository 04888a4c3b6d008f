package schema

import (
	"testing"
)

func TestTableCompiles(t *testing.T) {
	if err := loadTable().err; err != nil {
		t.Fatal(err)
	}
	for _, k := range Table() {
		t.Log(k.Parent, k.Name, k.Identity, len(k.Fields.Fields))
	}
}
