package cli

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/mihusync/mihusync/mihu/sandbox"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema/load"
)

// trusted is a workspace on a server that is this machine's, with the token it got
// last.
type trusted struct {
	t   *testing.T
	dir string
	url string

	mu    sync.Mutex
	token string
	sent  strings.Builder // all bodies
}

func newTrusted(t *testing.T, text string) *trusted {
	t.Helper()
	box, err := sandbox.New(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := &trusted{t: t, dir: workspaceDir(t)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		s.mu.Lock()
		s.token = r.Header.Get("Authorization")
		s.sent.Write(body)
		s.mu.Unlock()
		box.ServeHTTP(w, r)
	}))
	t.Cleanup(func() { server.Close(); box.Close() })
	s.url = server.URL + "/api/v1"
	s.write("target.cue", text)
	return s
}

func (s *trusted) write(name, text string) {
	s.t.Helper()
	if name == "target.cue" {
		text = "package acme\n\n" + text
	}
	to := filepath.Join(s.dir, name)
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(to, []byte(strings.ReplaceAll(text, "SERVER", s.url)), 0o644); err != nil {
		s.t.Fatal(err)
	}
}

// TestHostOfTheFiles: every verb that connects refuses a host that files chose.
func TestHostOfTheFiles(t *testing.T) {
	s := newTrusted(t, `workspace: target: base_url: "SERVER"`)
	env := []string{envToken + "=canary-token"}
	good := filepath.Join(t.TempDir(), "good")
	if err := os.CopyFS(good, os.DirFS(s.dir)); err != nil {
		t.Fatal(err)
	}
	saved := filepath.Join(t.TempDir(), "saved.plan")
	if code, _, stderr := run(env, "plan", "--out", saved, s.dir); code != exitOK {
		t.Fatal(stderr)
	}
	redirectPlan(t, saved, "https://elsewhere.example/api/v1")
	s.write("target.cue", `workspace: target: base_url: "https://elsewhere.example/api/v1"`)
	for _, args := range [][]string{
		{"plan", s.dir},
		{"plan", "--explain", "agents/support", s.dir},
		{"apply", "--yes", s.dir},
		{"apply", "--yes", saved},
		{"export", "--to", t.TempDir(), s.dir},
		{"drift", s.dir},
		{"diff", "live:" + s.dir, good},
		{"diff", good, "live:" + s.dir},
		{"promote", "--yes", "--from", "live:" + s.dir, "--to", "live:" + good},
		{"promote", "--yes", "--from", "live:" + good, "--to", "live:" + s.dir},
		{"adopt", "--dir", s.dir, "agents/**"},
	} {
		code, stdout, stderr := run(env, args...)
		if code != exitFailed || !strings.Contains(stderr, "the files send the API token to elsewhere.example") || !strings.Contains(stderr, "--allow-host elsewhere.example") {
			t.Errorf("%v ended with %d\n%s", args, code, stderr)
		}
		if strings.Contains(stdout+stderr, "canary") {
			t.Errorf("%v shows the token:\n%s%s", args, stdout, stderr)
		}
	}
}

