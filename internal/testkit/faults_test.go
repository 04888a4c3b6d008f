package testkit

import (
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

func TestFaults(t *testing.T) {
	for _, fault := range EveryFault() {
		t.Run(string(fault), func(t *testing.T) {
			acted := 0
			server := Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				acted++
				_, _ = io.WriteString(w, `{"data": "whole"}`)
			}))
			tr := New(server, At(1, fault))
			for n := range 3 {
				req, err := http.NewRequest("POST", "https://x.example/y", strings.NewReader("{}"))
				if err != nil {
					t.Fatal(err)
				}
				body, status, err := send(tr, req)
				if whole := err == nil && status == 200 && body == `{"data": "whole"}`; whole == (n == 1) {
					t.Errorf("request %d: %d %q %v", n, status, body, err)
				}
				var dial *net.OpError
				if refused := errors.As(err, &dial) && dial.Op == "dial"; refused != (n == 1 && fault == Refuse) {
					t.Errorf("request %d: %v", n, err)
				}
			}
			want := 2
			if fault.Acts() {
				want = 3
			}
			if acted != want || tr.Writes() != 3 || tr.Reads() != 0 || tr.Hit() != 1 || tr.Calls()["POST /y"] != 3 {
				t.Errorf("acted %d times, want %d; counts %d %d %d %v", acted, want, tr.Writes(), tr.Reads(), tr.Hit(), tr.Calls())
			}
		})
	}
}

func send(tr http.RoundTripper, req *http.Request) (body string, status int, err error) {
	res, err := tr.RoundTrip(req)
	if err != nil {
		return "", 0, err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return string(b), res.StatusCode, err
}

func TestPlans(t *testing.T) {
	requests := []string{"GET /a", "POST /a", "GET /b", "POST /b", "DELETE /a"}
	onA := func(_, path string) bool { return path == "/a" }
	for _, tc := range []struct {
		name string
		plan Plan
		want string
	}{
		{"none", nil, "....."},
		{"at", At(2, ServerError), "..x.."},
		{"at write", AtWrite(1, ServerError), "...x."},
		{"first", First(2, ServerError), "xx..."},
		{"at call", AtCall(2, ServerError, onA), "....x"},
	} {
		tr, got := New(Handler(http.NotFoundHandler()), tc.plan), ""
		for _, r := range requests {
			method, path, _ := strings.Cut(r, " ")
			req, err := http.NewRequest(method, "https://x.example"+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, status, _ := send(tr, req); status == 500 {
				got += "x"
			} else {
				got += "."
			}
		}
		if got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
}

func TestHandlerThatPanics(t *testing.T) {
	req, err := http.NewRequest("GET", "https://x.example/", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := send(Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("oh") })), req); err == nil {
		t.Error("no error")
	}
}
