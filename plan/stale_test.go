package plan

import (
	"strings"
	"testing"
)

// TestStaleTextsShowWhatDiffers has two prompts that begin alike.
func TestStaleTextsShowWhatDiffers(t *testing.T) {
	begin := strings.Repeat("Ä word or two. ", 20)
	before, now := apart(begin+"Old end", begin+"New end")
	if b, n := before.(string), now.(string); !strings.HasSuffix(b, "Old end") || !strings.HasSuffix(n, "New end") || len(b) > 60 || !strings.HasPrefix(b, "...") {
		t.Errorf("%q and %q", before, now)
	}
	if before, now := apart("Friendly", "Formal"); before != "Friendly" || now != "Formal" {
		t.Errorf("short texts became %q and %q", before, now)
	}
	if before, now := apart(nil, "Formal"); before != nil || now != "Formal" {
		t.Errorf("a value that is not there became %q and %q", before, now)
	}
}