// redirectPlan makes a saved plan name another server.
func redirectPlan(t *testing.T, file, url string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	f, err := plan.DecodeFile(data)
	if err != nil {
		t.Fatal(err)
	}
	f.Target.BaseURL, f.Workspace = url, url
	if data, err = f.Encode(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestWhereTheTokenGoes has what files and whoever runs the command say about the
// place together.
func TestWhereTheTokenGoes(t *testing.T) {
	for _, c := range []struct {
		name      string
		target    load.Target
		env       []string
		flag      string
		allow     []string
		url, want string // where it goes, or what the error says
		note      string
	}{
		{name: "subdomain", target: load.Target{Subdomain: "acme"}},
		{name: "host of the service", target: load.Target{BaseURL: "https://acme.mihu.ai/api/v1"}, url: "https://acme.mihu.ai/api/v1"},
		{name: "older host", target: load.Target{BaseURL: "https://acme.MindHunters.ai/api/v1"}, url: "https://acme.MindHunters.ai/api/v1"},
		{name: "this machine", target: load.Target{BaseURL: "http://[::1]:8080/api/v1"}, url: "http://[::1]:8080/api/v1"},
		{name: "looks like the service", target: load.Target{BaseURL: "https://acme.mihu.ai.evil.example/"}, want: "acme.mihu.ai.evil.example"},
		{name: "ends like the service", target: load.Target{BaseURL: "https://evilmihu.ai/"}, want: "evilmihu.ai"},
		{name: "service before the user", target: load.Target{BaseURL: "https://acme.mihu.ai@evil.example/"}, want: "evil.example"},
		{name: "service in the fragment", target: load.Target{BaseURL: "https://evil.example/#.mihu.ai"}, want: "evil.example"},
		{name: "looks like this machine", target: load.Target{BaseURL: "https://127.0.0.1.evil.example/"}, want: "127.0.0.1.evil.example"},
		{name: "service without a tenant", target: load.Target{BaseURL: "https://.mihu.ai/"}, want: ".mihu.ai"},
		{name: "another host", target: load.Target{BaseURL: "https://mihu.acme.example/api"}, want: "mihu.acme.example"},
		{name: "allowed host", target: load.Target{BaseURL: "https://mihu.acme.example/api"}, allow: []string{"a.example", "MIHU.acme.example"}, url: "https://mihu.acme.example/api"},
		{name: "host allowed by the environment", target: load.Target{BaseURL: "https://mihu.acme.example/api"}, env: []string{"MIHUSYNC_ALLOW_HOSTS=a.example, mihu.acme.example"}, url: "https://mihu.acme.example/api"},
		{name: "below an allowed host", target: load.Target{BaseURL: "https://evil.mihu.acme.example/api"}, allow: []string{"mihu.acme.example"}, want: "evil.mihu.acme.example"},
		{name: "flag", target: load.Target{BaseURL: "https://evil.example/api"}, flag: "https://mihu.acme.example/api", url: "https://mihu.acme.example/api", note: "Note: the files name https://evil.example/api; https://mihu.acme.example/api is used instead, as --base-url says."},
		{name: "variable", target: load.Target{Subdomain: "acme"}, env: []string{"MIHU_BASE_URL=https://other.mihu.ai/api/v1"}, url: "https://other.mihu.ai/api/v1", note: "the files name acme; https://other.mihu.ai/api/v1 is used instead, as MIHU_BASE_URL says."},
		{name: "variable that agrees", target: load.Target{Subdomain: "acme"}, env: []string{"MIHU_BASE_URL=https://acme.mihu.ai/api/v1"}, url: "https://acme.mihu.ai/api/v1"},
		{name: "tenant that agrees", target: load.Target{Subdomain: "acme"}, env: []string{"MIHU_TENANT=acme"}},
		{name: "tenant in place of the files'", env: []string{"MIHU_TENANT=acme"}},
		{name: "another tenant", target: load.Target{Subdomain: "evil"}, env: []string{"MIHU_TENANT=acme"}, want: "MIHU_TENANT is acme, target: subdomain in the files is evil"},
		{name: "another tenant in the address", target: load.Target{Subdomain: "acme", BaseURL: "https://evil.mihu.ai/api/v1"}, env: []string{"MIHU_TENANT=acme"}, want: "subdomain is acme, target: base_url belongs to evil"},
		{name: "another tenant in the address alone", target: load.Target{BaseURL: "https://evil.mihu.ai/api/v1"}, env: []string{"MIHU_TENANT=acme"}, want: "MIHU_TENANT is acme, target: base_url in the files is evil"},
		{name: "another tenant in the flag", flag: "https://other.mihu.ai/api/v1", env: []string{"MIHU_TENANT=acme"}, want: "MIHU_TENANT is acme, --base-url is other"},
		{name: "another tenant beside the flag", target: load.Target{Subdomain: "evil"}, flag: "http://127.0.0.1/api/v1", env: []string{"MIHU_TENANT=acme"}, want: "MIHU_TENANT is acme, target: subdomain in the files is evil"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out, errs strings.Builder
			a := &app{env: newEnvironment(append([]string{envToken + "=x"}, c.env...))}
			a.open(&globals{BaseURL: c.flag, AllowHost: c.allow}, &out, &errs)
			conn, err := a.connect(t.Context(), t.TempDir(), c.target)
			if err == nil {
				defer conn.Close()
			}
			switch {
			case c.want != "" && err == nil:
				t.Errorf("the token may go to %s", conn.name)
			case c.want != "" && !strings.Contains(err.Error(), c.want):
				t.Errorf("says: %v", err)
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want == "" && conn.target.BaseURL != c.url:
				t.Errorf("it goes to %q", conn.target.BaseURL)
			case c.want == "" && c.url == "" && conn.name != "acme":
				t.Errorf("it goes to %q", conn.name)
			}
			if c.note == "" && errs.Len() > 0 || !strings.Contains(errs.String(), c.note) {
				t.Errorf("notes: %s", errs.String())
			}
		})
	}
}

// TestNameForPins names the workspace by its tenant if something tells it, and else by its
// address. Files that name another workspace than the one in use do not tell it.
func TestNameForPins(t *testing.T) {
	for _, c := range []struct {
		target load.Target
		env    []string
		flag   string
		want   string
	}{
		{target: load.Target{Subdomain: "acme"}, want: "acme"},
		{env: []string{"MIHU_TENANT=acme"}, want: "acme"},
		{target: load.Target{BaseURL: "https://acme.mihu.ai/api/v1"}, want: "acme"},
		{target: load.Target{Subdomain: "acme", BaseURL: "http://127.0.0.1/api/v1"}, want: "acme"},
		{flag: "http://127.0.0.1/api/v1/", want: "http://127.0.0.1/api/v1"},
		{flag: "http://127.0.0.1/api/v1", env: []string{"MIHU_TENANT=acme"}, want: "acme"},
		{target: load.Target{Subdomain: "acme"}, flag: "http://127.0.0.1/api/v1", want: "http://127.0.0.1/api/v1"},
		{target: load.Target{Subdomain: "acme"}, env: []string{"MIHU_BASE_URL=https://other.mihu.ai/api/v1"}, want: "other"},
	} {
		var out, errs strings.Builder
		a := &app{env: newEnvironment(append([]string{envToken + "=x"}, c.env...))}
		a.open(&globals{BaseURL: c.flag}, &out, &errs)
		conn, err := a.connect(t.Context(), t.TempDir(), c.target)
		if err != nil {
			t.Fatal(err)
		}
		if conn.workspace != c.want {
			t.Errorf("%+v: %q", c, conn.workspace)
		}
		conn.Close()
	}
}

// TestTokenOfTheFiles has files name where the token comes from.
func TestTokenOfTheFiles(t *testing.T) {
	outside := t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "token"), []byte("mounted\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, token string
		env         []string
		set         func(*trusted)
		sent, want  string
	}{
		{name: "variable of the service", token: `env: "MIHU_STAGING"`, env: []string{"MIHU_STAGING=good\r\n"}, sent: "good"},
		{name: "other variable", token: `env: "AWS_SECRET_ACCESS_KEY"`, env: []string{"AWS_SECRET_ACCESS_KEY=canary"}, want: "AWS_SECRET_ACCESS_KEY, which is not among those that they may name: MIHU_*"},
		{name: "variable that may be named", token: `env: "ACME_TOKEN"`, env: []string{"ACME_TOKEN=good", "MIHUSYNC_TOKENS=MIHU_PROD, ACME_*"}, sent: "good"},
		{name: "variable that may not be named any more", token: `env: "MIHU_STAGING"`, env: []string{"MIHU_STAGING=canary", "MIHUSYNC_TOKENS=ACME_*"}, want: "not among those that they may name: ACME_*"},
		{name: "blank variable", token: `env: "MIHU_STAGING"`, env: []string{"MIHU_STAGING= \n"}, want: "MIHU_STAGING is blank"},
		{name: "file of the module", token: `file: "secrets/token"`, set: func(s *trusted) { s.write("secrets/token", "good\r\n") }, sent: "good"},
		{name: "blank file", token: `file: "secrets/token"`, set: func(s *trusted) { s.write("secrets/token", " \n") }, want: "secrets/token is empty"},
		{name: "file outside", token: `file: "` + outside + `/token"`, want: "is outside the module"},
		{name: "file above", token: `file: "../token"`, want: "is outside the module"},
		{name: "environment of the process", token: `file: "/proc/self/environ"`, want: "is outside the module"},
		{name: "device", token: `file: "/dev/zero"`, want: "is outside the module"},
		{name: "link out", token: `file: "secrets"`, set: func(s *trusted) { s.link(filepath.Join(outside, "token"), "secrets") }, want: "leads outside the module"},
		{name: "directory that is listed", token: `file: "` + outside + `/token"`, env: []string{"MIHUSYNC_SECRET_DIRS=/nowhere" + string(os.PathListSeparator) + outside}, sent: "mounted"},
		{name: "link to a directory that is listed", token: `file: "secrets/token"`, set: func(s *trusted) { s.link(outside, "secrets") }, env: []string{"MIHUSYNC_SECRET_DIRS=" + outside}, sent: "mounted"},
		{name: "above a directory that is listed", token: `file: "` + outside + `/../other"`, env: []string{"MIHUSYNC_SECRET_DIRS=" + outside}, want: "is outside the module"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newTrusted(t, `workspace: target: {base_url: "SERVER", token: `+c.token+`}`)
			if c.set != nil {
				c.set(s)
			}
			code, _, stderr := run(append([]string{envToken + "=another"}, c.env...), "plan", "-q", s.dir)
			if c.want != "" {
				if code != exitFailed || !strings.Contains(stderr, c.want) || s.token != "" || strings.Contains(stderr, "canary") {
					t.Errorf("ended with %d, sent %q\n%s", code, s.token, stderr)
				}
				return
			}
			if code != exitOK || s.token != "Bearer "+c.sent {
				t.Errorf("ended with %d, sent %q\n%s", code, s.token, stderr)
			}
		})
	}
}

