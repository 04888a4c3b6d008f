package cli

import (
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
)

// Every numeric flag of every command takes its value with a space as well as with
// "=", hyphen or not, and has a least value.
func TestEveryNumberIsReadAlike(t *testing.T) {
	model, err := Model()
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	check := func(command []string, f *kong.Flag) {
		kind := f.Target.Type()
		if kind.Kind() == reflect.Pointer {
			kind = kind.Elem()
		}
		if !kind.ConvertibleTo(reflect.TypeFor[float64]()) {
			return
		}
		seen++
		least := f.Tag.Get("min")
		if least == "" {
			t.Errorf("--%s has no least value", f.Name)
			return
		}
		low := "-7777"
		if kind == reflect.TypeFor[time.Duration]() {
			low += "h"
		}
		for value, want := range map[string]string{least: "", low: "or more", "-some": "is not"} {
			for _, args := range [][]string{{"--" + f.Name, value}, {"--" + f.Name + "=" + value}} {
				parser, err := newParser(&root{}, io.Discard, io.Discard)
				if err != nil {
					t.Fatal(err)
				}
				_, err = parser.Parse(append(append([]string(nil), command...), args...))
				if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
					t.Errorf("%v %v: %v, want an error with %q", command, args, err, want)
				}
			}
		}
	}
	for _, n := range model.Children {
		command := []string{n.Name}
		if n.Name == "rollback" {
			command = append(command, "last")
		}
		if n.Name == "promote" {
			command = append(command, "--from", "a", "--to", "b")
		}
		for _, f := range n.Flags {
			check(command, f)
		}
	}
	for _, f := range model.Flags {
		check([]string{"plan"}, f)
	}
	if seen < 5 {
		t.Errorf("only %d numeric flags were found", seen)
	}
}
