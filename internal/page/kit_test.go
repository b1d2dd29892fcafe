package page

import (
	"html/template"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

type story struct {
	Title string
	At    time.Time
	Left  int
}

// surface returns the files of a small surface, with some replaced or added.
func surface(replaced ...string) fstest.MapFS {
	m := files(
		"layout.html", `{{define "layout"}}<title>{{block "title" .}}{{end}}</title><link href="{{asset "site.css"}}">{{template "main" .}}{{end}}`,
		"story.html", `{{define "title"}}{{.Title}}{{end}}{{define "main"}}<h1>{{.Title}}</h1>
<p>{{day .At}}, {{t "left" .Left}}</p><p>{{hole "name"}}</p>{{shout .Title}}{{end}}`,
		"look/10-base.css", "p { margin: 0 }", "look/20-wall.css", ".wall { color: red }",
		"script/site.js", "// nothing",
		"texts/en.toml", "[left]\none = '{0} left'\nother = '{0:word} left'\n[date]\nday = '{0} {1} {2}'\n[month]\n11 = 'November'\n[number]\n2 = 'two'",
	)
	for name, f := range files(replaced...) {
		m[name] = f
	}
	return m
}

func options(f fstest.MapFS) KitOptions {
	return KitOptions{Files: f, Language: "en", Prefix: ":root{--accent:#123456}", Shared: []string{"layout.html"},
		Funcs: template.FuncMap{"shout": strings.ToUpper}}
}

// theme writes a folder of files that stand in for others.
func theme(t *testing.T, pairs ...string) string {
	t.Helper()
	dir := t.TempDir()
	for name, f := range files(pairs...) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func screen(o KitOptions) (*Kit, *Screen[story], error) {
	k, err := NewKit(o)
	if err != nil {
		return nil, nil, err
	}
	s, err := NewScreen[story](k, "story.html")
	return k, s, err
}

func render(t *testing.T, o KitOptions) (k *Kit, page string) {
	t.Helper()
	k, s, err := screen(o)
	if err != nil {
		t.Fatal(err)
	}
	b, err := s.Render(story{Title: "Rivers & <borders>", At: noon, Left: 2})
	if err != nil {
		t.Fatal(err)
	}
	return k, string(b)
}

func TestScreen(t *testing.T) {
	k, page := render(t, options(surface()))
	css, err := k.Assets.Path("site.css")
	if err != nil {
		t.Fatal(err)
	}
	want := `<title>Rivers &amp; &lt;borders&gt;</title><link href="` + css + `"><h1>Rivers &amp; &lt;borders&gt;</h1>
<p>23 November 2026, two left</p><p>` + Hole("name") + `</p>RIVERS &amp; &lt;BORDERS&gt;`
	if page != want {
		t.Errorf("%q\nwant %q", page, want)
	}
	if s := NewShared("text/html", []byte(page), nil); len(s.Holes()) != 1 {
		t.Errorf("holes %q", s.Holes())
	}
}

func TestThemeStandsInForFilesOfTheSameName(t *testing.T) {
	o := options(surface())
	plain, _ := render(t, o)
	o.Theme = theme(t, "story.html", `{{define "main"}}themed {{.Title}} {{t "left" .Left}}{{end}}`,
		"look/20-wall.css", ".wall { color: blue }", "look/90-more.css", "a { color: green }",
		"texts/en.toml", "[left]\nother = '{0} to go'")
	k, page := render(t, o)
	if !strings.Contains(page, "themed Rivers &amp; &lt;borders&gt; 2 to go") || !strings.Contains(page, "<title></title>") {
		t.Errorf("page %q", page)
	}
	css := styles(t, k)
	if want := ":root{--accent:#123456}p { margin: 0 }\n.wall { color: blue }\na { color: green }\n"; css != want {
		t.Errorf("styles %q, want %q", css, want)
	}
	if before := styles(t, plain); strings.Contains(before, "blue") {
		t.Errorf("styles without the theme %q", before)
	}
	one, _ := plain.Assets.Path("site.css")
	if other, _ := k.Assets.Path("site.css"); one == other {
		t.Error("other styles have the same name")
	}
}

func styles(t *testing.T, k *Kit) string {
	t.Helper()
	path, err := k.Assets.Path("site.css")
	if err != nil {
		t.Fatal(err)
	}
	return string(k.Assets.byPath[strings.TrimPrefix(path, "/assets/")].Bytes())
}

// A template that could fail when a page is asked for fails at the start, and the error says where.
func TestFaultsOfTemplatesAreFoundAtTheStart(t *testing.T) {
	main := func(s string) string { return `{{define "main"}}` + s + `{{end}}` }
	for _, c := range []struct {
		name, file string
		want       []string
	}{
		{"a field there is not", main("\n\n{{.Titel}}"), []string{"story.html:3", "Titel"}},
		{"a field of a field", main("\n{{.Title.Length}}"), []string{"story.html:2", "Length"}},
		{"a function there is not", main("\n{{whisper .Title}}"), []string{"story.html:2", "whisper"}},
		{"an argument of the wrong type", main("\n{{day .Title}}"), []string{"story.html:2", "time.Time"}},
		{"an unknown text", main("\n\n\n{{t \"lefft\" .Left}}"), []string{"story.html:4", `"lefft"`}},
		{"an unknown text in a condition", main("{{if .Left}}\n{{with t \"wall.head\"}}{{.}}{{end}}{{end}}"), []string{"story.html:2", `"wall.head"`}},
		{"an unknown asset", main("\n<link href='{{asset \"sight.css\"}}'>"), []string{"story.html:2", `"sight.css"`}},
		{"an open action", main("\n{{.Title"), []string{"story.html:2"}},
		{"an end that is missing", "{{define \"main\"}}\n{{if .Left}}", []string{"story.html:2"}},
		{"words outside of every definition", main("a") + "\n\nb {{.Title}}", []string{"story.html:1", "outside"}},
		{"an action outside of every definition", main("a") + "\n{{.Titel}}", []string{"story.html:2", "outside"}},
		{"a template there is not", main("\n{{template \"aside\" .}}"), []string{"aside"}},
	} {
		for _, themed := range []bool{false, true} {
			o, where := options(surface("story.html", c.file)), ""
			if themed {
				o, where = options(surface()), "theme:"
				o.Theme = theme(t, "story.html", c.file)
			}
			_, _, err := screen(o)
			if err == nil {
				t.Errorf("%s: accepted", c.name)
				continue
			}
			for i, want := range c.want {
				if i == 0 && len(c.want) == 2 {
					want = where + want
				}
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%s: %v\nwant %q", c.name, err, want)
				}
			}
		}
	}
}

func TestNewKitRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*KitOptions)
		want   string
	}{
		"no folder for a theme":   {func(o *KitOptions) { o.Theme = "/nowhere/at/all" }, "/nowhere/at/all is not a folder"},
		"a file for a theme":      {func(o *KitOptions) { o.Theme = filepath.Join(theme(t, "x", ""), "x") }, "is not a folder"},
		"no styles":               {func(o *KitOptions) { o.Files = files("script/a.js", "") }, "look/*.css"},
		"no scripts":              {func(o *KitOptions) { o.Files = files("look/a.css", "") }, "script/*.js"},
		"a theme's folder":        {func(o *KitOptions) { o.Theme = theme(t, "texts/en.toml/x", "") }, "texts/en.toml"},
		"a theme's broken texts":  {func(o *KitOptions) { o.Theme = theme(t, "texts/en.toml", "# ours\na = ") }, "texts/en.toml:2"},
		"a theme's mistyped file": {func(o *KitOptions) { o.Theme = theme(t, "stroy.html", "") }, "theme:stroy.html: no template"},
	} {
		o := options(surface())
		c.change(&o)
		if _, err := NewKit(o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	o := options(surface())
	o.Shared = []string{"frame.html"}
	if _, _, err := screen(o); err == nil || !strings.Contains(err.Error(), "frame.html") {
		t.Errorf("a shared file that is missing: %v", err)
	}
	o = options(surface())
	o.Theme = theme(t, "story.html/x", "")
	if _, _, err := screen(o); err == nil || !strings.Contains(err.Error(), "theme:story.html") {
		t.Errorf("a theme's file that cannot be read: %v", err)
	}
	o = options(surface("layout.html", `{{define "frame"}}{{end}}`))
	if _, _, err := screen(o); err == nil || !strings.Contains(err.Error(), `"layout"`) {
		t.Errorf("no layout: %v", err)
	}
}

func TestPartStandsForItself(t *testing.T) {
	o := options(surface("parts.html", `{{define "greeting"}}Dear {{.Title}}{{end}}{{define "broken"}}{{.Name}}{{end}}`))
	k, err := NewKit(o)
	if err != nil {
		t.Fatal(err)
	}
	p, err := NewPart[story](k, "parts.html", "greeting")
	if err != nil {
		t.Fatal(err)
	}
	if b, err := p.Render(story{Title: "Ada"}); err != nil || string(b) != "Dear Ada" {
		t.Errorf("%q, %v", b, err)
	}
	if _, err := NewPart[story](k, "parts.html", "broken"); err == nil || !strings.Contains(err.Error(), "parts.html:1") {
		t.Errorf("broken: %v", err)
	}
	if _, err := NewPart[story](k, "parts.html", "farewell"); err == nil || !strings.Contains(err.Error(), `"farewell"`) {
		t.Errorf("not there: %v", err)
	}
}