func (s *trusted) link(to, name string) {
	s.t.Helper()
	if err := os.Symlink(to, filepath.Join(s.dir, name)); err != nil {
		s.t.Fatal(err)
	}
}

// TestSecretsWithoutAValue: the service takes an empty secret for the wish to clear
// it, so that an empty source must stop an apply.
func TestSecretsWithoutAValue(t *testing.T) {
	const hook = `workspace: agents: support: webhooks: crm: {url: "https://crm.example/hook", events: ["conversation_end_report"], secret_key: SECRET}`
	for _, c := range []struct {
		name, secret string
		env          []string
		file         *string
		want         string // of the error; empty where it applies
		sandbox      bool   // in a sandbox it is an error too
	}{
		{name: "file", secret: `file: "secrets/crm"`, file: new("value\r\n")},
		{name: "empty file", secret: `file: "secrets/crm"`, file: new(""), want: "the file secrets/crm is empty", sandbox: true},
		{name: "blank file", secret: `file: "secrets/crm"`, file: new("\t \r\n\n"), want: "the file secrets/crm is empty", sandbox: true},
		{name: "no file", secret: `file: "secrets/crm"`, want: "the file secrets/crm of a secret does not exist"},
		{name: "file outside", secret: `file: "/proc/self/environ"`, want: "/proc/self/environ of a secret is outside the module", sandbox: true},
		{name: "variable", secret: `env: "CRM"`, env: []string{"CRM=value\r\n"}},
		{name: "empty variable", secret: `env: "CRM"`, env: []string{"CRM="}, want: "CRM is empty"},
		{name: "blank variable", secret: `env: "CRM"`, env: []string{"CRM= \t\n"}, want: "CRM is blank", sandbox: true},
		{name: "no variable", secret: `env: "CRM"`, want: "CRM is not set"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newTrusted(t, `workspace: target: base_url: "SERVER"`)
			env := append([]string{envToken + "=x"}, c.env...)
			s.write("hook.cue", "package acme\n\n"+strings.Replace(hook, "SECRET", c.secret, 1))
			if c.file != nil {
				s.write("secrets/crm", *c.file)
			}
			// A plan needs no values.
			if code, _, stderr := run(env, "plan", s.dir); code != exitOK {
				t.Errorf("plan ended with %d\n%s", code, stderr)
			}
			code, _, stderr := run(env, "apply", "--yes", s.dir)
			if (c.want != "") != (code == exitFailed) || !strings.Contains(stderr, c.want) {
				t.Errorf("apply ended with %d\n%s", code, stderr)
			}
			switch sent := s.sent.String(); {
			case c.want != "" && sent != "":
				t.Errorf("something was written: %s", sent)
			case c.want == "" && !strings.Contains(sent, `"secret_key":"value"`):
				t.Errorf("the line end was sent too: %s", sent)
			}
			code, _, stderr = run(env, "apply", "--sandbox", "--yes", s.dir)
			if c.sandbox != (code == exitFailed) {
				t.Errorf("apply to the sandbox ended with %d\n%s", code, stderr)
			}
		})
	}
}

// TestSecretThatBecameEmpty: nothing else differs, so that no write would send it.
func TestSecretThatBecameEmpty(t *testing.T) {
	s := newTrusted(t, `workspace: target: base_url: "SERVER"
workspace: agents: support: intents: book: {name: "Book", webhook: {url: "https://crm.example/book", auth_token: file: "secrets/crm"}}`)
	env := []string{envToken + "=x"}
	s.write("secrets/crm", "value\n")
	if code, _, stderr := run(env, "apply", "--yes", s.dir); code != exitOK {
		t.Fatal(stderr)
	}
	s.write("secrets/crm", "\n")
	if code, stdout, stderr := run(env, "plan", s.dir); code != exitOK || !strings.Contains(stdout, "No changes.") || !strings.Contains(stderr, "Warning: agents/support/intents/book: the file secrets/crm is empty") {
		t.Errorf("plan ended with %d\n%s%s", code, stdout, stderr)
	}
	if code, stdout, stderr := run(env, "apply", "--yes", s.dir); code != exitFailed || !strings.Contains(stderr, "the file secrets/crm is empty") {
		t.Errorf("apply ended with %d\n%s%s", code, stdout, stderr)
	}
}
