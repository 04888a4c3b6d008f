package schema

import (
	"fmt"
	"strings"

	"github.com/mihusync/mihusync/schema/tree"
)

// A new source of secrets is an alternative of #Secret in common.cue, an entry in
// [secretSources], and a case of the resolver in internal/cli/secrets.go.

// Sources of secrets, the keys of #Secret.
const (
	SecretEnv  = "env"  // an environment variable
	SecretFile = "file" // a file, relative to the module's root
	SecretExec = "exec" // a program and its arguments
)

// secretSources says of every source whether its argument is a text. Another one is
// kept as JSON.
var secretSources = map[string]bool{SecretEnv: true, SecretFile: true, SecretExec: false}

// SecretForms shows how a secret is written in the files, for hints.
const SecretForms = `{env: "NAME"}, {file: "PATH"} or {exec: ["PROGRAM", "ARGUMENT"]}`

// Secret is a secret in the normal form. A declaration names where its value
// comes from, a live object only says that there is one. The value itself is
// never printed, marshalled or compared in the open.
type Secret struct {
	// Source is the sort of place that the value comes from, a key of #Secret.
	// Empty in a live object.
	Source string
	// Arg is what stands at that key: the variable's name, the file's path. What is
	// no text is kept as its JSON, so that secrets can be compared.
	Arg string
	// Live says that the secret was read from the service.
	Live bool
	// Known says that the service returned the value in the clear, so that it can
	// be compared with the declared one.
	Known bool
	value string
}

// EnvSecret is a secret that an environment variable holds.
func EnvSecret(name string) Secret { return Secret{Source: SecretEnv, Arg: name} }

// FileSecret is a secret that a file holds, relative to the module's root.
func FileSecret(path string) Secret { return Secret{Source: SecretFile, Arg: path} }

// LiveSecret is a secret read from the service. A masked or withheld value is
// kept as unknown.
func LiveSecret(value string) Secret {
	masked := value == "" || strings.Contains(value, "***") || strings.Contains(value, "•")
	return Secret{Live: true, Known: !masked, value: value}
}

// SecretFrom reads what the files say where a secret stands, which the schema has
// checked. Anything else gives a secret without a source.
func SecretFrom(v any) Secret {
	m, _ := v.(map[string]any)
	for source, text := range secretSources {
		if arg, there := m[source]; there && text {
			s, _ := arg.(string)
			return Secret{Source: source, Arg: s}
		} else if there {
			return Secret{Source: source, Arg: ValueText(arg)}
		}
	}
	return Secret{}
}

// Declared is what the files say: a key of #Secret and what stands at it.
func (s Secret) Declared() (source string, arg any) {
	if !secretSources[s.Source] {
		if v, err := tree.Decode([]byte(s.Arg)); err == nil {
			return s.Source, v
		}
	}
	return s.Source, s.Arg
}

// Equals compares a live secret with a resolved value without revealing either.
func (s Secret) Equals(value string) bool { return s.Known && s.value == value }

func (s Secret) String() string {
	if s.Source == "" {
		return "(secret)"
	}
	return "(secret from " + s.Source + " " + s.Arg + ")"
}

// GoString keeps the value out of %#v.
func (s Secret) GoString() string { return s.String() }

// Format keeps the value out of every verb.
func (s Secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, s.String()) }

// secretSet is the form of a secret that is only known to be there.
const secretSet = "set"

// form is the text that stands for a secret in JSON: "env:NAME", "set" for a live
// one, never the value.
func (s Secret) form() string {
	if s.Source == "" && s.Live {
		return secretSet
	}
	if s.Source == "" {
		return ""
	}
	return s.Source + ":" + s.Arg
}

func secretOfForm(text string) (Secret, error) {
	switch text {
	case "":
		return Secret{}, nil
	case secretSet:
		return Secret{Live: true}, nil
	}
	source, arg, ok := strings.Cut(text, ":")
	if _, known := secretSources[source]; !ok || !known {
		return Secret{}, fmt.Errorf("a secret comes from %s, not from %.40q", OrList(tree.Keys(secretSources)), source)
	}
	return Secret{Source: source, Arg: arg}, nil
}
