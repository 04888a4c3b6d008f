package main

import (
	"bytes"
	"os"
	"testing"

	"github.com/mihusync/mihusync/schema"
)

func TestPageIsCurrent(t *testing.T) {
	defs, err := read(schema.Sources())
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../../docs/schema.md")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, page(defs)) {
		t.Error("docs/schema.md is not current: run go generate ./internal/gen/schemadoc")
	}
}

// A reader must find an explanation of everything that can be written.
func TestEverythingIsDocumented(t *testing.T) {
	defs, err := read(schema.Sources())
	if err != nil {
		t.Fatal(err)
	}
	fields := 0
	for _, d := range defs {
		if d.doc == "" {
			t.Errorf("%s has no comment", d.name)
		}
		for _, f := range d.fields {
			fields++
			if f.doc == "" {
				t.Errorf("%s: %s has no comment", d.name, f.name)
			}
		}
	}
	if fields < 200 {
		t.Errorf("only %d fields were found", fields)
	}
}
