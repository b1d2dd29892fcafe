package web

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// entryID names an article for good (RFC 4287, 4.2.6): feed readers know it again when its slug changes.
func (s *Site) entryID(article int64) string {
	return s.origin + "/#article-" + strconv.FormatInt(article, 10)
}

// writeXML writes a document with its declaration. encoding/xml replaces what XML cannot hold.
func writeXML(v any) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(xml.Header)
	e := xml.NewEncoder(&b)
	e.Indent("", " ")
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("write XML: %w", err)
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}

// RSS 2.0 (rssboard.org/rss-specification), with Atom's self link, Dublin Core's creator, the content module and
// Media RSS.
type rssDocument struct {
	XMLName xml.Name   `xml:"rss"`
	Version string     `xml:"version,attr"`
	Atom    string     `xml:"xmlns:atom,attr"`
	Content string     `xml:"xmlns:content,attr"`
	DC      string     `xml:"xmlns:dc,attr"`
	Media   string     `xml:"xmlns:media,attr"`
	Channel rssChannel `xml:"channel"`
}

type rssChannel struct {
	Title       string    `xml:"title"`
	Link        string    `xml:"link"`
	Self        atomLink  `xml:"atom:link"`
	Description string    `xml:"description"`
	Language    string    `xml:"language"`
	Built       string    `xml:"lastBuildDate,omitempty"`
	TTL         int       `xml:"ttl"` // minutes
	Items       []rssItem `xml:"item"`
}

type rssItem struct {
	Title       string    `xml:"title"`
	Link        string    `xml:"link"`
	GUID        rssGUID   `xml:"guid"`
	Published   string    `xml:"pubDate"`
	Creators    []string  `xml:"dc:creator"`
	Category    string    `xml:"category,omitempty"`
	Description string    `xml:"description,omitempty"`
	Content     string    `xml:"content:encoded,omitempty"`
	Media       *rssMedia `xml:"media:content"`
}

type rssGUID struct {
	Permalink bool   `xml:"isPermaLink,attr"`
	ID        string `xml:",chardata"`
}

type rssMedia struct {
	URL    string `xml:"url,attr"`
	Medium string `xml:"medium,attr"`
	Type   string `xml:"type,attr"`
}

// feedTTL is how long a feed reader may wait before it asks again, in minutes.
const feedTTL = 30

func (s *Site) rss(f feed) ([]byte, error) {
	c := rssChannel{Title: f.Title, Link: s.origin + f.Path, Self: atomLink{Rel: "self", Type: "application/rss+xml", Href: f.Self},
		Description: f.Summary, Language: s.Config.Publication.Language, TTL: feedTTL}
	if at := f.Updated(); !at.IsZero() {
		c.Built = at.UTC().Format(http.TimeFormat)
	}
	for _, e := range f.Entries {
		i := rssItem{Title: e.Title, Link: e.URL, GUID: rssGUID{ID: e.ID}, Published: e.Published.UTC().Format(http.TimeFormat),
			Creators: e.Byline, Category: e.Section.Name, Description: e.Standfirst, Content: e.Text}
		if e.Image != "" {
			i.Media = &rssMedia{e.Image, "image", "image/jpeg"}
		}
		c.Items = append(c.Items, i)
	}
	return writeXML(rssDocument{Version: "2.0", Atom: "http://www.w3.org/2005/Atom",
		Content: "http://purl.org/rss/1.0/modules/content/", DC: "http://purl.org/dc/elements/1.1/",
		Media: "http://search.yahoo.com/mrss/", Channel: c})
}

// Atom (RFC 4287).
type atomFeed struct {
	XMLName  xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Language string      `xml:"xml:lang,attr"`
	ID       string      `xml:"id"`
	Title    string      `xml:"title"`
	Subtitle string      `xml:"subtitle,omitempty"`
	Updated  string      `xml:"updated"`
	Links    []atomLink  `xml:"link"`
	Icon     string      `xml:"icon"`
	Author   atomPerson  `xml:"author"` // of entries without one (4.1.1)
	Entries  []atomEntry `xml:"entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr"`
	Href string `xml:"href,attr"`
}

