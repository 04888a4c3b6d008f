package record

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strings"
)

// serviceDomain is the domain whose subdomains are workspaces [doc].
const serviceDomain = ".mihu.ai"

// longestName is the most characters of a tenant that stand in its name.
const longestName = 60

// reserved are names that other refs have. The lock's refs lie below "lock".
var reserved = map[string]bool{"lock": true}

// Name returns a name for a workspace that can be the last part of a ref. target is its
// subdomain or the base URL of its API. Two spellings of one address have one name, and
// two workspaces have two: a name that is not the subdomain itself has "_" and a digest.
func Name(target string) string {
	plain := canonical(target)
	word := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return '-'
	}, plain)
	if word == plain && word != "" && len(word) <= longestName && !reserved[word] && word[0] != '-' {
		return word
	}
	if len(word) > longestName {
		word = word[:longestName]
	}
	sum := sha256.Sum256([]byte(plain))
	return strings.Trim(word, "-") + "_" + hex.EncodeToString(sum[:6])
}

// canonical returns the one spelling of a target.
func canonical(target string) string {
	u, err := url.Parse(target)
	if err != nil || u.Host == "" {
		return strings.ToLower(target)
	}
	host, port := strings.ToLower(u.Hostname()), u.Port()
	if port == "" || u.Scheme == "https" && port == "443" || u.Scheme == "http" && port == "80" {
		port = ""
	} else {
		port = ":" + port
	}
	if tenant, ours := strings.CutSuffix(host, serviceDomain); ours && port == "" && tenant != "" && !strings.Contains(tenant, ".") {
		return tenant
	}
	return strings.ToLower(u.Scheme) + "://" + host + port + strings.TrimRight(u.EscapedPath(), "/")
}
