package cli

import (
	"cmp"
	"fmt"
	"net"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/mihusync/mihusync/schema/load"
)

// The files of a workspace name its host and the source of its token. Anybody who
// can open a pull request can change the files. The person who runs the command
// therefore limits them. Flags and environment variables set the hosts that get the
// token, the variables and directories that it may come from, and the tenant.

// vendorHosts are the ends of the service's host names [doc].
var vendorHosts = [...]string{".mihu.ai", ".mindhunters.ai"}

// defaultTokens is the pattern for names of the token's variable. It applies if the
// environment sets no other.
const defaultTokens = "MIHU_*"

// endpoint returns the base URL and the tenant of the workspace. A base URL from
// the command line or the environment replaces that of the files. The environment
// can name the tenant. This tenant applies if nothing else names one. If another
// source names a different tenant, the result is an error.
func (a *app) endpoint(target load.Target) (baseURL, subdomain string, err error) {
	subdomain = target.Subdomain
	by := "target: base_url in the files"
	switch {
	case a.BaseURL != "":
		baseURL, by = a.BaseURL, "--base-url"
	case a.env[envBaseURL] != "":
		baseURL, by = a.env[envBaseURL], envBaseURL
	case target.BaseURL != "":
		baseURL = target.BaseURL
		if err := a.checkHost(baseURL); err != nil {
			return "", "", err
		}
		if t := tenantOf(baseURL); t != "" && subdomain != "" && !strings.EqualFold(t, subdomain) {
			return "", "", &hintError{
				message: fmt.Sprintf("the files name two workspaces: target: subdomain is %s, target: base_url belongs to %s", subdomain, t),
				hint:    "Keep the one that is meant.",
			}
		}
	}
	if pin := strings.TrimSpace(a.env[envTenant]); pin != "" {
		if subdomain != "" && !strings.EqualFold(subdomain, pin) {
			return "", "", disagreement(pin, subdomain, "target: subdomain in the files")
		}
		if t := tenantOf(baseURL); t != "" && !strings.EqualFold(t, pin) {
			return "", "", disagreement(pin, t, by)
		}
		if subdomain == "" {
			subdomain = pin
		}
	}
	if baseURL != target.BaseURL {
		a.tellOverruled(target, baseURL, by)
	}
	return baseURL, subdomain, nil
}

// workspaceName returns the name that files with pins have for a workspace: its tenant,
// or the address of its API if nothing tells the tenant. The subdomain of the files does
// not tell it if the address is another one than theirs.
func (a *app) workspaceName(target load.Target, baseURL, subdomain string) string {
	if baseURL != "" && baseURL != target.BaseURL && strings.TrimSpace(a.env[envTenant]) == "" {
		subdomain = ""
	}
	return cmp.Or(subdomain, tenantOf(baseURL), strings.TrimRight(baseURL, "/"))
}

func disagreement(pin, other, by string) error {
	return &hintError{
		message: fmt.Sprintf("two workspaces are named: %s is %s, %s is %s", envTenant, pin, by, other),
		hint:    "Correct the one that is not meant, or unset " + envTenant + ".",
	}
}

// tellOverruled prints a note if the command uses another workspace than the files
// name.
func (a *app) tellOverruled(target load.Target, baseURL, by string) {
	said := target.BaseURL
	if said == "" {
		said = target.Subdomain
	}
	if said == "" || strings.EqualFold(said, tenantOf(baseURL)) || strings.TrimRight(said, "/") == strings.TrimRight(baseURL, "/") {
		return
	}
	note := fmt.Sprintf("the files name %s; %s is used instead, as %s says.", said, baseURL, by)
	if a.overruled[note] {
		return // one command looks up its workspace more than once
	}
	if a.overruled == nil {
		a.overruled = map[string]bool{}
	}
	a.overruled[note] = true
	a.say("Note: %s", note)
}

// checkHost returns an error if the files send the token to a host that is neither
// the service's, nor this machine, nor allowed.
func (a *app) checkHost(baseURL string) error {
	u, err := url.Parse(baseURL)
	if err != nil {
		return &hintError{message: "target: base_url in the files is no URL", hint: "Write it like https://acme.mihu.ai/api/v1."}
	}
	host := hostOf(u)
	if vendorHost(host) || loopback(host) {
		return nil
	}
	for _, allowed := range slices.Concat(a.AllowHost, commaList(a.env[envAllowHosts])) {
		if strings.EqualFold(allowed, host) || strings.EqualFold(allowed, u.Host) {
			return nil
		}
	}
	return &hintError{
		message: fmt.Sprintf("the files send the API token to %s (target: base_url), which is no host of the service", u.Host),
		hint:    fmt.Sprintf("If that host is meant, allow it with --allow-host %s or %s, or name the server by --base-url or %s.", host, envAllowHosts, envBaseURL),
	}
}

// checkTokenVariable returns an error if the files may not take the token from a
// variable.
func (a *app) checkTokenVariable(name string) error {
	patterns := commaList(a.env[envTokens])
	if len(patterns) == 0 {
		patterns = []string{defaultTokens}
	}
	for _, p := range patterns {
		ok, err := path.Match(p, name)
		if err != nil {
			return &hintError{message: fmt.Sprintf("%s has a pattern that cannot be read: %s", envTokens, p), hint: "Write names of variables, with * for any characters, and commas between them."}
		}
		if ok {
			return nil
		}
	}
	return &hintError{
		message: fmt.Sprintf("the files take the API token from the environment variable %s, which is not among those that they may name: %s", name, strings.Join(patterns, ", ")),
		hint:    fmt.Sprintf("Name a variable that may be named, or, if %s is meant, set %s=%s.", name, envTokens, strings.Join(append(patterns, name), ",")),
	}
}

// tenantOf returns the tenant in the host name of a base URL. It returns "" for
// hosts that are not the service's.
func tenantOf(baseURL string) string {
	u, err := url.Parse(baseURL)
	if err != nil {
		return ""
	}
	for _, end := range vendorHosts {
		if tenant, ok := strings.CutSuffix(hostOf(u), end); ok {
			return tenant
		}
	}
	return ""
}

// hostOf returns a URL's host name in lower case, without a dot at the end.
func hostOf(u *url.URL) string { return strings.ToLower(strings.TrimSuffix(u.Hostname(), ".")) }

func vendorHost(host string) bool {
	return slices.ContainsFunc(vendorHosts[:], func(end string) bool { return len(host) > len(end) && strings.HasSuffix(host, end) })
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func commaList(s string) []string {
	var out []string
	for _, e := range strings.Split(s, ",") {
		if e = strings.TrimSpace(e); e != "" {
			out = append(out, e)
		}
	}
	return out
}