type atomPerson struct {
	Name string `xml:"name"`
}

type atomText struct {
	Type string `xml:"type,attr"`
	Text string `xml:",chardata"`
}

type atomTerm struct {
	Term string `xml:"term,attr"`
}

type atomEntry struct {
	ID        string       `xml:"id"`
	Title     string       `xml:"title"`
	Link      atomLink     `xml:"link"`
	Published string       `xml:"published"`
	Updated   string       `xml:"updated"`
	Authors   []atomPerson `xml:"author"`
	Category  *atomTerm    `xml:"category"`
	Summary   string       `xml:"summary,omitempty"`
	Content   *atomText    `xml:"content"`
}

func (s *Site) atom(f feed) ([]byte, error) {
	at := f.Updated()
	if at.IsZero() {
		at = time.Unix(0, 0) // an empty feed has a date too (4.1.1)
	}
	out := atomFeed{Language: s.Config.Publication.Language, ID: f.Self, Title: f.Title, Subtitle: f.Summary,
		Updated: at.UTC().Format(time.RFC3339), Icon: s.origin + "/icon.svg", Author: atomPerson{s.Config.Publication.Name},
		Links: []atomLink{{"self", "application/atom+xml", f.Self}, {"alternate", "text/html", s.origin + f.Path}}}
	for _, e := range f.Entries {
		a := atomEntry{ID: e.ID, Title: e.Title, Link: atomLink{"alternate", "text/html", e.URL}, Summary: e.Standfirst,
			Published: e.Published.UTC().Format(time.RFC3339), Updated: e.Updated().UTC().Format(time.RFC3339)}
		for _, name := range e.Byline {
			a.Authors = append(a.Authors, atomPerson{name})
		}
		if e.Section.Name != "" {
			a.Category = &atomTerm{e.Section.Name}
		}
		if e.Text != "" {
			a.Content = &atomText{"html", e.Text}
		}
		out.Entries = append(out.Entries, a)
	}
	return writeXML(out)
}

// JSON Feed 1.1 (jsonfeed.org/version/1.1).
type jsonFeedDocument struct {
	Version     string     `json:"version"`
	Title       string     `json:"title"`
	Home        string     `json:"home_page_url"`
	Self        string     `json:"feed_url"`
	Description string     `json:"description,omitempty"`
	Icon        string     `json:"icon"`
	Language    string     `json:"language"`
	Items       []jsonItem `json:"items"`
}

type jsonItem struct {
	ID        string       `json:"id"`
	URL       string       `json:"url"`
	Title     string       `json:"title"`
	Content   string       `json:"content_html"`
	Summary   string       `json:"summary,omitempty"`
	Image     string       `json:"image,omitempty"`
	Published time.Time    `json:"date_published"`
	Modified  time.Time    `json:"date_modified"`
	Authors   []jsonPerson `json:"authors,omitempty"`
	Tags      []string     `json:"tags,omitempty"`
}

type jsonPerson struct {
	Name string `json:"name"`
}

func (s *Site) jsonFeed(f feed) ([]byte, error) {
	out := jsonFeedDocument{Version: "https://jsonfeed.org/version/1.1", Title: f.Title, Home: s.origin + f.Path, Self: f.Self,
		Description: f.Summary, Icon: s.origin + "/icon.svg", Language: s.Config.Publication.Language, Items: []jsonItem{}}
	for _, e := range f.Entries {
		i := jsonItem{ID: e.ID, URL: e.URL, Title: e.Title, Content: e.Text, Summary: e.Standfirst, Image: e.Image,
			Published: e.Published.UTC(), Modified: e.Updated().UTC()}
		for _, name := range e.Byline {
			i.Authors = append(i.Authors, jsonPerson{name})
		}
		if e.Section.Name != "" {
			i.Tags = []string{e.Section.Name}
		}
		out.Items = append(out.Items, i)
	}
	return json.Marshal(out)
}
