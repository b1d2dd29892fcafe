package document

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/gatefold/gatefold/internal/library/prose"
)

// TestCorpus: real articles come through as a document with the words, teaser and structure that they have without. It
// is skipped where there is no ../shared/corpus beside the project.
func TestCorpus(t *testing.T) {
	folder := filepath.Join("..", "..", "..", "..", "shared", "corpus")
	files, err := filepath.Glob(filepath.Join(folder, "*.jsonl.gz"))
	if err != nil || len(files) == 0 {
		t.Skip("there is no corpus here")
	}
	articles := 0
	for _, name := range files {
		each := 40
		if testing.Short() || strings.Contains(name, "factbook") {
			each = 10
		}
		for id, body := range bodies(t, name, each) {
			articles++
			checkBody(t, id, body)
		}
	}
	if articles == 0 {
		t.Fatalf("%d files of the corpus hold no article", len(files))
	}
	t.Logf("%d articles", articles)
}

// TestBodies: the same of bodies that were written for this project, one for each thing an article has.
func TestBodies(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("testdata", "bodies.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]string
	if err := json.Unmarshal(b, &all); err != nil || len(all) < 20 {
		t.Fatalf("%d bodies, %v", len(all), err)
	}
	for name, body := range all {
		t.Run(name, func(t *testing.T) { checkBody(t, name, body) })
	}
}

// bodies reads the first articles of a file.
func bodies(t *testing.T, name string, n int) map[string]string {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() && len(out) < n {
		var a struct {
			ID   string `json:"id"`
			Body string `json:"body_html"`
		}
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			t.Fatal(err)
		}
		out[a.ID] = a.Body
	}
	return out
}

func checkBody(t *testing.T, id, body string) {
	t.Helper()
	d, err := FromSource(body, prose.HTML)
	if err != nil {
		t.Errorf("%s: %v", id, err)
		return
	}
	if _, err := Parse(d.JSON()); err != nil {
		t.Errorf("%s: its own JSON is refused: %v", id, err)
	}
	want, err := prose.Compose(body, prose.HTML, 120)
	if err != nil {
		t.Fatal(err)
	}
	for _, way := range []struct {
		format prose.Format
		text   string
	}{{prose.HTML, d.HTML()}, {prose.Markdown, d.Markdown()}} {
		have, err := prose.Compose(way.text, way.format, 120)
		if err != nil {
			t.Fatal(err)
		}
		again := read(t, way.text, way.format)
		if string(again.JSON()) != string(d.JSON()) {
			t.Errorf("%s: by way of %s it is another document", id, way.format)
		}
		if a, b := outline(t, have.Body), outline(t, want.Body); a != b {
			t.Errorf("%s: by way of %s its words are\n%.300s\nwant\n%.300s", id, way.format, a, b)
		}
		if a, b := outline(t, have.Teaser), outline(t, want.Teaser); a != b {
			t.Errorf("%s: by way of %s its teaser is\n%s\nwant\n%s", id, way.format, a, b)
		}
		if have.Words != want.Words {
			t.Errorf("%s: by way of %s it has %d words, want %d", id, way.format, have.Words, want.Words)
		}
	}
}

// outline is the words and the tags of HTML, without the space between them.
func outline(t *testing.T, s string) string {
	t.Helper()
	z := html.NewTokenizer(strings.NewReader(s))
	var b strings.Builder
	for {
		switch z.Next() {
		case html.ErrorToken:
			return strings.Join(strings.Fields(b.String()), " ")
		case html.TextToken:
			b.WriteString(z.Token().Data)
		case html.StartTagToken, html.EndTagToken:
			switch name := z.Token().Data; name {
			case "p", "br", "h2", "h3", "h4", "li", "ul", "ol", "td", "th", "tr", "table", "blockquote":
				b.WriteString(" <" + name + "> ")
			}
		}
	}
}
