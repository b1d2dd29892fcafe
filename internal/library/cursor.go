package library

import (
	"strconv"
	"strings"

	"github.com/gatefold/gatefold/internal/fault"
)

// A Cursor is a place in a listing, before or after one article. The zero Cursor is the newest end.
type Cursor struct {
	newer bool  // the page holds what is newer than the place, else what is older
	shown int64 // the time of the article, in microseconds
	id    int64 // its id; 0 in the zero Cursor
}

// IsZero reports whether the cursor is the newest end of the listing; in a Listing, that there is no such page.
func (c Cursor) IsZero() bool { return c == Cursor{} }

// String writes a cursor for an address: "o<microseconds>-<id>" for what is older, "n…" for what is newer, "" for the
// zero Cursor.
func (c Cursor) String() string {
	if c.IsZero() {
		return ""
	}
	letter := "o"
	if c.newer {
		letter = "n"
	}
	return letter + strconv.FormatInt(c.shown, 10) + "-" + strconv.FormatInt(c.id, 10)
}

// ParseCursor reads what String wrote, and nothing else: one place has one address. Anything else is Invalid.
func ParseCursor(s string) (Cursor, error) {
	if s == "" {
		return Cursor{}, nil
	}
	i := strings.LastIndexByte(s, '-')
	if i < 2 {
		return Cursor{}, errCursor
	}
	shown, err1 := strconv.ParseInt(s[1:i], 10, 64)
	id, err2 := strconv.ParseInt(s[i+1:], 10, 64)
	c := Cursor{newer: s[0] == 'n', shown: shown, id: id}
	if err1 != nil || err2 != nil || id <= 0 || c.String() != s {
		return Cursor{}, errCursor
	}
	return c, nil
}

var errCursor = fault.Field("page", "There is no such page.")
