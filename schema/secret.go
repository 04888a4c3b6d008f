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

// secretSources says of every source whether its argument is a text. Any other
// argument is kept as JSON.
var secretSources = map[string]bool{SecretEnv: true, SecretFile: true, SecretExec: false}

// SecretForms shows how the files write a secret, for hints.
const SecretForms = `{env: "NAME"}, {file: "PATH"} or {exec: ["PROGRAM", "ARGUMENT"]}`

// Secret is a secret in normal form. A declaration says where its value comes
// from; a live object says only that there is one. The value is never printed,
// written to JSON or compared in the open.
type Secret struct {
	// Source says where the value comes from. It is a key of #Secret, and empty
	// in a live object.
	Source string
	// Arg is the value at that key: the variable's name or the file's path. A
	// value that is no text is kept as its JSON, so that secrets can be
	// compared.
	Arg string
	// Live says that the secret was read from the service.
	Live bool
	// Known says that the service returned the value in the clear. It can then
	// be compared with the declared one.
	Known bool
	// Outdated says of a live secret that it is to be sent again, because its value
	// may differ from that of the declaration.
	Outdated bool
	value    string
}

// EnvSecret returns a secret whose value an environment variable holds.
func EnvSecret(name string) Secret { return Secret{Source: SecretEnv, Arg: name} }

// FileSecret returns a secret whose value a file holds. path is relative to the
// module's root.
func FileSecret(path string) Secret { return Secret{Source: SecretFile, Arg: path} }

// LiveSecret returns a secret that was read from the service. A masked or empty
// value counts as unknown.
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

// Declared returns what the files say: a key of #Secret and the value there,
// such as "env" and "MIHU_API_TOKEN", or "exec" and []any{"op", "read"}.
func (s Secret) Declared() (source string, arg any) {
	if !secretSources[s.Source] {
		if v, err := tree.Decode([]byte(s.Arg)); err == nil {
			return s.Source, v
		}
	}
	return s.Source, s.Arg
}

// Equals compares a live secret with a resolved value and reveals neither.
func (s Secret) Equals(value string) bool { return s.Known && s.value == value }

// String returns the form of the declaration. It never has the value.
func (s Secret) String() string {
	if s.Source == "" {
		return "(secret)"
	}
	return "(secret from " + s.Source + " " + s.Arg + ")"
}

// GoString keeps the value out of %#v.
func (s Secret) GoString() string { return s.String() }

// Format keeps the value out of every formatting verb.
func (s Secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, s.String()) }

// secretSet is the form of a live secret.
const secretSet = "set"

// form returns the text of a secret in JSON: "env:NAME", or "set" for a live
// one. It never has the value.
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
