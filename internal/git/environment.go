package git

import (
	"slices"
	"strings"
)

// environment returns env without what binds git to another repository or index,
// as in a hook that runs mihusync. The variables about author and commit stay.
// Git answers in English and asks nothing.
func environment(env []string) []string {
	tied := map[string]bool{
		"GIT_DIR": true, "GIT_WORK_TREE": true, "GIT_INDEX_FILE": true, "GIT_PREFIX": true, "GIT_COMMON_DIR": true,
		"GIT_NAMESPACE": true, "GIT_OBJECT_DIRECTORY": true, "GIT_ALTERNATE_OBJECT_DIRECTORIES": true, "GIT_SHALLOW_FILE": true,
		"GIT_CONFIG": true, "GIT_LITERAL_PATHSPECS": true, "GIT_GLOB_PATHSPECS": true, "GIT_NOGLOB_PATHSPECS": true, "GIT_ICASE_PATHSPECS": true,
	}
	out := slices.DeleteFunc(slices.Clone(env), func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		return tied[name]
	})
	return append(out, "LC_ALL=C", "GIT_TERMINAL_PROMPT=0")
}
