package desk

import (
	"fmt"
	"time"

	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/library/document"
	"github.com/gatefold/gatefold/internal/storage"
)

// Options of New.
type Options struct {
	Now func() time.Time // nil is the system's clock
}

// A Desk keeps what is being written. It is safe for concurrent use.
type Desk struct {
	db      *storage.DB
	library *library.Library
	now     func() time.Time
}

// New returns the desk in a migrated database.
func New(db *storage.DB, l *library.Library, o Options) *Desk {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Desk{db: db, library: l, now: o.Now}
}

// A Writer is a member of the staff who writes.
type Writer struct {
	ID   int64
	Name string
}

// A Text is what is written: the words of an article that its editors change here.
type Text struct {
	Title      string
	Standfirst string
	Document   document.Document
}

// A Kind says how a revision came to be.
type Kind string

// The kinds of revision.
const (
	Filed    Kind = "filed"    // the library had it
	Written  Kind = "saved"    // while writing, by itself
	Kept     Kind = "kept"     // by hand
	Restored Kind = "restored" // from an earlier one
	Aside    Kind = "aside"    // it came when somebody else had written meanwhile
)

// A Revision is one state of a text. Text is filled by Revision alone, not by Revisions.
type Revision struct {
	Version int64
	Base    int64 // the version it was written upon
	Kind    Kind
	Writer  Writer
	Saved   time.Time
	Words   int
	Text    Text
}

// A Copy is the newest text of an article.
type Copy struct {
	Article int64
	Version int64 // 0 when nobody has written here yet: it is the library's text
	Filed   int64 // the version that the library has
	Public  bool  // readers have the library's text, or will at its time
	Saved   time.Time
	Writer  Writer
	Text    Text
}

// Waits reports whether there is something that the library has not.
func (c Copy) Waits() bool { return c.Version != c.Filed }

// of says what an error came of: "save article 12: …". nil stays nil.
func of(err error, what string, article int64) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s article %d: %w", what, article, err)
}
