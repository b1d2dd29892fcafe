package demo

import (
	"bytes"
	"image"
	_ "image/jpeg"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/library"
)

func embedded(t testing.TB) journal {
	t.Helper()
	j, err := read(files)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func TestTheJournalIsComplete(t *testing.T) {
	j := embedded(t)
	if len(j.articles) < 24 {
		t.Errorf("there are %d articles, want at least 24", len(j.articles))
	}
	counts := map[string]int{}
	slugs := map[string]bool{}
	for _, a := range j.articles {
		counts[string(a.Level)]++
		counts[a.Kind]++
		counts[a.Section]++
		for _, n := range slices.Concat(a.Topics, a.Contributors) {
			counts[n]++
		}
		if slugs[a.Slug] {
			t.Errorf("two articles are %s", a.Slug)
		}
		slugs[a.Slug] = true
		if n := len(strings.Fields(a.text)); n < 450 || n > 1300 {
			t.Errorf("%s has %d words", a.Slug, n)
		}
		for _, c := range a.Countries {
			if library.RegionOf(c) == "" {
				t.Errorf("%s: the region of %s is not known", a.Slug, c)
			}
		}
	}
	want := []string{"briefing", "analysis", "article", "column", "interview", "essay", "review"}
	for _, l := range []access.Level{access.Open, access.Registered, access.Metered, access.Subscriber} {
		want = append(want, string(l))
	}
	for _, w := range slices.Concat(want, names(sections), names(topics), j.names()) {
		if counts[w] == 0 {
			t.Errorf("no article is %s", w)
		}
	}
}

func TestTheSeriesIsWholeAndInOrder(t *testing.T) {
	parts := map[int]article{}
	for _, a := range embedded(t).articles {
		if a.Series == "The Price of Water" {
			parts[a.Part] = a
		}
	}
	if len(parts) != 3 {
		t.Fatalf("the series has %d parts", len(parts))
	}
	for n := 2; n <= 3; n++ {
		if parts[n-1].Published.days >= parts[n].Published.days {
			t.Errorf("part %d does not come after part %d", n, n-1)
		}
	}
}

// Every photograph is there, of the size that is said, credited, and used or at least usable.
func TestPhotographs(t *testing.T) {
	j := embedded(t)
	listed := map[string]bool{}
	for _, p := range j.photos {
		listed[p.File] = true
		b, err := files.ReadFile(path.Join("photos", p.File))
		if err != nil {
			t.Error(err)
			continue
		}
		c, format, err := image.DecodeConfig(bytes.NewReader(b))
		if err != nil || format != "jpeg" || c.Width != p.Width || c.Height != p.Height {
			t.Errorf("%s is %s of %d by %d, %v, said to be %d by %d", p.File, format, c.Width, c.Height, err, p.Width, p.Height)
		}
		for what, s := range map[string]string{"caption": p.Caption, "credit": p.Credit, "licence": p.Licence, "source": p.Source} {
			if s == "" {
				t.Errorf("%s has no %s", p.File, what)
			}
		}
	}
	entries, err := fs.ReadDir(files, "photos")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !listed[e.Name()] {
			t.Errorf("%s is not in photos.toml", e.Name())
		}
	}
	used := map[string]string{}
	for _, a := range j.articles {
		if a.Photo != "" && used[a.Photo] != "" {
			t.Errorf("%s is on %s and on %s", a.Photo, used[a.Photo], a.Slug)
		}
		used[a.Photo] = a.Slug
	}
	// Their texts speak of these pictures.
	for slug, file := range map[string]string{
		"genuine-pictures-wrong-captions": "airplane-from-above.jpg", "how-to-read-an-atlas": "world-night.jpg",
	} {
		if used[file] != slug {
			t.Errorf("%s is on %q, want %s", file, used[file], slug)
		}
	}
}

