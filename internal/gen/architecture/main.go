// Command architecture draws the packages and their imports into
// docs/architecture.md.
//
// It reads the Go files of the module without tests, and the page. It replaces the
// picture between the two marks of the page.
//
//go:generate go run . ../../.. ../../../docs/architecture.md
package main

import (
	"fmt"
	"os"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: architecture ROOT PAGE")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(root, page string) error {
	text, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	imports, err := Imports(root)
	if err != nil {
		return err
	}
	drawn, err := Draw(string(text), imports)
	if err != nil {
		return err
	}
	return os.WriteFile(page, []byte(drawn), 0o644)
}
