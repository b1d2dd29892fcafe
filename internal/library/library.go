package library

import (
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/storage"
)

// Options of New. The zero value is right for tests.
type Options struct {
	TeaserWords  int              // the length of a teaser no editor marked; 0 means 120
	DefaultLevel access.Level     // of articles that name none; "" means metered
	Zone         *time.Location   // of the publication: where the months of the archive begin; nil is UTC
	Now          func() time.Time // nil is the system's clock
}

// A Library keeps the articles. It is safe for concurrent use.
type Library struct {
	db          *storage.DB
	teaserWords int
	level       access.Level
	zone        *time.Location
	clock       func() time.Time
	terms       *termCache
}

// New returns the library in a migrated database.
func New(db *storage.DB, o Options) *Library {
	if o.TeaserWords == 0 {
		o.TeaserWords = 120
	}
	if o.DefaultLevel == "" {
		o.DefaultLevel = access.Metered
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Library{db: db, teaserWords: o.TeaserWords, level: o.DefaultLevel, zone: o.Zone, clock: o.Now,
		terms: newTermCache()}
}

// never is the time from which a draft is shown: later than any clock.
const never int64 = 1<<63 - 1

// now is the clock in microseconds, to compare articles.shown with.
func (l *Library) now() int64 { return l.clock().UnixMicro() }

// micros gives a time as it is stored. The first moment of 1970, which storage takes for the zero time, is put off by
// a microsecond: articles are that old.
func micros(t time.Time) int64 {
	if us := storage.Micros(t); us != 0 || t.IsZero() {
		return us
	}
	return 1
}