func TestContributorsIntroduceThemselves(t *testing.T) {
	for _, c := range embedded(t).contributors {
		if c.Slug != library.Slug(c.Name) {
			t.Errorf("the slug of %s is %s; an article would file under %s", c.Name, c.Slug, library.Slug(c.Name))
		}
		if c.Line == "" || strings.Contains(c.Line, c.Name) || len(strings.Fields(c.Biography)) < 40 {
			t.Errorf("%s has the line %q and a biography of %d words", c.Name, c.Line, len(strings.Fields(c.Biography)))
		}
	}
}

const goodArticle = `+++
slug = "a"
title = "A"
standfirst = "S."
section = "Essays"
kind = "essay"
level = "open"
contributors = ["Ann"]
topics = ["Law"]
published = "-1d06:00"
+++
Text.
`

func TestReadSaysWhatIsWrong(t *testing.T) {
	base := map[string]string{
		"contributors.toml":  "[[contributor]]\nname = \"Ann\"\n",
		"introductions.toml": "[[introduction]]\nkind = \"topic\"\nslug = \"law\"\ntext = \"T.\"\n",
		"photos.toml":        "[[photo]]\nfile = \"p.jpg\"\ncredit = \"C\"\nlicence = \"L\"\n",
		"articles/1.md":      goodArticle,
	}
	change := func(file, from, to string) fstest.MapFS {
		out := fstest.MapFS{}
		for name, text := range base {
			if name == file {
				text = strings.Replace(text, from, to, 1)
			}
			out[name] = &fstest.MapFile{Data: []byte(text)}
		}
		return out
	}
	if j, err := read(change("", "", "")); err != nil || len(j.articles) != 1 || j.articles[0].text != "Text." {
		t.Fatalf("read = %+v, %v", j, err)
	}
	const one = "articles/1.md"
	for _, c := range []struct {
		files fstest.MapFS
		says  string
	}{
		{change(one, "+++\n", ""), `two lines "+++"`},
		{change(one, "\n+++\n", "\n"), `two lines "+++"`},
		{change(one, "slug", "slugg"), "strict mode"},
		{change(one, `"Essays"`, `"Recipes"`), `no section "Recipes"`},
		{change(one, `"Law"`, `"Lore"`), `no topic "Lore"`},
		{change(one, `["Ann"]`, `["Bob"]`), `no contributor "Bob"`},
		{change(one, `["Ann"]`, `[]`), "expected a contributor"},
		{change(one, "topics", "series = \"X\"\npart = 1\ntopics"), `no series "X"`},
		{change(one, "topics", "part = 1\ntopics"), "a part of a series"},
		{change(one, `"essay"`, `"poem"`), "poem"},
		{change(one, `"open"`, `"secret"`), "secret"},
		{change(one, `"A"`, `""`), "a title"},
		{change(one, "Text.", ""), "a text"},
		{change(one, "-1d06:00", "yesterday"), `got "yesterday"`},
		{change(one, "topics", "photo = \"p.jpg\"\nalt = \"x\"\ntopics"), "a caption"},
		{change(one, "topics", "photo = \"q.jpg\"\nalt = \"x\"\ntopics"), `"q.jpg"`},
		{change("photos.toml", "credit", "caption = \"C\"\ncredit"), ""},
		{change("contributors.toml", "name", "nom"), "contributors.toml"},
		{change("introductions.toml", "slug", "slag"), "introductions.toml"},
	} {
		_, err := read(c.files)
		if c.says == "" && err != nil || c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("error %v, want one that says %q", err, c.says)
		}
	}
	missing := change("photos.toml", "credit", "caption = \"C\"\ncredit")
	missing[one].Data = []byte(strings.Replace(goodArticle, "topics", "photo = \"p.jpg\"\nalt = \"x\"\ntopics", 1))
	if _, err := read(missing); err == nil {
		t.Error("a photograph that is listed but not there was accepted")
	}
}

func TestTheHandbookCreditsEveryPhotograph(t *testing.T) {
	b, err := os.ReadFile("../../docs/demo.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range embedded(t).photos {
		if row := "| " + p.File + " | " + p.Caption + " | " + p.Credit + " | " + p.Licence + " |"; !strings.Contains(string(b), row) {
			t.Errorf("docs/demo.md has no row %q", row)
		}
	}
}
