package transfer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

// article is a line that is right.
func article(id string, keys ...string) string {
	return fmt.Sprintf(`{"id":%q,"title":"Title %s","subtitle":"S","authors":["A. Author"],"published":"2020-01-02T03:04:05Z",`+
		`"section":"Sec","topics":["Top"],"countries":["Ghana"],"source":"Src","licence":"CC0",`+
		`"body_html":"<p>One of %s. Two.</p><p>Three.</p>"%s}`+"\n", id, id, id, strings.Join(append([]string{""}, keys...), ","))
}

// articles is n right lines.
func articles(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(article(fmt.Sprint("n", i)))
	}
	return b.String()
}

func importAll(t testing.TB, db *storage.DB, in ...Source) Report {
	t.Helper()
	r, err := ImportJSONL(context.Background(), library.New(db, library.Options{}), nil, in, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func wantReport(t testing.TB, r Report, want string) {
	t.Helper()
	if r.String() != want {
		t.Errorf("%s\nwant %s\nproblems %v\nnotes %q", r, want, r.Problems, r.Notes)
	}
	if sum := r.New + r.Changed + r.Same + r.Repeated + r.Bad; sum != r.Lines {
		t.Errorf("the parts make %d, the lines are %d: %+v", sum, r.Lines, r)
	}
}

func TestImportTwice(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		ctx := context.Background()
		in := []Source{source("a", articles(450)), source("b", zipped(t, article("x")+article("y", `"level":"open"`)))}
		wantReport(t, importAll(t, db, in...), "452 new, 0 changed, 0 the same")
		before, _ := db.LastChange(ctx)
		wantReport(t, importAll(t, db, in...), "0 new, 0 changed, 452 the same")
		if after, _ := db.LastChange(ctx); after != before {
			t.Errorf("running again wrote to the change log: %v, then %v", before, after)
		}
		in[1] = source("b", article("x", `"section":"Other"`)+article("y"))
		wantReport(t, importAll(t, db, in...), "0 new, 1 changed, 451 the same")
		l := library.New(db, library.Options{})
		a, err := l.BySlug(ctx, "title-y")
		if err != nil || a.Level != "open" || a.Source != "y" || a.Origin != "Src" || a.Byline[0].Name != "A. Author" || a.Published.Second() != 5 {
			t.Errorf("read %+v, %v", a, err)
		}
	})
}

func TestBadLinesAreReportedAndPassedOver(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		first := article("a") + "{\n" + article("b", `"kind":"poem"`) + "\n\n" + article("c", `"slug":"Not a slug"`) +
			article("d", `"mood":1`) + article("e", `"mood":2,"slug":"taken"`) + article("f", `"slug":"taken"`)
		whole := zipped(t, articles(5000))
		r := importAll(t, db, source("one", first), source("two", "\x1f\x8b\x08\x00"+whole[4:len(whole)/2]), source("three", article("z")))
		if r.Bad != 5 || r.New < 4 || r.New+5 != r.Lines {
			t.Errorf("%s", r)
		}
		var got []string
		for _, p := range r.Problems {
			got = append(got, p.String())
		}
		all := strings.Join(got, "\n")
		for i, want := range []string{"one:2: not a JSON object", "one:3: kind: expected article", "one:6: slug: expected lower-case",
			"one:9: slug: another article has", "two:"} {
			if i >= len(got) || !strings.HasPrefix(got[i], want) {
				t.Errorf("problem %d is not %q:\n%s", i, want, all)
			}
		}
		if !strings.HasSuffix(all, "the file cannot be read further: unexpected EOF") {
			t.Errorf("problems\n%s", all)
		}
		if len(r.Notes) != 1 || r.Notes[0] != `one:7: the key "mood" means nothing here and is passed over` {
			t.Errorf("notes %q", r.Notes)
		}
	})
}

// TestRepeatedIDs: of lines with one id the last counts, with what only the earlier ones say, and running again still
// changes nothing.
func TestRepeatedIDs(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		ctx := context.Background()
		in := []Source{
			source("one", article("a", `"title":"First","kind":"essay"`)+articles(300)+article("a", `"title":"Second","level":"open"`)),
			source("two", article("a", `"title":"Third"`)+article("a", `"title":"Broken","level":"free"`)+article("b")),
		}
		r := importAll(t, db, in...)
		wantReport(t, r, "302 new, 0 changed, 0 the same, 2 repeated, 1 bad")
		if len(r.Notes) != 1 || r.Notes[0] != "one:1: the id a comes again further on; of lines with one id the last counts" {
			t.Errorf("notes %q", r.Notes)
		}
		a, err := library.New(db, library.Options{}).BySlug(ctx, "third")
		if err != nil || a.Title != "Third" || a.Kind != "essay" || a.Level != "open" || a.Version != 1 {
			t.Errorf("read %+v, %v", a, err)
		}
		wantReport(t, importAll(t, db, in...), "0 new, 0 changed, 302 the same, 2 repeated, 1 bad")
	})
}

