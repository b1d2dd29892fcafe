package demo

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/library"
)

//go:embed articles photos sponsors contributors.toml introductions.toml photos.toml
var files embed.FS

// An article is one of articles/*.md: TOML between two lines of "+++", then Markdown.
type article struct {
	Slug         string       `toml:"slug"`
	Title        string       `toml:"title"`
	Standfirst   string       `toml:"standfirst"`
	Section      string       `toml:"section"`
	Kind         string       `toml:"kind"`
	Level        access.Level `toml:"level"`
	Contributors []string     `toml:"contributors"`
	Topics       []string     `toml:"topics"`
	Countries    []string     `toml:"countries"`
	Series       string       `toml:"series"`
	Part         int          `toml:"part"`
	Published    offset       `toml:"published"`
	Photo        string       `toml:"photo"`
	Alt          string       `toml:"alt"` // of the photograph
	text         string
}

// An introduction is a table of introductions.toml: what stands over the articles of a term.
type introduction struct {
	Kind library.TermKind `toml:"kind"`
	Slug string           `toml:"slug"`
	Text string           `toml:"text"`
}

// A contributor is a table of contributors.toml.
type contributor struct {
	Name      string `toml:"name"`
	Slug      string `toml:"slug"`
	Line      string `toml:"line"`
	Biography string `toml:"biography"`
}

// A photo is a table of photos.toml: a file of photos/ and what is said of it.
type photo struct {
	File    string `toml:"file"`
	Width   int    `toml:"width"`
	Height  int    `toml:"height"`
	Caption string `toml:"caption"`
	Credit  string `toml:"credit"`
	Licence string `toml:"licence"`
	Source  string `toml:"source"` // where the file comes from
}

// A journal is all that is embedded.
type journal struct {
	articles     []article
	contributors []contributor
	introduced   []introduction
	photos       []photo
}

// read returns what is embedded, or what is wrong with it.
func read(files fs.FS) (journal, error) {
	var j journal
	var people struct {
		All []contributor `toml:"contributor"`
	}
	var introductions struct {
		All []introduction `toml:"introduction"`
	}
	var pictures struct {
		All []photo `toml:"photo"`
	}
	if err := decodeFile(files, "contributors.toml", &people); err != nil {
		return j, err
	}
	if err := decodeFile(files, "photos.toml", &pictures); err != nil {
		return j, err
	}
	if err := decodeFile(files, "introductions.toml", &introductions); err != nil {
		return j, err
	}
	j.contributors, j.introduced, j.photos = people.All, introductions.All, pictures.All
	names, err := fs.Glob(files, "articles/*.md")
	if err != nil {
		return j, err
	}
	for _, name := range names {
		b, err := fs.ReadFile(files, name)
		if err != nil {
			return j, err
		}
		a, err := parse(string(b))
		if err == nil {
			err = j.check(files, a)
		}
		if err != nil {
			return j, fmt.Errorf("%s: %w", name, err)
		}
		j.articles = append(j.articles, a)
	}
	return j, nil
}

func decodeFile(files fs.FS, name string, into any) error {
	b, err := fs.ReadFile(files, name)
	if err != nil {
		return err
	}
	if err := decode(string(b), into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// decode refuses keys that nobody asked for.
func decode(text string, into any) error {
	return toml.NewDecoder(strings.NewReader(text)).DisallowUnknownFields().Decode(into)
}

// parse reads an article.
func parse(text string) (article, error) {
	var a article
	text, ok := strings.CutPrefix(strings.ReplaceAll(text, "\r\n", "\n"), "+++\n")
	head, body, ends := strings.Cut(text, "\n+++\n")
	if !ok || !ends {
		return a, fmt.Errorf(`expected two lines "+++" with TOML between them`)
	}
	if err := decode(head, &a); err != nil {
		return a, err
	}
	a.text = strings.TrimSpace(body)
	return a, nil
}

// check returns what of an article the journal does not know: everything it names must be there.
func (j *journal) check(files fs.FS, a article) error {
	if a.Slug == "" || a.Title == "" || a.Standfirst == "" || a.text == "" {
		return fmt.Errorf("expected a slug, a title, a standfirst and a text")
	}
	if _, err := access.ParseLevel(string(a.Level)); err != nil {
		return err
	}
	if _, err := library.ParseKind(a.Kind); err != nil {
		return err
	}
	for _, named := range []struct {
		what  string
		names []string
		known []string
	}{
		{"section", []string{a.Section}, names(sections)},
		{"topic", a.Topics, names(topics)},
		{"series", given(a.Series), names(series)},
		{"contributor", a.Contributors, j.names()},
	} {
		for _, n := range named.names {
			if !slices.Contains(named.known, n) {
				return fmt.Errorf("there is no %s %q", named.what, n)
			}
		}
	}
	if len(a.Contributors) == 0 {
		return fmt.Errorf("expected a contributor")
	}
	if (a.Series != "") != (a.Part > 0) {
		return fmt.Errorf("expected a part of a series, or neither")
	}
	return j.checkPhoto(files, a)
}

func (j *journal) checkPhoto(files fs.FS, a article) error {
	if a.Photo == "" {
		return nil
	}
	p, ok := j.photo(a.Photo)
	if !ok || a.Alt == "" || p.Caption == "" || p.Credit == "" || p.Licence == "" {
		return fmt.Errorf("photograph %q needs an alternative text, a caption, a credit and a licence", a.Photo)
	}
	_, err := fs.Stat(files, path.Join("photos", a.Photo))
	return err
}

func (j *journal) photo(file string) (photo, bool) {
	i := slices.IndexFunc(j.photos, func(p photo) bool { return p.File == file })
	if i < 0 {
		return photo{}, false
	}
	return j.photos[i], true
}

func (j *journal) names() []string {
	out := make([]string, len(j.contributors))
	for i, c := range j.contributors {
		out[i] = c.Name
	}
	return out
}

func names(shelves []shelf) []string {
	out := make([]string, len(shelves))
	for i, s := range shelves {
		out[i] = s.name
	}
	return out
}

// given is a list of one name, or of none.
func given(name string) []string {
	if name == "" {
		return nil
	}
	return []string{name}
}
