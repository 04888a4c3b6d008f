package cli

import (
	"slices"
	"strings"
)

// environment holds the variables that Main got.
type environment map[string]string

func newEnvironment(list []string) environment {
	e := environment{}
	for _, kv := range list {
		if k, v, ok := strings.Cut(kv, "="); ok {
			e[k] = v
		}
	}
	return e
}

// list returns the variables in the form of [os.Environ].
func (e environment) list() []string {
	list := make([]string, 0, len(e))
	for k, v := range e {
		list = append(list, k+"="+v)
	}
	slices.Sort(list)
	return list
}

// The variables that the tool reads. The first two have the vendor's names.
const (
	envToken   = "MIHU_API_TOKEN"
	envTenant  = "MIHU_TENANT"
	envBaseURL = "MIHU_BASE_URL"
	envNoColor = "NO_COLOR"

	envAllowHosts = "MIHUSYNC_ALLOW_HOSTS" // hosts that files may name besides the service's
	envTokens     = "MIHUSYNC_TOKENS"      // patterns of variables that files may take the token from
	envLease      = "MIHUSYNC_LEASE"       // how long a heartbeat of a lock holds; tests shorten it
	envSecretDirs = "MIHUSYNC_SECRET_DIRS" // directories outside the module that hold secrets
)