func TestSeriesFromTitles(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		ctx := context.Background()
		var text string
		for i := range 3 {
			text += article(fmt.Sprint("s", i), fmt.Sprintf(`"title":"Message, 1794 (Part %d of 3)"`, 3-i))
		}
		wantReport(t, importAll(t, db, source("s", text)), "3 new, 0 changed, 0 the same")
		a, err := library.New(db, library.Options{}).BySlug(ctx, "message-1794-part-2-of-3")
		if err != nil || a.Series == nil || a.Series.Series.Name != "Message, 1794" || a.Series.Number != 2 || len(a.Series.Siblings) != 3 ||
			a.Series.Siblings[0].Slug != "message-1794-part-1-of-3" {
			t.Errorf("read %+v, %v", a.Series, err)
		}
	})
}

// TestInterrupted stops an import in the middle and runs it again.
func TestInterrupted(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		const lines = 3000
		l := library.New(db, library.Options{})
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		r, err := ImportJSONL(ctx, l, nil, []Source{source("a", articles(lines))}, func(p Progress) {
			if p.New > 0 {
				cancel()
			}
		})
		if !errors.Is(err, context.Canceled) || r.New == 0 || r.New == lines {
			t.Fatalf("interrupted: %s, %v", r, err)
		}
		again := importAll(t, db, source("a", articles(lines)))
		if again.New == 0 || again.Same < r.New || again.New+again.Same != lines || again.Changed+again.Bad != 0 {
			t.Errorf("again: %s; the first run made %d", again, r.New)
		}
		wantReport(t, importAll(t, db, source("a", articles(lines))), fmt.Sprintf("0 new, 0 changed, %d the same", lines))
	})
}

func TestProgress(t *testing.T) {
	db := storagetest.Open(t, storagetest.SQLite(t))
	in := []Source{source("a", articles(1500)), source("b", zipped(t, articles(10))+"")}
	total := in[0].Size + in[1].Size
	var last Progress
	calls := 0
	r, err := ImportJSONL(context.Background(), library.New(db, library.Options{}), nil, in, func(p Progress) {
		calls++
		if p.TotalBytes != total || p.Bytes > total || p.Lines < last.Lines || !p.Survey && last.Bytes > p.Bytes && !last.Survey || p.Survey && calls > 1 && !last.Survey {
			t.Errorf("progress went from %+v to %+v", last, p)
		}
		if done := int64(float64(p.Lines) / 1510 * float64(total)); !p.Survey && p.Bytes != done {
			t.Errorf("%d bytes are done with %d of 1510 lines", p.Bytes, p.Lines) // reading runs ahead
		}
		last = p
	})
	if err != nil || calls == 0 || last.Survey || last.Lines != r.Lines || last.New != r.New || last.Bytes != total || last.Rate <= 0 || last.Left != 0 {
		t.Errorf("after %d calls %+v, %v, report %s", calls, last, err, r)
	}
}

func TestImportEnds(t *testing.T) {
	db := storagetest.Open(t, storagetest.SQLite(t))
	l := library.New(db, library.Options{})
	broken := source("gone", "")
	broken.Open = func() (io.ReadCloser, error) { return nil, os.ErrNotExist }
	r, err := ImportJSONL(context.Background(), l, nil, []Source{source("a", articles(3)), broken}, nil)
	if !errors.Is(err, os.ErrNotExist) || r.New != 0 {
		t.Errorf("with a file that cannot be opened: %s, %v", r, err)
	}
	done, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := ImportJSONL(done, l, nil, []Source{source("a", articles(3))}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that is over: %v", err)
	}
	other, err := storage.Open(context.Background(), storagetest.SQLite(t), storage.Options{}) // never migrated
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	_, err = ImportJSONL(context.Background(), library.New(other, library.Options{}), nil, []Source{source("a", articles(300))}, nil)
	if err == nil || !strings.Contains(err.Error(), "import a, lines ") {
		t.Errorf("without tables: %v", err)
	}
	if r, err := ImportJSONL(context.Background(), l, nil, nil, nil); err != nil || r.Lines != 0 {
		t.Errorf("of nothing: %s, %v", r, err)
	}
}

