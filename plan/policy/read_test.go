//go:build unix

package policy_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/mihusync/mihusync/plan/policy"
)

// TestPoliciesOutside: a policy of a checkout is read as the rest of it is.
func TestPoliciesOutside(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "outside.cue")
	if err := os.WriteFile(outside, []byte("canary: out\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, want string
		set        func(file string) error
	}{
		{"link", "policy/bad.cue leads outside the module", func(file string) error { return os.Symlink(outside, file) }},
		{"device", "policy/bad.cue leads outside the module", func(file string) error { return os.Symlink("/dev/zero", file) }},
		{"pipe", "policy/bad.cue is a named pipe", func(file string) error { return syscall.Mkfifo(file, 0o600) }},
		{"link within the module", "", func(file string) error { return os.Symlink("../shared.cue", file) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := policyDir(t, map[string]string{"good.cue": "package policy\n\ndeny: []\n"})
			for name, text := range map[string]string{"cue.mod/module.cue": "module: \"x.example\"\nlanguage: version: \"v0.14.0\"\n", "shared.cue": "package policy\n\nwarn: [\"shared\"]\n"} {
				if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if err := c.set(filepath.Join(dir, "bad.cue")); err != nil {
				t.Fatal(err)
			}
			found, err := policy.Check(t.Context(), dir, document(t, policyPlan()))
			if c.want == "" {
				if err != nil || len(found) != 1 || found[0].Message != "shared" {
					t.Errorf("found %v, error %v", brief(found), err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "canary") {
				t.Errorf("says %v", err)
			}
		})
	}
}

// TestPolicyImportsOutside: a policy must not show what a package elsewhere holds.
func TestPolicyImportsOutside(t *testing.T) {
	outside := t.TempDir()
	policyDir(t, map[string]string{"p.cue": "package policy\n\nimport \"x.example/lib\"\n\ndeny: [lib.Text]\n"})
	for name, text := range map[string]string{"cue.mod/module.cue": "module: \"x.example\"\nlanguage: version: \"v0.14.0\"\n", filepath.Join(outside, "lib.cue"): "package lib\n\nText: \"canary\"\n"} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ name, link, to string }{{"directory", "lib", outside}, {"file", "lib/lib.cue", filepath.Join(outside, "lib.cue")}} {
		t.Run(c.name, func(t *testing.T) {
			if err := os.MkdirAll(filepath.Dir(c.link), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(c.to, c.link); err != nil {
				t.Fatal(err)
			}
			defer os.Remove(c.link)
			found, err := policy.Check(t.Context(), "policy", document(t, policyPlan()))
			if err == nil || !strings.Contains(err.Error(), "leads outside the module") || strings.Contains(err.Error(), "canary") {
				t.Errorf("found %v, error %v", brief(found), err)
			}
		})
	}
}
