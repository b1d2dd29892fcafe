package web

import (
	"strings"
	"time"
)

// Dateline is the date at the head of every page, with its weekday.
func (s *Site) Dateline(at time.Time) string { return s.texts.Weekday(at) }

// Contact is the address readers may write to.
func (s *Site) Contact() string { return s.Config.Contact() }

// Imprint is the line at the foot of every page.
func (s *Site) Imprint(at time.Time) string {
	name, founded := s.Config.Publication.Name, s.Config.Publication.Founded
	if founded == 0 || founded >= at.Year() {
		return s.texts.T("imprint.year", at.Year(), name)
	}
	return s.texts.T("imprint.years", founded, at.Year(), name)
}

// OriginIsLink reports whether the article's source is an address and not words.
func (p articlePage) OriginIsLink() bool {
	return strings.HasPrefix(p.Article.Origin, "https://") || strings.HasPrefix(p.Article.Origin, "http://")
}
