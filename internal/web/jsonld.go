package web

import (
	"encoding/json"
	"html/template"
	"time"

	"github.com/gatefold/gatefold/internal/library"
)

// What search engines are told of an article (schema.org, in JSON-LD). It has no field for the text: articleBody is
// never sent, to anyone.
type newsData struct {
	Context     string      `json:"@context"`
	Type        string      `json:"@type"`
	Headline    string      `json:"headline"`
	Description string      `json:"description,omitempty"`
	URL         string      `json:"url"`
	Page        thingData   `json:"mainEntityOfPage"`
	Image       []string    `json:"image,omitempty"`
	Published   string      `json:"datePublished"`
	Modified    string      `json:"dateModified"`
	Authors     []thingData `json:"author,omitempty"`
	Publisher   thingData   `json:"publisher"`
	Section     string      `json:"articleSection,omitempty"`
	Keywords    []string    `json:"keywords,omitempty"`
	Language    string      `json:"inLanguage"`
	Free        bool        `json:"isAccessibleForFree"`
	Part        *partData   `json:"hasPart,omitempty"`
}

// thingData is a person, an organization, a page or a place in a breadcrumb.
type thingData struct {
	Type       string      `json:"@type"`
	ID         string      `json:"@id,omitempty"`
	Name       string      `json:"name,omitempty"`
	URL        string      `json:"url,omitempty"`
	Logo       string      `json:"logo,omitempty"`
	Position   int         `json:"position,omitempty"`
	Item       string      `json:"item,omitempty"`
	Breadcrumb *thingData  `json:"breadcrumb,omitempty"`
	Items      []thingData `json:"itemListElement,omitempty"`
}

// partData marks what is behind the wall (developers.google.com/search/docs, paywalled content).
type partData struct {
	Type     string `json:"@type"`
	Free     bool   `json:"isAccessibleForFree"`
	Selector string `json:"cssSelector"`
}

// newsArticle describes an article. It is the same on every form of the page: what a gated article is does not depend
// on who reads it.
func newsArticle(s *Site, a library.Article, gated bool) template.JS {
	url := s.origin + "/articles/" + a.Slug
	if a.Canonical != "" {
		url = a.Canonical
	}
	modified := a.Published
	if a.Updated.After(modified) {
		modified = a.Updated
	}
	d := newsData{Context: "https://schema.org", Type: "NewsArticle", Headline: a.Title, Description: a.Standfirst, URL: url,
		Page:      thingData{Type: "WebPage", ID: url, Breadcrumb: s.breadcrumb(a)},
		Image:     []string{s.card(a).Image},
		Published: a.Published.UTC().Format(time.RFC3339), Modified: modified.UTC().Format(time.RFC3339),
		Publisher: s.publisher(), Section: a.Section.Name, Language: s.Config.Publication.Language, Free: !gated}
	for _, c := range a.Byline {
		d.Authors = append(d.Authors, thingData{Type: "Person", Name: c.Name, URL: s.origin + "/contributors/" + c.Slug})
	}
	for _, list := range [][]library.Term{a.Topics, a.Countries} {
		for _, t := range list {
			d.Keywords = append(d.Keywords, t.Name)
		}
	}
	if gated {
		d.Part = &partData{Type: "WebPageElement", Selector: ".paywall"}
	}
	b, err := json.Marshal(d)
	if err != nil {
		s.Log.Error("describe article", "article", a.ID, "error", err)
		return ""
	}
	return template.JS(b) // json.Marshal escapes <, > and &: nothing in it ends the script element
}

func (s *Site) publisher() thingData {
	p := thingData{Type: "NewsMediaOrganization", Name: s.Config.Publication.Name, URL: s.origin + "/"}
	if s.logo.path != "" {
		p.Logo = s.origin + s.logo.path
	}
	return p
}

// breadcrumb is the way from the front page to an article, nil for one without a section.
func (s *Site) breadcrumb(a library.Article) *thingData {
	if a.Section.Slug == "" {
		return nil
	}
	return &thingData{Type: "BreadcrumbList", Items: []thingData{
		{Type: "ListItem", Position: 1, Name: s.Config.Publication.Name, Item: s.origin + "/"},
		{Type: "ListItem", Position: 2, Name: a.Section.Name, Item: s.origin + "/sections/" + a.Section.Slug},
		{Type: "ListItem", Position: 3, Name: a.Title},
	}}
}
