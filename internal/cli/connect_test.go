package cli

import (
	"net/http/httptest"
	"testing"

	"github.com/mihusync/mihusync/mihu/sandbox"
)

// TestTokenWithLineBreak: secret stores and files end a token with one.
func TestTokenWithLineBreak(t *testing.T) {
	box, err := sandbox.New(sandbox.Options{Token: "good"})
	if err != nil {
		t.Fatal(err)
	}
	defer box.Close()
	server := httptest.NewServer(box)
	defer server.Close()
	code, stdout, stderr := run([]string{envToken + "=good\n"}, "plan", "--base-url", server.URL+"/api/v1", workspaceDir(t))
	if code != exitOK {
		t.Errorf("code %d\n%s\n%s", code, stdout, stderr)
	}
}