// album is a media store in memory. What does not begin with "JPEG" is no picture.
type album struct{ puts int }

func (a *album) Put(_ context.Context, r io.Reader) (string, int, int, error) {
	a.puts++
	b, err := io.ReadAll(r)
	if err == nil && !bytes.HasPrefix(b, []byte("JPEG")) {
		err = errors.New("not a picture")
	}
	return fmt.Sprintf("m%x.jpg", b), 1200, 675, err
}

func TestPictures(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("in/photos/a.jpg", "JPEG a")
	write("in/photos/bad.jpg", "GIF")
	write("secret.jpg", "JPEG secret")
	write("in/photos.json", `[{"file":"photos/a.jpg","caption":"Cap","credit":"Cre","licence":"Lic"}]`)
	if err := os.Symlink("../../secret.jpg", filepath.Join(dir, "in/photos/link.jpg")); err != nil {
		t.Fatal(err)
	}
	write("in/x.jsonl", article("a", `"photo":"photos/a.jpg"`)+
		article("b", `"hero":{"file":"photos/a.jpg","alt":"Own alt","caption":"Own cap"}`)+
		article("missing", `"photo":"photos/none.jpg"`)+article("outside", `"photo":"../secret.jpg"`)+
		article("absolute", fmt.Sprintf(`"photo":%q`, filepath.Join(dir, "secret.jpg")))+
		article("link", `"photo":"photos/link.jpg"`)+article("bad", `"photo":"photos/bad.jpg"`))
	db := storagetest.Open(t, storagetest.SQLite(t))
	l, ctx, m := library.New(db, library.Options{}), context.Background(), &album{}
	in, err := Files([]string{filepath.Join(dir, "in/x.jsonl")})
	if err != nil {
		t.Fatal(err)
	}
	r, err := ImportJSONL(ctx, l, m, in, nil)
	if err != nil {
		t.Fatal(err)
	}
	wantReport(t, r, "7 new, 0 changed, 0 the same")
	if m.puts != 2 {
		t.Errorf("%d pictures were put, want each file once", m.puts)
	}
	heroes := map[string]library.Image{
		"title-a": {File: "m4a5045472061.jpg", Alt: "Cap", Caption: "Cap", Credit: "Cre", Licence: "Lic", Width: 1200, Height: 675},
		"title-b": {File: "m4a5045472061.jpg", Alt: "Own alt", Caption: "Own cap", Credit: "Cre", Licence: "Lic", Width: 1200, Height: 675},
	}
	for _, id := range []string{"a", "b", "missing", "outside", "absolute", "link", "bad"} {
		a, err := l.BySlug(ctx, "title-"+id)
		want, ok := heroes["title-"+id]
		if err != nil || (a.Hero != nil) != ok || ok && *a.Hero != want {
			t.Errorf("%s: %+v, %v", id, a.Hero, err)
		}
	}
	notes := strings.Join(r.Notes, "\n")
	for _, want := range []string{":3: the picture photos/none.jpg: there is no such file", ":4: the picture ../secret.jpg:", ":6: the picture photos/link.jpg:",
		":7: the picture photos/bad.jpg: not a picture"} {
		if !strings.Contains(notes, want) {
			t.Errorf("%q is not in the notes\n%s", want, notes)
		}
	}
	if r, err = ImportJSONL(ctx, l, &album{}, in, nil); err != nil || r.Same != 7 {
		t.Errorf("again: %s, %v", r, err)
	}
	// A line that says nothing of a picture leaves it; one that says null takes it away.
	wantReport(t, importAll(t, db, source("y", article("a")+article("b", `"photo":null`))), "0 new, 1 changed, 1 the same")
	write("in/photos.json", `{`)
	if r, err = ImportJSONL(ctx, l, &album{}, in, nil); err != nil || !strings.Contains(strings.Join(r.Notes, "\n"), "photos.json beside this file cannot be read") {
		t.Errorf("with broken captions: %q, %v", r.Notes, err)
	}
}

func TestProblemsAreBounded(t *testing.T) {
	db := storagetest.Open(t, storagetest.SQLite(t))
	r := importAll(t, db, source("a", strings.Repeat("{\n", problemLimit+7)+article("a")))
	if r.Bad != problemLimit+7 || len(r.Problems) != problemLimit || r.Unlisted != 7 || r.New != 1 || r.Took <= 0 || r.Took > time.Minute {
		t.Errorf("%s, %d problems, %d unlisted", r, len(r.Problems), r.Unlisted)
	}
}
