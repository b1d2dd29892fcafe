package library

import (
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/fault"
)

// An Article is everything readers may know of an article but its text, which Body alone hands out.
type Article struct {
	ID          int64
	Source      string // its id in the source it was imported from, "" for our own
	Slug        string
	Kind        string // one of Kinds
	Title       string
	Standfirst  string
	Level       access.Level
	Section     Term // the zero Term when it has none
	Byline      []Contributor
	Topics      []Term
	Countries   []Term
	Regions     []Term // of its countries
	Series      *Part  // nil when it stands alone
	Hero        *Image // nil when it has no picture
	Published   time.Time
	Updated     time.Time // zero when it was not changed since
	Corrections []Correction
	Canonical   string // the address of the original, "" when that is ours
	Origin      string // where the text comes from: an address or words
	Licence     string
	Words       int           // of the whole text
	Version     int64         // counts the changes
	Teaser      template.HTML // the opening, sanitized; ends on a whole sentence and is never all of the text
}

// Facts is what the wall needs to know of the article.
func (a Article) Facts() access.Article {
	return access.Article{ID: a.ID, Level: a.Level, Section: a.Section.Slug, Kind: a.Kind, Published: a.Published}
}

// A Part is an article's place in a series. Siblings are the parts shown to readers, this one among them, in order.
type Part struct {
	Series   Term
	Number   int
	Siblings []Summary
}

// An Image is a picture kept by media, with what is said of it. Width and Height are in pixels.
type Image struct {
	File    string `json:"file"` // its name in media
	Alt     string `json:"alt,omitempty"`
	Caption string `json:"caption,omitempty"`
	Credit  string `json:"credit,omitempty"`
	Licence string `json:"licence,omitempty"`
	Width   int    `json:"width,omitempty"`
	Height  int    `json:"height,omitempty"`
}

// A Correction is a note to readers of what was wrong.
type Correction struct {
	At   time.Time `json:"at"`
	Text string    `json:"text"`
}

// A Summary is what a list shows of an article.
type Summary struct {
	ID         int64
	Slug       string
	Kind       string
	Title      string
	Standfirst string
	Level      access.Level
	Section    Term
	Byline     []string // names, in order
	Published  time.Time
	Updated    time.Time
	Hero       *Image
	Words      int
	SeriesPart int // 0 when not part of a series
	Version    int64
}

// Facts is what the wall needs to know of the article.
func (s Summary) Facts() access.Article {
	return access.Article{ID: s.ID, Level: s.Level, Section: s.Section.Slug, Kind: s.Kind, Published: s.Published}
}

// A State says whether an article is meant for readers. A published one whose time lies ahead is scheduled.
type State string

// The states.
const (
	Drafted   State = "draft"
	Published State = "published"
)

// Kinds are the kinds of article, the plain one first.
func Kinds() []string {
	return []string{"article", "briefing", "column", "analysis", "essay", "interview", "review", "report", "news", "document"}
}

// ParseKind returns the kind a word names, or an Invalid fault that lists the words.
func ParseKind(s string) (string, error) {
	if kinds := Kinds(); !slices.Contains(kinds, s) {
		last := len(kinds) - 1
		return "", fault.Field("kind", "expected %s or %s, got %q", strings.Join(kinds[:last], ", "), kinds[last], s)
	}
	return s, nil
}

// ParseState returns the state a word names, or an Invalid fault that lists the words.
func ParseState(s string) (State, error) {
	switch st := State(s); st {
	case Drafted, Published:
		return st, nil
	}
	return "", fault.Field("state", "expected draft or published, got %q", s)
}

// Moved is the error of BySlug for a slug the article had once; Slug is the one it has now.
type Moved struct{ Slug string }

func (m *Moved) Error() string { return fmt.Sprintf("the article has moved to %s", m.Slug) }
