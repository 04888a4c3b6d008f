// Package text reads files as text: UTF-8, without a byte order mark, with plain
// line ends.
//
// Editors and git change byte order marks and line ends without being asked, so
// neither means anything. One line end more at the end of a text is no difference. A
// byte that is no UTF-8 has a meaning that nobody knows
// here. Reading it as a replacement character would send that to the service, so it
// is an error.
package text

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

var (
	mark   = []byte("\ufeff")
	crlf   = []byte("\r\n")
	lf     = []byte("\n")
	utf16s = [][]byte{{0xFF, 0xFE}, {0xFE, 0xFF}} // the byte order marks of UTF-16
)

// Error says that a file is not UTF-8. It holds no part of the text before the wrong
// byte.
type Error struct {
	// Line and Col are the position of the first wrong byte. Both count from 1, and
	// columns count bytes, as CUE's positions do.
	Line, Col int
	// Offset is the number of bytes before it.
	Offset int
	// UTF16 says that the text begins with a byte order mark of UTF-16.
	UTF16 bool
}

// Hint says what to do about an [Error].
const Hint = "Save it as UTF-8."

// Error returns a phrase that follows the name of the file.
func (e *Error) Error() string {
	if e.UTF16 {
		return "is UTF-16, not UTF-8"
	}
	return fmt.Sprintf("is not UTF-8 at line %d, column %d", e.Line, e.Col)
}

// Read returns data without a byte order mark, with "\n" for each "\r\n". It returns
// an [*Error] if data is not UTF-8.
func Read(data []byte) ([]byte, error) {
	if err := Check(data); err != nil {
		return nil, err
	}
	return Normal(data), nil
}

// Check returns an [*Error] if data is not UTF-8.
func Check(data []byte) error {
	if utf8.Valid(data) {
		return nil
	}
	at := 0
	for at < len(data) {
		r, size := utf8.DecodeRune(data[at:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		at += size
	}
	e := &Error{Line: bytes.Count(data[:at], lf) + 1, Col: at - bytes.LastIndexByte(data[:at], '\n'), Offset: at}
	for _, m := range utf16s {
		e.UTF16 = e.UTF16 || bytes.HasPrefix(data, m)
	}
	return e
}

// Normal returns data without a byte order mark, with "\n" for each "\r\n".
func Normal(data []byte) []byte {
	return bytes.ReplaceAll(bytes.TrimPrefix(data, mark), crlf, lf)
}

// Kept says whether a file keeps a text: whether it is UTF-8, and [Normal] changes
// nothing.
func Kept(s string) bool {
	return utf8.ValidString(s) && !strings.HasPrefix(s, string(mark)) && !strings.Contains(s, string(crlf))
}

// Trim returns a text without one final line end. Texts that are equal then are no
// difference, because editors and files add one.
func Trim(s string) string {
	short, ok := strings.CutSuffix(s, string(crlf))
	if ok {
		return short
	}
	return strings.TrimSuffix(s, string(lf))
}

// Final returns a text as a file has it, with a final line end.
func Final(s string) string { return Trim(s) + string(lf) }

// Like gives a normal text the byte order mark and the line ends of the file that it
// replaces. Line ends of both kinds become plain ones.
func Like(before, data []byte) []byte {
	if n := bytes.Count(before, lf); n > 0 && n == bytes.Count(before, crlf) {
		data = bytes.ReplaceAll(data, lf, crlf)
	}
	if bytes.HasPrefix(before, mark) {
		data = append(bytes.Clone(mark), data...)
	}
	return data
}
