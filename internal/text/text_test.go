package text

import (
	"errors"
	"testing"
)

func TestReadIsUTF8WithPlainLineEnds(t *testing.T) {
	for _, c := range []struct{ data, want string }{
		{"", ""},
		{"a\nb\n", "a\nb\n"},
		{"a\r\nb\r\n", "a\nb\n"},
		{"\ufeffa\r\n", "a\n"},
		{"\ufeff", ""},
		{"a\rb\n", "a\rb\n"}, // a line end of neither git nor editors
		{"a\ufeffb", "a\ufeffb"},
		{"日本\r\n", "日本\n"},
		{"a\ufffdb", "a\ufffdb"}, // somebody wrote that character
	} {
		if got, err := Read([]byte(c.data)); err != nil || string(got) != c.want {
			t.Errorf("Read(%q) = %q, %v; want %q", c.data, got, err, c.want)
		}
	}
}

func TestReadRefusesOtherBytesWithTheirPosition(t *testing.T) {
	for _, c := range []struct {
		data      string
		line, col int
		utf16     bool
	}{
		{data: "x\xe9", line: 1, col: 2},
		{data: "one\ntwo \xe9", line: 2, col: 5},
		{data: "one\r\ntwo \xe9\r\n", line: 2, col: 5},
		{data: "日\n日\xff", line: 2, col: 4},
		{data: "\xed\xa0\x80", line: 1, col: 1}, // half of a surrogate pair
		{data: "cut \xe6\x97", line: 1, col: 5},
		{data: "\xff\xfea\x00", line: 1, col: 1, utf16: true},
		{data: "\xfe\xff\x00a", line: 1, col: 1, utf16: true},
	} {
		_, err := Read([]byte(c.data))
		var e *Error
		if !errors.As(err, &e) || e.Line != c.line || e.Col != c.col || e.UTF16 != c.utf16 {
			t.Errorf("Read(%q) = %+v; want line %d, column %d, UTF-16 %v", c.data, err, c.line, c.col, c.utf16)
		}
	}
}

func TestLikeKeepsTheFormOfAFile(t *testing.T) {
	for _, c := range []struct{ before, data, want string }{
		{"", "a\nb\n", "a\nb\n"},
		{"x\n", "a\nb\n", "a\nb\n"},
		{"x\r\n", "a\nb\n", "a\r\nb\r\n"},
		{"x\r\ny\n", "a\nb\n", "a\nb\n"},
		{"\ufeffx\r\n", "a\n", "\ufeffa\r\n"},
	} {
		if got := string(Like([]byte(c.before), []byte(c.data))); got != c.want {
			t.Errorf("Like(%q, %q) = %q, want %q", c.before, c.data, got, c.want)
		}
	}
}
