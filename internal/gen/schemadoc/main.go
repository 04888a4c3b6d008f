// Schemadoc writes the reference of the schema, docs/schema.md, from the CUE
// definitions. The reference has their names, types and comments, and the meaning
// of their @mihu attributes.
package main

//go:generate go run . ../../../docs/schema.md

import (
	"fmt"
	"os"

	"github.com/mihusync/mihusync/schema"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("usage: schemadoc FILE")
	}
	defs, err := read(schema.Sources())
	if err != nil {
		return err
	}
	return os.WriteFile(args[0], page(defs), 0o644)
}
